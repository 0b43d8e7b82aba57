package ledger

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
)

const storeCommands = `SELECT place, stored_seq, repeated, same FROM store_commands($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

// stored is what became of one command that was put: the one at Place, from 1.
type stored struct {
	Place, Seq     int64
	Repeated, Same bool
}

// putting is a command to be stored in a lane.
type putting struct {
	custody.Command
	lane custody.Lane
}

// storing is commands in columns, as the database takes them.
type storing struct {
	ids, codes, bodies, covers, keys []string
	texts, salts                     []*string // JSON; nil: nothing was typed
	ages                             []*int64  // microseconds; nil: unknown
	exact                            []bool
	lanes                            []custody.Lane
}

func newStoring(commands []putting) storing {
	n := len(commands)
	s := storing{
		ids: make([]string, n), codes: make([]string, n), bodies: make([]string, n), covers: make([]string, n), keys: make([]string, n),
		texts: make([]*string, n), salts: make([]*string, n), ages: make([]*int64, n), exact: make([]bool, n), lanes: make([]custody.Lane, n),
	}
	for i, c := range commands {
		if c.Age.Known {
			us := c.Age.Span.Microseconds()
			s.ages[i], s.exact[i] = &us, c.Age.Exact
		}
		number, _ := c.Names()
		body, texts := c.Split()
		s.ids[i], s.codes[i], s.bodies[i], s.covers[i], s.lanes[i] = string(c.ID), string(c.Code), string(body.Bytes()), string(c.Claims()), c.lane
		s.keys[i] = string(custody.KeyOf(typed(number)))
		s.texts[i], s.salts[i] = salted(texts)
	}
	return s
}

func (s storing) args() []any {
	return []any{s.ids, s.codes, s.bodies, s.texts, s.salts, s.covers, s.keys, s.ages, s.exact, s.lanes}
}

// Put stores commands, each as its file's next; a command that is there already
// keeps its place. After success they can no longer be lost: the commit point of
// the promise to a station. One about a foreign code that no file has lies in the
// drawer; its receipt has no seq. So does one under another's id: its receipt says so.
//
// The error wraps custody.ErrMalformed when one of them has no proper form, else
// custody.ErrNotStored. Then nothing of this call was kept, unless the answer
// itself was lost: sending the same commands again is always right.
func (s *Store) Put(ctx context.Context, commands []custody.Command) ([]custody.Receipt, error) {
	return s.putIn(ctx, custody.People, commands)
}

// PutLater is Put for commands whose answers nobody waits for: people's go before.
func (s *Store) PutLater(ctx context.Context, commands []custody.Command) ([]custody.Receipt, error) {
	return s.putIn(ctx, custody.Later, commands)
}

// Wake stores a file's wake, which the office gives itself; again is the same. custody.ErrIncarnation where another incarnation than the present one asks.
func (s *Store) Wake(ctx context.Context, in custody.Incarnation, c custody.Command) error {
	if read, err := custody.ParseCommand(c.Bytes()); err != nil || !read.Woken() {
		return fmt.Errorf("store wake of file %s: no wake: %w", c.Code, errors.Join(custody.ErrMalformed, err))
	}
	if err := s.Current(ctx, in); err != nil {
		return fmt.Errorf("store wake of file %s: %w", c.Code, err)
	}
	if _, err := s.puts.do(ctx, []putting{{c, custody.Wakes}}); err != nil {
		return fmt.Errorf("store wake of file %s: %w: %w", c.Code, custody.ErrNotStored, err)
	}
	s.bell.ring(true)
	return nil
}

func (s *Store) putIn(ctx context.Context, lane custody.Lane, commands []custody.Command) ([]custody.Receipt, error) {
	if len(commands) == 0 {
		return nil, nil
	}
	for _, c := range commands {
		if err := c.Validate(); err != nil {
			return nil, fmt.Errorf("store command %s: %w", c.ID, err)
		}
	}
	put := make([]putting, len(commands))
	for i, c := range commands {
		put[i] = putting{c, lane}
	}
	s.bell.put.storing(commands)
	receipts, err := s.puts.do(ctx, put)
	if err != nil {
		return nil, notStored(err)
	}
	s.bell.put.stored(receipts)
	s.bell.ring(true)
	return receipts, nil
}

// store is Put for many callers in one transaction. A database that restarts is
// waited for: to store a command twice is to store it once.
func (s *Store) store(ctx context.Context, commands []putting) ([]custody.Receipt, error) {
	columns := newStoring(commands)
	var put []stored
	err := persist(ctx, s.patience, func() (err error) {
		put, err = collect(ctx, s, pgx.RowToStructByPos[stored], storeCommands, columns.args()...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store commands: %w", err)
	}
	receipts := make([]custody.Receipt, len(commands))
	var drawn []error
	for _, p := range put {
		c := commands[p.Place-1]
		receipts[p.Place-1] = custody.Receipt{ID: c.ID, Seq: p.Seq, Repeated: p.Repeated}
		switch {
		case p.Seq == 0:
			drawn = append(drawn, s.draw(ctx, c.Command, "no file has this code"))
		case !p.Same:
			receipts[p.Place-1].Reused = true
			drawn = append(drawn, s.draw(ctx, c.Command, custody.ErrReused.Error()))
		}
	}
	return receipts, errors.Join(drawn...)
}

const selectCommand = `SELECT body, COALESCE(texts, '{}') FROM inbox WHERE id = $1`

// Command returns what is stored under an id, with what was typed unless that was weeded.
// Errors: custody.ErrNotFound, custody.ErrNewer.
func (s *Store) Command(ctx context.Context, id custody.CommandID) (custody.Command, error) {
	type row struct {
		Body  string
		Texts custody.Texts
	}
	stored, err := one(ctx, s, pgx.RowToStructByPos[row], selectCommand, id)
	if err != nil {
		return custody.Command{}, fmt.Errorf("read command %s: %w", id, err)
	}
	c, err := custody.ReadCommand([]byte(stored.Body))
	if err != nil {
		return custody.Command{}, fmt.Errorf("read command %s: %w", id, err)
	}
	return c.Join(stored.Texts), nil
}
