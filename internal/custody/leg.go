package custody

import "time"

// Leg is one holder's stretch of a file's life. Legs tile that life: each begins
// at the second the one before it ends.
type Leg struct {
	Phase    Phase     `json:"phase"`            // held or transit; closed and unseen legs run no clock
	Since    time.Time `json:"since"`            // whole seconds, UTC
	Place    Place     `json:"place"`            // the holder's desk; in transit the sender's
	Runner   OfficerID `json:"runner,omitempty"` // in transit: charged instead of the sender
	To       *Place    `json:"to,omitempty"`     // in transit: the destination
	Known    Known     `json:"known"`
	Budget   Seconds   `json:"budget,omitempty"`   // 0: no clock
	Consumed Seconds   `json:"consumed,omitempty"` // of Budget, before Since
	OffRoute bool      `json:"off_route,omitempty"`
}

// Span is a leg with its end, as folded from entries. A running leg has a zero
// End.
type Span struct {
	Leg
	End    time.Time // exclusive
	Worked Seconds   // on the holder's calendar
}
