// Package fill fills an office's ledger without Temporal, for measurements.
package fill

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/google/uuid"

	"harkara/internal/custody"
	"harkara/internal/intake"
	"harkara/internal/label"
	"harkara/internal/ledger"
)

// together is how many files travel in one transaction.
const together = 500

// Register stores the openings of n files, spread over the desks of the office. Number
// n has the n-th file, from first.
func Register(ctx context.Context, l *ledger.Store, first, n int) error {
	o, err := l.Office(ctx, time.Now())
	if err != nil {
		return fmt.Errorf("read office: %w", err)
	}
	for ; n > 0; n -= together {
		commands := make([]custody.Command, min(n, together))
		for i := range commands {
			code, err := label.Mint(label.File, nil)
			if err != nil {
				return fmt.Errorf("mint code: %w", err)
			}
			desk := o.Desks[first%len(o.Desks)]
			room, _ := o.RoomByID(desk.Room)
			commands[i] = custody.Command{
				ID: custody.CommandID(uuid.NewString()), Kind: custody.Open, Code: code, Method: custody.ByHand, At: custody.Stamp{Wall: time.Now().UTC()},
				With: custody.Opening{
					Number: fmt.Sprintf("SO(%s) %d-%d/2026", desk.ID, first%97, first), Subject: subjects[first%len(subjects)],
					Department: room.Department, Desk: desk.ID,
				},
			}
			first++
		}
		if _, err := l.Put(ctx, commands); err != nil {
			return fmt.Errorf("store openings: %w", err)
		}
	}
	return nil
}

var subjects = []string{
	"Repair of the water supply scheme", "Posting and transfer of teachers", "بجٹ برائے مالی سال", "ادویات کی خریداری", "Audit paras of the last year", "Construction of a link road",
}

// Settle decides what is stored, by the core's rules and without a workflow, and
// commits it as a dispatcher does: the ledger alone then holds the files. Nobody else
// may lease from it meanwhile. It returns when nothing is left.
func Settle(ctx context.Context, l *ledger.Store) error {
	states := map[label.Code]custody.State{}
	for {
		work, err := l.Lease(ctx, "bench", custody.Each(together), time.Minute)
		if err != nil || len(work) == 0 {
			return err
		}
		outcomes := make([]custody.Outcome, len(work))
		resolved, relied := map[custody.CommandID][]byte{}, custody.Contents{}
		for i, w := range work {
			o, err := l.Office(ctx, w.Received)
			if err != nil {
				return fmt.Errorf("read office: %w", err)
			}
			s, ok := states[w.File]
			if !ok {
				s = custody.Begin(w.File)
			}
			r, contents := intake.Resolve(o, o, w)
			resolved[w.Command.ID] = r.Bytes()
			maps.Copy(relied, contents)
			s = s.Confirm(w.Head)
			if err := s.Check(r, relied, w.Head); err != nil {
				return fmt.Errorf("decide %s: %w", w.File, err)
			}
			s = s.Take(custody.Today.Decide(s, r, relied, time.Now()), r.Seq)
			states[w.File], outcomes[i] = s, s.Outcome()
		}
		if err := l.StoreResolved(ctx, resolved, relied); err != nil {
			return fmt.Errorf("store resolved openings: %w", err)
		}
		faults, err := l.Commit(ctx, outcomes)
		if err := errors.Join(append(faults, err)...); err != nil {
			return fmt.Errorf("commit openings: %w", err)
		}
	}
}
