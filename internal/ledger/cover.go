package ledger

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
	"harkara/internal/label"
)

const (
	// A claim is made again at the head of the queue: another's, that stood in its way
	// when the command was stored, may have been let go. A command that was decided
	// meanwhile makes none.
	claimCovers = `
INSERT INTO covers (code, file, command)
SELECT c.code, q.code, c.id
FROM unnest($1::text[], $2::text[], $3::uuid[], $4::bigint[]) AS c (code, file, id, seq)
JOIN queues q ON q.code = c.file AND q.done = c.seq - 1
WHERE NOT EXISTS (SELECT FROM queues o WHERE o.code = c.code)
ORDER BY c.code FOR SHARE OF q
ON CONFLICT (code) DO NOTHING`
	selectCovers = `
SELECT EXISTS (SELECT FROM covers k WHERE k.code = c.claims AND k.file <> c.file) OR EXISTS (SELECT FROM queues o WHERE o.code = c.claims),
       NOT EXISTS (SELECT FROM covers k WHERE k.code = c.reads AND k.file = c.file AND k.revision IS NOT NULL)
FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS c (claims, reads, file, n) ORDER BY c.n`
	giveCover = `
INSERT INTO covers (code, file, command, revision) VALUES ($1, $2, $3, $4)
ON CONFLICT (code) DO UPDATE SET command = excluded.command, revision = excluded.revision WHERE covers.file = excluded.file`
	takeCover = `DELETE FROM covers WHERE code = $1 AND file = $2`
	unclaim   = `DELETE FROM covers WHERE command = ANY ($1::uuid[]) AND revision IS NULL`
)

// lookUpCovers fills in what work needs to know of codes that are not the first of
// its file. Everything before it in its queue is committed, and whatever may come to
// another file, a claim stands: so that it is true when the command is decided.
func (s *Store) lookUpCovers(ctx context.Context, work []Work) error {
	var at []*Work
	var claims, reads, files, codes, of, ids []string
	var seqs []int64
	for i := range work {
		w := &work[i]
		read, claim := w.Command.Reads(), w.Command.Claims()
		if w.Resolved != nil || read == w.File {
			continue
		}
		at = append(at, w)
		claims, reads, files = append(claims, string(claim)), append(reads, string(read)), append(files, string(w.File))
		if claim != "" {
			codes, of = append(codes, string(claim)), append(of, string(w.File))
			ids, seqs = append(ids, string(w.Command.ID)), append(seqs, w.Seq)
		}
	}
	if len(at) == 0 {
		return nil
	}
	if len(codes) > 0 {
		if _, err := s.exec(ctx, claimCovers, codes, of, ids, seqs); err != nil {
			return fmt.Errorf("claim covers: %w", err)
		}
	}
	type known struct{ Taken, Stray bool }
	list, err := collect(ctx, s, pgx.RowToStructByPos[known], selectCovers, claims, reads, files)
	if err != nil {
		return err
	}
	for i, k := range list {
		at[i].Taken, at[i].Stray = k.Taken, k.Stray
	}
	return nil
}

// queueCovers keeps what fresh entries say of covers, and lets go what answered
// commands claimed and did not get: covers, and the number of a file.
func (c *commit) queueCovers(b *pgx.Batch) {
	last := map[label.Code]custody.Entry{} // that is about a code
	for _, e := range c.fresh {
		switch e.Effect() {
		case custody.GivesCover, custody.FreesCover:
			last[e.Cover] = e
		}
	}
	for _, code := range slices.Sorted(maps.Keys(last)) {
		if e := last[code]; e.Effect() == custody.FreesCover {
			b.Queue(takeCover, code, e.File)
		} else {
			b.Queue(giveCover, code, e.File, e.Command, e.Revision)
		}
	}
	var without []string
	for i, o := range c.outcomes {
		gave := o.Verdict == custody.Accepted && o.Reason != custody.Reprinted && o.Reason != custody.Voided
		if c.faults[i] == nil && o.Command != "" && !gave {
			without = append(without, string(o.Command))
		}
	}
	if len(without) > 0 {
		b.Queue(unclaim, without)
		b.Queue(letNumbersGo, without)
	}
}
