package web

import (
	"context"
	"net/http"
	"sync"
	"time"

	"harkara/internal/custody"
)

// health is what may keep a board from being true: the ledger that remembers, the
// engine that decides.
type health struct {
	checked    time.Time
	ledgerAway time.Time // since then; zero: it answers
	engineAway time.Time // since then; zero: it answers, or is not known here
	waiting    int       // commands that people wait for, once the oldest waits too long
	oldest     time.Time // since when that one does
	lanes      custody.Lanes[custody.Waiting]
}

// vitals is the health as last examined.
type vitals struct {
	mu sync.Mutex
	health
}

func (v *vitals) known() health {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.health
}

// examine looks at the health; err is how reading the ledger ended.
func (l *liveFeed) examine(ctx context.Context, err error) {
	var lanes custody.Lanes[custody.Waiting]
	if err == nil {
		lanes, err = l.server.Registry.Lanes(ctx)
	}
	if err == nil {
		err = l.summon(ctx)
	}
	now := l.server.Now()
	l.vitals.mu.Lock()
	defer l.vitals.mu.Unlock()
	h := &l.vitals.health
	h.checked = now
	l.examineEngine(h, now)
	was := h.ledgerAway
	switch {
	case err == nil:
		h.ledgerAway, h.lanes, h.waiting, h.oldest = time.Time{}, lanes, 0, time.Time{}
		if people := lanes[custody.People]; people.Commands > 0 && now.Sub(people.Since) > slow {
			h.waiting, h.oldest = people.Commands, people.Since
		}
		if !was.IsZero() {
			l.server.Log.Info("ledger answers again", "took", now.Sub(was))
		}
	case was.IsZero():
		h.ledgerAway = now
		l.server.Log.Warn("positions are not up to date: ledger does not answer", "err", err)
	}
}

// examineEngine asks whether the engine answers: stored commands need not wait long
// before that is said.
func (l *liveFeed) examineEngine(h *health, now time.Time) {
	if l.server.Decides == nil {
		return
	}
	switch err := l.server.Decides(); {
	case err == nil:
		h.engineAway = time.Time{}
	case h.engineAway.IsZero():
		h.engineAway = now
		l.server.Log.Warn("decisions wait: workflow engine does not answer", "err", err)
	}
}

// summon counts what waits for an administrator.
func (l *liveFeed) summon(ctx context.Context) error {
	if l.server.Quarantine == nil {
		return nil
	}
	stuck, err := l.server.Quarantine.Quarantined(ctx)
	if err == nil {
		l.stuck.Store(int64(len(stuck)))
	}
	return err
}

// laneView is how late the decisions of a lane are.
type laneView struct {
	Waiting int     `json:"waiting"` // commands
	Late    float64 `json:"late"`    // seconds that the oldest has waited
}

// current is how long what was examined stands for how it is.
const current = 3 * pulse

// health answers whether this server can do its work: 503 where the ledger does not
// answer. It tells what the beat has examined, so that it waits for nobody who looks at
// the board; where no beat did lately it looks for itself, briefly.
func (s *Server) health(w http.ResponseWriter, r *http.Request) error {
	h := s.live.vitals.known()
	if age := s.Now().Sub(h.checked); age < 0 || age > current {
		ctx, cancel := context.WithTimeout(r.Context(), brief)
		defer cancel()
		s.live.examine(ctx, nil)
		h = s.live.vitals.known()
	}
	if !h.ledgerAway.IsZero() {
		return writeJSON(w, http.StatusServiceUnavailable, map[string]string{"status": "ledger away"})
	}
	status := "ok"
	switch {
	case s.Decides != nil && s.Decides() != nil:
		status = "engine away"
	case h.waiting > 0:
		status = "decisions wait"
	}
	snap := s.live.positions.snapshot()
	lanes, waiting := map[string]laneView{}, 0
	for lane, of := range h.lanes {
		view := laneView{Waiting: of.Commands}
		if of.Commands > 0 {
			view.Late = max(0, s.Now().Sub(of.Since).Seconds())
		}
		lanes[custody.LaneNames[lane]] = view
		waiting += of.Commands
	}
	return writeJSON(w, http.StatusOK, map[string]any{
		"status": status, "waiting": waiting, "lanes": lanes, "quarantined": s.live.stuck.Load(), "seq": snap.seq, "as_of": snap.asOf, "watchers": s.live.hub.Watchers(),
	})
}
