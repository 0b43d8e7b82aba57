package main

import (
	"cmp"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"harkara/internal/label"
	"harkara/scanner/gesture"
	"harkara/scanner/uplink"
	"harkara/web/wire"
)

// office is a double of the office: it proves itself, enrols, and stores each
// command once, whatever it answers.
type office struct {
	key     ed25519.PrivateKey
	station string

	mu       sync.Mutex
	token    string
	epoch    string
	stored   []stored
	times    map[string]int                               // that a command was sent
	requests int                                          // of scans
	fault    func(n int, w http.ResponseWriter) (ok bool) // after storing; ok: answer as usual
	codes    map[string]bool                              // one-time codes
	deaf     int                                          // enrolments that are done but not answered
	refused  string                                       // refusals that its view lists, as JSON
	cards    string                                       // names that its view lists, as JSON
	expected string                                       // files that its view lists, as JSON
	say      func(stored) wire.Say                        // to a scan; nil: yes
}

// stored is a command as the office got it.
type stored struct {
	ID   string       `json:"id"`
	Kind string       `json:"kind"`
	Code label.Code   `json:"code"`
	With gesture.With `json:"with"`
	At   struct {
		Boot string `json:"boot"`
		Seq  int64  `json:"seq"`
	} `json:"at"`
}

// desk is the desk card that a scan says beside, and nothing else.
func (s stored) desk() (code label.Code) {
	if s.With == "" {
		return ""
	}
	var with map[string]label.Code
	if err := json.Unmarshal([]byte(s.With), &with); err != nil || len(with) != 1 {
		return label.Code(s.With)
	}
	return with["desk"]
}

func newOffice(t *testing.T) *office {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &office{key: key, station: "st-7", token: "the token", epoch: "first", times: map[string]int{}, codes: map[string]bool{}}
}

func (o *office) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case r.URL.Path == "/api/v1/office":
		now := time.Now().UTC().Format(time.RFC3339Nano)
		statement := wire.Statement(r.URL.Query().Get("challenge"), r.Host, o.epoch, now)
		_ = json.NewEncoder(w).Encode(map[string]any{"epoch": o.epoch, "now": now, "signature": ed25519.Sign(o.key, statement)})
	case r.URL.Path == "/api/v1/enrol":
		o.enrol(w, r)
	case r.Header.Get("Authorization") != "Bearer "+o.token:
		w.WriteHeader(http.StatusUnauthorized)
	case r.URL.Path == "/api/v1/station":
		fmt.Fprintf(w, `{"station":"st-7","room":"Room 7","east":-12600,"expected":[%s],"overdue":[],"refused":[%s],"cards":{%s}}`, cmp.Or(o.expected, `{"number":"SO(B) 1"}`), o.refused, o.cards)
	default:
		o.scans(w, r)
	}
}

func (o *office) enrol(w http.ResponseWriter, r *http.Request) {
	var ask struct{ Code, Token string }
	if err := json.NewDecoder(r.Body).Decode(&ask); err != nil || !o.codes[ask.Code] && ask.Token != o.token {
		fail(w, r, http.StatusForbidden, "no_invitation")
		return
	}
	delete(o.codes, ask.Code)
	o.token = ask.Token
	if o.deaf--; o.deaf >= 0 {
		panic(http.ErrAbortHandler)
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"station": o.station, "key": o.key.Public()})
}

func (o *office) scans(w http.ResponseWriter, r *http.Request) {
	var commands []stored
	if err := json.NewDecoder(r.Body).Decode(&commands); err != nil {
		fail(w, r, http.StatusBadRequest, "malformed")
		return
	}
	results := []map[string]any{}
	for _, c := range commands {
		if o.times[c.ID]++; o.times[c.ID] == 1 {
			o.stored = append(o.stored, c)
		}
		if c.Code.Kind() == 0 && o.say == nil { // a label that is no file's
			results = append(results, map[string]any{"id": c.ID, "stored": true, "error": wire.Problem{Code: "foreign", Message: "No file has this code"}})
			continue
		}
		said := wire.Say{Tone: wire.ToneUp, Word: map[bool]string{false: "Yes", true: "ہاں"}[r.URL.Query().Get("lang") == "ur"], Headline: "Received", Next: "Keep it"}
		if o.say != nil {
			said = o.say(c)
		}
		results = append(results, map[string]any{"id": c.ID, "stored": true, "say": said})
	}
	o.requests++
	if o.fault == nil || o.fault(o.requests, w) {
		_ = json.NewEncoder(w).Encode(map[string]any{"results": results})
	}
}

// serve puts the office on the network at an address that stays the same.
func (o *office) serve(t *testing.T, address string) (at string, stop func()) {
	t.Helper()
	if address == "" {
		address = "127.0.0.1:0"
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: o}}
	server.Start()
	stop = sync.OnceFunc(func() { server.CloseClientConnections(); server.Close() })
	t.Cleanup(stop)
	return listener.Addr().String(), stop
}

// enrolled makes a data folder of a station of this office.
func (o *office) enrolled(t *testing.T, addresses ...string) string {
	t.Helper()
	dir := t.TempDir()
	id := uplink.Identity{Station: o.station, Token: o.token, Key: o.key.Public().(ed25519.PublicKey), Addresses: addresses}
	raw, err := json.Marshal(id)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, identityFile), raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func (o *office) has() []stored {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]stored(nil), o.stored...)
}

func (o *office) set(f func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	f()
}
