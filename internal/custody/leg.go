package custody

import (
	"slices"
	"time"

	"harkara/internal/calendar"
)

// Leg is one holder's stretch of a file's life. Legs tile that life: each begins
// at the second the one before it ends.
type Leg struct {
	ID       int64     `json:"id"`               // revision of the entry that began it: its own in the file's life
	Phase    Phase     `json:"phase"`            // held or transit; closed and unseen legs run no clock
	Since    time.Time `json:"since"`            // whole seconds, UTC
	Place    Place     `json:"place"`            // the holder's desk; in transit the sender's
	Stop     int       `json:"stop,omitempty"`   // of the route, from 1; 0: held off it
	Runner   OfficerID `json:"runner,omitempty"` // in transit: charged instead of the sender
	To       *Dest     `json:"to,omitempty"`     // in transit: the destination
	Known    Known     `json:"known"`
	Budget   Seconds   `json:"budget,omitempty"`   // 0: no clock
	Consumed Seconds   `json:"consumed,omitempty"` // of Budget, before Since
	OffRoute bool      `json:"off_route,omitempty"`
	From     DeskID    `json:"from,omitempty"` // whom the holder, in transit the sender, has it from
	Back     bool      `json:"back,omitempty"` // sent back for a reason; held: it came so, a task of its own that resumes no older one

	// Where it rests, or goes on after that; phase and place say where the paper is.
	Wait  Wait      `json:"wait,omitzero"`
	Stay  time.Time `json:"stay,omitzero"`   // when the stay began that it goes on with; zero: with the leg
	Holds int       `json:"holds,omitempty"` // on that stay
}

// Same reports whether two legs of a file are one: begun by the same act, and not
// merely in the same second.
func (l Leg) Same(o Leg) bool { return l.ID == o.ID }

// goesTo reports whether the file is in transit to a room that was named.
func (l Leg) goesTo(room RoomID) bool { return l.Phase == Transit && l.To != nil && l.To.Room == room }

// Span is a leg with its end. A running leg has a zero End.
type Span struct {
	Leg
	End    time.Time // exclusive
	Worked Seconds   // on the holder's calendar
}

// Legs returns the legs of a file's life, by its entries from the first. They tile it:
// each begins where the one before ends, and has worked what the chain says; the last
// one's work is counted on the office's calendars up to now.
func Legs(entries []Entry, o *Office, now time.Time) []Span {
	var s State
	var spans []Span
	for _, e := range entries {
		s = Apply(s, e)
		at := slices.IndexFunc(spans, func(l Span) bool { return l.Same(s.Leg) })
		switch n := len(spans); {
		case s.Leg.Phase == "":
		case at >= 0: // it runs on, or again after an undo
			spans = append(spans[:at], Span{Leg: s.Leg})
		default:
			if n > 0 {
				spans[n-1].End, spans[n-1].Worked = s.Leg.Since, e.Closes
			}
			spans = append(spans, Span{Leg: s.Leg})
		}
	}
	if n := len(spans); n > 0 {
		last := &spans[n-1]
		hours, ok := o.Hours(last.Place.Hours.ID, o.building(last.Place.Room))
		if !ok {
			hours = calendar.Always(last.Place.Hours.ID)
		}
		last.Worked = last.worked(hours.Hours(), whole(now))
	}
	return spans
}
