// Package activities is what a file's workflow asks of the world: who is to be
// told and what is still undecided, that an outcome be recorded, that a notice be
// delivered. Every activity may run again and again to the same effect.
package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/temporal"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// Registered names, part of recorded histories.
const (
	Resolve = "resolve"
	Record  = "record"
	Deliver = "deliver"
)

// Office answers questions about people and stored commands.
type Office interface {
	Office(ctx context.Context, at time.Time) (*custody.Office, error)
	Undecided(ctx context.Context, code label.Code) (int, error)
}

// Ledger keeps outcomes: the same function as the dispatcher's commits.
type Ledger interface {
	Record(ctx context.Context, o custody.Outcome) error
}

// Channel delivers notices.
type Channel interface {
	Deliver(ctx context.Context, n custody.Notice) error
}

// Activities are the implementations, over the world they are given.
type Activities struct {
	Office  Office
	Ledger  Ledger
	Channel Channel
	Now     func() time.Time
}

// Resolve answers a rung's question as of now.
func (a *Activities) Resolve(ctx context.Context, q custody.Question) (custody.Evidence, error) {
	undecided, err := a.Office.Undecided(ctx, q.File)
	if err != nil {
		return custody.Evidence{}, fmt.Errorf("resolve rung of file %s: %w", q.File, err)
	}
	o, err := a.Office.Office(ctx, a.Now())
	if err != nil {
		return custody.Evidence{}, fmt.Errorf("resolve rung of file %s: %w", q.File, err)
	}
	people, whole := o.Reach(o, q.Post, q.To)
	if !whole { // a post was abolished since
		then, err := a.Office.Office(ctx, q.Since)
		if err != nil {
			return custody.Evidence{}, fmt.Errorf("resolve rung of file %s: %w", q.File, err)
		}
		people, _ = o.Reach(then, q.Post, q.To)
	}
	if q.Runner != "" {
		people = append([]custody.Person{{Officer: q.Runner}}, people...)
	}
	return custody.Evidence{Undecided: undecided, People: people}, nil
}

// Hopeless is the type of Record's error when no retry mends it: the run that asks
// must not go on as though the ledger were away.
const Hopeless = "hopeless"

var hopeless = []error{custody.ErrDiverged, custody.ErrGap, custody.ErrNotFound, custody.ErrUnfit}

// Record keeps an outcome in the ledger; what is there already stays.
func (a *Activities) Record(ctx context.Context, o custody.Outcome) error {
	err := a.Ledger.Record(ctx, o)
	if slices.ContainsFunc(hopeless, func(known error) bool { return errors.Is(err, known) }) {
		return temporal.NewNonRetryableApplicationError(err.Error(), Hopeless, err)
	}
	return err
}

// Deliver brings a notice to its channel.
func (a *Activities) Deliver(ctx context.Context, n custody.Notice) error {
	return a.Channel.Deliver(ctx, n)
}
