package custody

import "harkara/internal/label"

// Scan says that a cover was read at a station, with or without a card's context.
const Scan CommandKind = "scan"

// What a scan comes to.
const (
	Received    Reason = "received"     // expected here
	Inferred    Reason = "inferred"     // received though never dispatched by its holder
	OffRoute    Reason = "off_route"    // in transit to another room, held here
	Adopted     Reason = "adopted"      // imported and now first seen
	Confirmed   Reason = "confirmed"    // presence seen again
	Sent        Reason = "sent"         // in transit to another room
	Redirected  Reason = "redirected"   // in transit from here, to another desk than first said
	Handed      Reason = "handed"       // to a desk in the same room, at once
	Taken       Reason = "taken"        // by a runner
	SeenClosed  Reason = "seen_closed"  // a closed file's place recorded
	Late        Reason = "late"         // older than what is known since: recorded, moves nothing
	SentAlready Reason = "sent_already" // soft tick: scanned again where it was sent from
	SeenAlready Reason = "seen_already" // soft tick: scanned again right after receipt
	Enquiry     Reason = "enquiry"      // a typed code elsewhere than its destination
	NoNextStop  Reason = "no_next_stop"
	TypedCannot Reason = "typed_cannot" // a typed code can receive, never send
)

func init() {
	register(Kind{
		Name: Scan, Undo: AtStation, Sights: true, Reads: true,
		By: by(StationHere, StationElsewhere),
		Brings: []Condition{
			{Name: "transit", Place: 1, Is: func(p Position) bool { return p.Phase == Transit }},
			{Name: "off_route", Place: 4, Badge: 2, Is: func(p Position) bool { return p.OffRoute }},
		},
		Comes: []Reason{Received, Inferred, Returned, OffRoute, Adopted, Confirmed, Sent, Redirected, Handed, Taken, SeenClosed, Late, Refound, SentAlready, SeenAlready, Enquiry, NoNextStop, TypedCannot, IsClosed, OldCover, NotRegistered},
	}, (*act).scan)
}

// Context is what a card at the station added to a scan: at most one of its
// fields is set.
type Context struct {
	Desk   label.Code `json:"desk,omitempty"`   // destination desk card
	Onward bool       `json:"onward,omitempty"` // to the route's next stop
	Runner label.Code `json:"runner,omitempty"` // badge of the runner who takes it; anybody else's moves nothing
}

func (c Context) tidy() Payload {
	c.Desk, c.Runner = latin(c.Desk), latin(c.Runner)
	return c
}

func (c Context) refers() []reference {
	list := []reference{onCard(label.Desk, c.Desk, look.deskCard), onCard(label.Badge, c.Runner, look.runner)}
	if c.Onward {
		list = append(list, reference{find: look.onward})
	}
	return list
}

const carrier finding[OfficerID] = "runner"

func (l look) runner(badge label.Code) {
	switch p, ok := l.office.OfficerByCode(badge); {
	case !ok:
		l.unknown("badge", badge)
	case p.Role == RoleRunner:
		carrier.note(l, p.ID)
	}
}

// onward is the next stop of the file's route, where it has one.
func (l look) onward() {
	here := l.out.Here
	if l.at == nil || here == nil {
		return
	}
	if to, ok := l.office.PlaceAt(l.at.Onward(l.stops, here.Room, here.Desk), l.contents); ok { // else it has none, and arrives
		l.out.To = &to
	}
}

func (c Context) check(Command) error {
	if c.Desk != "" && (c.Onward || c.Runner != "") || c.Onward && c.Runner != "" {
		return malformed("more than one card in a context")
	}
	return nil
}

// scan answers the table "What a scan means": the station in room Here reads the
// file, with or without the context of a card.
func (a *act) scan(ctx Context) {
	runner, carried := carrier.of(a.c)
	withCard := ctx.Desk != "" || ctx.Onward || carried
	if !a.reads(withCard) {
		return
	}
	if a.s.Leg.Phase == Ended {
		a.seenClosed(withCard)
		return
	}
	defer a.finds()()
	switch {
	case ctx.Desk != "":
		a.send(*a.c.To)
	case ctx.Onward:
		a.onward()
	case carried:
		a.take(runner)
	default:
		a.arrive()
	}
}

// reads reports whether the paper was seen here by its cover and may be acted on, or is
// acted on by who says so on a page; else it answers why not.
func (a *act) reads(withCard bool) bool {
	atStation := a.c.Command.Station != ""
	switch {
	case atStation && !a.onCover():
	case a.stale:
		a.record(Late, nil)
	case !atStation:
		return true
	case a.c.Command.Method == ByTyped && (withCard || !a.expected()):
		a.typed(withCard)
	default:
		a.seen()
		return true
	}
	return false
}

// onCover reports whether the code that was read stands on the file's present cover; else
// it answers that.
func (a *act) onCover() bool {
	if a.covered(a.c.Command.Code) {
		return true
	}
	reason := OldCover
	if a.c.Stray {
		reason = NotRegistered
	}
	a.record(reason, func(e *Entry) { e.Refused, e.Seen = true, "" }) // a label was seen, not the file
	return false
}

// finds says of a missing file that it was found: that is the answer, unless what follows
// is refused.
func (a *act) finds() (answer func()) {
	if !a.s.Missing {
		return func() {}
	}
	a.keep()
	a.s.Missing = false
	a.record(Refound, nil)
	return func() {
		if a.verdict != Refused {
			a.verdict, a.reason = Accepted, Refound
		}
	}
}

// seen notes where the paper was seen. It stands with what is recorded of the scan: one
// that is nothing new leaves it as it was.
func (a *act) seen() {
	if a.at.After(a.s.Seen) {
		a.s.Seen = a.at
	}
	a.s.SeenIn, a.s.Shown = a.c.Here.Room, false
}

// expected reports whether the file is in transit to this room. Where nobody said
// whither a runner takes it, it is expected in every room but the one it left.
func (a *act) expected() bool {
	leg, here := a.s.Leg, a.c.Here.Room
	if leg.Phase != Transit || leg.To != nil {
		return leg.Phase == Transit && leg.To.Room == here
	}
	return leg.Place.Room != here && a.c.Command.Method != ByTyped
}

// typed: digits typed by hand prove little, so they receive what is expected
// here and nothing else.
func (a *act) typed(withCard bool) {
	if withCard {
		a.refuse(TypedCannot)
		return
	}
	a.tick(Enquiry)
}

func (a *act) seenClosed(withCard bool) {
	switch {
	case withCard:
		a.refuse(IsClosed)
	case a.justSeen():
		a.tick(SeenAlready)
	default:
		a.record(SeenClosed, nil)
	}
}

// justSeen reports whether the paper was seen in this room a moment before the act, by the
// same person where a badge says now who that is.
func (a *act) justSeen() bool {
	known := a.c.By.Proof != ByBadge || a.c.By.Person == a.was.By.Person
	return known && a.sighted.SeenIn == a.c.Here.Room && a.at.Sub(a.sighted.Seen) <= a.rules.SeenAgain
}

// arrive is a scan without a card: first matching row wins.
func (a *act) arrive() {
	leg, here := a.s.Leg, *a.c.Here
	switch {
	case leg.Phase == Unseen:
		a.begin(Adopted, a.hold(here, ByScan))
	case leg.Phase == Transit && a.expected():
		a.receive(Received)
	case a.sentFromHere():
		a.sentAlready()
	case leg.Phase == Transit:
		a.divert()
	case leg.Place.Room != here.Room:
		a.marks = append(a.marks, MarkInferred)
		a.receive(Inferred)
	case a.justSeen():
		a.tick(SeenAlready)
	default:
		a.confirm()
	}
}

func (a *act) confirm() { a.confirmed(Confirmed) }

func (a *act) confirmed(reason Reason) {
	a.s.Leg.Known = ByScan
	a.record(reason, nil)
}

func (a *act) receive(reason Reason) {
	a.begin(reason, a.hold(*a.c.Here, ByScan))
}

// divert holds a file that was meant for another room: flagged, with the transit
// budget to send it on, and its destination kept as the next stop.
func (a *act) divert() {
	if to := *a.s.Leg.To; a.s.Path.Next.Desk != to.Desk {
		a.s.Path.Next, a.s.Path.ByHand = to, true
	}
	a.begin(OffRoute, Leg{Phase: Held, Place: *a.c.Here, Known: ByScan, Budget: a.c.Transit, OffRoute: true})
}

// here makes sure that the file counts as held in this room before something is done
// with it there. What was sent from here a while ago, and has something done with it, has
// come back.
func (a *act) here() {
	leg := a.s.Leg
	switch {
	case leg.Phase == Held && leg.Place.Room == a.c.Here.Room:
	case a.sentFromHere() && a.at.Sub(leg.Since) > a.rules.SentAgain:
		a.regain()
	default:
		a.arrive()
	}
}

// send dispatches to a desk: at once within the room, else in transit.
func (a *act) send(to Place) {
	leg, here := a.s.Leg, *a.c.Here
	if a.sentFromHere() {
		switch {
		case leg.To != nil && leg.To.Desk == to.Desk:
			a.sentAlready()
			return
		case to.Room != here.Room:
			a.depart(Redirected, leg.Place, to)
			return
		}
		a.regain()
	}
	a.here()
	held := a.holder()
	switch {
	case to.Desk == held.Desk:
		if a.reason == "" {
			a.confirm()
		}
	case to.Room == here.Room:
		a.begin(Handed, a.hold(to, ByCard))
	default:
		a.depart(Sent, held, to)
	}
}

func (a *act) depart(reason Reason, from, to Place) {
	dest := to.dest()
	a.begin(reason, Leg{Phase: Transit, Place: from, To: &dest, Known: ByCard, Budget: a.c.Transit})
}

// onward sends to the next stop, which came with the command: see Position.Onward.
func (a *act) onward() {
	if a.c.To == nil {
		a.here()
		a.refuse(NoNextStop)
		return
	}
	a.send(*a.c.To)
}

// take gives the file to a runner, who is charged until somebody receives it. One that is
// to go nowhere stays where it is: who sends it says whither first.
func (a *act) take(runner OfficerID) {
	leg := a.s.Leg
	fromHere := a.sentFromHere()
	if fromHere && leg.Runner == runner {
		a.sentAlready()
		return
	}
	if !fromHere {
		a.here()
		if to := a.s.Path.Next; to.Desk == "" || to.Desk == a.holder().Desk {
			a.refuse(NoNextStop)
			return
		}
	}
	taken := Leg{Phase: Transit, Place: a.holder(), To: leg.To, Runner: runner, Known: ByScan, Budget: a.c.Transit}
	taken.Back = fromHere && leg.Back
	if !fromHere {
		to := a.s.Path.Next
		taken.To = &to
	}
	a.begin(Taken, taken)
}
