package custody

import "time"

// Leg is one holder's stretch of a file's life. Legs tile that life: each begins
// at the second the one before it ends.
type Leg struct {
	ID       int64     `json:"id"`               // revision of the entry that began it: its own in the file's life
	Phase    Phase     `json:"phase"`            // held or transit; closed and unseen legs run no clock
	Since    time.Time `json:"since"`            // whole seconds, UTC
	Place    Place     `json:"place"`            // the holder's desk; in transit the sender's
	Stop     int       `json:"stop,omitempty"`   // of the route, from 1; 0: held off it
	Runner   OfficerID `json:"runner,omitempty"` // in transit: charged instead of the sender
	To       *Place    `json:"to,omitempty"`     // in transit: the destination
	Known    Known     `json:"known"`
	Budget   Seconds   `json:"budget,omitempty"`   // 0: no clock
	Consumed Seconds   `json:"consumed,omitempty"` // of Budget, before Since
	OffRoute bool      `json:"off_route,omitempty"`

	// Where the holder's calendar has changed meanwhile: what was worked from Since
	// to Reckon, by the calendar of then.
	Reckon   time.Time `json:"reckon,omitzero"`
	Reckoned Seconds   `json:"reckoned,omitempty"`
}

// from is the instant from which the leg's work is counted by today's calendar.
func (l Leg) from() time.Time {
	if l.Reckon.IsZero() {
		return l.Since
	}
	return l.Reckon
}

// Same reports whether two legs of a file are one: begun by the same act, and not
// merely in the same second.
func (l Leg) Same(o Leg) bool { return l.ID == o.ID }

// Span is a leg with its end, as folded from entries. A running leg has a zero
// End.
type Span struct {
	Leg
	End    time.Time // exclusive
	Worked Seconds   // on the holder's calendar
}
