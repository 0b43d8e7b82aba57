package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"harkara/internal/custody"
	"harkara/internal/demo"
	"harkara/internal/engine/postgres"
	"harkara/internal/engine/postgres/pgtest"
	"harkara/internal/ledger"
	"harkara/internal/people"
	"harkara/web"
	"harkara/web/wire"
)

// realOffice is the office's own server on a real PostgreSQL. Nothing decides here:
// what is stored waits.
type realOffice struct {
	t       *testing.T
	store   *ledger.Store
	handler http.Handler
	admin   string
}

func newRealOffice(t *testing.T) *realOffice {
	t.Helper()
	url := pgtest.Database(t, "")
	if err := ledger.Migrate(t.Context(), url(postgres.Owner)); err != nil {
		t.Fatal(err)
	}
	store, err := ledger.Open(t.Context(), url(postgres.App), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	if err := store.SetOffice(t.Context(), demo.Sample(1), "a test", ""); err != nil {
		t.Fatal(err)
	}
	door := people.NewDoor(store.People(), time.Now)
	if _, err := door.Add(t.Context(), people.Person{ID: "admin", Grants: []people.Grant{{Role: people.Administrator}}}, "a test"); err != nil {
		t.Fatal(err)
	}
	admin, err := door.Issue(t.Context(), "admin", time.Now().Add(time.Hour), "a test")
	if err != nil {
		t.Fatal(err)
	}
	server, err := web.New(web.Config{Intake: store, Commands: store, Registry: store, Feed: store, Directory: store, Seal: store, Enrolment: store, People: store.People()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); server.Run(ctx) }()
	t.Cleanup(func() { stop(); <-done })
	return &realOffice{t, store, server.Handler(), admin}
}

// serve puts it on the network; an empty address is a new one.
func (o *realOffice) serve(address string) (at string, stop func()) {
	o.t.Helper()
	if address == "" {
		address = "127.0.0.1:0"
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		o.t.Fatal(err)
	}
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: o.handler}}
	server.Start()
	stop = sync.OnceFunc(func() { server.CloseClientConnections(); server.Close() })
	o.t.Cleanup(stop)
	return listener.Addr().String(), stop
}

// invite asks for a one-time code as an administrator does.
func (o *realOffice) invite(at string, station custody.StationID) (code string) {
	o.t.Helper()
	req, err := http.NewRequestWithContext(o.t.Context(), http.MethodPost, "http://"+at+"/api/v1/stations/"+string(station)+"/invitation", nil)
	if err != nil {
		o.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+o.admin)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		o.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	var out struct{ Code string }
	if err != nil || resp.StatusCode != http.StatusOK || json.Unmarshal(raw, &out) != nil {
		o.t.Fatal(resp.Status, string(raw), err)
	}
	return out.Code
}

// stored is how many commands the ledger has.
func (o *realOffice) stored() int {
	o.t.Helper()
	n, _, err := o.store.Backlog(o.t.Context())
	if err != nil {
		o.t.Fatal(err)
	}
	return n
}

// A machine enrols at the real server, scans while it is there and while it is not,
// and the ledger has each scan once; after a restore it is told again and still has
// each once.
func TestRealOffice(t *testing.T) {
	o := newRealOffice(t)
	at, down := o.serve("")
	station := demo.Sample(1).Stations[0].ID
	data := filepath.Join(t.TempDir(), "station")
	var out bytes.Buffer
	if code := run(t.Context(), []string{"enrol", "--data", data, "--server", "http://" + at, o.invite(at, station)}, nil, &out, &out); code != exitOK || !strings.Contains(out.String(), string(station)) {
		t.Fatal(code, out.String())
	}
	s := startStation(t, data)
	s.until("ok", func(v statusView) bool { return v.Server == "ok" })
	if line := s.read(file(1)); !strings.HasPrefix(line, wire.ToneSoft+" ") { // stored, and nobody decides
		t.Error(line)
	}
	var view struct{ Room, Epoch string }
	if code, raw := s.call(http.MethodGet, "/api/v1/station", ""); code != http.StatusOK || json.Unmarshal(raw, &view) != nil || view.Room == "" {
		t.Errorf("%d %s", code, raw)
	}
	down()
	for n := range uint64(20) {
		s.read(file(100 + n))
	}
	if _, raw := s.call(http.MethodPost, "/api/v1/scans", `{"id":"018f5b6e-0000-7000-8000-000000000001","kind":"close","code":"`+file(1)+`"}`); !strings.Contains(string(raw), `"stored":true`) {
		t.Error(string(raw))
	}
	_, down = o.serve(at)
	s.until("all delivered", func(v statusView) bool { return v.Waiting == 0 && v.Server == "ok" })
	if n := o.stored(); n != 21 {
		t.Errorf("the ledger has %d scans, want 21", n)
	}
	if v := s.status(); v.Drawer != 1 {
		t.Errorf("what no station may is not in the drawer: %+v", v)
	}
	drawn, err := o.store.Drawer(t.Context(), 10)
	if err != nil || len(drawn) != 1 {
		t.Error(drawn, err)
	}

	before := s.status().Epoch
	if err := o.store.BeginEpoch(t.Context(), "a test"); err != nil {
		t.Fatal(err)
	}
	down()
	o.serve(at)
	if line := s.read(file(1000)); !strings.HasPrefix(line, wire.ToneKept+" ") && !strings.HasPrefix(line, wire.ToneSoft+" ") {
		t.Error(line)
	}
	s.until("told again", func(v statusView) bool { return v.Epoch != before && v.Waiting == 0 })
	if n := o.stored(); n != 22 {
		t.Errorf("the ledger has %d scans after all were sent again, want 22", n)
	}
	beats, err := o.store.Heartbeats(t.Context())
	if err != nil || time.Since(beats[station]) > time.Minute {
		t.Error("its heartbeat is not known: ", beats, err)
	}
	if !strings.Contains(s.log.String(), "sent again") {
		t.Error("nothing was sent again: ", s.log)
	}
	o.aged(22, time.Minute)
}

// aged checks that the office knows how old every scan was by the station's clocks.
func (o *realOffice) aged(n int, most time.Duration) {
	o.t.Helper()
	work, err := o.store.Lease(o.t.Context(), "a test", custody.Each(100), time.Minute)
	if err != nil || len(work) != n {
		o.t.Fatal(len(work), err)
	}
	for _, w := range work {
		if !w.Age.Known || !w.Age.Exact || w.Age.Span > most {
			o.t.Errorf("scan of %s at %+v: age %+v", w.Command.Code, w.Command.At, w.Age)
		}
	}
}

// A spool that was torn numbers anew; the clock is the same.
func TestAgeAfterATornSpool(t *testing.T) {
	o := newRealOffice(t)
	at, _ := o.serve("")
	data := filepath.Join(t.TempDir(), "station")
	var out bytes.Buffer
	if code := run(t.Context(), []string{"enrol", "--data", data, "--server", "http://" + at, o.invite(at, demo.Sample(1).Stations[0].ID)}, nil, &out, &out); code != exitOK {
		t.Fatal(code, out.String())
	}
	id, _, err := loadIdentity(data, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, spoolFile(id)), bytes.Repeat([]byte("torn"), 4096), 0o600); err != nil {
		t.Fatal(err)
	}
	s := startStation(t, data)
	s.until("ok", func(v statusView) bool { return v.Server == "ok" })
	s.read(file(1))
	s.until("delivered", func(v statusView) bool { return v.Waiting == 0 && o.stored() == 1 })
	o.aged(1, time.Minute)
}
