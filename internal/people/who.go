package people

import (
	"context"
	"errors"
	"fmt"
	"time"

	"harkara/internal/custody"
)

// Who is whose session it is by its secret. ErrLocked comes with both. Errors:
// ErrNoSession, ErrLocked.
func (d *Door) Who(ctx context.Context, secret string) (Person, Session, error) {
	if secret == "" || len(secret) > longest {
		return Person{}, Session{}, ErrNoSession
	}
	p, s, err := d.store.Session(ctx, Digest(secret))
	now := d.now()
	switch {
	case errors.Is(err, custody.ErrNotFound):
		return Person{}, Session{}, ErrNoSession
	case err != nil:
		return Person{}, Session{}, fmt.Errorf("look for session: %w", err)
	case !p.In(now), !s.alive(now):
		return Person{}, Session{}, ErrNoSession
	case s.locked(now):
		return p, s, ErrLocked
	}
	return p, s, nil
}

// Bearer is whose token it is. ErrNoSession.
func (d *Door) Bearer(ctx context.Context, token string) (Person, error) {
	now := d.now()
	p, err := d.store.Bearer(ctx, Digest(token), now)
	if errors.Is(err, custody.ErrNotFound) || err == nil && !p.In(now) {
		return Person{}, ErrNoSession
	}
	if err != nil {
		return Person{}, fmt.Errorf("look for token: %w", err)
	}
	return p, nil
}

// Active notes that something is done in a session, to the minute.
func (d *Door) Active(ctx context.Context, s Session) error {
	now := d.now()
	if now.Sub(s.Seen) < notedEvery {
		return nil
	}
	if err := d.store.Note(ctx, s.ID, now); err != nil {
		return fmt.Errorf("note session %d: %w", s.ID, err)
	}
	return nil
}

// Lock has a session ask for its person's secret before anything else. The commit point is
// the store's latch.
func (d *Door) Lock(ctx context.Context, s Session) error {
	if err := d.store.Latch(ctx, s.ID, d.now()); err != nil {
		return fmt.Errorf("lock session %d: %w", s.ID, err)
	}
	return nil
}

// Unlock goes on with a locked session. A PIN is enough here: the browser is the badge.
// Errors: ErrWrong, ErrTooOften.
func (d *Door) Unlock(ctx context.Context, p Person, s Session, secret string, from From) error {
	_, _, err := d.judge(ctx, called{id: p.ID, pin: true}, secret, from)
	if err == nil {
		err = d.store.Note(ctx, s.ID, d.now())
	}
	if err == nil {
		err = d.store.Latch(ctx, s.ID, time.Time{})
	}
	if err != nil {
		return fmt.Errorf("unlock session %d: %w", s.ID, err)
	}
	return nil
}

// SignOut ends a session at once, wherever its secret has gone.
func (d *Door) SignOut(ctx context.Context, s Session) error {
	err := d.store.End(ctx, s.Person, s.ID, 0)
	if err != nil && !errors.Is(err, custody.ErrNotFound) {
		return fmt.Errorf("end session %d: %w", s.ID, err)
	}
	return nil
}

// Open are the sessions of a person that have not ended, newest first.
func (d *Door) Open(ctx context.Context, id ID) ([]Session, error) {
	list, err := d.store.SessionsOf(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read sessions of %s: %w", id, err)
	}
	now := d.now()
	open := list[:0]
	for _, s := range list {
		if s.alive(now) {
			open = append(open, s)
		}
	}
	return open, nil
}

// Revoke ends one session of a person; 0: all but the kept one. custody.ErrNotFound.
func (d *Door) Revoke(ctx context.Context, id ID, session, kept int64) error {
	if err := d.store.End(ctx, id, session, kept); err != nil {
		return fmt.Errorf("end session %d of %s: %w", session, id, err)
	}
	return nil
}
