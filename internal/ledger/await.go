package ledger

import (
	"context"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
)

// answer is what became of a stored command; the zero value: it waits.
type answer struct {
	outcome custody.Outcome
	err     error // custody.ErrQuarantined
}

func (a answer) decided() bool { return a.outcome.Command != "" || a.err != nil }

const selectAnswers = `SELECT id::text, state, outcome FROM inbox WHERE id = ANY ($1::uuid[])`

// answers tells what became of those commands that are stored.
func (s *Store) answers(ctx context.Context, ids []custody.CommandID) (map[custody.CommandID]answer, error) {
	type row struct {
		ID      custody.CommandID
		State   string
		Outcome *custody.Outcome
	}
	rows, err := collect(ctx, s, pgx.RowToStructByPos[row], selectAnswers, ids)
	if err != nil {
		return nil, fmt.Errorf("read answers: %w", err)
	}
	found := make(map[custody.CommandID]answer, len(rows))
	for _, r := range rows {
		var a answer
		switch {
		case r.Outcome != nil:
			a.outcome = *r.Outcome
		case r.State == "quarantined":
			a.err = fmt.Errorf("command %s: %w", r.ID, custody.ErrQuarantined)
		}
		found[r.ID] = a
	}
	return found, nil
}

// Await returns the answer to a stored command, waiting for it until ctx ends,
// whichever process decides it. It carries no entries. Errors:
// custody.ErrQuarantined once a person must look, custody.ErrNotFound when no
// such command is stored.
func (s *Store) Await(ctx context.Context, id custody.CommandID) (custody.Outcome, error) {
	pending, stop := s.bell.await(id)
	defer stop()
	a, ok := s.bell.put.of(id)
	if !ok {
		now, err := s.answers(ctx, []custody.CommandID{id})
		if err != nil {
			return custody.Outcome{}, err
		}
		if a, ok = now[id]; !ok {
			return custody.Outcome{}, fmt.Errorf("command %s: %w", id, custody.ErrNotFound)
		}
	}
	if a.decided() {
		return a.outcome, a.err
	}
	select {
	case a := <-pending:
		return a.outcome, a.err
	case <-ctx.Done():
		return custody.Outcome{}, ctx.Err()
	}
}

// await registers for one command's answer. Register first, then look at the
// table: an answer in between is not missed.
func (b *bell) await(id custody.CommandID) (<-chan answer, func()) {
	c := make(chan answer, 1)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.waiters[id] == nil {
		b.waiters[id] = map[chan answer]struct{}{}
	}
	b.waiters[id][c] = struct{}{}
	return c, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.waiters[id], c)
		if len(b.waiters[id]) == 0 {
			delete(b.waiters, id)
		}
	}
}

// answered hands an answer to whoever waits for it.
func (b *bell) answered(id custody.CommandID, a answer) {
	b.put.answered(id, a)
	b.mu.Lock()
	defer b.mu.Unlock()
	for w := range b.waiters[id] {
		w <- a // each gets one: it is forgotten here
	}
	delete(b.waiters, id)
}

// recent remembers the newest commands that this process stored, and their outcomes
// once they are known here: whoever stores a command and awaits it at once needs no
// look at the table. The zero value is ready.
type recent struct {
	mu         sync.Mutex
	young, old map[custody.CommandID]remembered
}

type remembered struct {
	answer
	stored bool // for the first time, by this process
}

const generation = 2048 // commands; the older of two generations is forgotten

// storing comes before the commands are stored: another may decide them before the
// storer hears that they are.
func (r *recent) storing(commands []custody.Command) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.young) >= generation || r.young == nil {
		r.old, r.young = r.young, make(map[custody.CommandID]remembered, generation)
	}
	for _, c := range commands {
		if _, ok := r.find(c.ID); !ok {
			r.young[c.ID] = remembered{}
		}
	}
}

// stored comes after it. Of a repeated command the table knows more.
func (r *recent) stored(receipts []custody.Receipt) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, receipt := range receipts {
		if known, ok := r.find(receipt.ID); ok && !receipt.Repeated && receipt.Seq > 0 {
			known.stored = true
			r.young[receipt.ID] = known
		}
	}
}

func (r *recent) answered(id custody.CommandID, a answer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch known, ok := r.find(id); {
	case !ok:
	case a.err != nil: // a person may change that
		delete(r.young, id)
		delete(r.old, id)
	default:
		known.answer = a
		r.young[id] = known
	}
}

// of returns a command's answer, not decided while it is not known here; false when
// the command is not remembered.
func (r *recent) of(id custody.CommandID) (answer, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	known, ok := r.find(id)
	return known.answer, ok && known.stored
}

func (r *recent) find(id custody.CommandID) (remembered, bool) {
	known, ok := r.young[id]
	if !ok {
		known, ok = r.old[id]
	}
	return known, ok
}
