package uplink

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"harkara/web/wire"
)

// network is one in memory: names lead to listeners.
type network struct {
	mu    sync.Mutex
	ports map[string]*port
}

type port struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (p *port) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}
func (p *port) Close() error   { p.once.Do(func() { close(p.closed) }); return nil }
func (p *port) Addr() net.Addr { return &net.TCPAddr{} }

func (w *network) dial(ctx context.Context, _, name string) (net.Conn, error) {
	w.mu.Lock()
	p := w.ports[name]
	w.mu.Unlock()
	if p == nil {
		return nil, errors.New("connection refused")
	}
	here, there := net.Pipe()
	select {
	case p.conns <- there:
		return here, nil
	case <-p.closed:
		return nil, errors.New("connection refused")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// serve puts a handler under a name, instead of what was there.
func (w *network) serve(t *testing.T, name string, h http.Handler) (stop func()) {
	p := &port{conns: make(chan net.Conn), closed: make(chan struct{})}
	w.mu.Lock()
	if w.ports == nil {
		w.ports = map[string]*port{}
	}
	w.ports[name] = p
	w.mu.Unlock()
	s := &http.Server{Handler: h}
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Serve(p) }()
	stop = sync.OnceFunc(func() { _ = s.Close(); <-done })
	t.Cleanup(stop)
	return stop
}

// lock is a mutex that a bubble's clock goes on behind.
type lock chan struct{}

func (l lock) Lock()   { l <- struct{}{} }
func (l lock) Unlock() { <-l }

// double is an office that can be told to fail. What it stores it stores once.
type double struct {
	key   ed25519.PrivateKey
	token string

	mu       lock
	epoch    string
	ahead    time.Duration // its clock
	order    []string      // ids, as they were first stored in this epoch
	sent     map[string]int
	requests int                                                                    // of scans
	fault    func(n int, ids []string, w http.ResponseWriter) (stored int, ok bool) // ok: answer as usual
	drawer   map[string]bool
	foreign  map[string]bool
	heard    []http.Header
}

func newDouble() *double {
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		panic(err)
	}
	return &double{mu: make(lock, 1), key: key, token: "a token", epoch: "first", sent: map[string]int{}, drawer: map[string]bool{}}
}

func (d *double) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.heard = append(d.heard, r.Header.Clone())
	if r.URL.Path == "/api/v1/office" {
		now := time.Now().Add(d.ahead).UTC().Format(time.RFC3339Nano)
		_ = json.NewEncoder(w).Encode(wire.Proof{Epoch: d.epoch, Now: now, Signature: ed25519.Sign(d.key, wire.Statement(r.URL.Query().Get("challenge"), r.Host, d.epoch, now))})
		return
	}
	if r.Header.Get("Authorization") != "Bearer "+d.token {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if r.URL.Path == "/api/v1/station" {
		fmt.Fprint(w, `{"room":"7"}`)
		return
	}
	d.scans(w, r)
}

func (d *double) scans(w http.ResponseWriter, r *http.Request) {
	var commands []struct{ ID string }
	if err := json.NewDecoder(r.Body).Decode(&commands); err != nil {
		d.refuse(w, http.StatusBadRequest, "malformed")
		return
	}
	ids := make([]string, len(commands))
	for i, c := range commands {
		ids[i] = c.ID
	}
	d.requests++
	n, usual := len(ids), true
	if d.fault != nil {
		n, usual = d.fault(d.requests, ids, w)
	}
	for _, id := range ids[:n] {
		if d.sent[id]++; d.sent[id] == 1 {
			d.order = append(d.order, id)
		}
	}
	if !usual {
		return
	}
	results := make([]map[string]any, len(ids))
	for i, id := range ids {
		results[i] = map[string]any{"id": id, "stored": i < n}
		if d.drawer[id] {
			results[i]["error"] = wire.Problem{Code: "forbidden"}
		}
		if d.foreign[id] {
			results[i]["error"] = wire.Problem{Code: "foreign"}
		}
		if r.URL.Query().Has("wait") && i < n {
			results[i]["say"] = map[string]string{"tone": "up"}
		}
	}
	if n < len(ids) {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"results": results})
}

func (d *double) refuse(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]wire.Problem{"error": {Code: code, Message: code}})
}

// set changes the office between requests.
func (d *double) set(f func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f()
}

func (d *double) has() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]string(nil), d.order...)
}

// memory is a queue without a disk.
type memory struct {
	mu    sync.Mutex
	all   []Item
	sent  uint64
	epoch string
	drawn map[uint64]string
	at    time.Time
}

func (m *memory) add(n int) (ids []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for range n {
		k := uint64(len(m.all) + 1)
		id := fmt.Sprintf("command-%04d", k)
		m.all, ids = append(m.all, Item{k, fmt.Appendf(nil, `{"id":%q}`, id)}), append(ids, id)
	}
	return ids
}

func (m *memory) Next(limit int) ([]Item, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	rest := m.all[m.sent:]
	return rest[:min(limit, len(rest))], nil
}

func (m *memory) Delivered(through uint64, at time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sent, m.at = max(m.sent, through), at
	return nil
}

func (m *memory) Refuse(key uint64, reason string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.drawn == nil {
		m.drawn = map[uint64]string{}
	}
	m.sent, m.drawn[key] = max(m.sent, key), reason
	return nil
}

func (m *memory) Epoch(epoch string) (again int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.epoch != "" && m.epoch != epoch {
		again, m.sent = int(m.sent), 0
	}
	m.epoch = epoch
	return again, nil
}

func (m *memory) left() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.all) - int(m.sent)
}
