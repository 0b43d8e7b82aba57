package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"harkara/internal/label"
)

// Examination is how far a night's judging of the office has come.
type Examination struct {
	Night    time.Time // the day on whose evening it began, midnight in UTC
	Began    time.Time
	Moved    time.Time  // it came further
	Ended    *time.Time // nil: it is under way, or waits for the next night
	After    label.Code // codes up to this one are judged
	Files    int
	Entries  int
	Of       int           // files that there were when it began
	Spent    time.Duration // without its rests
	Found    int
	Findings []Found // the first of them
}

// Found is something that an examination found.
type Found struct {
	File                          label.Code // empty: it is about the office
	Kind, Place, Stored, Computed string
}

const (
	examinationColumns = `night::timestamp AT TIME ZONE 'UTC', began_at, moved_at, ended_at, after, files, entries, of, spent, found`
	beginExamination   = `
INSERT INTO examinations (night, of) SELECT $1, (SELECT count(*) FROM files WHERE revision > 0)
WHERE NOT EXISTS (SELECT FROM examinations WHERE ended_at IS NULL) ON CONFLICT (night) DO NOTHING`
	takeExamination = `
UPDATE examinations SET holder = $1, held_until = now() + $2::interval
WHERE night = (SELECT min(night) FROM examinations WHERE ended_at IS NULL) AND (holder = $1 OR held_until < now() OR held_until > now() + greatest($2::interval, $3::interval))
RETURNING ` + examinationColumns
	moveExamination = `
UPDATE examinations SET after = $3, files = files + $4, entries = entries + $5, spent = spent + $6::interval, found = found + $7, moved_at = now(),
    held_until = now() + $8::interval, ended_at = CASE WHEN $9 THEN now() END
WHERE night = $1 AND holder = $2 AND ended_at IS NULL RETURNING found - $7`
	insertFinding = `
INSERT INTO findings (night, n, file, kind, place, stored, computed) VALUES ($1, $2, $3, $4, $5, $6, $7)`
	selectExaminations = `SELECT ` + examinationColumns + ` FROM examinations ORDER BY night DESC LIMIT $1`
	selectFindings     = `SELECT file, kind, place, stored, computed FROM findings WHERE night = $1 ORDER BY n LIMIT $2`
)

// mostFindings are kept of one examination; all are counted.
const mostFindings = 10_000

// Examine gives the examination that is to go on to holder for ttl: one that was not ended,
// else that of a night, which begins. custody.ErrNotFound where there is nothing to do, or
// another has it.
func (s *Store) Examine(ctx context.Context, night time.Time, holder string, ttl time.Duration) (Examination, error) {
	if _, err := s.exec(ctx, beginExamination, night); err != nil {
		return Examination{}, fmt.Errorf("begin examination: %w", err)
	}
	x, err := one(ctx, s, toExamination, takeExamination, holder, ttl, longest)
	if err != nil {
		return Examination{}, fmt.Errorf("take examination: %w", err)
	}
	return x, nil
}

func toExamination(row pgx.CollectableRow) (x Examination, err error) {
	return x, row.Scan(&x.Night, &x.Began, &x.Moved, &x.Ended, &x.After, &x.Files, &x.Entries, &x.Of, &x.Spent, &x.Found)
}

// Step is what an examination came further by.
type Step struct {
	After          label.Code // codes up to this one are judged now
	Files, Entries int
	Spent          time.Duration
	Found          []Found
	Ended          bool
}

// Examined keeps a step, in one transaction. custody.ErrNotFound where another has taken
// the examination: then nothing is kept.
func (s *Store) Examined(ctx context.Context, night time.Time, holder string, step Step, ttl time.Duration) error {
	err := s.inTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		var before int
		err := tx.QueryRow(ctx, moveExamination, night, holder, step.After, step.Files, step.Entries, step.Spent, len(step.Found), ttl, step.Ended).Scan(&before)
		if err != nil {
			return err
		}
		var b pgx.Batch
		for i, f := range step.Found[:max(0, min(len(step.Found), mostFindings-before))] {
			b.Queue(insertFinding, night, before+i+1, f.File, f.Kind, typed(f.Place), typed(f.Stored), typed(f.Computed))
		}
		return tx.SendBatch(ctx, &b).Close()
	})
	if err != nil {
		return fmt.Errorf("keep examination: %w", notFound(err))
	}
	return nil
}

// Examinations returns the newest, newest first, each with its first findings.
func (s *Store) Examinations(ctx context.Context, limit, findings int) ([]Examination, error) {
	list, err := collect(ctx, s, toExamination, selectExaminations, limit)
	for i := range list {
		var lost error
		list[i].Findings, lost = collect(ctx, s, pgx.RowToStructByPos[Found], selectFindings, list[i].Night, findings)
		err = errors.Join(err, lost)
	}
	if err != nil {
		return nil, fmt.Errorf("read examinations: %w", err)
	}
	return list, nil
}
