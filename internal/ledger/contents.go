package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
)

const (
	insertContents = `
INSERT INTO contents (digest, body) SELECT digest, body FROM unnest($1::text[], $2::text[]) AS c (digest, body)
ON CONFLICT (digest) DO NOTHING`
	selectContents = `SELECT digest, body FROM contents WHERE digest = ANY ($1)`
)

// contentsCache has contents that are in the database for good: what a digest names never
// changes. The zero value is ready.
type contentsCache struct {
	mu         sync.Mutex
	young, old custody.Contents
}

const keptContents = 1024 // things; the older of two generations is forgotten

func (c *contentsCache) of(d custody.Digest) (json.RawMessage, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	raw, ok := c.young[d]
	if !ok {
		if raw, ok = c.old[d]; ok {
			c.put(d, raw)
		}
	}
	return raw, ok
}

func (c *contentsCache) keep(contents custody.Contents) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for d, raw := range contents {
		c.put(d, raw)
	}
}

func (c *contentsCache) put(d custody.Digest, raw json.RawMessage) {
	if len(c.young) >= keptContents || c.young == nil {
		c.old, c.young = c.young, make(custody.Contents, keptContents)
	}
	c.young[d] = raw
}

const storeResolved = `
UPDATE inbox SET resolved = r.body
FROM unnest($1::uuid[], $2::text[]) AS r (id, body)
WHERE inbox.id = r.id AND inbox.resolved IS NULL AND inbox.state = 'stored'`

// StoreResolved keeps the form in which commands are dispatched, the first time, and the
// contents that they rely on. Those are on the disk when it returns: entries will rely on
// them too. A crash of the database may lose the forms where the engine has a database of
// its own; a command is then resolved again, as of the same time. Were the two forms to
// differ, the first that came to the file's workflow has decided it: any other with its
// seq and id gets that answer and changes nothing. custody.ErrContents where contents do
// not have their digest.
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
	for _, d := range slices.Sorted(maps.Keys(contents)) { // whoever inserts the same waits for this one
		if _, there := s.contents.of(d); !there {
			fresh[d] = contents[d]
			digests, bodies = append(digests, string(d)), append(bodies, string(contents[d]))
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
		s.contents.keep(fresh)
	}
	return err
}

// Contents returns what digests name; an empty one names nothing. custody.ErrContents
// where one is not there, or is not what it was. The result is the caller's, its values
// are shared: do not change them.
func (s *Store) Contents(ctx context.Context, digests []custody.Digest) (custody.Contents, error) {
	found := custody.Contents{}
	var missing []custody.Digest
	for _, d := range digests {
		if d == "" {
			continue
		}
		if raw, ok := s.contents.of(d); ok {
			found[d] = raw
		} else {
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
		read[r.Digest] = json.RawMessage(r.Body)
	}
	if err := read.Check(missing...); err != nil {
		return nil, fmt.Errorf("read contents: %w", err)
	}
	s.contents.keep(read)
	maps.Copy(found, read)
	return found, nil
}
