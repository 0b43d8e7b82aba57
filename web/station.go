package web

import (
	"context"
	"net/http"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/people"
	"harkara/web/board"
	"harkara/web/gate"
	"harkara/web/wire"
)

// Quota tells of stations that sent more than the drawer keeps whole, newest first;
// with an empty station of all of them.
type Quota interface {
	Overdrawn(ctx context.Context, station custody.StationID, limit int) ([]Overdrawn, error)
}

// Overdrawn is a station's day beyond its quota: how many records are kept whole, by
// length, digest and beginning, and by this number alone, and the bytes of all.
type Overdrawn struct {
	Station custody.StationID `json:"station"`
	Day     time.Time         `json:"day"` // midnight in UTC
	Whole   int64             `json:"whole"`
	Short   int64             `json:"short"`
	Counted int64             `json:"counted"`
	Bytes   int64             `json:"bytes"`
	Last    time.Time         `json:"last"`
}

// Refused is a refused command of a station, when it was scanned, and the code as scanned.
type Refused struct {
	Code    label.Code
	Outcome custody.Outcome
	Scanned time.Time
}

// shownItems bounds the lists of a kiosk: it is read standing.
const shownItems = 8

const (
	refusedFor  = 3 * 24 * time.Hour // that a refusal is listed: over a weekend
	refusedMost = 500                // that are listed
)

// stationView answers a station with its room: what is on its way there, and what
// is overdue in it.
func (s *Server) stationView(w http.ResponseWriter, r *http.Request) error {
	p, err := s.speaker(r.Context(), gate.Language(r), people.Office)
	if err != nil {
		return err
	}
	station, ok := p.office.StationByID(gate.Of(r).Station)
	if !ok {
		return custody.ErrNotFound
	}
	st, err := s.board.Latest(r.Context(), people.Office)
	if err != nil {
		return err
	}
	view := wire.View{
		Station: string(station.ID), Room: p.room(station.Room), Name: p.named(station.Name), Now: p.now, East: east(p.office),
		Expected: []wire.Item{}, Overdue: []wire.Item{}, Told: []wire.Notice{}, Refused: []wire.Refusal{},
	}
	told, err := s.toldIn(r.Context(), p, station.Room)
	if err != nil {
		return err
	}
	view.Cards = p.cards()
	for _, n := range told.Lines {
		view.Told = append(view.Told, n.wire())
	}
	if view.Badges, err = s.toldByBadge(r.Context(), p); err != nil {
		return err
	}
	if s.Archive != nil {
		refused, err := s.Archive.RefusedAt(r.Context(), station.ID, refusedFor, refusedMost)
		if err != nil { // scans go on without the list
			s.noise.Warn("refusals are not listed", "refusals are not listed", "station", station.ID, "err", err)
		}
		for _, u := range refused {
			line := wire.Refusal{ID: string(u.Outcome.Command), Code: u.Code, What: p.reason(u.Outcome.Reason, u.Outcome.Position.Rung), At: p.clock(u.Scanned)}
			if row, ok := s.board.File(u.Outcome.Position.File); ok && row.File.Class != custody.Secret && u.Outcome.Reason != custody.NotRegistered {
				line.Number = row.File.Number
			}
			view.Refused = append(view.Refused, line)
		}
	}
	view.Overdrawn = s.overdrawn(r.Context(), p, station.ID)
	if s.Seal != nil {
		if view.Epoch, err = s.Seal.Epoch(r.Context()); err != nil {
			return err
		}
	}
	for list, f := range st.InRoom(station.Room) {
		item := wire.Item{Code: f.File.Code, Number: f.File.Number, Codes: f.Codes, From: p.room(f.Position.Room), Late: board.Overdue(f, p.now)}
		if f.File.Class == custody.Secret {
			item.Number = present(*f).Format()
		}
		switch {
		case list == "coming" && len(view.Expected) < shownItems:
			view.Expected = append(view.Expected, item)
		case list == "here" && item.Late && len(view.Overdue) < shownItems:
			item.From = p.post(f.Position.Post)
			view.Overdue = append(view.Overdue, item)
		}
	}
	return gate.WriteJSON(w, http.StatusOK, view)
}

// cards says what each of the office's cards stands for.
func (p speaker) cards() map[label.Code]string {
	cards := map[label.Code]string{}
	for _, d := range p.office.Desks {
		cards[d.Code] = p.comma(p.desk(d.ID), p.room(d.Room))
	}
	for _, o := range p.office.Officers {
		if o.Role == custody.RoleRunner {
			cards[o.Code] = p.named(o.Name)
		}
	}
	for _, h := range p.office.Holds {
		cards[h.Code] = p.named(h.Name)
	}
	for _, reason := range p.office.Reasons {
		cards[reason.Code] = p.named(reason.Name)
	}
	return cards
}

const overdrawnFor = 24 * time.Hour // that a station is told so after its last record

// overdrawn words what a station put into the drawer beyond its quota, of late.
func (s *Server) overdrawn(ctx context.Context, p speaker, id custody.StationID) string {
	if s.Quota == nil {
		return ""
	}
	days, err := s.Quota.Overdrawn(ctx, id, 1)
	if err != nil { // scans go on without it
		s.noise.Warn("quotas are not known", "quotas of the drawer are not known", "station", id, "err", err)
	}
	if len(days) == 0 || p.now.Sub(days[0].Last) > overdrawnFor {
		return ""
	}
	return p.T("kiosk.overdrawn", days[0].Whole+days[0].Short+days[0].Counted)
}
