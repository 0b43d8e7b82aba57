// Package activities is what a workflow asks of the world: that a wake be stored, and
// that a notice leave the house. Each may run again and again to the same effect.
package activities

import (
	"context"

	"harkara/internal/custody"
)

// Registered names, part of recorded histories.
const (
	Wake    = "wake"
	Deliver = "deliver"
)

// Inbox is where commands are stored.
type Inbox interface {
	// Wake stores a wake as its file's next command, once however often it is asked.
	Wake(ctx context.Context, c custody.Command) error
}

// Channel delivers notices.
type Channel interface {
	Deliver(ctx context.Context, n custody.Notice) error
}

// Activities are the implementations, over the world they are given.
type Activities struct {
	Inbox   Inbox
	Channel Channel
}

// Wake stores a file's wake. From there it goes the way of every command.
func (a *Activities) Wake(ctx context.Context, c custody.Command) error { return a.Inbox.Wake(ctx, c) }

// Deliver brings a notice to its channel.
func (a *Activities) Deliver(ctx context.Context, n custody.Notice) error {
	return a.Channel.Deliver(ctx, n)
}
