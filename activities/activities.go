// Package activities is what a workflow asks of the world: that a wake be stored, and
// that a notice leave the house. Each may run again and again to the same effect.
package activities

import (
	"context"
	"errors"

	"go.temporal.io/sdk/temporal"

	"harkara/internal/custody"
)

// Registered names, part of recorded histories.
const (
	Wake    = "wake"
	Deliver = "deliver"
)

// Inbox is where commands are stored. What another incarnation asks than the office's
// present one it refuses: custody.ErrIncarnation.
type Inbox interface {
	// Wake stores a wake as its file's next command, once however often it is asked.
	Wake(ctx context.Context, in custody.Incarnation, c custody.Command) error
	// Current asks nothing but whether it would be refused.
	Current(ctx context.Context, in custody.Incarnation) error
}

// Errand is a notice to be delivered, and for which incarnation.
type Errand struct {
	custody.Notice
	Incarnation custody.Incarnation `json:"incarnation,omitempty"`
}

// Channel delivers notices.
type Channel interface {
	Deliver(ctx context.Context, e Errand) error
}

// Activities are the implementations, over the world they are given.
type Activities struct {
	Inbox   Inbox
	Channel Channel
}

// Wake stores a file's wake. From there it goes the way of every command.
func (a *Activities) Wake(ctx context.Context, in custody.Incarnation, c custody.Command) error {
	return a.Inbox.Wake(ctx, in, c)
}

// Deliver brings a notice to its channel, unless the office was rebuilt since: then it is
// unconfirmed already, and is never tried again.
func (a *Activities) Deliver(ctx context.Context, e Errand) error {
	err := a.Inbox.Current(ctx, e.Incarnation)
	if err == nil {
		err = a.Channel.Deliver(ctx, e)
	}
	if errors.Is(err, custody.ErrIncarnation) {
		return temporal.NewNonRetryableApplicationError(err.Error(), Rebuilt, nil)
	}
	return err
}

// Rebuilt is the type of the error with which a delivery ends that is not the office's any
// more.
const Rebuilt = "rebuilt"
