package web

import (
	"context"
	"net/http"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// shownItems bounds the lists of a kiosk: it is read standing.
const shownItems = 8

// stationView is what a kiosk shows beside its answers.
type stationView struct {
	Station  custody.StationID `json:"station"`
	Room     string            `json:"room"`
	Name     string            `json:"name"`
	Now      time.Time         `json:"now"`
	Epoch    string            `json:"epoch,omitempty"` // another than before: send again what is kept
	Expected []stationItem     `json:"expected"`
	Overdue  []stationItem     `json:"overdue"`
	Told     []stationNotice   `json:"told"`    // newest first
	Refused  []stationRefusal  `json:"refused"` // newest first

	Badges map[label.Code]badgeNotices `json:"badges"` // of runners

	// Overdrawn says, in words, that this station sends more than no file can take than
	// the office keeps whole.
	Overdrawn string `json:"overdrawn,omitempty"`
}

// stationItem is a file that should arrive or is overdue.
type stationItem struct {
	Code   label.Code `json:"code"`
	Number string     `json:"number"`
	From   string     `json:"from"` // where it comes from; overdue: who holds it
	Late   bool       `json:"late"`
}

// stationNotice is what a post of the room was told.
type stationNotice struct {
	Code   label.Code `json:"code"`
	Number string     `json:"number"`
	What   string     `json:"what"`
	To     string     `json:"to"`
	At     string     `json:"at"` // as the office's clocks show it
}

// stationRefusal is a scan of the station that was refused, whoever heard it then, and
// not repeated since.
type stationRefusal struct {
	ID   custody.CommandID `json:"id"`
	Code label.Code        `json:"code"` // as scanned
	What string            `json:"what"`
	At   string            `json:"at"` // when it was scanned, as the office's clocks show it
}

const (
	refusedFor  = 3 * 24 * time.Hour // that a refusal is listed: over a weekend
	refusedMost = 500                // that are listed
)

// stationView answers a station with its room: what is on its way there, and what
// is overdue in it.
func (s *Server) stationView(w http.ResponseWriter, r *http.Request) error {
	p, err := s.speaker(r.Context(), language(r))
	if err != nil {
		return err
	}
	station, ok := p.office.StationByID(stationOf(r))
	if !ok {
		return custody.ErrNotFound
	}
	st, err := s.live.latest(r.Context())
	if err != nil {
		return err
	}
	view := stationView{
		Station: station.ID, Room: p.room(station.Room), Name: p.named(station.Name), Now: p.now,
		Expected: []stationItem{}, Overdue: []stationItem{}, Told: []stationNotice{}, Refused: []stationRefusal{},
	}
	told, err := s.toldIn(r.Context(), p, station.Room)
	if err != nil {
		return err
	}
	for _, n := range told.Lines {
		view.Told = append(view.Told, stationNotice{n.Code, n.Number, n.What, n.To, n.At})
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
			view.Refused = append(view.Refused, stationRefusal{u.Outcome.Command, u.Code, p.T("reason."+string(u.Outcome.Reason), u.Outcome.Position.Rung), p.clock(u.Scanned)})
		}
	}
	view.Overdrawn = s.overdrawn(r.Context(), p, station.ID)
	if s.Seal != nil {
		if view.Epoch, err = s.Seal.Epoch(r.Context()); err != nil {
			return err
		}
	}
	sc := scope{view: onRoom, room: station.Room}
	for f := range st.inRoom(station.Room) {
		item := stationItem{Code: f.File.Code, Number: f.File.Number, From: p.room(f.Position.Room), Late: f.late}
		switch list := sc.list(sc.question(), f); {
		case list == "coming" && len(view.Expected) < shownItems:
			view.Expected = append(view.Expected, item)
		case list == "here" && f.late && len(view.Overdue) < shownItems:
			item.From = p.post(f.Position.Post)
			view.Overdue = append(view.Overdue, item)
		}
	}
	return writeJSON(w, http.StatusOK, view)
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

// broken is what whoever watches this server is told of why it can do nothing.
func broken(status string, stores storage) map[string]any {
	out := map[string]any{"status": status}
	if stores.trouble != "" {
		out["reason"] = stores.trouble
	}
	if stores.free >= 0 {
		out["free_bytes"] = stores.free
	}
	return out
}
