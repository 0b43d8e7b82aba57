package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"harkara/internal/label"
	"harkara/scanner/gesture"
	"harkara/scanner/source"
	"harkara/scanner/spool"
	"harkara/web/lang"
	"harkara/web/wire"
)

// handler serves the page and, in the same shape as the office, the API that the
// page speaks: to it this machine is the office, which is never away.
func (a *agent) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/v1/scans", a.scans)
	mux.HandleFunc("POST /api/v1/images", a.images)
	mux.HandleFunc("GET /api/v1/station", a.station)
	mux.HandleFunc("GET /api/v1/events", a.events)
	mux.HandleFunc("GET /api/v1/status", a.status)
	mux.HandleFunc("GET /api/v1/drawer", a.drawer)
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) { fail(w, r, http.StatusNotFound, "not_found") })
	if a.kiosk != nil {
		a.page(mux, a.kiosk)
	}
	return guard(mux)
}

// guard keeps other sites out: their pages may lead their own names to this
// machine, or send here from theirs.
func guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
		origin := r.Header.Get("Origin")
		site := r.Header.Get("Sec-Fetch-Site")
		if !loopback(strings.ToLower(host)) || origin != "" && origin != "http://"+r.Host || site != "" && site != "same-origin" && site != "none" {
			fail(w, r, http.StatusForbidden, "forbidden")
			return
		}
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}

func fail(w http.ResponseWriter, r *http.Request, status int, code string) {
	reply(w, status, map[string]*wire.Problem{"error": problemIn(tongue(r), code)})
}

func problemIn(in lang.Tag, code string) *wire.Problem {
	return &wire.Problem{Code: code, Message: in.Text("error." + code)}
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // nobody listens any more
}

// scans keeps commands of the page: stored means that they are on this machine's
// disk and will be with the office. With ?wait= the office's own results stand in
// the answer, as far as they come in time.
func (a *agent) scans(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, wire.MaxScans))
	if err != nil {
		fail(w, r, http.StatusRequestEntityTooLarge, "too_large")
		return
	}
	parts, err := wire.Split(body)
	wait, bad := wire.Wait(r.URL.Query().Get("wait"))
	if err != nil || bad != nil {
		fail(w, r, http.StatusBadRequest, "malformed")
		return
	}
	results := make([]any, len(parts))
	expected := make([]<-chan json.RawMessage, len(parts))
	status := http.StatusOK
	page := spool.Moment(wire.ParseClock(r.Header.Get(wire.ClockHeader)))
	for i, raw := range parts {
		var c struct{ ID string }
		_ = json.Unmarshal(raw, &c) // Put says so
		forget := func() {}
		if c.ID != "" && wait > 0 {
			expected[i], forget = a.uplink.Expect(c.ID)
		}
		defer forget()
		res := wire.Result{ID: c.ID, Stored: true}
		switch _, err := a.spool.Put(raw, page); {
		case errors.Is(err, spool.ErrForm):
			res.Error, expected[i] = problemIn(tongue(r), "malformed"), nil
		case err != nil:
			a.noise.Error("a command is not kept", "a command is not kept: is the disk full?", "command", c.ID, "err", err)
			res.Stored, res.Error, expected[i] = false, problemIn(tongue(r), "not_stored"), nil
			status = http.StatusServiceUnavailable
		}
		results[i] = res
	}
	a.uplink.Wake()
	a.tellQueue()
	a.outcomes(r.Context(), wait, expected, results)
	answer := map[string]any{"results": results}
	if status != http.StatusOK {
		answer["error"] = problemIn(tongue(r), "not_stored")
	}
	reply(w, status, answer)
}

// outcomes puts the office's results in, as they come in time. While the office is
// away nobody waits.
func (a *agent) outcomes(ctx context.Context, wait time.Duration, expected []<-chan json.RawMessage, results []any) {
	away := a.uplink.Away()
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for i, c := range expected {
		if c == nil {
			continue
		}
		select {
		case raw := <-c: // known already, whether the office is there or not
			results[i] = a.answer(raw)
			continue
		default:
		}
		select {
		case raw := <-c:
			results[i] = a.answer(raw)
		case <-timer.C:
			return
		case <-away:
			return
		case <-ctx.Done():
			return
		case <-a.ending:
			return
		}
	}
	a.uplink.Refresh()
}

// answer is a result that a page tells its clerk.
func (a *agent) answer(raw json.RawMessage) json.RawMessage {
	var r struct{ ID string }
	if toneOfResult(raw) == wire.ToneDown && json.Unmarshal(raw, &r) == nil {
		a.knows(r.ID)
	}
	return raw
}

// images reads a photograph: with ?read it says what it shows, else it is a scan.
func (a *agent) images(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, wire.MaxImage))
	if err != nil {
		fail(w, r, http.StatusRequestEntityTooLarge, "too_large")
		return
	}
	code, method, bad := source.ReadPage(r.Context(), raw)
	if bad != "" {
		fail(w, r, http.StatusUnprocessableEntity, bad)
		return
	}
	if r.URL.Query().Has("read") {
		reply(w, http.StatusOK, map[string]label.Code{"code": code})
		return
	}
	if kind := code.Kind(); kind != label.File && kind != 0 { // an old cover's is somebody else's
		fail(w, r, http.StatusBadRequest, "not_a_file")
		return
	}
	id := r.URL.Query().Get("id")
	if id == "" {
		id = newID()
	}
	command, err := json.Marshal(gesture.Command{ID: id, Kind: gesture.Scan, Code: code, Method: method})
	if err != nil {
		panic("station: encode scan: " + err.Error()) // strings only
	}
	inner := r.Clone(r.Context())
	inner.Body = io.NopCloser(bytes.NewReader(command))
	a.scans(w, inner)
}
