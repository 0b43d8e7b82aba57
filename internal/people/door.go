package people

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// Why somebody is not let in. ErrWrong does not say what was wrong.
var (
	ErrWrong    = errors.New("no such person and secret")
	ErrTooOften = errors.New("too many wrong tries")
	ErrChoose   = errors.New("a password or PIN is to be chosen")
)

const (
	acquainted = 180 * 24 * time.Hour // a browser or network is known so long after a sign-in
	onceFor    = 3 * 24 * time.Hour   // a one-time secret can be used
	longest    = 1000                 // bytes of a name or secret that are looked at
)

// Door lets people in by what they know and have, and knows who is in. It is safe for
// concurrent use.
type Door struct {
	store Store
	now   func() time.Time
	tries tries
	turns *turns

	stretched func(stretched, string) bool // what a guess costs, in tests
}

// NewDoor makes a door; now is the machine's clock.
func NewDoor(store Store, now func() time.Time) *Door {
	return &Door{store: store, now: now, turns: newTurns(), stretched: stretched.opens}
}

// Attempt is what somebody brings who wants to be let in.
type Attempt struct {
	Name   string // a person's id, or the code of a badge
	Secret string // password, PIN beside a badge, or one-time secret
	Choice string // beside a one-time secret: the password or PIN from now on
	Shared bool   // the machine is one that several use
	From   From
}

// In is who was let in, and what his browser keeps.
type In struct {
	Person  Person
	Session Session
	Secret  string // of the session: a new one at every sign-in
	Device  string // by which the browser is known next time
}

// SignIn lets a person in. A one-time secret alone lets him choose: ErrChoose. Wrong name,
// wrong secret and person who has ended are one answer after one time. The commit point is
// the session in the store. Errors: ErrWrong, ErrTooOften, ErrChoose, CheckChoice's.
func (d *Door) SignIn(ctx context.Context, a Attempt) (In, error) {
	c, s, err := d.judge(ctx, call(a.Name), a.Secret, a.From)
	if err != nil {
		return In{}, fmt.Errorf("sign in: %w", err)
	}
	p := c.Person
	if s.Kind == Once || s.Kind == RenewPIN {
		if err := d.choose(ctx, p, s, a.Choice); err != nil {
			return In{}, fmt.Errorf("sign in %s: %w", p.ID, err)
		}
	}
	in := In{Person: p, Secret: draw(), Device: cmp.Or(a.From.Device, draw())}
	now := d.now()
	in.Session = Session{Person: p.ID, Network: a.From.Network, Agent: cut(a.From.Agent, 200), Shared: a.Shared, Began: now, Seen: now, Ends: now.Add(lastOwn)}
	if a.Shared {
		in.Session.Ends = now.Add(lastShared)
	}
	if in.Session.ID, err = d.store.Begin(ctx, Digest(in.Secret), Digest(in.Device), in.Session); err != nil {
		return In{}, fmt.Errorf("sign in %s: %w", p.ID, err)
	}
	return in, nil
}

// choose sets the password or PIN of a person by his one-time secret, which it spends.
func (d *Door) choose(ctx context.Context, p Person, by Secret, choice string) error {
	if choice == "" {
		return ErrChoose
	}
	if err := CheckChoice(p, choice); err != nil {
		return err
	}
	kind := KindOf(choice)
	if by.Kind == RenewPIN && kind != PIN {
		return ErrShort
	}
	err := d.store.Alter(ctx, Change{
		Act: Chosen, By: string(p.ID), Detail: string(kind), Person: p, Ends: true,
		Set: []Secret{{Kind: kind, Hash: Hash(choice)}}, Spends: by.Hash,
	})
	if errors.Is(err, custody.ErrNotFound) { // somebody else was first
		err = ErrWrong
	}
	return err
}

// called is a person as he is asked for: by id or badge, or known already by his session.
type called struct {
	id    ID
	badge label.Code // empty: by id
	pin   bool       // a PIN is enough
}

// call reads what was typed or scanned for a name.
func call(name string) called {
	name = custody.Plain(name)
	if badge, err := label.Parse(name); err == nil && badge.Kind() == label.Badge {
		return called{id: ID(name), badge: badge, pin: true}
	}
	return called{id: ID(name)}
}

// judge is who is meant, and by which secret he is proved. Errors: ErrWrong, ErrTooOften.
func (d *Door) judge(ctx context.Context, who called, secret string, from From) (Claimant, Secret, error) {
	if len(who.id) > longest || len(secret) > longest {
		return Claimant{}, Secret{}, ErrWrong
	}
	now := d.now()
	known := from
	known.Device = Digest(from.Device) // of none nobody has one
	c, err := d.store.Claimant(ctx, who.id, who.badge, known, now.Add(-acquainted))
	found := err == nil && c.Person.In(now)
	if err != nil && !errors.Is(err, custody.ErrNotFound) {
		return Claimant{}, Secret{}, err
	}
	if found { // what was drawn is not guessed
		if s, ok := c.drawn(secret, now); ok {
			return c, s, nil
		}
	}
	asks := claim{account: cmp.Or(string(c.Person.ID), "?"+string(who.id)), from: known, device: c.Device && from.Device != "", network: c.Network}
	suspect, ok := d.tries.begin(asks, now)
	if !ok {
		return Claimant{}, Secret{}, ErrTooOften
	}
	if err := d.turns.take(ctx, suspect); err != nil {
		if errors.Is(err, errCrowded) {
			err = ErrTooOften
		}
		return Claimant{}, Secret{}, err
	}
	s, right := d.guess(c, KindOf(secret), who.pin, secret)
	d.turns.give()
	if !found || !right {
		return Claimant{}, Secret{}, ErrWrong
	}
	d.tries.right(asks, now)
	return c, s, nil
}

// guess judges a chosen secret, at one price whatever is there. A PIN is too short to be
// enough beside a name alone.
func (d *Door) guess(c Claimant, kind Kind, pin bool, secret string) (Secret, bool) {
	of := decoy
	at := slices.IndexFunc(c.Secrets, func(s Secret) bool { return s.Kind == kind && (kind != PIN || pin) })
	if at >= 0 {
		h, err := parseHash(c.Secrets[at].Hash)
		if err == nil {
			of = h
		} else {
			at = -1
		}
	}
	right := d.stretched(of, secret)
	if at < 0 {
		return Secret{}, false
	}
	return c.Secrets[at], right
}

// drawn finds the one-time secret that somebody brings.
func (c Claimant) drawn(secret string, now time.Time) (Secret, bool) {
	digest := Digest(plainOnce(secret))
	for _, s := range c.Secrets {
		if (s.Kind == Once || s.Kind == RenewPIN) && now.Before(s.Until) && subtle.ConstantTimeCompare([]byte(s.Hash), []byte(digest)) == 1 {
			return s, true
		}
	}
	return Secret{}, false
}

// draw draws a secret of 130 bits.
func draw() string { return rand.Text() }

// cut is a text of at most n bytes, of whole characters.
func cut(text string, n int) string {
	if len(text) > n {
		text = strings.ToValidUTF8(text[:n], "")
	}
	return text
}
