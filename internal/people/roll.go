package people

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"harkara/internal/custody"
)

// ErrSecond means that the second of two officers is not one who can vouch.
var ErrSecond = errors.New("a second officer is needed who is neither of the two")

// ErrNotHere means that this is for the console of the server.
var ErrNotHere = errors.New("an administrator's secret is renewed by another administrator or on the server's console")

const tokenFor = 366 * 24 * time.Hour // a token lasts at most

// Persons are all that were ever added.
func (d *Door) Persons(ctx context.Context) ([]Listed, error) {
	list, err := d.store.Persons(ctx)
	if err != nil {
		return nil, fmt.Errorf("read persons: %w", err)
	}
	return list, nil
}

// Listed is one of them: custody.ErrNotFound.
func (d *Door) Listed(ctx context.Context, id ID) (Listed, error) {
	list, err := d.Persons(ctx)
	if err != nil {
		return Listed{}, err
	}
	at := slices.IndexFunc(list, func(p Listed) bool { return p.ID == id })
	if at < 0 {
		return Listed{}, fmt.Errorf("person %q: %w", id, custody.ErrNotFound)
	}
	return list[at], nil
}

// Events are what was done to persons in the last 30 days, newest first.
func (d *Door) Events(ctx context.Context, limit int) ([]Event, error) {
	list, err := d.store.Events(ctx, d.now().AddDate(0, 0, -30), limit)
	if err != nil {
		return nil, fmt.Errorf("read events of persons: %w", err)
	}
	return list, nil
}

// alter makes a change whole.
func (d *Door) alter(ctx context.Context, c Change) error {
	if err := c.Person.Check(); err != nil {
		return err
	}
	if err := d.store.Alter(ctx, c); err != nil {
		return fmt.Errorf("alter person %s, %s: %w", c.Person.ID, c.Act, err)
	}
	return nil
}

// Add adds a person, or lets one in again, with a one-time secret, which is shown once.
// Errors: Person.Check's.
func (d *Door) Add(ctx context.Context, p Person, by string) (once string, err error) {
	once = DrawOnce()
	return once, d.AddWith(ctx, p, once, by)
}

// AddWith is Add with a one-time secret that was drawn before, and is on paper already.
func (d *Door) AddWith(ctx context.Context, p Person, once, by string) error {
	return d.alter(ctx, Change{Act: Added, By: by, Detail: Grants(p.Grants), Person: p, Set: []Secret{d.once(Once, once)}})
}

// Equip is Add with a password that is known already, of a person in a sample office.
func (d *Door) Equip(ctx context.Context, p Person, password, by string) error {
	if err := CheckChoice(p, password); err != nil {
		return err
	}
	return d.alter(ctx, Change{Act: Added, By: by, Detail: Grants(p.Grants), Person: p, Set: []Secret{{Kind: Password, Hash: Hash(password)}}, Drop: []Kind{Once, RenewPIN}})
}

// once is a one-time secret as it is kept.
func (d *Door) once(k Kind, secret string) Secret {
	return Secret{Kind: k, Hash: Digest(secret), Until: d.now().Add(onceFor)}
}

// Grants writes roles as ParseGrant reads each, with a space between.
func Grants(list []Grant) string {
	text := ""
	for i, g := range list {
		if i > 0 {
			text += " "
		}
		text += g.String()
	}
	return text
}

// Reset gives a person a one-time secret in place of what he signs in by, and ends his
// sessions. custody.ErrNotFound.
func (d *Door) Reset(ctx context.Context, id ID, by string) (once string, err error) {
	p, err := d.Listed(ctx, id)
	if err != nil {
		return "", err
	}
	once = DrawOnce()
	return once, d.alter(ctx, Change{
		Act: Reset, By: by, Person: p.Person, Ends: true,
		Set: []Secret{d.once(Once, once)}, Drop: []Kind{Password, PIN, Token, RenewPIN},
	})
}

// RenewPIN gives a person who forgot his PIN a one-time secret by which he chooses another
// and nothing else: two officers vouch for him, one of whom is signed in. Errors: ErrSecond,
// ErrNotHere, ErrWrong, ErrTooOften, custody.ErrNotFound.
func (d *Door) RenewPIN(ctx context.Context, forgetful string, first ID, second, secret string, from From) (once string, err error) {
	now := d.now()
	who := call(forgetful)
	of, err := d.store.Claimant(ctx, who.id, who.badge, From{}, now)
	if err == nil && !of.Person.In(now) {
		err = custody.ErrNotFound
	}
	if err != nil {
		return "", fmt.Errorf("renew PIN of %q: %w", who.id, err)
	}
	if of.Person.Has(Administrator) {
		return "", ErrNotHere
	}
	vouches, by, err := d.judge(ctx, call(second), secret, from)
	if err == nil && by.Kind != Password && by.Kind != PIN {
		err = ErrWrong
	}
	if err != nil {
		return "", fmt.Errorf("renew PIN of %s: %w", of.Person.ID, err)
	}
	if vouches.Person.ID == first || vouches.Person.ID == of.Person.ID || first == of.Person.ID {
		return "", ErrSecond
	}
	once = DrawOnce()
	return once, d.alter(ctx, Change{
		Act: Reset, By: string(first) + ", " + string(vouches.Person.ID), Detail: string(PIN), Person: of.Person,
		Set: []Secret{d.once(RenewPIN, once)}, Drop: []Kind{PIN},
	})
}

// Grant sets what a person may do beside what his post gives him. ErrLast;
// custody.ErrNotFound.
func (d *Door) Grant(ctx context.Context, id ID, list []Grant, by string) error {
	p, err := d.Listed(ctx, id)
	if err != nil {
		return err
	}
	p.Grants = list
	return d.alter(ctx, Change{Act: Granted, By: by, Detail: Grants(list), Person: p.Person})
}

// End lets a person in no more from an instant on, and ends his sessions where that has
// come; zero lets him in again. ErrLast; custody.ErrNotFound.
func (d *Door) End(ctx context.Context, id ID, at time.Time, by string) error {
	p, err := d.Listed(ctx, id)
	if err != nil {
		return err
	}
	c := Change{Act: EndSet, By: by, Person: p.Person}
	c.Person.Ended = at
	if at.IsZero() {
		c.Act = Resumed
	} else {
		c.Detail = at.UTC().Format("2006-01-02")
		c.Ends = !d.now().Before(at)
	}
	return d.alter(ctx, c)
}

// Issue makes a token by which a program, a wall or a person's command line is known until
// an instant; an older one of his ends. custody.ErrNotFound.
func (d *Door) Issue(ctx context.Context, id ID, until time.Time, by string) (token string, err error) {
	p, err := d.Listed(ctx, id)
	if err != nil {
		return "", err
	}
	if most := d.now().Add(tokenFor); !p.Has(Wall) && (until.IsZero() || until.After(most)) {
		until = most
	}
	token = draw() + draw()
	c := Change{Act: Issued, By: by, Person: p.Person, Set: []Secret{{Kind: Token, Hash: Digest(token), Until: until}}}
	if !until.IsZero() {
		c.Detail = until.UTC().Format("2006-01-02")
	}
	return token, d.alter(ctx, c)
}

// Choose changes a person's own password or PIN, for which he gives one that he has; his
// other sessions end. Errors: ErrWrong, ErrTooOften, CheckChoice's.
func (d *Door) Choose(ctx context.Context, p Person, s Session, secret, choice string, from From) error {
	if err := CheckChoice(p, choice); err != nil {
		return err
	}
	kind := KindOf(choice)
	// Whoever knows a PIN alone sets no password: it opens more than the PIN does.
	_, _, err := d.judge(ctx, called{id: p.ID, pin: kind == PIN}, secret, from)
	if err != nil {
		return fmt.Errorf("choose %s of %s: %w", kind, p.ID, err)
	}
	return d.alter(ctx, Change{
		Act: Chosen, By: string(p.ID), Detail: string(kind), Person: p, Set: []Secret{{Kind: kind, Hash: Hash(choice)}},
		Ends: true, Kept: s.ID,
	})
}

// Prefer keeps a person's language and digits.
func (d *Door) Prefer(ctx context.Context, p Person, language, digits string) error {
	p.Language, p.Digits = language, digits
	return d.alter(ctx, Change{Act: Preferred, By: string(p.ID), Person: p})
}
