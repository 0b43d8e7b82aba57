package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"harkara/internal/custody"
	"harkara/internal/people"
	"harkara/web/board"
	"harkara/web/gate"
	"harkara/web/lang"
)

// voice is the language that a piece of a page speaks. It travels in the data, so
// that a template cannot speak another's.
type voice struct{ Lang lang.Tag }

// T is the words of a key.
func (v voice) T(key string, args ...any) string { return v.Lang.Text(key, args...) }

// N is the words of a key for a number of things, which is {0}.
func (v voice) N(key string, n int) string {
	if n == 1 {
		key += ".one"
	}
	return v.Lang.Text(key, n)
}

// reason says what a command came to; percent is the rung's, where it is one. Past the time
// allowed a reminder is an escalation.
func (v voice) reason(r custody.Reason, percent int) string {
	switch {
	case r != custody.RungDue || percent <= 100:
		return v.T("reason."+string(r), percent)
	case percent == 200:
		return v.T("rung.twice")
	}
	return v.T("rung.escalated", percent)
}

// comma puts parts beside each other.
func (v voice) comma(parts ...string) string {
	if v.Lang == lang.Urdu {
		return strings.Join(parts, "، ")
	}
	return strings.Join(parts, ", ")
}

// floor says where in a building something is.
func (v voice) floor(building string, floor int) string {
	if floor == 0 {
		return v.T("room.ground", building)
	}
	return v.T("room.floor", building, floor)
}

// speaker says things about one office in one language, at one moment.
type speaker struct {
	voice
	office *custody.Office // of this moment: its clocks and desks
	then   *custody.Office // by whose names things are called
	now    time.Time
	brisk  bool            // seconds matter here
	clocks *custody.Clocks // of office
	eyes   *people.Eyes    // of who is spoken to
}

// speaks is who speaks to a request.
func (s *Server) speaks(r *http.Request) (speaker, error) {
	return s.speaker(r.Context(), gate.Language(r), gate.Of(r).Sight)
}

func (s *Server) speaker(ctx context.Context, tag lang.Tag, to people.Sight) (speaker, error) {
	now := s.Now()
	o, err := s.Directory.Office(ctx, now)
	if err != nil {
		return speaker{}, err
	}
	return speaker{voice: voice{tag}, office: o, then: o, now: now, brisk: brisk(o), clocks: custody.NewClocks(o), eyes: to.Eyes()}, nil
}

// asOf is a speaker who calls things as they were called at an instant.
func (s *Server) asOf(ctx context.Context, p speaker, at time.Time) (speaker, error) {
	o, err := s.Directory.Office(ctx, at)
	p.then = o
	return p, err
}

// find looks a thing up by the names that are spoken, else by this moment's: an act is
// kept by the second, and may lie just before what it names began. What is no more is
// called as it was last.
func find[K, T any](p speaker, id K, by func(*custody.Office, K) (T, bool)) (t T, ok bool) {
	for _, o := range []*custody.Office{p.then, p.office, p.office.Former} {
		if o == nil {
			continue
		}
		if t, ok = by(o, id); ok {
			return t, ok
		}
	}
	return t, false
}

// named picks the language's name, or the other where there is none.
func (v voice) named(n custody.Name) string {
	if v.Lang == lang.Urdu && n.Ur != "" {
		return n.Ur
	}
	return n.En
}

func (p speaker) room(id custody.RoomID) string {
	if r, ok := find(p, id, (*custody.Office).RoomByID); ok {
		return p.named(r.Name)
	}
	return string(id)
}

// desk names a desk by the post that sits at it.
func (p speaker) desk(id custody.DeskID) string {
	if d, ok := find(p, id, (*custody.Office).DeskByID); ok {
		return p.post(d.Post)
	}
	return string(id)
}

// person names a desk by who holds its post, and the post.
func (p speaker) person(id custody.DeskID) string {
	desk, _ := find(p, id, (*custody.Office).DeskByID)
	if officer, ok := p.office.OfficerIn(desk.Post); ok {
		return p.comma(p.named(officer.Name), p.desk(id))
	}
	return p.desk(id)
}

func (p speaker) post(id custody.PostID) string {
	if post, ok := find(p, id, (*custody.Office).PostByID); ok {
		return p.named(post.Name)
	}
	return string(id)
}

func (p speaker) officer(id custody.OfficerID) string {
	if o, ok := find(p, id, (*custody.Office).OfficerByID); ok {
		return p.named(o.Name)
	}
	return string(id)
}

func (p speaker) department(id custody.DepartmentID) string {
	if d, ok := find(p, id, (*custody.Office).DepartmentByID); ok {
		return p.named(d.Name)
	}
	return string(id)
}

// why names a reason by its card.
func (p speaker) why(id custody.ReasonCardID) string {
	if r, ok := find(p, id, (*custody.Office).ReasonByID); ok {
		return p.named(r.Name)
	}
	return string(id)
}

// station names a station by its room where it has no name of its own.
func (p speaker) station(id custody.StationID) string {
	if st, ok := find(p, id, (*custody.Office).StationByID); ok {
		return p.named(st.Name)
	}
	return string(id)
}

// zone is the office's: its calendars count local days.
func (p speaker) zone() *time.Location {
	return time.FixedZone("", east(p.office))
}

// east is the office's zone in seconds east of UTC.
func east(o *custody.Office) int {
	if len(o.Calendars) == 0 {
		return 0
	}
	return o.Calendars[0].Offset
}

// brisk reports whether an office counts in seconds: something in it may take less than
// ten minutes. Where budgets are hours, seconds say nothing and never stand still.
func brisk(o *custody.Office) bool {
	const quick = 10 * 60
	budgets := []custody.Seconds{o.Policy.Transit}
	for i := range o.Posts {
		budgets = append(budgets, o.Posts[i].Budget)
	}
	for i := range o.Routes {
		for _, stop := range o.Routes[i].Stops {
			budgets = append(budgets, stop.Budget)
		}
	}
	return slices.ContainsFunc(budgets, func(b custody.Seconds) bool { return b > 0 && b < quick })
}

// near is how close an instant must be to now for its seconds to matter.
const near = 15 * time.Minute

// clock shows an instant as the office's clocks do: the time alone today, the
// weekday within six days, else the date. Empty for no instant.
func (p speaker) clock(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	local, now := at.In(p.zone()), p.now.In(p.zone())
	hour := local.Format("15:04")
	switch days := midnight(local).Sub(midnight(now)).Hours() / 24; {
	case days == 0 && p.brisk && at.Sub(p.now).Abs() < near:
		return local.Format("15:04:05")
	case days == 0:
		return hour
	case days > -7 && days < 7:
		return p.T(fmt.Sprintf("day.%d", local.Weekday())) + " " + hour
	}
	return p.date(at) + " " + hour
}

// date shows the day of an instant, with its year when that is another.
func (p speaker) date(at time.Time) string {
	local := at.In(p.zone())
	day := fmt.Sprintf("%d %s", local.Day(), p.T(fmt.Sprintf("month.%d", local.Month())))
	if local.Year() != p.now.In(p.zone()).Year() {
		day += fmt.Sprintf(" %d", local.Year())
	}
	return day
}

func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}

// span says a length of time in its two largest units, as the page's own clock
// does: see static/clock.js.
func (p speaker) span(d time.Duration) string {
	s := int64(d.Abs() / time.Second)
	switch {
	case s < 60 && !p.brisk:
		return p.T("time.minute")
	case s < 60:
		return p.T("time.seconds", s)
	case s < 10*60 && s%60 != 0 && p.brisk:
		return p.T("time.minutes", s/60) + " " + p.T("time.seconds", s%60)
	case s < 3600:
		return p.T("time.minutes", s/60)
	case s < 48*3600 && s/60%60 != 0:
		return p.T("time.hours", s/3600) + " " + p.T("time.minutes", s/60%60)
	case s < 48*3600:
		return p.T("time.hours", s/3600)
	}
	return p.T("time.days", s/86400)
}

// least is the shortest time that is worth saying to have passed.
func (p speaker) least() time.Duration {
	if p.brisk {
		return time.Second
	}
	return time.Minute
}

// next says what is to be done with a file in hand.
func (p speaker) next(pos custody.Position) string { return p.nextBy(pos, "say.give", p.desk) }

// nextBy says it with the words by which a file is given to a desk, as that is named.
func (p speaker) nextBy(pos custody.Position, give string, named func(custody.DeskID) string) string {
	desk, room := pos.Next, pos.NextRoom
	if pos.Phase == custody.Transit {
		desk, room = pos.To, pos.ToRoom
	}
	for _, c := range board.Conditions {
		if c.Next != nil && c.Is(pos) {
			return p.phrase(c.Next(pos))
		}
	}
	if desk != "" {
		return p.T(give, named(desk), p.room(room))
	}
	return p.T("say.none")
}

// phrase words what is said of a file: things by their names, an instant by its day.
func (p speaker) phrase(f custody.Phrase) string {
	args := make([]any, len(f.With))
	for i, arg := range f.With {
		switch is := arg.(type) {
		case custody.RoomID:
			arg = p.room(is)
		case custody.DeskID:
			arg = p.desk(is)
		case custody.HoldCardID:
			arg = p.hold(is)
		case time.Time:
			arg = p.date(is)
		}
		args[i] = arg
	}
	if f.Key == "" {
		return fmt.Sprint(args[:min(1, len(args))]...)
	}
	return p.T(f.Key, args...)
}

// hold names whom or what a file waits for.
func (p speaker) hold(id custody.HoldCardID) string {
	for _, h := range p.office.Holds {
		if h.ID == id {
			return p.named(h.Name)
		}
	}
	return string(id)
}
