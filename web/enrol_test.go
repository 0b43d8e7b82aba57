package web

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"harkara/internal/custody"
	"harkara/scanner/uplink"
	"harkara/web/wire"
)

// sealed is an office's key and its one-time codes in memory.
type sealed struct {
	*memory
	key   ed25519.PrivateKey
	codes map[string]custody.StationID
	epoch string
}

func (s *sealed) OfficeKey(context.Context) (ed25519.PublicKey, error) {
	return s.key.Public().(ed25519.PublicKey), nil
}
func (s *sealed) Epoch(context.Context) (string, error) { return s.epoch, nil }
func (s *sealed) Sign(_ context.Context, m []byte) ([]byte, error) {
	return ed25519.Sign(s.key, m), nil
}

func (s *sealed) Invite(_ context.Context, id custody.StationID) (string, time.Time, error) {
	code := fmt.Sprintf("%012d", len(s.codes)+7)
	s.codes[code] = id
	return code, s.now().Add(24 * time.Hour), nil
}

func (s *sealed) Redeem(_ context.Context, code, token string) (custody.StationID, error) {
	id, ok := s.codes[code]
	if !ok {
		return "", custody.ErrNotFound
	}
	delete(s.codes, code)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens[token] = id
	return id, nil
}

// openSealed is an office that proves itself and enrols.
func openSealed(t *testing.T) (*running, *sealed) {
	t.Helper()
	r := open(t, false)
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	s := &sealed{memory: r.memory, key: key, codes: map[string]custody.StationID{}, epoch: "first"}
	r.server.Seal, r.server.Enrolment = s, s
	return r, s
}

// A machine is invited by an administrator, enrols itself with the code, and the
// office that it then speaks with takes its scans.
func TestAMachineBecomesAStation(t *testing.T) {
	r, s := openSealed(t)
	server := httptest.NewServer(r.handler)
	defer server.Close()
	w := r.call(http.MethodPost, "/api/v1/stations/"+string(door)+"/invitation", "", bearer(adminToken)...)
	var invited invitation
	if err := json.Unmarshal(w.Body.Bytes(), &invited); err != nil || w.Code != http.StatusOK || invited.Code != "0000 0000 0007" {
		t.Fatal(w.Code, w.Body, err)
	}
	urdu := strings.NewReplacer("0", "۰", "7", "۷").Replace(invited.Code) // as somebody may type it
	id, err := uplink.Enrol(t.Context(), server.URL, urdu, uplink.NewToken())
	if err != nil || id.Station != string(door) || id.Fingerprint() != invited.Fingerprint || len(id.Addresses) != 1 || id.Addresses[0] != server.URL {
		t.Fatalf("%+v, %v", id, err)
	}
	if _, err := uplink.Enrol(t.Context(), server.URL, invited.Code, uplink.NewToken()); err == nil || !strings.Contains(err.Error(), "ask for a new one") {
		t.Error("a code is good twice: ", err)
	}

	code := r.file("SO(B) 1/2026", "Budget")
	one := uuid.NewString()
	q := &queue{items: []uplink.Item{{Key: 1, Body: []byte(scanJSON(one, code))}, {Key: 2, Body: []byte(`{"id":"` + uuid.NewString() + `","kind":"close"}`)}}}
	began := time.Now()
	up, err := uplink.New(uplink.Config{
		Addresses: id.Addresses, Key: id.Key, Token: id.Token, Queue: q, Language: "ur", Dial: (&net.Dialer{}).DialContext,
		Clock: func() uplink.Moment {
			return uplink.Moment{Wall: time.Now(), Boot: "b", Monotonic: time.Since(began)}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	answer, forget := up.Expect(one)
	defer forget()
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { up.Run(ctx) })
	defer running.Wait()
	defer stop()
	live, end := context.WithCancel(t.Context())
	running.Go(func() { r.server.Run(live) })
	defer end()

	var got result
	select {
	case raw := <-answer:
		if err := json.Unmarshal(raw, &got); err != nil {
			t.Fatal(err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("no answer; ", up.State())
	}
	if got.Say == nil || got.Say.Tone != "up" || !got.Stored {
		t.Errorf("%+v", got)
	}
	if drawn := q.drawn(); drawn != "forbidden" && drawn != "malformed" {
		t.Errorf("the office's drawer is not the station's: %q", drawn)
	}
	if up.State().Epoch != s.epoch {
		t.Error(up.State().Epoch)
	}
}

// queue is a station's, in memory.
type queue struct {
	mu     sync.Mutex
	items  []uplink.Item
	sent   uint64
	reason string
}

func (q *queue) Next(limit int) ([]uplink.Item, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.items[q.sent:], nil
}

func (q *queue) Delivered(through uint64, _ time.Time) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.sent = through
	return nil
}

func (q *queue) Refuse(_ uint64, reason string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.reason = reason
	return nil
}
func (q *queue) Epoch(string) (int, error) { return 0, nil }

func (q *queue) drawn() string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.reason
}

func TestProof(t *testing.T) {
	r, s := openSealed(t)
	challenge := strings.Repeat("c", 26)
	ask := func() (int, wire.Proof) {
		t.Helper()
		w := r.call(http.MethodGet, "/api/v1/office?challenge="+challenge, "")
		var p wire.Proof
		_ = json.Unmarshal(w.Body.Bytes(), &p) // an error is no proof
		return w.Code, p
	}
	public := s.key.Public().(ed25519.PublicKey)
	if code, p := ask(); code != http.StatusOK || !ed25519.Verify(public, wire.Statement(challenge, "localhost", "first", p.Now), p.Signature) {
		t.Errorf("%d %+v", code, p)
	}
	r.server.Addresses = []string{"http://10.1.1.5:8470"}
	if code, _ := ask(); code != http.StatusForbidden {
		t.Error("it proves itself under another's name: ", code)
	}
	r.server.Addresses = append(r.server.Addresses, "http://LOCALHOST")
	if code, _ := ask(); code != http.StatusOK {
		t.Error(code)
	}
	for _, bad := range []string{"", "short", strings.Repeat("x", 500), strings.Repeat("a", 20) + "%0aforged"} {
		if w := r.call(http.MethodGet, "/api/v1/office?challenge="+bad, ""); w.Code != http.StatusBadRequest {
			t.Errorf("challenge %q: %d", bad, w.Code)
		}
	}
	r.server.Seal = nil
	if code, _ := ask(); code != http.StatusNotFound {
		t.Error("proof without a key: ", code)
	}
}

func TestEnrolmentIsGuarded(t *testing.T) {
	r, _ := openSealed(t)
	for name, c := range map[string]struct {
		path, body, token string
		want              int
	}{
		"invited by nobody":       {"/api/v1/stations/" + string(door) + "/invitation", "", "", 401},
		"invited by a station":    {"/api/v1/stations/" + string(door) + "/invitation", "", doorToken, 403},
		"no such station":         {"/api/v1/stations/st-nowhere/invitation", "", adminToken, 404},
		"no JSON":                 {"/api/v1/enrol", "code", "", 400},
		"a token that is a guess": {"/api/v1/enrol", `{"code":"0000 0000 0007","token":"short"}`, "", 400},
		"no such code":            {"/api/v1/enrol", fmt.Sprintf(`{"code":"1","token":%q}`, uplink.NewToken()), "", 403},
	} {
		if w := r.call(http.MethodPost, c.path, c.body, bearer(c.token)...); w.Code != c.want {
			t.Errorf("%s: %d, want %d", name, w.Code, c.want)
		}
	}
}

// enrolling is what a machine sends to become a station.
func enrolling(code string) string {
	return fmt.Sprintf(`{"code":%q,"token":%q}`, code, uplink.NewToken())
}

// from makes a call from an address.
func (r *running) from(addr, code string) int {
	req := httptest.NewRequest(http.MethodPost, "http://localhost/api/v1/enrol", strings.NewReader(enrolling(code)))
	req.RemoteAddr = addr
	w := httptest.NewRecorder()
	r.handler.ServeHTTP(w, req)
	return w.Code
}

// One who guesses is held back, code by code and in all; nobody else is, nor does any
// code end.
func TestGuessingHoldsBackTheGuesser(t *testing.T) {
	const (
		triesAtOnce, triesEvery = 10, 6 * time.Second
		wrongAtOnce, wrongEvery = 5, 10 * time.Minute // of one code
	)
	r, s := openSealed(t)
	code, _, err := s.Invite(t.Context(), door)
	if err != nil {
		t.Fatal(err)
	}
	until := func(addr string, name func(n int) string) (tries int) {
		t.Helper()
		for r.from(addr, name(tries)) == http.StatusForbidden {
			if tries++; tries > 100 {
				t.Fatal("codes can be guessed for ever")
			}
		}
		return tries
	}
	one := func(int) string { return code[:4] + "99999999" }
	if n := until("198.51.100.1:1", one); n != wrongAtOnce {
		t.Errorf("%d tries of one code", n)
	}
	r.clock.wait(triesEvery * triesAtOnce)
	if n := until("198.51.100.1:2", one); n != 0 {
		t.Errorf("%d more tries of the same code after a minute", n)
	}
	many := func(n int) string { return fmt.Sprintf("%04d99999999", n) }
	if n := until("198.51.100.2:1", many); n != triesAtOnce {
		t.Errorf("%d tries of all codes", n)
	}
	// Of an IPv6 network every address is one caller.
	for i := range triesAtOnce {
		if got := r.from(fmt.Sprintf("[2001:db8::%x]:1", i+1), many(i)); got != http.StatusForbidden {
			t.Fatal(i, got)
		}
	}
	if got := r.from("[2001:db8::ffff:1]:1", many(0)); got != http.StatusTooManyRequests {
		t.Error("another address of the same network: ", got)
	}
	if got := r.from("[2001:db8:0:1::1]:1", many(0)); got != http.StatusForbidden {
		t.Error("another network: ", got)
	}
	if got := r.from("192.0.2.77:1", code); got != http.StatusOK {
		t.Error("an honest machine is kept out: ", got)
	}
	r.clock.wait(wrongEvery)
	if n := until("198.51.100.1:3", one); n != 1 {
		t.Errorf("%d tries after the pause", n)
	}
}
