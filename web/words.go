package web

import (
	"net/http"
	"time"

	"harkara/internal/custody"
	"harkara/web/lang"
)

// speaker says things about one office in one language, at one moment.
type speaker struct {
	tag    lang.Tag
	office *custody.Office
	now    time.Time
}

func (s *Server) speaker(r *http.Request) (speaker, error) {
	return s.speakerIn(r, language(r))
}

func (s *Server) speakerIn(r *http.Request, tag lang.Tag) (speaker, error) {
	now := time.Now()
	o, err := s.Directory.Office(r.Context(), now)
	return speaker{tag: tag, office: o, now: now}, err
}

func (p speaker) room(id custody.RoomID) string {
	r, ok := p.office.RoomByID(id)
	if !ok {
		return string(id)
	}
	return named(p.tag, r.Name)
}

func (p speaker) desk(id custody.DeskID) string {
	d, ok := p.office.DeskByID(id)
	if !ok {
		return string(id)
	}
	return p.post(d.Post)
}

func (p speaker) deskRoom(id custody.DeskID) string {
	d, _ := p.office.DeskByID(id)
	return p.room(d.Room)
}

func (p speaker) post(id custody.PostID) string {
	post, ok := p.office.PostByID(id)
	if !ok {
		return string(id)
	}
	return named(p.tag, post.Name)
}

func (p speaker) officer(id custody.OfficerID) string {
	o, ok := p.office.OfficerByID(id)
	if !ok {
		return ""
	}
	return named(p.tag, o.Name)
}

func (p speaker) department(id custody.DepartmentID) string {
	d, ok := p.office.DepartmentByID(id)
	if !ok {
		return string(id)
	}
	return named(p.tag, d.Name)
}

// clock shows an instant as the office's clocks do: the time alone today, with
// the day otherwise. The zone is the office's calendar's.
func (p speaker) clock(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	zone := time.UTC
	if len(p.office.Calendars) > 0 {
		zone = time.FixedZone("", p.office.Calendars[0].Offset)
	}
	at, now := at.In(zone), p.now.In(zone)
	if at.YearDay() == now.YearDay() && at.Year() == now.Year() {
		return at.Format("15:04:05")
	}
	return at.Format("2 Jan 15:04")
}

// known says how a position is known, and since when.
func (p speaker) known(pos custody.Position) string {
	at := pos.Since
	if pos.Known == custody.ByScan && !pos.Seen.IsZero() {
		at = pos.Seen
	}
	return p.tag.Text("known."+string(pos.Known), p.tag.Ago(at, p.now))
}

// where says the place: a room, or between two.
func (p speaker) where(pos custody.Position) string {
	if pos.Phase == custody.Transit && pos.ToRoom != "" {
		return p.room(pos.Room) + " → " + p.room(pos.ToRoom)
	}
	return p.room(pos.Room)
}

// whose says who is charged for the time.
func (p speaker) whose(pos custody.Position) string {
	if pos.Runner != "" {
		return p.officer(pos.Runner)
	}
	name := p.post(pos.Post)
	if officer := p.officer(pos.Officer); officer != "" {
		name += ", " + officer
	}
	return name
}

// say is an outcome in words, for whoever stands at a station.
type say struct {
	Verdict  custody.Verdict `json:"verdict"`
	Word     string          `json:"word"` // yes, no, already known
	Headline string          `json:"headline"`
	Next     string          `json:"next,omitempty"`
	Tone     string          `json:"tone"` // up, soft or down
}

// say words an outcome; nil where the office cannot be read.
func (s *Server) say(r *http.Request, o custody.Outcome) *say {
	p, err := s.speaker(r)
	if err != nil {
		s.Log.Warn("outcome is not worded", "err", err)
		return nil
	}
	tones := map[custody.Verdict]string{custody.Accepted: "up", custody.Ticked: "soft", custody.Refused: "down"}
	out := &say{
		Verdict: o.Verdict, Word: p.tag.Text("verdict." + string(o.Verdict)), Tone: tones[o.Verdict],
		Headline: p.tag.Text("reason."+string(o.Reason), o.Position.Rung),
	}
	if pos := o.Position; pos.Revision > 0 && pos.Phase != custody.Ended {
		out.Next = p.next(pos)
	}
	return out
}

// next says what is to be done with the file in hand.
func (p speaker) next(pos custody.Position) string {
	desk, room := pos.Next, pos.NextRoom
	if pos.Phase == custody.Transit {
		desk, room = pos.To, pos.ToRoom
	}
	if desk == "" {
		if pos.Deadline.IsZero() {
			return p.tag.Text("say.none")
		}
		return p.tag.Text("say.keep", p.clock(pos.Deadline))
	}
	return p.tag.Text("say.give", p.desk(desk), p.room(room), p.clock(pos.Deadline))
}
