package ledger

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
)

const (
	insertContents = `
INSERT INTO contents (digest, body) SELECT digest, body FROM unnest($1::text[], $2::text[]) AS c (digest, body)
ON CONFLICT (digest) DO NOTHING`
	selectContents = `SELECT digest, body FROM contents WHERE digest = ANY ($1)`
)

const storeResolved = `
INSERT INTO resolved (command, body)
SELECT i.id, r.body FROM unnest($1::uuid[], $2::text[]) AS r (id, body) JOIN inbox i ON i.id = r.id
WHERE i.state = 'stored' ON CONFLICT (command) DO NOTHING`

// StoreResolved keeps the form in which commands are dispatched, the first time, and the
// contents that they rely on. Those are on the disk when it returns: entries will rely on
// them too. A crash of the database may lose the forms where the engine has a database of
// its own; a command is then resolved again, as of the same time. Were the two forms to
// differ, the first that came to the file's workflow has decided it: any other with its
// seq and id gets that answer and changes nothing. A form that comes while its command is
// answered may stay behind: nothing reads it. custody.ErrContents where contents do not
// have their digest.
func (s *Store) StoreResolved(ctx context.Context, resolved map[custody.CommandID][]byte, contents custody.Contents) error {
	if err := s.storeResolved(ctx, resolved, contents); err != nil {
		return fmt.Errorf("store resolved commands: %w", err)
	}
	return nil
}

func (s *Store) storeResolved(ctx context.Context, resolved map[custody.CommandID][]byte, contents custody.Contents) error {
	ids, forms := make([]string, 0, len(resolved)), make([]string, 0, len(resolved))
	for id, form := range resolved {
		ids, forms = append(ids, string(id)), append(forms, string(form))
	}
	fresh := custody.Contents{}
	var digests, bodies []string
	relied := slices.Sorted(maps.Keys(contents)) // whoever inserts the same waits for this one
	there := s.contents.Of(relied)
	for _, d := range relied {
		if there[d] == nil {
			fresh[d] = contents[d]
			digests, bodies = append(digests, string(d)), append(bodies, string(contents[d].Bytes()))
		}
	}
	if len(fresh) == 0 {
		if len(ids) == 0 {
			return nil
		}
		_, err := relaxed(ctx, s, pgx.RowTo[int], storeResolved, ids, forms)
		return err
	}
	if err := fresh.Check(slices.Collect(maps.Keys(fresh))...); err != nil {
		return err
	}
	err := s.inTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		var b pgx.Batch
		b.Queue(insertContents, digests, bodies)
		b.Queue(storeResolved, ids, forms)
		return tx.SendBatch(ctx, &b).Close()
	})
	if err == nil {
		s.contents.Keep(fresh)
	}
	return err
}

// Contents returns what digests name; an empty one names nothing. custody.ErrContents
// where one is not there, or is not what it was. The result is the caller's, its values
// are shared: do not change them.
func (s *Store) Contents(ctx context.Context, digests []custody.Digest) (custody.Contents, error) {
	found := s.contents.Of(digests)
	var missing []custody.Digest
	for _, d := range digests {
		if d != "" && found[d] == nil {
			missing = append(missing, d)
		}
	}
	if len(missing) == 0 {
		return found, nil
	}
	type row struct {
		Digest custody.Digest
		Body   string
	}
	rows, err := collect(ctx, s, pgx.RowToStructByPos[row], selectContents, missing)
	if err != nil {
		return nil, fmt.Errorf("read contents: %w", err)
	}
	read := make(custody.Contents, len(rows))
	for _, r := range rows {
		read[r.Digest] = custody.NewContent([]byte(r.Body))
	}
	if err := read.Check(missing...); err != nil {
		return nil, fmt.Errorf("read contents: %w", err)
	}
	s.contents.Keep(read)
	maps.Copy(found, read)
	return found, nil
}
