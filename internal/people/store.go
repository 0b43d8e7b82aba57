package people

import (
	"context"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// Store keeps persons and sessions: the ledger does. Whatever it is told twice it does
// once, or the second time makes no difference.
type Store interface {
	Roll
	Sessions
}

// Roll is the list of persons, and what was done to it.
type Roll interface {
	// Persons returns all that were ever added, by id, with what each can sign in by.
	Persons(ctx context.Context) ([]Listed, error)
	// Claimant is who is called by an id, or has a badge: custody.ErrNotFound. since is from
	// when on sign-ins make a browser or network known.
	Claimant(ctx context.Context, id ID, badge label.Code, from From, since time.Time) (Claimant, error)
	// Alter makes a change whole, with its event. Of the person it writes what its act is
	// about, so that two changes at once undo nothing of each other. Errors: ErrLast,
	// ErrNoOfficer; custody.ErrNotFound where there is no such person, or what the change
	// spends is spent.
	Alter(ctx context.Context, c Change) error
	// Events are the newest first, from an instant on.
	Events(ctx context.Context, since time.Time, limit int) ([]Event, error)
}

// Sessions keeps sign-ins by the digests of their secrets.
type Sessions interface {
	// Begin keeps a session, whose ID it returns; device is the digest of its browser's secret.
	Begin(ctx context.Context, digest, device string, s Session) (id int64, err error)
	// Session is the one of a digest that was not ended, with its person. custody.ErrNotFound.
	Session(ctx context.Context, digest string) (Person, Session, error)
	// Note keeps when something was done in a session; an older instant changes nothing.
	Note(ctx context.Context, id int64, seen time.Time) error
	// Latch locks a session since an instant; zero unlocks it.
	Latch(ctx context.Context, id int64, since time.Time) error
	// SessionsOf are a person's sessions that were not ended, newest first.
	SessionsOf(ctx context.Context, id ID) ([]Session, error)
	// End ends one session of a person, or with 0 all but the kept one. custody.ErrNotFound
	// where that one is not his, or has ended.
	End(ctx context.Context, id ID, session, kept int64) error
	// Bearer is whose token it is by its digest. custody.ErrNotFound.
	Bearer(ctx context.Context, digest string, now time.Time) (Person, error)
}

// Listed is a person in the list.
type Listed struct {
	Person
	Opens []Kind    // what he has to sign in by
	Until time.Time // of a one-time secret that waits for him; zero: none
	Seen  time.Time // when he last did something; zero: never
}

// Claimant is a person as he is needed to judge who says that he is him.
type Claimant struct {
	Person  Person
	Secrets []Secret
	Device  bool // he has signed in with this browser
	Network bool // or from this network
}

// Secret is what is kept of one: a stretched hash of a password or PIN, a digest of what
// was drawn.
type Secret struct {
	Kind  Kind
	Hash  string
	Until time.Time // when it ends; zero: when it is replaced
}

// Act is what was done to a person.
type Act string

// The acts.
const (
	Added     Act = "added"
	Granted   Act = "granted"   // his roles were set
	EndSet    Act = "ended"     // he is let in no more, from an instant on
	Resumed   Act = "resumed"   // he is let in again
	Reset     Act = "reset"     // he got a one-time secret
	Chosen    Act = "chosen"    // he chose a password or PIN
	Preferred Act = "preferred" // he chose a language or digits: no event
	Issued    Act = "issued"    // a token was made for him
	SignedOut Act = "signed_out"
)

// Change is an alteration of one person, all or nothing.
type Change struct {
	Act    Act
	By     string // whose act it is, as a reader of events knows him
	Detail string // of the act, for that reader

	Person Person // who is added may be there already: then he is let in again
	Set    []Secret
	Drop   []Kind
	Spends string // digest of a one-time secret that the change uses up; empty: none
	Ends   bool   // his sessions end
	Kept   int64  // but this one
}

// Event is an alteration that was made.
type Event struct {
	At     time.Time
	By     string
	Act    Act
	Person ID
	Name   custody.Name
	Detail string
}
