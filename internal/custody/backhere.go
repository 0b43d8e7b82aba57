package custody

import "harkara/internal/label"

// BackHere says that what a room sent has not gone, or has come back undelivered, and why.
const BackHere CommandKind = "back_here"

// Returned is what it comes to: with its sender, whose budget goes on where it stood.
const Returned Reason = "returned"

func init() {
	register(Kind{
		Name: BackHere, Undo: AtStation, Sights: true, Reads: true,
		By:    by(StationHere, StationElsewhere), // whoever has the paper
		Comes: []Reason{Returned, NotWhy, Adopted, Received, Inferred, OffRoute, Confirmed, SeenAlready, Refound, Late, TypedCannot, IsClosed, OldCover, NotRegistered},
	}, (*act).backHere)
}

// Undelivered says why: locked, absent, refused.
type Undelivered struct {
	Why label.Code `json:"why,omitempty"` // a reason card
}

func (u Undelivered) tidy() Payload { return Undelivered{latin(u.Why)} }

func (u Undelivered) refers() []reference { return []reference{onCard(label.Card, u.Why, look.reason)} }

func (Undelivered) check(Command) error { return nil } // without a reason it is answered in words

// backHere has the room hold again what it sent. What it did not send is here all the
// same, and means what a scan would.
func (a *act) backHere(Undelivered) {
	card, ok := a.because()
	if !ok {
		return
	}
	defer a.finds()()
	if !a.sentFromHere() {
		a.arrive()
		return
	}
	a.regain(func(e *Entry) { e.Why = card })
}

// sentFromHere reports whether the file is in transit from this room to another.
func (a *act) sentFromHere() bool {
	return a.s.Leg.Phase == Transit && a.s.Leg.Place.Room == a.c.Here.Room && !a.expected()
}

// regain has whoever sent a file hold it again, or the room where his desk has ended.
func (a *act) regain(with ...func(*Entry)) {
	a.begin(Returned, a.hold(a.holder(), ByScan), with...)
}

// sentAlready answers that the file was sent from here, however often it is looked at: an
// out-tray is no return. That it is still there is recorded.
func (a *act) sentAlready() {
	if a.at.Sub(a.s.Leg.Since) > a.rules.SentAgain && !a.justSeen() {
		a.confirmed(SentAlready)
	}
	a.tick(SentAlready)
}
