package custody

import (
	"cmp"
	"time"

	"harkara/internal/calendar"
	"harkara/internal/label"
)

// Hold says that nothing can be done with a file until somebody else has done his part.
const Hold CommandKind = "hold"

// What a hold comes to.
const (
	OnHold        Reason = "on_hold"
	HoldCharged   Reason = "hold_charged"   // its time is from now on theirs who are waited for
	NeedsSuperior Reason = "needs_superior" // a second hold on one stay is not the holder's to give
	NoSuchDay     Reason = "no_such_day"    // it is over, or more than a year away
	NotSeenYet    Reason = "not_seen_yet"   // imported, and nobody has the paper
	NotTheirs     Reason = "not_theirs"     // who is waited for has contested that: a superior's order charges them again
)

func init() {
	register(Kind{
		Name: Hold, Undo: AtStation, Sights: true, Reads: true,
		By: by(StationHere, Holder, Superior, Administrator),
		Asks: &Asks{Place: 2, When: isOpen, Of: []Ask{
			{"for", &Input{Choose: holds}, false}, {"until", DateInput, true}, {string(LetterField), TextInput, true}, {string(OrderField), TextInput, true}, because(true),
		}},
		Brings: []Condition{{
			Name: "on_hold", Place: 2, State: true,
			Is: func(p Position) bool { return p.Waits() && !p.Wait.Laid }, Next: restsFor,
		}},
		Comes:   []Reason{OnHold, HoldCharged, NeedsSuperior, NotTheirs, NoSuchDay, NotSeenYet, Adopted, Late, Refound, TypedCannot, IsClosed, OldCover, NotRegistered},
		Example: func(o *Office) Payload { return Holding{For: o.Holds[0].ID} },
	}, (*act).putOnHold)
}

// holds are what files of the office wait for.
func holds(o *Office, _ Row) (list []Choice) {
	for _, h := range o.Holds {
		list = append(list, Choice{string(h.ID), Phrase{"wait.days", []any{h.ID, h.Days}}})
	}
	return list
}

func restsFor(p Position) Phrase { return p.Wait.Phrase() }

// Holding is whom a file waits for, and how long.
type Holding struct {
	Card   label.Code `json:"card,omitempty"`   // at a station: the hold card's
	For    HoldCardID `json:"for,omitempty"`    // on a page: the same by its name
	Until  string     `json:"until,omitempty"`  // the last day, 2006-01-02; empty: as many working days as the card says
	Letter string     `json:"letter,omitempty"` // number of the letter that asked them
	Order  string     `json:"order,omitempty"`  // the superior's, for a second hold on one stay
}

// Fields of a hold that people type into.
const (
	LetterField Field = "letter"
	OrderField  Field = "order"
)

func (h Holding) tidy() Payload {
	h.Card, h.Until = latin(h.Card), label.Latin(h.Until)
	return h
}

func (h Holding) refers() []reference {
	return []reference{onCard(label.Hold, h.Card, look.holdCard), named(h.For, look.hold)}
}

func (h Holding) check(c Command) error {
	switch {
	case (h.Card == "") == (h.For == ""):
		return malformed("a hold needs a card, or the name of one")
	case len(h.Letter) > MaxReason, len(h.Order) > MaxReason:
		return TooLong
	case h.Until == "":
		return nil
	}
	if _, err := time.Parse(time.DateOnly, h.Until); err != nil {
		return NoSuchChoice
	}
	return nil
}

func (h Holding) texts() Texts { return Texts{LetterField: h.Letter, OrderField: h.Order} }

func (h Holding) speak(texts Texts) Payload {
	h.Letter, h.Order = texts[LetterField], texts[OrderField]
	return h
}

// Awaited is whom a file waits for, as the office said it then.
type Awaited struct {
	ID    HoldCardID `json:"id"`
	Days  int        `json:"days"`            // working days, where no date is given
	Hours Ref        `json:"hours,omitzero"`  // on which they work, where that is known
	There bool       `json:"there,omitempty"` // the file was sent to them
}

const awaited finding[Awaited] = "awaited"

func (l look) hold(id HoldCardID) {
	l.await(id, func(h HoldCard) bool { return h.ID == id })
}

func (l look) holdCard(code label.Code) {
	l.await(code, func(h HoldCard) bool { return h.Code == code })
}

// await finds whom a file is to wait for, and whether it was sent to them.
func (l look) await(called any, is func(HoldCard) bool) {
	card, ok := first(l.office.Holds, is)
	if !ok {
		l.unknown("hold", called)
		return
	}
	of := Awaited{ID: card.ID, Days: card.Days}
	if hours, ok := l.office.hoursOf(card); ok {
		of.Hours = l.keep(hours.ID, hours)
	}
	if l.at != nil && l.at.Phase == Transit && card.Department != "" {
		to, _ := l.office.RoomByID(l.at.ToRoom)
		of.There = to.Department == card.Department
	}
	awaited.note(l, of)
}

// putOnHold has the file wait.
func (a *act) putOnHold(with Holding) {
	leg := a.s.Leg
	of, known := awaited.of(a.c)
	switch {
	case !a.ready():
		return
	case !known: // what the office said did not come with the command
		a.unknown("hold " + cmp.Or(string(with.For), string(with.Card)))
		return
	}
	charged := of.There || a.c.Words[LetterField] != ""
	again := leg.Waits() && leg.Wait.For == of.ID && with.Until == ""
	ordered := a.c.Here == nil && a.c.Words[OrderField] != ""
	wait, ok := a.await(of, with.Until)
	switch {
	case again && charged && leg.Wait.Contested && !ordered:
		a.refuse(NotTheirs)
	case again && charged && !leg.Wait.Charged:
		w := leg.Wait
		w.Charged, w.Contested = true, false
		a.begin(HoldCharged, a.goesOn(w))
	case again && a.c.Here != nil && a.at.Sub(leg.Since) <= a.rules.SentAgain:
		a.tick(OnHold)
	case leg.Holds > 0 && !ordered:
		a.refuse(NeedsSuperior)
	case !ok:
		a.refuse(NoSuchDay)
	default:
		wait.Charged = charged
		next := a.goesOn(wait)
		next.Holds++
		a.begin(OnHold, next)
	}
}

// await is for whom and until when a file waits: until the end of the day that is named,
// or so many working days on, where they work who are waited for; where that is not known,
// where the holder does. It is no day that has begun, and none more than a year away.
func (a *act) await(of Awaited, day string) (w Wait, ok bool) {
	hours := a.hours()
	if of.Hours.ID != "" {
		hours = a.contents.hours(Place{Hours: of.Hours})
	}
	w.For = of.ID
	if day == "" {
		w.Count = Count{From: a.at, Days: of.Days, Calendar: hours.ID(), Revision: hours.Revision()}
		w.Until = w.Count.ends(hours)
	} else {
		named, err := time.Parse(time.DateOnly, day)
		if err != nil {
			return Wait{}, false
		}
		w.Until = hours.DayEnd(named.Add(-time.Duration(hours.Offset()) * time.Second))
	}
	return w, w.Until.After(hours.DayEnd(a.at)) && w.Until.Sub(a.at) <= MaxBudget.Duration()
}

// lastDay lies in the last of so many working days after an instant's.
func lastDay(hours *calendar.Hours, at time.Time, days int) time.Time {
	for tried := 0; days > 0 && tried < 7*MaxHoldDays; tried++ {
		if at = at.Add(24 * time.Hour); hours.Day(at) > 0 {
			days--
		}
	}
	return at
}
