package ledger

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
)

const (
	insertEntries = `
INSERT INTO entries (code, revision, hash, happened_at, received_at, recorded_at, body)
SELECT code, revision, hash, happened_at, received_at, recorded_at, body
FROM unnest($1::text[], $2::bigint[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[], $7::text[])
     AS e (code, revision, hash, happened_at, received_at, recorded_at, body)`
	moveFiles = `
UPDATE files SET revision = m.revision, hash = m.hash, seq = m.seq, position = m.position, final = m.final,
    relies = string_to_array(m.relies, ' '), form = m.form
FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[], $5::jsonb[], $6::jsonb[], $7::text[], $8::smallint[])
     AS m (code, revision, hash, seq, position, final, relies, form)
WHERE files.code = m.code`
	// The numbers that were given before this one go.
	nameFile = `
WITH said AS (
    SELECT texts->>'number' AS number, texts->>'subject' AS subject FROM inbox WHERE id = $2
), past AS (
    DELETE FROM numbers n USING inbox i, said WHERE n.file = $1 AND i.id = n.command AND i.seq < $3 AND said.number IS NOT NULL
)
UPDATE files SET number = COALESCE(said.number, files.number), subject = COALESCE(said.subject, files.subject) FROM said WHERE code = $1`
	classifyFile  = `UPDATE files SET class = $2 WHERE code = $1`
	insertNotices = `
INSERT INTO notices (key, code, body, state)
SELECT key, code, body, CASE WHEN body->>'channel' = '` + custody.Screen + `' THEN 'delivered' ELSE 'pending' END
FROM unnest($1::text[], $2::text[], $3::jsonb[]) AS n (key, code, body)
ON CONFLICT (key) DO NOTHING`
	lockQueues = `SELECT code FROM queues WHERE code = ANY ($1) ORDER BY code FOR NO KEY UPDATE`
	// What was decided is not sent again: its entries say what came of it.
	applyCommands = `
WITH applied AS (
    UPDATE inbox SET state = 'applied', outcome = o.outcome, head = o.head, applied_at = now(), error = NULL
    FROM unnest($1::uuid[], $2::jsonb[], $4::text[]) AS o (id, outcome, head)
    WHERE inbox.id = o.id AND inbox.state <> 'applied'
    RETURNING inbox.id, inbox.code, inbox.seq, inbox.body, inbox.lane, (inbox.outcome->'position'->>'wake')::timestamptz AS wake
), sent AS (
    DELETE FROM resolved WHERE command = ANY ($1)
), refused AS (
    INSERT INTO refusals (command, station, at)
    SELECT id, body::jsonb->>'station', now() FROM applied WHERE id = ANY ($3::uuid[])
)
UPDATE queues q SET done = a.seq, lease_owner = NULL, lease_until = '-infinity', not_before = now(), stuck = false, stuck_at = NULL,
    wakes = q.wakes - (a.lane = 1)::int, wake = a.wake,
    (lane, since) = (SELECT COALESCE(min(n.lane), 0), COALESCE(min(n.received_at), now()) FROM inbox n WHERE n.code = q.code AND n.seq > a.seq)
FROM applied a WHERE q.code = a.code AND q.done = a.seq - 1 RETURNING q.done < q.last`
)

// write sends every change in one round trip. Queues are locked in the order in
// which Put locks them. The feed's counter comes last: everybody waits for it.
func (c *commit) write(ctx context.Context) error {
	var b pgx.Batch
	c.queueEntries(&b)
	c.queueMoves(&b)
	c.queueNames(&b)
	c.queueNotices(&b)
	c.queueAnswers(&b)
	c.queueCovers(&b)
	if len(c.fresh) > 0 {
		codes, reasons, at := make([]string, len(c.fresh)), make([]string, len(c.fresh)), make([]time.Time, len(c.fresh))
		for i, e := range c.fresh {
			codes[i], reasons[i], at[i] = string(e.File), string(e.Reason), e.At
		}
		b.Queue(appendFeed, codes, at, reasons)
	}
	if b.Len() == 0 {
		return nil
	}
	return c.tx.SendBatch(ctx, &b).Close()
}

func (c *commit) queueEntries(b *pgx.Batch) {
	n := len(c.fresh)
	if n == 0 {
		return
	}
	codes, revisions, hashes, bodies := make([]string, n), make([]int64, n), make([]string, n), make([]string, n)
	happened, received, recorded := make([]time.Time, n), make([]time.Time, n), make([]time.Time, n)
	for i, e := range c.fresh {
		codes[i], revisions[i], hashes[i], bodies[i] = string(e.File), e.Revision, string(e.Hash), string(e.Bytes())
		happened[i], received[i], recorded[i] = e.Happened, e.Received, e.Recorded
	}
	b.Queue(insertEntries, codes, revisions, hashes, happened, received, recorded, bodies)
}

func (c *commit) queueMoves(b *pgx.Batch) {
	var codes, hashes, relies []string
	var revisions, seqs []int64
	var forms []int16
	var positions []custody.Position
	var finals []*custody.State
	for code, file := range c.files {
		if file.last == nil {
			continue
		}
		codes, revisions, hashes = append(codes, string(code)), append(revisions, file.head.Revision), append(hashes, string(file.head.Hash))
		seqs = append(seqs, file.seq)
		positions, finals = append(positions, file.last.Position), append(finals, file.last.Final)
		relies, forms = append(relies, joined(file.last.Relies)), append(forms, int16(file.last.Form))
	}
	if len(codes) > 0 {
		b.Queue(moveFiles, codes, revisions, hashes, seqs, positions, finals, relies, forms)
	}
}

// joined is a list of digests as moveFiles takes it.
func joined(digests []custody.Digest) string {
	var b strings.Builder
	for i, d := range digests {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(string(d))
	}
	return b.String()
}

// queueNames keeps what fresh entries say of what files are called, and who may read
// that.
func (c *commit) queueNames(b *pgx.Batch) {
	for _, e := range c.fresh {
		if e.Revision > 1 && e.Effect() == custody.Renames {
			b.Queue(nameFile, e.File, e.Command, e.Seq)
		}
		if e.Then.Class != nil {
			b.Queue(classifyFile, e.File, e.Then.Class)
		}
	}
}

func (c *commit) queueNotices(b *pgx.Batch) {
	var keys, codes []string
	var bodies []custody.Notice
	for i, o := range c.outcomes {
		if c.faults[i] != nil {
			continue
		}
		for _, n := range o.Notices {
			keys, codes, bodies = append(keys, n.Key), append(codes, string(n.File)), append(bodies, n)
		}
	}
	if len(keys) > 0 {
		b.Queue(insertNotices, keys, codes, bodies)
	}
}

func (c *commit) queueAnswers(b *pgx.Batch) {
	var codes, ids, refused, heads []string
	var answers []custody.Outcome
	for i, o := range c.outcomes {
		if c.faults[i] != nil {
			continue
		}
		codes, ids, answers = append(codes, string(o.Position.File)), append(ids, string(o.Command)), append(answers, trimmed(o))
		heads = append(heads, string(c.headAt(o.Position)))
		if o.Verdict == custody.Refused {
			refused = append(refused, string(o.Command))
		}
	}
	if len(ids) == 0 {
		return
	}
	slices.Sort(codes)
	b.Queue(lockQueues, slices.Compact(codes))
	b.Queue(applyCommands, ids, answers, refused, heads).Query(func(rows pgx.Rows) error {
		waits, err := pgx.CollectRows(rows, pgx.RowTo[bool])
		c.more = slices.Contains(waits, true)
		return err
	})
}

// headAt is the hash of the entry that a position is of; empty: there is no file.
func (c *commit) headAt(p custody.Position) custody.Hash {
	if file := c.files[p.File]; file != nil {
		return file.hashes[p.Revision]
	}
	return ""
}

// trimmed is an outcome as it is kept with its command: entries, notices and what the
// file relies on have places of their own.
func trimmed(o custody.Outcome) custody.Outcome {
	o.Entries, o.Notices, o.Form, o.Relies, o.Final, o.Incarnation = nil, nil, 0, nil, nil, 0
	return o
}
