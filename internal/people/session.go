package people

import (
	"errors"
	"time"
)

// How long a session lasts. On a machine that several use it locks by itself, and ends
// with the day; on one's own it outlasts a leave.
const (
	LockAfter  = 10 * time.Minute    // of nothing done, on a shared machine
	idleShared = 3 * time.Hour       // of nothing done, then it ends
	idleOwn    = 3 * 24 * time.Hour  // a long weekend
	lastShared = 14 * time.Hour      // from sign-in, whatever is done
	lastOwn    = 30 * 24 * time.Hour // the same on one's own machine
	notedEvery = time.Minute         // how exactly it is known when one did something
	lockGrace  = 2 * notedEvery      // a page tells of keys and mouse once in notedEvery
)

// Why a request is nobody's.
var (
	ErrNoSession = errors.New("not signed in")
	ErrLocked    = errors.New("the session is locked")
)

// From is where somebody asks from.
type From struct {
	Network string // an address, or the network that it stands for
	Device  string // secret that his browser has kept since an earlier sign-in; empty: none
	Agent   string // what his browser calls itself
}

// Session is one sign-in that lasts. What it is known by, a secret drawn for it, its
// browser alone has; the ledger has a digest of it.
type Session struct {
	ID      int64
	Person  ID
	Network string
	Agent   string
	Shared  bool      // on a machine that several use
	Began   time.Time // when one signed in
	Seen    time.Time // when something was last done, to the minute
	Ends    time.Time // at the latest
	Locked  time.Time // since when it is locked by a page; zero: it is not
}

// idle is how long nothing may be done before it ends.
func (s Session) idle() time.Duration {
	if s.Shared {
		return idleShared
	}
	return idleOwn
}

// alive reports whether a session has not ended by itself.
func (s Session) alive(now time.Time) bool {
	return now.Before(s.Ends) && now.Sub(s.Seen) < s.idle()
}

// locked reports whether it has to be unlocked first.
func (s Session) locked(now time.Time) bool {
	return !s.Locked.IsZero() || s.Shared && now.Sub(s.Seen) >= LockAfter+lockGrace
}
