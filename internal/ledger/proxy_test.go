package ledger

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
)

// fault is what a proxy does to the exchange in which a statement is executed.
type fault string

const (
	refused fault = "refused"                  // the statement never arrives
	lost    fault = "done but reported failed" // the connection breaks before the answer
	slow    fault = "slow"                     // the answer is held back
)

// proxy stands between a Store and PostgreSQL and understands enough of its
// protocol (version 3, PostgreSQL documentation, chapter 55) to strike one
// statement.
type proxy struct {
	listener net.Listener
	target   string
	done     sync.WaitGroup

	mu     sync.Mutex
	conns  map[net.Conn]struct{}
	next   *strike // to come
	held   *strike // whose answer may be held back
	closed int     // connections still to turn away
}

// strike is a fault on its way to one exchange.
type strike struct {
	fault   fault
	text    []byte        // of the statement
	struck  chan struct{} // closed when it happened: what is done is done
	release chan struct{} // closed to let a held answer go
}

// through returns a proxy and the address that leads through it. The driver sends
// statements with their text every time, so that the proxy can tell them apart.
func through(t *testing.T, address string) (*proxy, string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	name := ".s.PGSQL." + q.Get("port")
	dir, err := os.MkdirTemp("", "proxy")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{target: filepath.Join(q.Get("host"), name), conns: map[net.Conn]struct{}{}}
	if p.listener, err = net.Listen("unix", filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
	p.done.Go(p.accept)
	t.Cleanup(func() {
		p.heal()
		_ = p.listener.Close()
		p.cut()
		p.done.Wait()
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	q.Set("host", dir)
	q.Set("default_query_exec_mode", "cache_describe")
	u.RawQuery = q.Encode()
	return p, u.String()
}

// strike sets a fault for the next execution of the statement; the channel closes
// when it happened.
func (p *proxy) strike(f fault, text string) <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next = &strike{fault: f, text: []byte(text), struck: make(chan struct{}), release: make(chan struct{})}
	p.held = p.next
	return p.next.struck
}

// heal ends every fault.
func (p *proxy) heal() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next, p.closed = nil, 0
	if p.held != nil {
		close(p.held.release)
		p.held = nil
	}
}

// refuse breaks every connection and turns away the next n.
func (p *proxy) refuse(n int) {
	p.mu.Lock()
	p.closed = n
	p.mu.Unlock()
	p.cut()
}

func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
}

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		turned := p.closed != 0
		p.closed = max(0, p.closed-1)
		p.conns[client] = struct{}{}
		p.mu.Unlock()
		p.done.Go(func() {
			defer func() {
				_ = client.Close()
				p.mu.Lock()
				delete(p.conns, client)
				p.mu.Unlock()
			}()
			if !turned {
				p.serve(client)
			}
		})
	}
}

// serve passes one connection on, exchange by exchange: what the client sends up
// to a Sync or a simple query, then the server's answer up to ReadyForQuery.
func (p *proxy) serve(client net.Conn) {
	server, err := net.Dial("unix", p.target)
	if err != nil {
		return
	}
	defer server.Close()
	var answers sync.WaitGroup
	defer answers.Wait()
	defer server.Close()
	defer client.Close()
	var met atomic.Pointer[strike] // by the exchange under way
	answers.Go(func() {
		defer client.Close()
		for {
			m, err := message(server, true)
			if err != nil {
				return
			}
			switch hit := met.Load(); {
			case hit == nil:
			case hit.fault == slow:
				close(hit.struck)
				met.Store(nil)
				<-hit.release
			case m[0] == 'Z':
				close(hit.struck)
				return
			default:
				continue
			}
			if _, err := client.Write(m); err != nil {
				return
			}
		}
	})
	var exchange []byte
	for typed := false; ; typed = true {
		m, err := message(client, typed)
		if err != nil {
			return
		}
		exchange = append(exchange, m...)
		if typed && m[0] != 'S' && m[0] != 'Q' && m[0] != 'p' && m[0] != 'X' {
			continue
		}
		if hit := p.meets(exchange, typed); hit != nil {
			if hit.fault == refused {
				close(hit.struck)
				return
			}
			met.Store(hit)
		}
		if _, err := server.Write(exchange); err != nil {
			return
		}
		exchange = nil
	}
}

// meets takes the strike that an exchange meets: the next, if it executes that
// statement.
func (p *proxy) meets(exchange []byte, typed bool) *strike {
	p.mu.Lock()
	defer p.mu.Unlock()
	hit := p.next
	if !typed || hit == nil || !bytes.Contains(exchange, hit.text) || exchange[0] != 'Q' && !executes(exchange) {
		return nil
	}
	p.next = nil
	return hit
}

// executes reports whether an exchange executes what it parses, rather than only
// asking for its description.
func executes(exchange []byte) bool {
	for r := bytes.NewReader(exchange); ; {
		m, err := message(r, true)
		if err != nil {
			return false
		}
		if m[0] == 'E' {
			return true
		}
	}
}

// message reads one message: a type, unless it is a connection's first, a length
// that counts itself, and a body.
func message(r io.Reader, typed bool) ([]byte, error) {
	head := make([]byte, 4, 64)
	if typed {
		head = head[:5]
	}
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, err
	}
	n := int(binary.BigEndian.Uint32(head[len(head)-4:])) - 4
	if n < 0 || n > 1<<28 {
		return nil, errors.New("not a message")
	}
	m := append(head, make([]byte, n)...)
	_, err := io.ReadFull(r, m[len(head):])
	return m, err
}
