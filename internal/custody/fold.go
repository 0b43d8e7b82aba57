package custody

import (
	"time"

	"harkara/internal/calendar"
)

// Fold rebuilds the legs of a file from its entries, oldest first. They tile its
// life: each begins where the one before ends; the last one has no end, and its
// work is counted up to now.
func Fold(entries []Entry, calendars []calendar.Calendar, now time.Time) []Span {
	var spans []Span
	for _, e := range entries {
		switch {
		case e.Leg == nil:
		case e.Reason == Undone:
			spans = restore(spans, *e.Leg)
		default:
			if n := len(spans); n > 0 {
				spans[n-1].End = e.At
			}
			spans = append(spans, Span{Leg: *e.Leg})
		}
	}
	for i := range spans {
		end := spans[i].End
		if end.IsZero() {
			end = whole(now)
		}
		s := State{Leg: spans[i].Leg, Calendars: calendars}
		spans[i].Worked = s.worked(end)
	}
	return spans
}

// restore drops what an undo took back and lets the leg before it run on.
func restore(spans []Span, leg Leg) []Span {
	for i := len(spans) - 1; i >= 0; i-- {
		if spans[i].Since.Equal(leg.Since) && spans[i].Place == leg.Place && spans[i].Phase == leg.Phase {
			spans = spans[:i+1]
			spans[i].End = time.Time{}
			return spans
		}
	}
	return append(spans, Span{Leg: leg})
}
