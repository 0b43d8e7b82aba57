package main

import (
	"encoding/json"
	"net/http"
	"time"

	"harkara/scanner/spool"
	"harkara/scanner/uplink"
)

// queueState is what waits, and for whom.
type queueState struct {
	Waiting int           `json:"waiting"`
	Server  uplink.Status `json:"server"`
}

func (a *agent) queueState() queueState {
	waiting, err := a.spool.Waiting()
	if err != nil {
		a.noise.Error("spool does not answer", "spool does not answer", "err", err)
	}
	return queueState{waiting, a.uplink.State().Status}
}

// tellQueue tells pages what waits, where that is news.
func (a *agent) tellQueue() {
	q := a.queueState()
	a.mu.Lock()
	news := a.queued != q
	a.queued = q
	a.mu.Unlock()
	if news {
		a.hub.tell("queue", q)
	}
}

// now is how things are, for a page that has just come.
func (a *agent) now() (list []event) {
	add := func(name string, v any) {
		if raw, err := json.Marshal(v); err == nil {
			list = append(list, event{name, raw})
		}
	}
	add("queue", a.queueState())
	for _, s := range a.sourceStates() {
		add("source", s)
	}
	return list
}

// station answers as the office does about this station, with what waits here. While
// the office is away it is the office's last word.
func (a *agent) station(w http.ResponseWriter, _ *http.Request) {
	a.mu.Lock()
	view := map[string]json.RawMessage{}
	if err := json.Unmarshal(a.view, &view); err != nil {
		view = map[string]json.RawMessage{"room": []byte(`""`), "expected": []byte("[]"), "overdue": []byte("[]")} // none yet
	}
	a.mu.Unlock()
	q := a.queueState()
	// The page keeps what it gave to this machine, as this machine does for the
	// office: it gives it again when the spool is another.
	for name, v := range map[string]any{"station": a.id.Station, "waiting": q.Waiting, "server": q.Server, "epoch": a.spool.Lineage()} {
		raw, err := json.Marshal(v)
		if err != nil {
			panic("station: encode view: " + err.Error()) // strings and numbers
		}
		view[name] = raw
	}
	reply(w, http.StatusOK, view)
}

// statusView is the station for whoever looks after it.
type statusView struct {
	Station string `json:"station"`
	queueState
	Why     string        `json:"why,omitempty"`
	Since   time.Time     `json:"since"`
	Address string        `json:"address,omitempty"`
	Key     string        `json:"office_key"`
	Epoch   string        `json:"epoch,omitempty"`
	Drawer  int           `json:"drawer"`
	Counted int           `json:"counted,omitempty"` // of these, beyond the quota, that are not kept
	Sources []sourceState `json:"sources"`

	// How far the office's clock is ahead of this machine's, to within so much; in
	// seconds. Absent where it was not measured in this boot.
	Ahead  *float64 `json:"ahead_seconds,omitempty"`
	Within float64  `json:"within_seconds,omitempty"`
}

func (a *agent) statusView() (statusView, error) {
	drawer, err := a.spool.Drawer()
	if err != nil {
		return statusView{}, err
	}
	s, counted := a.uplink.State(), a.spool.Counted()
	v := statusView{
		Station: a.id.Station, queueState: a.queueState(), Why: s.Why, Since: s.Since.In(a.zone()), Address: s.Address, Key: a.id.Fingerprint(), Epoch: s.Epoch,
		Drawer: len(drawer) + counted, Counted: counted, Sources: a.sourceStates(),
	}
	if s.Clock.Boot != "" {
		ahead := s.Clock.Ahead.Seconds()
		v.Ahead, v.Within = &ahead, s.Clock.Within.Seconds()
	}
	return v, nil
}

func (a *agent) status(w http.ResponseWriter, r *http.Request) {
	v, err := a.statusView()
	if err != nil {
		a.noise.Error("spool does not answer", "spool does not answer", "err", err)
		fail(w, r, http.StatusInternalServerError, "internal")
		return
	}
	reply(w, http.StatusOK, v)
}

func (a *agent) drawer(w http.ResponseWriter, r *http.Request) {
	list, err := a.spool.Drawer()
	if err != nil {
		a.noise.Error("spool does not answer", "spool does not answer", "err", err)
		fail(w, r, http.StatusInternalServerError, "internal")
		return
	}
	if list == nil {
		list = []spool.Refused{}
	}
	for i := range list {
		list[i].At = list[i].At.In(a.zone())
	}
	reply(w, http.StatusOK, list)
}
