package web

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"harkara/internal/custody"
	"harkara/web/gate"
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
	storage    storage
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
		lanes, err = l.server.Feed.Lanes(ctx)
	}
	if err == nil {
		err = l.summon(ctx)
	}
	now := l.server.Now()
	l.vitals.mu.Lock()
	defer l.vitals.mu.Unlock()
	h := &l.vitals.health
	h.checked = now
	l.examineStorage(h)
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

// examineStorage says when storing ends, and when it goes on.
func (l *liveFeed) examineStorage(h *health) {
	was, is := h.storage, l.server.storing.state()
	h.storage = is
	switch {
	case is.trouble == was.trouble:
	case is.fails():
		l.server.Log.Error("scans are not stored", "why", is.trouble, "free_bytes", is.free)
	case is.trouble == diskLow:
		l.server.Log.Warn("the ledger's disk is nearly full: make room on it", "free_bytes", is.free)
	case was.fails():
		l.server.Log.Info("scans are stored again", "free_bytes", is.free)
	}
}

// ErrStarting is what Config.Decides says of an engine that is not up yet and may be at
// any moment.
var ErrStarting = errors.New("the workflow engine is not up yet")

// examineEngine asks whether the engine answers: stored commands need not wait long
// before that is said.
func (l *liveFeed) examineEngine(h *health, now time.Time) {
	if l.server.Decides == nil {
		return
	}
	was := h.engineAway
	switch err := l.server.Decides(); {
	case err == nil:
		h.engineAway = time.Time{}
	case was.IsZero() && errors.Is(err, ErrStarting):
		h.engineAway = now
		l.server.Log.Info("decisions wait until the workflow engine is up")
	case was.IsZero():
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

// health answers whether this server can do its work: 503 where scans are not stored,
// since the ledger does not answer, refuses them, or has no room. It tells what the beat has examined, so that it waits for nobody who looks at
// the board; where no beat did lately it looks for itself, briefly.
func (s *Server) health(w http.ResponseWriter, r *http.Request) error {
	h := s.live.vitals.known()
	if age := s.Now().Sub(h.checked); age < 0 || age > current {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), brief) // who asks may be gone
		defer cancel()
		s.live.examine(ctx, nil)
		h = s.live.vitals.known()
	}
	stores := s.storing.state()
	switch {
	case !h.ledgerAway.IsZero():
		return gate.WriteJSON(w, http.StatusServiceUnavailable, broken("ledger away", stores))
	case stores.fails():
		return gate.WriteJSON(w, http.StatusServiceUnavailable, broken("scans are not stored", stores))
	}
	status := "ok"
	if stores.trouble == diskLow {
		status = "disk nearly full"
	}
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
	return gate.WriteJSON(w, http.StatusOK, map[string]any{
		"status": status, "waiting": waiting, "lanes": lanes, "quarantined": s.live.stuck.Load(), "seq": snap.seq, "as_of": snap.asOf, "watchers": s.live.hub.Watchers(),
	})
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
