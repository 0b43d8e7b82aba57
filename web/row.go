package web

import (
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
	Revision int64
}

// place is a room as a link.
type place struct {
	Room custody.RoomID
	Name string
	Desk string
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
		From: place{Room: pos.Room, Name: p.room(pos.Room)}, Transit: pos.Phase == custody.Transit,
		Holder: p.post(pos.Post), Officer: p.officer(pos.Officer), Vacant: pos.Officer == "" && pos.Post != "",
		Known: p.known(pos), Due: p.due(r), Overdue: late, Soon: pos.Rung > 0 && !late,
		Pending: r.Pending, Stuck: r.Quarantined, Revision: pos.Revision,
	}
	if pos.Runner != "" {
		out.Runner = pos.Runner
		out.Holder, out.Officer, out.Vacant = p.officer(pos.Runner), p.T("row.runner"), false
	}
	if pos.Wait.Charged { // who has the paper stands below
		out.Holder, out.Officer, out.Vacant, out.Runner = p.waited(pos.Wait), out.Holder, false, ""
	}
	if pos.ToRoom != "" {
		out.To = place{pos.ToRoom, p.room(pos.ToRoom), p.desk(pos.To)}
	}
	if pos.Next != "" && !out.Transit {
		out.Next = place{pos.NextRoom, p.room(pos.NextRoom), p.desk(pos.Next)}
	}
	for _, b := range []struct {
		name string
		on   bool
	}{{"secret", r.File.Class == custody.Secret}, {"confidential", r.File.Class == custody.Confidential}, {"missing", pos.Missing}, {"off_route", pos.OffRoute}, {"stuck", r.Quarantined}, {"pending", r.Pending > 0}} {
		if b.on {
			out.Badges = append(out.Badges, badge{b.name, p.T("badge." + b.name)})
		}
	}
	return out
}

// known says how a position is known, and since when.
func (p speaker) known(pos custody.Position) known {
	at := pos.Since
	if (pos.Known == custody.ByScan || pos.Known == custody.ByMissing) && !pos.Seen.IsZero() {
		at = pos.Seen
	}
	words := p.T("known."+string(pos.Known), "{0}")
	if pos.ShownIn != "" && !pos.Missing { // known by a scan, but not of its holder's room
		pos.Known, at = custody.ByScan, pos.Seen
		words = p.T("known.shown", "{0}", p.room(pos.ShownIn))
	}
	k := known{voice: p.voice, How: pos.Known, At: at, Ago: p.ago(at)}
	k.Before, k.After, _ = strings.Cut(words, "{0}")
	return k
}

// ago says how long before now an instant lies.
func (p speaker) ago(at time.Time) string {
	if d := p.now.Sub(at); d >= time.Second {
		return p.T("time.ago", p.span(d))
	}
	return p.T("time.now")
}

func (p speaker) due(r *custody.Row) due {
	pos := r.Position
	d := due{voice: p.voice, At: pos.Deadline, Waits: p.waits(pos.Wait), Order: board.Rank(r), Asked: p.now.Unix()}
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
	post, _ := p.office.PostByID(pos.Post)
	calendar, ok := p.office.CalendarByID(post.Calendar)
	if !ok || pos.Budget <= 0 {
		return 0
	}
	left := custody.SecondsOf(calendar.Working(p.now, pos.Deadline))
	return int(min(100, max(0, 100*(pos.Budget-left)/pos.Budget)))
}
