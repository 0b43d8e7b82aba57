package web

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/web/board"
)

// row is one file on a board, worded.
type row struct {
	voice
	Code     label.Code
	Number   string
	Subject  string
	From     place // where it is; in transit where it left
	To       place // in transit: where it goes
	Transit  bool
	Holder   string            // who is charged for the time
	Officer  string            // the person in the post, or with the badge
	Runner   custody.OfficerID // who carries it
	Vacant   bool
	Known    known
	Due      due
	Next     place
	Badges   []badge
	List     string // of the page, where a new row belongs
	Overdue  bool
	Soon     bool
	Pending  int
	Stuck    bool
	Mute     bool // it leads nowhere: on a wall
	Revision int64
}

// place is a room as a link.
type place struct {
	Room custody.RoomID
	Name string
	Desk string
	Mute bool // it leads nowhere: on a wall
}

// place is a room for who is spoken to.
func (p speaker) place(id custody.RoomID) place {
	return place{Room: id, Name: p.room(id), Mute: p.eyes.Wall}
}

// known says how a position is known: words around a time that ticks.
type known struct {
	voice
	How           custody.Known
	Before, After string
	At            time.Time
	Ago           string
}

// due is a deadline as it ticks.
type due struct {
	voice
	At    time.Time // zero: no clock runs
	Waits string    // for whom and how long, in words; empty: for nobody
	Clock string
	Left  string // or how late
	Late  bool
	Share int   // of the budget used, percent, at most 100
	Asked int64 // Unix time at which Share was true
	Order int64
}

// badge marks what is unusual about a file.
type badge struct{ Name, Text string }

// Unix gives an instant to the page's own clock.
func (d due) Unix() int64 { return d.At.Unix() }

// Unix gives an instant to the page's own clock.
func (k known) Unix() int64 { return k.At.Unix() }

func (p speaker) row(r *custody.Row, list string) row {
	pos := r.Position
	late := board.Overdue(r, p.now)
	out := row{
		voice: p.voice, Code: r.File.Code, Number: r.File.Number, Subject: r.File.Subject, List: list,
		From: p.place(pos.Room), Transit: pos.Phase == custody.Transit,
		Holder: p.post(pos.Post), Officer: p.officer(pos.Officer), Vacant: pos.Officer == "" && pos.Post != "",
		Known: p.known(pos), Due: p.due(r), Overdue: late, Soon: pos.Rung > 0 && !late,
		Pending: r.Pending, Stuck: r.Quarantined, Revision: pos.Revision,
	}
	if pos.Runner != "" {
		out.Runner = pos.Runner
		out.Holder, out.Officer, out.Vacant = p.officer(pos.Runner), p.T("row.runner"), false
	}
	if pos.Wait.Charged { // who has the paper stands below
		out.Holder, out.Officer, out.Vacant, out.Runner = p.hold(pos.Wait.For), out.Holder, false, ""
	}
	if pos.ToRoom != "" {
		out.To = p.place(pos.ToRoom)
		out.To.Desk = p.desk(pos.To)
	}
	if pos.Next != "" && !out.Transit {
		out.Next = p.place(pos.NextRoom)
		out.Next.Desk = p.desk(pos.Next)
	}
	if out.Mute = p.eyes.Wall; out.Mute { // whoever stands before it reads no names and no subjects
		out.Subject, out.Officer = "", ""
		if pos.Runner != "" {
			out.Holder, out.Runner = p.T("row.runner"), ""
		}
	}
	mark := func(name string, on bool) {
		if on {
			out.Badges = append(out.Badges, badge{name, p.T("badge." + name)})
		}
	}
	mark(string(r.File.Class), r.File.Class != custody.Ordinary)
	for _, c := range badges {
		mark(c.Name, c.Is(pos))
	}
	mark("closed", pos.Phase == custody.Ended)
	mark("stuck", r.Quarantined)
	mark("pending", r.Pending > 0)
	return out
}

// badges are the conditions that a row is marked with, in order.
var badges = func() []custody.Condition {
	list := slices.DeleteFunc(custody.Conditions(), func(c custody.Condition) bool { return c.Badge == 0 })
	slices.SortFunc(list, func(a, b custody.Condition) int { return cmp.Compare(a.Badge, b.Badge) })
	return list
}()

// known says how a position is known, and since when.
func (p speaker) known(pos custody.Position) known {
	at := pos.Since
	if (pos.Known == custody.ByScan || pos.Known == custody.ByMissing) && !pos.Seen.IsZero() {
		at = pos.Seen
	}
	words := p.T("known."+string(pos.Known), "{0}")
	for _, c := range board.Conditions {
		if c.Seen == nil || !c.Is(pos) {
			continue
		}
		if seen := p.phrase(c.Seen(pos)); seen != "" {
			words, pos.Known, at = seen, custody.ByScan, pos.Seen
		}
	}
	k := known{voice: p.voice, How: pos.Known, At: at, Ago: p.ago(at)}
	k.Before, k.After, _ = strings.Cut(words, "{0}")
	return k
}

// ago says how long before now an instant lies.
func (p speaker) ago(at time.Time) string {
	if d := p.now.Sub(at); d >= p.least() {
		return p.T("time.ago", p.span(d))
	}
	return p.T("time.now")
}

func (p speaker) due(r *custody.Row) due {
	pos := r.Position
	d := due{voice: p.voice, At: pos.Deadline, Waits: p.phrase(pos.Wait.Phrase()), Order: board.Rank(r), Asked: p.now.Unix()}
	if pos.Deadline.IsZero() {
		return d
	}
	left := pos.Deadline.Sub(p.now)
	d.Clock, d.Late = p.clock(pos.Deadline), left < 0
	d.Left = p.T("time.left", p.span(left))
	if d.Late {
		d.Left = p.T("time.late", p.span(left))
	}
	d.Share = p.share(pos)
	return d
}

// share is how much of the budget is used, in percent up to 100, counted on the
// holder's calendar.
func (p speaker) share(pos custody.Position) int {
	if !pos.Deadline.After(p.now) {
		return 100
	}
	hours := p.clocks.Hours(pos.Post, pos.Room)
	if hours == nil || pos.Budget <= 0 {
		return 0
	}
	left := custody.SecondsOf(hours.Working(p.now, pos.Deadline))
	return int(min(100, max(0, 100*(pos.Budget-left)/pos.Budget)))
}
