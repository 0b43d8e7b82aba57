package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"harkara/internal/chromium"
	"harkara/internal/custody"
	"harkara/web/gate"
)

// following serves an office whose feed is followed.
func following(t *testing.T, demo bool) (*running, string) {
	t.Helper()
	r := open(t, demo)
	return r, r.follow()
}

// follow begins to follow the feed, and serves.
func (r *running) follow() (url string) {
	ctx, stop := context.WithCancel(r.t.Context())
	done := make(chan struct{})
	go func() { defer close(done); r.server.Run(ctx) }()
	s := httptest.NewServer(r.handler)
	r.t.Cleanup(func() { stop(); <-done; s.Close() })
	return s.URL
}

func watch(t *testing.T, url string, headers http.Header) *websocket.Conn {
	t.Helper()
	conn, resp, err := websocket.DefaultDialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(url, "http"), headers)
	if err != nil {
		t.Fatal(err, resp)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// update is what comes over a socket.
type update struct {
	Seq    int64
	Deltas []struct {
		Seq      int64
		ID, HTML string
	}
	Reset bool
}

// next reads messages until one tells of id, and returns it and its HTML.
func next(t *testing.T, conn *websocket.Conn, id string) (update, string) {
	t.Helper()
	for {
		m := updateOf(t, conn)
		for _, d := range m.Deltas {
			if d.ID == id {
				return m, d.HTML
			}
		}
	}
}

func updateOf(t *testing.T, conn *websocket.Conn) (m update) {
	t.Helper()
	conn.SetReadDeadline(time.Now().Add(chromium.Patience))
	_, raw, err := conn.ReadMessage()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestLiveFeedTellsWhatMoves(t *testing.T) {
	r, url := following(t, true)
	code := r.file("SO(Dev) 1/2026", hostile)
	_, seq, _ := r.Board(t.Context())
	at := url + "/api/v1/live?after=" + strconv.FormatInt(seq, 10)
	board, here, elsewhere, file := watch(t, at, nil), watch(t, at+"&scope=room&room=a-303", nil), watch(t, at+"&scope=room&room=b-105", nil), watch(t, at+"&scope=file&code="+string(code), nil)
	urdu := watch(t, at+"&lang=ur", nil)
	r.scan(code, "a-303", custody.Context{})
	m, row := next(t, board, "f"+string(code))
	if m.Seq != seq+1 || !strings.Contains(row, "Room 303") || strings.Contains(row, "<img src=x") {
		t.Errorf("seq %d: %s", m.Seq, row)
	}
	if _, row := next(t, urdu, "f"+string(code)); !strings.Contains(row, "کمرہ 303") {
		t.Error(row)
	}
	if _, row := next(t, here, "f"+string(code)); !strings.Contains(row, `data-list="here"`) {
		t.Error(row)
	}
	if _, story := next(t, file, "story"); !strings.Contains(story, "Room 303") {
		t.Error(story)
	}
	r.scan(code, "b-105", custody.Context{})
	if _, row := next(t, here, "f"+string(code)); row != "" {
		t.Error("a file that left is still in its room:", row)
	}
	for row := ""; row == ""; { // told first, perhaps, that it is not there: it was opened and moved at once
		_, row = next(t, elsewhere, "f"+string(code))
	}
}

// What happened while a page was away is told when it comes back, each file once
// and as it is now; what is too far back, or of another ledger, begins again.
func TestLiveFeedResumes(t *testing.T) {
	r, url := following(t, true)
	a, b := r.file("1/2026", ""), r.file("2/2026", "")
	_, seq, _ := r.Board(t.Context())
	r.scan(a, "a-303", custody.Context{})
	r.scan(a, "a-104", custody.Context{})
	r.scan(b, "a-303", custody.Context{})
	conn := watch(t, url+"/api/v1/live?after="+strconv.FormatInt(seq, 10), nil)
	rows := map[string]string{}
	for m := (update{}); m.Seq < seq+3; { // the ledger may be a message ahead
		m = updateOf(t, conn)
		told := map[string]bool{}
		for _, d := range m.Deltas {
			if told[d.ID] {
				t.Error(d.ID, "twice in a frame")
			}
			told[d.ID] = true
			if strings.HasPrefix(d.ID, "f") {
				rows[d.ID] = d.HTML
			}
		}
	}
	if len(rows) != 2 || !strings.Contains(rows["f"+string(a)], "Room 104") || !strings.Contains(rows["f"+string(b)], "Room 303") {
		t.Errorf("%v", rows)
	}
	if m := updateOf(t, watch(t, url+"/api/v1/live?after="+strconv.FormatInt(seq+1000, 10), nil)); !m.Reset {
		t.Errorf("of another ledger: %+v", m)
	}
}

// A deadline passes without anything happening to the file: the board says so.
func TestLiveFeedTellsOfBreaches(t *testing.T) {
	r, url := following(t, true)
	code := r.file("1/2026", "")
	_, seq, _ := r.Board(t.Context())
	conn := watch(t, url+"/api/v1/live?show=overdue&after="+strconv.FormatInt(seq, 10), nil)
	r.clock.wait(26 * time.Hour)
	if _, row := next(t, conn, "f"+string(code)); !strings.Contains(row, "late") {
		t.Error(row)
	}
}

// A ledger that does not answer makes the board old, and says so; it is live again
// when the ledger is.
func TestLiveFeedSaysWhenTheLedgerIsAway(t *testing.T) {
	r, url := following(t, true)
	r.file("1/2026", "")
	conn := watch(t, url+"/api/v1/live?after=1", nil)
	r.mu.Lock()
	r.away = errors.New("no route to host")
	r.ring()
	r.mu.Unlock()
	told := func(away bool) {
		t.Helper()
		for {
			if _, health := next(t, conn, "health"); strings.Contains(health, " hidden") != away {
				return
			}
		}
	}
	told(true)
	if w := r.call("GET", "/", ""); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "1/2026") {
		t.Errorf("the board shows what was last known: %d", w.Code)
	}
	if w := r.call("GET", "/healthz", ""); w.Code != http.StatusServiceUnavailable {
		t.Errorf("healthy without a ledger: %d", w.Code)
	}
	r.mu.Lock()
	r.away = nil
	r.ring()
	r.mu.Unlock()
	told(false)
}

func TestLiveFeedIsGuarded(t *testing.T) {
	r, address := following(t, false)
	_ = r
	dial := func(headers http.Header) int {
		_, resp, err := websocket.DefaultDialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(address, "http")+"/api/v1/live?after=0", headers)
		if err == nil {
			return http.StatusSwitchingProtocols
		}
		return resp.StatusCode
	}
	host := (&url.URL{Scheme: "http", Host: strings.TrimPrefix(address, "http://")}).String()
	for _, tt := range []struct {
		name    string
		headers http.Header
		status  int
	}{
		{"nobody", nil, 401},
		{"a station", http.Header{"Authorization": {"Bearer " + doorToken}}, 403},
		{"an administrator", http.Header{"Authorization": {"Bearer " + adminToken}}, 101},
		{"an administrator's browser", http.Header{"Cookie": {gate.Session + "=" + adminToken}, "Origin": {host}}, 101},
		{"another site in his browser", http.Header{"Cookie": {gate.Session + "=" + adminToken}, "Origin": {"https://example.org"}}, 403},
	} {
		if got := dial(tt.headers); got != tt.status {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.status)
		}
	}
}
