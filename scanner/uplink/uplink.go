// Package uplink brings what a station has kept to its office: in order, again and
// again with the same ids, until the office says that it is stored; and brings the
// office's answers back.
//
// A server gets nothing, not even the token, before it has proved with the office's
// key that it is the office's: on every connection, under the name that was dialled.
// That keeps out a machine that has taken over an old address, another office's
// server and a curious neighbour. It does not keep out one that sits on the wire,
// reads the token and changes what passes: for that the address begins with https.
package uplink

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"harkara/internal/damp"
)

// Item is one command that waits.
type Item struct {
	Key  uint64          // its place in the queue
	Body json.RawMessage // as it is sent, the same every time
}

// Queue is what is to be sent, on the disk. Delivered and Refuse move it on.
type Queue interface {
	Next(limit int) ([]Item, error)
	Delivered(through uint64, at time.Time) error // at is the office's time
	Refuse(key uint64, reason string) error
	Epoch(epoch string) (again int, err error)
}

// Moment is an instant by the station's clocks.
type Moment struct {
	Wall      time.Time
	Boot      string
	Monotonic time.Duration
}

// Config is what an uplink is made of.
type Config struct {
	Addresses []string // of the office's servers, the preferred first
	Key       ed25519.PublicKey
	Token     string
	Language  string // of the answers, until Speak; empty: the office's
	Queue     Queue
	Clock     func() Moment
	Log       *slog.Logger
	Changed   func() // nil, or called after State changed; it must not block
	// Unclaimed is nil, or told of a command's result that nobody waits for; it must not
	// block.
	Unclaimed func(command, result json.RawMessage)

	Roots *x509.CertPool // whose certificates are believed for https; nil: the machine's
	// Dial is how connections are made; nil: over the network.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Timings.
const (
	beatEvery   = 10 * time.Second
	answerTime  = 15 * time.Second // for a request, beside what the office may wait
	outcomeTime = 2 * time.Second  // that the office waits for outcomes when somebody stands at the station
	firstPause  = 500 * time.Millisecond
	longPause   = 20 * time.Second
	refusedTime = time.Minute // between tries of a token that is not accepted
	batch       = 500         // the office takes so many at once
)

// Status says how the office is reached.
type Status string

// The statuses.
const (
	Away    Status = "away"    // no address answers, or none proves to be the office
	OK      Status = "ok"      //
	Refused Status = "refused" // the office is there and does not accept this station's token
)

// State is what is known of the office.
type State struct {
	Status  Status
	Why     string // of a status that is not OK
	Since   time.Time
	Address string          // in use
	Epoch   string          // of the office's ledger, as the queue knows it
	View    json.RawMessage // the office's newest GET /api/v1/station
	Clock   Offset
}

// Offset is how far the office's clock is ahead of the station's wall clock. It is
// worth something within the boot that it was measured in.
type Offset struct {
	Ahead  time.Duration
	Within time.Duration // half of the time that the measurement took
	Boot   string        // empty: never measured
}

// Uplink is one station's. Only Run sends.
type Uplink struct {
	Config
	offices []*office
	wake    chan struct{}
	ask     atomic.Bool // for the view before its time
	noise   *damp.Log   // what may come at every command

	// Owned by Run.
	current int // of offices
	limit   int // of the next batch
	beat    time.Time

	mu      sync.Mutex // owns what follows
	state   State
	waiters map[string]chan json.RawMessage
	recent  map[string]json.RawMessage // the newest results, for who asks again
	told    []string                   // ids of recent, oldest first
	away    chan struct{}              // closed when the status stops being OK
	speaks  string                     // language of the answers
}

// remembered is how many results are kept for who asks again.
const remembered = 256

// New makes an uplink. Addresses are URLs like http://10.1.1.5:8470.
func New(c Config) (*Uplink, error) {
	if len(c.Key) != ed25519.PublicKeySize || len(c.Addresses) == 0 || c.Token == "" {
		return nil, errors.New("make uplink: addresses, key and token are needed")
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Dial == nil {
		c.Dial = (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 15 * time.Second}).DialContext
	}
	u := &Uplink{Config: c, noise: damp.New(c.Log, time.Now), wake: make(chan struct{}, 1), limit: batch, waiters: map[string]chan json.RawMessage{}, recent: map[string]json.RawMessage{}, away: make(chan struct{}), speaks: c.Language}
	close(u.away)
	u.state = State{Status: Away, Why: "not yet asked", Since: c.Clock().Wall}
	for _, a := range c.Addresses {
		base, err := ParseAddress(a)
		if err != nil {
			return nil, fmt.Errorf("make uplink: %w", err)
		}
		u.offices = append(u.offices, u.newOffice(base))
	}
	return u, nil
}

// ParseAddress reads a server's address.
func ParseAddress(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || (u.Path != "" && u.Path != "/") || u.RawQuery != "" || u.User != nil {
		return nil, fmt.Errorf("%q is no server's address: http://HOST:PORT or https://HOST", text)
	}
	u.Path = ""
	return u, nil
}

// Run sends until ctx ends.
func (u *Uplink) Run(ctx context.Context) {
	var telling sync.WaitGroup
	defer telling.Wait()
	telling.Go(func() { u.noise.Run(ctx) })
	defer func() {
		for _, o := range u.offices {
			o.client.CloseIdleConnections()
		}
	}()
	for failures := 0; ; {
		more, err := u.round(ctx)
		if ctx.Err() != nil {
			return
		}
		var pause time.Duration
		var woken <-chan struct{}
		if err != nil {
			u.fail(err)
			pause, failures = backoff(err, failures), failures+1
		} else {
			if failures = 0; u.State().Status != OK {
				u.update(func(s *State) { s.Status, s.Why = OK, "" })
			}
			if more {
				continue
			}
			pause, woken = time.Until(u.beat), u.wake
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
		case <-woken:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// backoff is how long to leave the office alone after so many failures: full
// jitter, so that a building's stations do not come back all at once.
func backoff(err error, failures int) time.Duration {
	longest := min(firstPause<<min(failures, 10), longPause)
	if errors.Is(err, errRefused) {
		longest = refusedTime
	}
	return rand.N(longest) + time.Millisecond
}

// Wake says that there is something to send.
func (u *Uplink) Wake() {
	select {
	case u.wake <- struct{}{}:
	default:
	}
}

// Refresh says that the office's view of the station is wanted anew.
func (u *Uplink) Refresh() {
	u.ask.Store(true)
	u.Wake()
}

// Speak asks for answers in another language from now on, and for the view in it.
func (u *Uplink) Speak(language string) {
	u.mu.Lock()
	u.speaks = language
	u.mu.Unlock()
	u.Refresh()
}

func (u *Uplink) language() string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.speaks
}

// Expect is told the office's result of a command: at most once, at once where it
// came a while ago. Call it before the command is kept, and forget when nobody
// listens any more.
func (u *Uplink) Expect(id string) (result <-chan json.RawMessage, forget func()) {
	c := make(chan json.RawMessage, 1)
	u.mu.Lock()
	defer u.mu.Unlock()
	if known := u.recent[id]; known != nil {
		c <- known
		return c, func() {}
	}
	u.waiters[id] = c
	return c, func() {
		u.mu.Lock()
		defer u.mu.Unlock()
		if u.waiters[id] == c {
			delete(u.waiters, id)
		}
	}
}

// expected reports whether somebody waits for one of the commands.
func (u *Uplink) expected(ids []string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, id := range ids {
		if u.waiters[id] != nil {
			return true
		}
	}
	return false
}

// Away is closed while the office does not take what is sent.
func (u *Uplink) Away() <-chan struct{} {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.away
}

// tell gives a result to whoever waits for it.
func (u *Uplink) tell(id string, command, result json.RawMessage) {
	if !u.claimed(id, result) && u.Unclaimed != nil {
		u.Unclaimed(command, result)
	}
}

// claimed remembers a result, and reports whether somebody waited for it, who has it now.
func (u *Uplink) claimed(id string, result json.RawMessage) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.recent[id] == nil {
		u.told = append(u.told, id)
	}
	u.recent[id] = result
	if len(u.told) > remembered {
		delete(u.recent, u.told[0])
		u.told = u.told[1:]
	}
	c := u.waiters[id]
	if c == nil {
		return false
	}
	c <- result // it has room for the one result it gets
	delete(u.waiters, id)
	return true
}

// State is what is known now.
func (u *Uplink) State() State {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.state
}

// update changes the state.
func (u *Uplink) update(f func(*State)) {
	u.mu.Lock()
	before := u.state.Status
	f(&u.state)
	after := u.state
	if after.Status != before {
		u.state.Since = u.Clock().Wall
	}
	switch {
	case after.Status == OK && before != OK:
		u.away = make(chan struct{})
	case after.Status != OK && before == OK:
		close(u.away)
	}
	u.mu.Unlock()
	if after.Status != before {
		if after.Status == OK {
			u.Log.Info("office answers", "addr", after.Address)
		} else {
			u.Log.Warn("office does not take scans, they are kept here", "status", after.Status, "err", after.Why)
		}
	}
	if u.Changed != nil {
		u.Changed()
	}
}

// fail notes why nothing was sent.
func (u *Uplink) fail(err error) {
	u.beat = time.Time{} // ask before the next try
	u.update(func(s *State) {
		s.Status, s.Why = Away, err.Error()
		if errors.Is(err, errRefused) {
			s.Status = Refused
		}
	})
}

// round beats if it is time, and sends one batch. more says that another may be
// there.
func (u *Uplink) round(ctx context.Context) (more bool, err error) {
	if asked := u.ask.Swap(false); asked || !time.Now().Before(u.beat) {
		if err := u.find(ctx); err != nil {
			return false, err
		}
	}
	return u.send(ctx, u.offices[u.current])
}

// find beats at the address in use, or the next one that is the office's.
func (u *Uplink) find(ctx context.Context) error {
	var all error
	for i := range u.offices {
		n := (u.current + i) % len(u.offices)
		o := u.offices[n]
		view, err := u.beatAt(ctx, o)
		if err == nil || errors.Is(err, errRefused) {
			u.current = n
		}
		if err == nil {
			u.beat = time.Now().Add(beatEvery)
			u.update(func(s *State) { s.Address, s.View = o.base.String(), view })
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		all = errors.Join(all, fmt.Errorf("%s: %w", o.base, err))
	}
	return all
}

// beatAt shows the office that the station lives, and gets the station's view.
func (u *Uplink) beatAt(ctx context.Context, o *office) (json.RawMessage, error) {
	if err := u.agree(ctx, o); err != nil {
		return nil, err
	}
	status, body, err := u.call(ctx, o, http.MethodGet, "/api/v1/station", url.Values{}, nil, answerTime)
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK || !json.Valid(body) {
		return nil, unexpected(status, body)
	}
	return body, nil
}
