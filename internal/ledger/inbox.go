package ledger

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
)

const storeCommands = `SELECT place, stored_seq, repeated, same FROM store_commands($1, $2, $3, $4, $5, $6)`

// stored is what became of one command that was put: the one at Place, from 1.
type stored struct {
	Place, Seq     int64
	Repeated, Same bool
}

// Put stores commands, each as its file's next; a command that is there already
// keeps its place. After success they can no longer be lost: the commit point of
// the promise to a station. One about a foreign code that no file has lies in the
// drawer; its receipt has no seq.
//
// The error wraps custody.ErrMalformed when one of them has no proper form, else
// custody.ErrNotStored. Then nothing of this call was kept, unless the answer
// itself was lost: sending the same commands again is always right.
func (s *Store) Put(ctx context.Context, commands []custody.Command) ([]custody.Receipt, error) {
	if len(commands) == 0 {
		return nil, nil
	}
	for _, c := range commands {
		if err := c.Validate(); err != nil {
			return nil, fmt.Errorf("store command %s: %w", c.ID, err)
		}
	}
	s.bell.put.storing(commands)
	receipts, err := s.puts.do(ctx, commands)
	if err != nil {
		return nil, notStored(err)
	}
	s.bell.put.stored(receipts)
	s.bell.ring()
	return receipts, nil
}

// store is Put for many callers in one transaction. A database that restarts is
// waited for: to store a command twice is to store it once.
func (s *Store) store(ctx context.Context, commands []custody.Command) ([]custody.Receipt, error) {
	n := len(commands)
	ids, codes, bodies, covers := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	ages, exact := make([]*int64, n), make([]bool, n)
	for i, c := range commands {
		if c.Age.Known {
			us := c.Age.Span.Microseconds()
			ages[i], exact[i] = &us, c.Age.Exact
		}
		ids[i], codes[i], bodies[i], covers[i] = string(c.ID), string(c.Code), string(c.Bytes()), string(c.Claims())
	}
	var put []stored
	err := persist(ctx, s.patience, func() (err error) {
		put, err = collect(ctx, s, pgx.RowToStructByPos[stored], storeCommands, ids, codes, bodies, covers, ages, exact)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store commands: %w", err)
	}
	receipts := make([]custody.Receipt, n)
	var drawn []error
	for _, p := range put {
		c := commands[p.Place-1]
		receipts[p.Place-1] = custody.Receipt{ID: c.ID, Seq: p.Seq, Repeated: p.Repeated}
		switch {
		case p.Seq == 0:
			drawn = append(drawn, s.draw(ctx, c, "no file has this code"))
		case !p.Same:
			drawn = append(drawn, s.draw(ctx, c, "its id belongs to another command"))
		}
	}
	return receipts, errors.Join(drawn...)
}

const selectCommand = `SELECT body FROM inbox WHERE id = $1`

// Command returns what is stored under an id; custody.ErrNotFound.
func (s *Store) Command(ctx context.Context, id custody.CommandID) (custody.Command, error) {
	body, err := one(ctx, s, pgx.RowTo[string], selectCommand, id)
	if err != nil {
		return custody.Command{}, fmt.Errorf("read command %s: %w", id, err)
	}
	return custody.ParseCommand([]byte(body))
}
