package custody

import (
	"time"

	"harkara/internal/calendar"
)

// Fold rebuilds the legs of a file from its entries, oldest first. They tile its
// life: each begins where the one before ends, and has worked what the chain says;
// the last one has no end, and its work is counted on the calendars up to now.
func Fold(entries []Entry, calendars []calendar.Calendar, now time.Time) []Span {
	var spans []Span
	for _, e := range entries {
		switch {
		case e.Leg == nil:
		case e.Reason == Undone:
			spans = restore(spans, *e.Leg)
		default:
			if n := len(spans); n > 0 {
				spans[n-1].End, spans[n-1].Worked = e.At, e.Closes
			}
			spans = append(spans, Span{Leg: *e.Leg})
		}
	}
	if n := len(spans); n > 0 {
		s := State{Leg: spans[n-1].Leg, Calendars: calendars}
		spans[n-1].Worked = s.worked(whole(now))
	}
	return spans
}

// restore drops what an undo took back and lets the leg before it run on.
func restore(spans []Span, leg Leg) []Span {
	for i := len(spans) - 1; i >= 0; i-- {
		if spans[i].Same(leg) {
			spans = spans[:i+1]
			spans[i].End = time.Time{}
			return spans
		}
	}
	return append(spans, Span{Leg: leg})
}
