package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
	"harkara/internal/label"
)

const (
	// What was changed in this transaction is the newest.
	beginReplan  = `INSERT INTO replans (revision, touched) SELECT max(id), $1 FROM changes`
	selectReplan = `SELECT revision, after FROM replans WHERE ended_at IS NULL ORDER BY revision LIMIT 1 FOR UPDATE SKIP LOCKED`
	// Files that are opened meanwhile begin by the calendar of now.
	selectAfter = `
SELECT code, position, relies FROM files WHERE code > $1 AND revision > 0 AND final IS NULL ORDER BY code LIMIT $2`
	advanceReplan = `
UPDATE replans SET after = COALESCE($2, after), stored = stored + $3, ended_at = CASE WHEN $4 THEN now() END WHERE revision = $1`
	selectReplans = `
SELECT r.revision, c.at, r.touched, r.stored, r.ended_at IS NOT NULL FROM replans r JOIN changes c ON c.id = r.revision ORDER BY r.revision DESC LIMIT $1`
	selectHeard = `
SELECT body->>'post', body->>'officer', (body->>'percent')::int, (body->>'due')::timestamptz FROM notices
WHERE code = $1 AND (body->>'percent')::int >= 100 ORDER BY body->>'due', key`
)

// Replan looks at the next files, up to limit, after the oldest change of the office's days
// that not every file is past, and stores for each whose clock is reckoned by older hours the
// command that reckons it anew, in the lane of what nobody waits for. The commands and how
// far it has come are one transaction, and a command's id is of its file and change: whoever
// is killed, or does it beside another, stores each once. False: there is nothing to do now.
// custody.ErrIncarnation where another incarnation than the present one asks.
func (s *Store) Replan(ctx context.Context, in custody.Incarnation, limit int) (more bool, err error) {
	o, err := s.Office(ctx, time.Now())
	if err != nil {
		return false, fmt.Errorf("replan: %w", err)
	}
	err = s.inTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if err := current(ctx, tx, in); err != nil {
			return err
		}
		var revision int64
		var after label.Code
		if err := tx.QueryRow(ctx, selectReplan).Scan(&revision, &after); errors.Is(err, pgx.ErrNoRows) {
			return nil
		} else if err != nil {
			return err
		}
		if more = o.Revision >= revision; !more { // it is about to be known here
			return nil
		}
		rows, err := tx.Query(ctx, selectAfter, after, limit)
		if err != nil {
			return err
		}
		files, err := pgx.CollectRows(rows, pgx.RowToStructByPos[planned])
		if err != nil {
			return err
		}
		var commands []putting
		contents := custody.Contents{}
		for _, f := range files {
			if f.older(o, contents) {
				commands = append(commands, putting{custody.Replanner(f.Code, revision), custody.Later})
			}
		}
		var last *label.Code
		if len(files) > 0 {
			last = &files[len(files)-1].Code
		}
		if len(commands) > 0 {
			if _, err := tx.Exec(ctx, storeCommands, newStoring(commands).args()...); err != nil {
				return err
			}
		}
		_, err = tx.Exec(ctx, advanceReplan, revision, last, len(commands), len(files) < limit)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("replan: %w", err)
	}
	s.bell.ring(true)
	return more, nil
}

// planned is an open file with what its next decision relies on.
type planned struct {
	Code     label.Code
	Position *custody.Position
	Relies   []custody.Digest
}

// older reports whether a file's clock is reckoned by hours that are its place's no more.
func (f planned) older(o *custody.Office, contents custody.Contents) bool {
	if f.Position == nil {
		return false
	}
	if count := f.Position.Wait.Count; count.Days > 0 {
		c, ok := o.CalendarByID(count.Calendar)
		return ok && c.Revision > count.Revision
	}
	if f.Position.Deadline.IsZero() {
		return false
	}
	place, ok := o.PlaceAt(f.Position.Desk, contents)
	return ok && !slices.Contains(f.Relies, place.Hours.Digest)
}

// Replanned is how far a change of the office's days has come.
type Replanned struct {
	Revision int64
	At       time.Time // of the change
	Touched  int       // clocks that it moved when it was made
	Stored   int       // files that were given the command since
	Ended    bool      // all were
}

// Replans returns the newest changes that moved clocks.
func (s *Store) Replans(ctx context.Context, limit int) ([]Replanned, error) {
	list, err := collect(ctx, s, pgx.RowToStructByPos[Replanned], selectReplans, limit)
	if err != nil {
		return nil, fmt.Errorf("read replans: %w", err)
	}
	return list, nil
}

// Heard returns who was told that a file is late, earliest first.
func (s *Store) Heard(ctx context.Context, file label.Code) ([]custody.Heard, error) {
	list, err := collect(ctx, s, func(r pgx.CollectableRow) (h custody.Heard, err error) {
		var post, officer *string
		err = r.Scan(&post, &officer, &h.Percent, &h.Due)
		if post != nil {
			h.Post = custody.PostID(*post)
		}
		if officer != nil {
			h.Officer = custody.OfficerID(*officer)
		}
		h.Due = h.Due.UTC()
		return h, err
	}, selectHeard, file)
	if err != nil {
		return nil, fmt.Errorf("read who was told of %s: %w", file, err)
	}
	return list, nil
}
