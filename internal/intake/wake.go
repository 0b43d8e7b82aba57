package intake

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"harkara/internal/custody"
	"harkara/internal/ledger"
)

// lookForWake looks up who may be told of a rung, as of now: this is the wake's first
// dispatch. Where the file is the ledger knows, since whatever was stored before the
// wake is decided and committed.
func (d *Dispatcher) lookForWake(ctx context.Context, w ledger.Work) (custody.Resolved, custody.Contents, error) {
	now, err := d.Book.Office(ctx, time.Now())
	if err != nil {
		return custody.Resolved{}, nil, err
	}
	p := w.Position
	if p == nil {
		return resolved(now, w), custody.Contents{}, nil
	}
	then, err := d.Book.Office(ctx, p.Since)
	if err != nil {
		return custody.Resolved{}, nil, err
	}
	contents := custody.Contents{}
	r := now.Resolve(resolved(now, w), p, contents)
	r.Ranks = now.Ranks(then, p.Post, postAt(then, p.To), postAt(now, p.To))
	return r, contents, nil
}

// postAt is the post at a desk; none where there is no such desk.
func postAt(o *custody.Office, desk custody.DeskID) custody.PostID {
	d, _ := o.DeskByID(desk)
	return d.Post
}

// Overdue is where wakes that never came are looked for, and stuck queues.
type Overdue interface {
	Unwoken(ctx context.Context, past time.Duration, limit int) ([]custody.Position, error)
	Wake(ctx context.Context, in custody.Incarnation, c custody.Command) error
	Standing(ctx context.Context, past time.Duration, limit int) ([]ledger.Standing, error)
	TellStanding(ctx context.Context, id custody.CommandID, notices []custody.Notice) error
	Office(ctx context.Context, at time.Time) (*custody.Office, error)
}

// Sweeper sees to it that no file sleeps past its time. A file's workflow stores its
// wakes by itself; what was lost there, as in a restore, the sweeper stores: the same
// wake. And who must see to a queue that stands is told. Several may run at once.
type Sweeper struct {
	Overdue     Overdue
	Log         *slog.Logger
	Every       time.Duration // 0: a minute
	Incarnation custody.Incarnation
}

const (
	sweepEvery = time.Minute
	overdueBy  = 10 * time.Minute // a file's own timers and tries come before
	sweepFor   = 30 * time.Second // one sweep may take
	sweepMost  = 500              // in one sweep
	standing   = time.Hour        // of the holder's working time, then it is told
)

// Run sweeps until ctx ends.
func (s *Sweeper) Run(ctx context.Context) {
	every := time.NewTicker(or(s.Every, sweepEvery))
	defer every.Stop()
	away := false
	for {
		select {
		case <-every.C:
		case <-ctx.Done():
			return
		}
		err := s.sweep(ctx)
		if err != nil && !away && ctx.Err() == nil {
			s.Log.Warn("overdue files are not looked for", "err", err)
		}
		away = err != nil
	}
}

func (s *Sweeper) sweep(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, sweepFor)
	defer cancel()
	asleep, err := s.Overdue.Unwoken(ctx, overdueBy, sweepMost)
	if err != nil {
		return err
	}
	for _, p := range asleep {
		if err := s.Overdue.Wake(ctx, s.Incarnation, p.Waker()); err != nil {
			return err
		}
		s.Log.Warn("a file slept past its time and is woken", "file", p.File, "rung", p.Step)
	}
	stuck, err := s.Overdue.Standing(ctx, standing, sweepMost)
	if err != nil || len(stuck) == 0 {
		return err
	}
	now := time.Now()
	office, err := s.Overdue.Office(ctx, now)
	if err != nil {
		return err
	}
	for _, q := range stuck {
		notices, due := tellOf(q, office, now)
		if !due {
			continue
		}
		if err := s.Overdue.TellStanding(ctx, q.Command, notices); err != nil {
			return err
		}
		s.Log.Error("a file's queue has stood for a working hour", "file", q.Position.File, "command", q.Command)
	}
	return nil
}

// tellOf says whom to tell of a queue that stands, once it has for an hour of its
// holder's work: his superior. The administrator has it before his eyes.
func tellOf(q ledger.Standing, office *custody.Office, now time.Time) (notices []custody.Notice, due bool) {
	if c, known := office.HoursOf(q.Position.Post, q.Position.Room); known && c.Hours().Working(q.Since, now) < standing {
		return nil, false
	}
	for _, p := range office.Ranks(office, q.Position.Post).Receivers(q.Position.Post, []custody.Receiver{{Superior: 1}}) {
		notices = append(notices, custody.Notice{
			Key:  fmt.Sprintf("%s-%s-%d-%s-%s", q.Position.File, q.Command, q.Since.Unix(), p.Post, custody.Screen),
			File: q.Position.File, Post: p.Post, Officer: p.Officer, Channel: custody.Screen, About: q.Position.Desk, Due: q.Since,
		})
	}
	return notices, true
}
