package web

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"harkara/internal/chromium"
	"harkara/internal/custody"
)

// swallowing is a network between a browser and its server that can fall silent:
// connections stay open, and what either side says is dropped.
type swallowing struct {
	net.Listener
	target string
	done   sync.WaitGroup

	mu    sync.Mutex
	lines map[*silentLine]struct{}
	deaf  bool // also new connections

	caught chan struct{} // receives when a socket was asked for and the question dropped
}

type silentLine struct {
	once   sync.Once
	silent chan struct{}
}

func swallow(t *testing.T, server string) (n *swallowing, at string) {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	n = &swallowing{target: u.Host, lines: map[*silentLine]struct{}{}, caught: make(chan struct{}, 64)}
	if n.Listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	n.done.Go(func() {
		for {
			browser, err := n.Accept()
			if err != nil {
				return
			}
			n.done.Go(func() { n.serve(browser, ended) })
		}
	})
	t.Cleanup(func() {
		close(ended)
		_ = n.Close()
		n.done.Wait()
	})
	return n, "http://" + n.Addr().String()
}

// serve passes a connection on until it falls silent, and keeps it open then until the
// browser or the test ends it.
func (n *swallowing) serve(browser net.Conn, ended <-chan struct{}) {
	server, err := net.Dial("tcp", n.target)
	if err != nil {
		_ = browser.Close()
		return
	}
	line := &silentLine{silent: make(chan struct{})}
	n.mu.Lock()
	n.lines[line] = struct{}{}
	if n.deaf {
		line.fall()
	}
	n.mu.Unlock()
	left := make(chan struct{})
	n.done.Go(func() { // what the server says
		copyUntil(browser, server, line.silent)
		_ = server.Close()
		select {
		case <-line.silent: // the browser is told nothing
		default:
			_ = browser.Close()
		}
	})
	n.done.Go(func() {
		defer close(left)
		copyUntil(server, browser, line.silent)
		select {
		case <-line.silent:
			n.drop(browser)
		default:
			_ = server.Close()
		}
	})
	select {
	case <-left:
	case <-ended:
	}
	_ = browser.Close()
	_ = server.Close()
}

// drop takes what a browser says and passes nothing on.
func (n *swallowing) drop(browser net.Conn) {
	said := bufio.NewReader(browser)
	if asked, err := http.ReadRequest(said); err == nil && asked.Header.Get("Upgrade") != "" {
		n.caught <- struct{}{}
	}
	_, _ = io.Copy(io.Discard, said)
}

// copyUntil copies until the line is silent.
func copyUntil(to io.Writer, from io.Reader, silent <-chan struct{}) {
	b := make([]byte, 32<<10)
	for {
		select {
		case <-silent:
			return
		default:
		}
		n, err := from.Read(b)
		select {
		case <-silent:
			return
		default:
		}
		if n > 0 {
			if _, err := to.Write(b[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (l *silentLine) fall() { l.once.Do(func() { close(l.silent) }) }

// fall makes every connection silent; with deaf those to come too.
func (n *swallowing) fall(deaf bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.deaf = deaf
	for l := range n.lines {
		l.fall()
	}
}

// A line that fell silent without an end is given up after half a minute, and the page
// comes again by another; also where the first of those say nothing either.
func TestBoardLeavesASilentLine(t *testing.T) {
	r, server := following(t, true)
	code := r.file("SO(Dev) 1/2026", "Water supply")
	network, at := swallow(t, server)
	b := chromium.Start(t)
	chromium.Tell(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `
		const now = performance.now.bind(performance); window.ahead = 0; performance.now = () => now() + ahead;
		Math.random = () => 0; window.lines = 0;
		window.WebSocket = class extends WebSocket { constructor(...a) { super(...a); lines += 1; } };`})
	b.Do(chromedp.Navigate(at + "/"))
	b.Until(`document.body.dataset.painted`)
	network.fall(true)
	r.scan(code, "a-303", custody.Context{})
	row := `document.getElementById("f` + string(code) + `").textContent`
	if got := chromium.Ask[int](b, `lines`); got != 1 {
		t.Fatalf("%d lines before any fell silent", got)
	}
	for n := 2; n < 4; n++ { // the second says nothing either
		if n == 3 {
			<-network.caught
			network.fall(false)
		}
		chromium.Ask[bool](b, `((ahead += 30001), true)`)
		chromium.Ask[bool](b, fmt.Sprintf(`new Promise((yes) => { const look = () => lines >= %d ? yes(true) : setTimeout(look, 20); look(); })`, n))
	}
	b.Until(row + `.includes("Room 303")`)
	b.Quiet()
}
