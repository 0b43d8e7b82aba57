package custody

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"harkara/internal/label"
)

// Back sends a file to whoever sent it, for a reason.
const Back CommandKind = "back"

// What it comes to.
const (
	SentBack  Reason = "sent_back"
	SentUp    Reason = "sent_up"   // the second time between two desks: to whom both stand under
	NoSender  Reason = "no_sender" // nobody sent it
	NotWhy    Reason = "not_why"   // a reason is required
	Elsewhere Reason = "elsewhere" // it is on its way: only where its paper is can it be sent back
)

func init() {
	register(Kind{
		Name: Back, Undo: AtStation, Sights: true, Reads: true,
		By:    by(StationHere, StationElsewhere, Holder, Superior, Administrator),
		Asks:  &Asks{Place: 2, When: func(r Row) bool { return r.Position.Phase == Held && r.Position.From != "" }, Of: []Ask{because(false)}},
		Comes: []Reason{SentBack, SentUp, NoSender, NotWhy, Elsewhere, Received, Inferred, Returned, OffRoute, Adopted, Refound, SentAlready, Late, TypedCannot, IsClosed, OldCover, NotRegistered},
	}, (*act).back)
}

// Returning says why, at a station.
type Returning struct {
	Why label.Code `json:"why,omitempty"` // a reason card
}

func (r Returning) tidy() Payload { return Returning{latin(r.Why)} }

func (r Returning) refers() []reference {
	return []reference{onCard(label.Card, r.Why, look.reason), {find: look.back}}
}

const why finding[ReasonCardID] = "why"

func (l look) reason(code label.Code) {
	if card, ok := l.office.ReasonByCode(code); ok {
		why.note(l, card.ID)
	} else {
		l.unknown("reason card", code)
	}
}

// check lets a station ask without a reason: it is answered in words, when its turn comes.
func (r Returning) check(c Command) error {
	if c.Station == "" && c.Reason == "" {
		return NoReason
	}
	return nil
}

// back sends a file to where Position.sender says. At a station its paper is here; on a
// page its holder has it. What comes back so is a task of its own: see Leg.Back.
func (a *act) back(Returning) {
	card, ok := a.because()
	if !ok {
		return
	}
	defer a.finds()()
	if a.c.Here != nil && a.gather() {
		return
	}
	from, to := a.holder(), a.c.To
	if to == nil || to.Desk == from.Desk {
		a.refuse(NoSender)
		return
	}
	reason := SentBack
	if to.Desk != a.s.Leg.From {
		reason = SentUp
	}
	said := func(e *Entry) { e.Why = card }
	a.keep()
	a.s.Path.Returns = a.s.Path.Returns.with(from.Desk, a.s.Leg.From)
	a.s.Path.Next, a.s.Path.ByHand = from.dest(), true // who sent it back sees it next
	if to.Room == from.Room {
		leg := a.hold(*to, ByCard)
		leg.Back, leg.Consumed = true, 0
		a.begin(reason, leg, said)
		return
	}
	dest := to.dest()
	a.begin(reason, Leg{Phase: Transit, Place: from, To: &dest, Known: ByCard, Budget: a.c.Transit, Back: true}, said)
}

// because is the card that gives the reason of who has the paper before him, or acts on a
// page; else it answers why he may not.
func (a *act) because() (card ReasonCardID, ok bool) {
	switch leg := a.s.Leg; {
	case !a.reads(true):
		return "", false
	case a.c.Here == nil && leg.Phase == Transit:
		a.refuse(Elsewhere)
		return "", false
	case leg.Phase == Ended:
		a.refuse(IsClosed)
		return "", false
	}
	card, _ = why.of(a.c)
	if card == "" && a.c.Words[ReasonField] == "" {
		a.refuse(NotWhy)
		return "", false
	}
	return card, true
}

// gather has the file held in this room, unless it was just sent back from it: then it
// has answered.
func (a *act) gather() (answered bool) {
	leg := a.s.Leg
	if !a.sentFromHere() {
		a.here()
		return false
	}
	if leg.Back {
		a.sentAlready()
		return true
	}
	a.regain()
	return false
}

// sender is the desk that sent a file which a room has, or is about to receive; "" where
// none did.
func (p Position) sender(room RoomID) DeskID {
	if p.Room == room {
		return p.From
	}
	return p.Desk
}

// back looks up whither a file is sent back: to whoever sent it, or the second time
// between the two to the nearest desk whose post stands above both, where there is one.
func (l look) back() {
	if l.at == nil {
		return
	}
	p := *l.at
	room, desk := p.Room, p.Desk
	if here := l.out.Here; here != nil && here.Room != room {
		room, desk = here.Room, here.Desk
	}
	to := p.sender(room)
	if p.Path.Returns.has(desk, to) {
		if up, ok := l.office.above(desk, to); ok {
			to = up
		}
	}
	if place, ok := l.kin(to); ok { // else nobody sent it
		l.out.To = &place
	}
}

// above is the desk of the nearest post that stands above those of two desks.
func (o *Office) above(a, b DeskID) (DeskID, bool) {
	under := o.superiors(a)
	for _, post := range o.superiors(b) {
		desk, ok := first(o.Desks, func(d Desk) bool { return d.Post == post })
		if ok && slices.Contains(under, post) && desk.ID != a && desk.ID != b {
			return desk.ID, true
		}
	}
	return "", false
}

// superiors are the posts above that of a desk, the nearest first.
func (o *Office) superiors(id DeskID) (posts []PostID) {
	desk, _ := o.DeskByID(id)
	post, ok := o.PostByID(desk.Post)
	for ok && post.Superior != "" && !slices.Contains(posts, post.Superior) {
		posts = append(posts, post.Superior)
		post, ok = o.PostByID(post.Superior)
	}
	return posts
}

// Returns are the pairs of desks between which a file was sent back, the latest last: of
// each the first eight hexadecimal digits of the SHA-256 over both, in order. It is a text
// so that many take little room in a state.
type Returns string

const (
	pairDigits = 8
	maxPairs   = 4
)

func pairOf(a, b DeskID) string {
	sum := sha256.Sum256([]byte(min(a, b) + "\x00" + max(a, b)))
	return hex.EncodeToString(sum[:pairDigits/2])
}

func (r Returns) has(a, b DeskID) bool {
	pair := pairOf(a, b)
	for i := 0; i+pairDigits <= len(r); i += pairDigits {
		if string(r[i:i+pairDigits]) == pair {
			return true
		}
	}
	return false
}

// with adds a pair, and forgets the oldest where there are too many.
func (r Returns) with(a, b DeskID) Returns {
	if r.has(a, b) {
		return r
	}
	r += Returns(pairOf(a, b))
	return r[max(0, len(r)-maxPairs*pairDigits):]
}
