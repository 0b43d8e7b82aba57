package web

import (
	"net/http"

	"harkara/internal/custody"
	"harkara/internal/people"
	"harkara/web/board"
	"harkara/web/gate"
)

// laneView is how late the decisions of a lane are.
type laneView struct {
	Waiting int     `json:"waiting"` // commands
	Late    float64 `json:"late"`    // seconds that the oldest has waited
}

// health answers whether this server can do its work: 503 where scans are not stored,
// since the ledger does not answer, refuses them, or has no room.
func (s *Server) health(w http.ResponseWriter, r *http.Request) error {
	h := s.board.Examined(r.Context())
	stores := s.storing.state()
	switch {
	case !h.LedgerAway.IsZero():
		return gate.WriteJSON(w, http.StatusServiceUnavailable, broken("ledger away", stores))
	case stores.Fails():
		return gate.WriteJSON(w, http.StatusServiceUnavailable, broken("scans are not stored", stores))
	}
	status := "ok"
	if stores.Trouble == board.DiskLow {
		status = "disk nearly full"
	}
	switch {
	case s.decides() != nil:
		status = "engine away"
	case h.Waiting > 0:
		status = "decisions wait"
	}
	known := s.board.Known(people.Sight{})
	lanes, waiting := map[string]laneView{}, 0
	for lane, of := range h.Lanes {
		view := laneView{Waiting: of.Commands}
		if of.Commands > 0 {
			view.Late = max(0, s.Now().Sub(of.Since).Seconds())
		}
		lanes[custody.LaneNames[lane]] = view
		waiting += of.Commands
	}
	view := map[string]any{
		"status": status, "waiting": waiting, "lanes": lanes, "quarantined": known.Stuck, "seq": known.Seq, "as_of": known.AsOf, "watchers": s.board.Watchers(),
	}
	if b := s.backupView(h.Backup); b != nil {
		view["backup"] = b
	}
	return gate.WriteJSON(w, http.StatusOK, view)
}

// broken is what whoever watches this server is told of why it can do nothing.
func broken(status string, stores board.Storage) map[string]any {
	out := map[string]any{"status": status}
	if stores.Trouble != "" {
		out["reason"] = stores.Trouble
	}
	if stores.Free >= 0 {
		out["free_bytes"] = stores.Free
	}
	return out
}
