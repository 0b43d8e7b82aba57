package custody

import (
	"time"

	"harkara/internal/calendar"
)

// Wait is what a leg rests for: where the paper is stays said, and no clock runs. Zero: it
// does not rest.
type Wait struct {
	For     HoldCardID `json:"for,omitempty"`     // whom or what the file waits for
	Until   time.Time  `json:"until,omitzero"`    // when that ends by itself
	Charged bool       `json:"charged,omitempty"` // its time is theirs, who were sent the file or a letter, and not the holder's
	Laid    bool       `json:"laid,omitempty"`    // or nothing is to be done with it: it has no end

	Contested bool  `json:"contested,omitempty"` // they have said that it is not theirs
	Count     Count `json:"count,omitzero"`      // of days, where no last day was named
}

// Count is how Until was counted: that moves with the calendar.
type Count struct {
	From     time.Time `json:"from,omitzero"`
	Days     int       `json:"days,omitempty"` // working days
	Calendar string    `json:"calendar,omitempty"`
	Revision int       `json:"rev,omitempty"` // of it, by which Until stands
}

// ends is when the last of the days is over.
func (c Count) ends(hours *calendar.Hours) time.Time {
	return hours.DayEnd(lastDay(hours, c.From, c.Days))
}

// resting are the hours of whom a waiting file waits for, as they are now.
const resting finding[Ref] = "resting"

// rests looks them up.
func (l look) rests(c Count) {
	if hours, ok := l.office.Hours(c.Calendar, ""); ok {
		resting.note(l, l.keep(hours.ID, hours))
	}
}

// postpone moves the end of a hold that was given as so many days, where their calendar
// was changed since: by a holiday that was declared, or taken back.
func (a *act) postpone() {
	w := &a.s.Leg.Wait
	ref, ok := resting.of(a.c)
	if !ok || ref.ID != w.Count.Calendar {
		return
	}
	if hours := a.contents.hours(Place{Hours: ref}); hours.Revision() > w.Count.Revision {
		w.Until, w.Count.Revision = w.Count.ends(hours), hours.Revision()
	}
}

// Phrase says for whom and how long, and whose time that is; nothing: it does not rest.
func (w Wait) Phrase() Phrase {
	last := []any{w.For, w.Until.Add(-time.Second)}
	switch {
	case w == Wait{}:
		return Phrase{}
	case w.Laid:
		return Phrase{Key: "wait.laid_by"}
	case w.Charged:
		return Phrase{"wait.charged", last}
	case w.Contested:
		return Phrase{"wait.contested", last}
	}
	return Phrase{"wait.for", last}
}

// Waits reports whether the leg rests.
func (l Leg) Waits() bool { return l.Wait != Wait{} }

// stayed is when the stay began that the leg belongs to: one that waited, and goes on, is
// the same.
func (l Leg) stayed() time.Time {
	if l.Stay.IsZero() {
		return l.Since
	}
	return l.Stay
}

// goesOn is the running leg from now on, resting or not: what it has used of its budget
// stays as it was while it rested.
func (a *act) goesOn(w Wait) Leg {
	leg := a.s.Leg
	if !leg.Waits() {
		leg.Consumed += a.worked(a.at)
	}
	leg.Stay, leg.Wait = leg.stayed(), w
	return leg
}

// waited ends a wait whose date has passed, when it passed, and tells the holder.
func (a *act) waited() {
	a.at = a.s.Leg.Wait.Until
	a.s.Leg = a.was.Leg // whatever hours are in force now
	if a.at.Before(a.s.Leg.Since) {
		a.at = a.s.Leg.Since
	}
	people := a.c.Ranks.Receivers(a.s.Leg.Place.Post, []Receiver{{}})
	a.begin(HoldOver, a.goesOn(Wait{}), func(e *Entry) { e.Happened, e.Told, e.Channel = a.at, people, Screen })
	a.notices = append(a.notices, a.s.Notices(a.entries[len(a.entries)-1])...)
}

// ready reports whether a file can be told to wait, or to go on, by who has it before him;
// where it cannot, that is answered. A station reads a card with the file's cover.
func (a *act) ready() bool {
	switch {
	case !a.reads(true):
	case a.s.Leg.Phase == Ended:
		a.refuse(IsClosed)
	case a.s.Leg.Phase == Unseen && a.c.Here == nil:
		a.refuse(NotSeenYet)
	default:
		if a.s.Missing && a.c.Here != nil {
			a.keep()
			a.s.Missing = false
			a.record(Refound, nil)
		}
		if a.s.Leg.Phase == Unseen {
			a.arrive()
		}
		if a.c.Here != nil && a.s.Leg.Phase == Held {
			a.s.Leg.Known = ByScan
		}
		return true
	}
	return false
}
