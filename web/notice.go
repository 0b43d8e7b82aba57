package web

import (
	"context"
	"fmt"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/web/wire"
)

// Notices is what people were told, and what nobody confirms that they were, newest
// first.
type Notices interface {
	Told(ctx context.Context, posts []custody.PostID, limit int) ([]Told, error)
	ToldTo(ctx context.Context, officers []custody.OfficerID, limit int) ([]Told, error) // limit to each
	Untold(ctx context.Context, limit int) ([]Told, error)
}

// Told is a notice with what became of it.
type Told struct {
	Notice  custody.Notice `json:"notice"`
	State   string         `json:"state"` // delivered, failed, unconfirmed
	Detail  string         `json:"detail,omitempty"`
	Changed time.Time      `json:"changed"`
	Number  string         `json:"number"` // of the file it is about
	Class   custody.Class  `json:"class,omitempty"`
}

// toldList is what the posts of a room, or one officer, were told, newest first.
type toldList struct {
	voice
	Title, None string
	Lines       []toldLine
}

// toldIn reads what the posts of a room were told.
func (s *Server) toldIn(ctx context.Context, p speaker, room custody.RoomID) (toldList, error) {
	list := toldList{voice: p.voice, Title: p.T("room.told"), None: p.T("room.told_none")}
	var posts []custody.PostID
	for _, d := range p.office.Desks {
		if d.Room == room {
			posts = append(posts, d.Post)
		}
	}
	if s.Notices == nil || len(posts) == 0 {
		return list, nil
	}
	told, err := s.Notices.Told(ctx, posts, shownItems)
	if err == nil {
		told, err = s.discreet(p.eyes).told(ctx, told)
	}
	if err != nil {
		return list, err
	}
	list.Lines, err = s.toldLines(ctx, p, told)
	return list, err
}

// toldLines words notices, each by the names of when it was told.
func (s *Server) toldLines(ctx context.Context, p speaker, told []Told) (lines []toldLine, err error) {
	for _, n := range told {
		then, err := s.asOf(ctx, p, n.Changed)
		if err != nil {
			return nil, err
		}
		lines = append(lines, then.told(n))
	}
	return lines, nil
}

// toldLine is a notice, worded.
type toldLine struct {
	Code    label.Code
	Number  string
	Secret  bool   // the file: a station says its digits and not its number
	To      string // post with its officer
	About   string // whose delay it is
	What    string
	At      string
	State   string // where it is not delivered
	Detail  string
	Channel string
}

// rebuilt is the detail of a delivery that was lost with its workflow.
const rebuilt = "rebuilt"

// told words a notice.
func (p speaker) told(n Told) toldLine {
	line := toldLine{
		Code: n.Notice.File, Number: n.Number, Secret: n.Class == custody.Secret, To: p.post(n.Notice.Post), About: p.desk(n.Notice.About),
		What: p.reason(custody.RungDue, n.Notice.Percent), At: p.clock(n.Changed), Detail: n.Detail, Channel: n.Notice.Channel,
	}
	switch {
	case n.Notice.Revision == 0:
		line.What = p.T("notice.stuck")
	case n.Notice.Withdrawn:
		line.What = p.T("notice.withdrawn")
	case n.Notice.Percent == 0:
		line.What = p.T("reason." + string(custody.HoldOver))
	}
	if n.State != "delivered" {
		line.State = p.T("delivery." + n.State)
	}
	if n.Detail == rebuilt {
		line.State, line.Detail = p.T("delivery.rebuilt"), ""
	}
	switch officer := p.officer(n.Notice.Officer); {
	case n.Notice.Post == "":
		line.To = officer
	case officer != "":
		line.To = fmt.Sprintf("%s (%s)", line.To, officer)
	}
	return line
}

// wire is the notice as a station shows it.
func (n toldLine) wire() wire.Notice {
	if n.Secret {
		n.Number = n.Code.Format()
	}
	return wire.Notice{Code: n.Code, Number: n.Number, What: n.What, To: n.To, At: n.At}
}
