package kiosk

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"harkara/internal/chromium"
	"harkara/web/lang"
)

// counter is a kiosk's page before an office that a test plays.
type counter struct {
	*httptest.Server

	mu     sync.Mutex
	epoch  string
	days   int                                 // by which its clock is ahead
	posts  [][]sent                            // each request's scans
	clocks []string                            // that came with each
	answer func(sent) (status int, result any) // to a scan, on its own
	look   func(pixels []byte, width, height int) any
	shut   bool // to cameras
	pages  int  // that were asked for
	slow   int  // the page that takes long
	broken bool // its pages are
	portal bool // stands before it

	refused []map[string]string // that it lists
	told    []map[string]string // to the room
	badges  map[string]any      // what owners of badges were told
	cards   map[string]string   // what cards stand for

	expected []map[string]any // files
	server   string           // how an agent reaches the office; empty: this is the office
	behind   int              // that wait with the agent
	langs    []string         // in which answers to scans were asked for

	stations map[string]string // by token; nil: any token is st-a-102's
}

// sent is a scan as an office gets it.
type sent struct {
	ID, Kind, Code, Method, Station string

	At struct {
		Seq       int
		Boot      string
		Monotonic int64
	}
}

// accepted is the answer of an office that a scan suits.
func accepted(s sent) (int, any) {
	return http.StatusOK, map[string]any{"id": s.ID, "stored": true, "say": map[string]string{"tone": "up", "word": "Received", "number": "SO(Dev) 3-9/2026", "subject": "Water supply scheme Mastung, revised PC-I", "next": "Keep it on this desk", "by": "10:40"}}
}

// Look is the office's eye.
func (c *counter) Look(pixels []byte, width, height int, _ time.Duration) any {
	c.mu.Lock()
	look := c.look
	c.mu.Unlock()
	return look(pixels, width, height)
}

// ids are those of what was sent, in order, each as often as it came.
func (c *counter) ids() (list []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, post := range c.posts {
		for _, s := range post {
			list = append(list, s.ID)
		}
	}
	return list
}

// date tells the time by the office's clock.
func (c *counter) date(w http.ResponseWriter) {
	w.Header().Set("Date", time.Now().UTC().AddDate(0, 0, c.days).Format(http.TimeFormat))
}

// station is whose token a request brings.
func (c *counter) station(r *http.Request) string {
	if c.stations == nil {
		return "st-a-102"
	}
	return c.stations[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
}

func (c *counter) set(change func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change()
}

// serve starts an office whose eye sees nothing and that accepts every scan.
func serve(t *testing.T, p Page) *counter {
	t.Helper()
	k, err := New()
	if err != nil {
		t.Fatal(err)
	}
	c := &counter{answer: accepted, epoch: "first", look: func([]byte, int, int) any { return map[string]string{"state": "nothing"} }}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+Path, func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		c.pages++
		slow, broken, portal := c.pages == c.slow, c.broken, c.portal
		c.mu.Unlock()
		if portal {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, "<!doctype html><title>net</title>Sign in to the network")
			return
		}
		if broken {
			http.Error(w, "no", http.StatusBadGateway)
			return
		}
		if slow {
			select {
			case <-r.Context().Done():
			case <-time.After(4 * time.Second):
			}
		}
		p := p
		p.Lang = lang.Parse(r.URL.Query().Get("lang"))
		html, err := k.Render(p)
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; connect-src 'self'; worker-src 'self'")
		w.Write(html)
	})
	mux.HandleFunc("GET "+WorkerPath, k.ServeWorker)
	mux.Handle("GET "+AssetPath, k.Assets())
	mux.HandleFunc("GET /api/v1/frames", func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		shut := c.shut
		c.mu.Unlock()
		if shut {
			http.Error(w, "no", http.StatusUnauthorized)
			return
		}
		if err := ServeFrames(w, r, c); err != nil {
			t.Error(err)
		}
	})
	mux.HandleFunc("GET /api/v1/station", func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.date(w)
		json.NewEncoder(w).Encode(map[string]any{"station": c.station(r), "room": "Room 102", "epoch": c.epoch, "expected": append([]map[string]any{}, c.expected...), "overdue": []any{}, "refused": c.refused, "told": c.told, "badges": c.badges, "cards": c.cards, "server": c.server, "waiting": c.behind})
	})
	mux.HandleFunc("POST /api/v1/scans", func(w http.ResponseWriter, r *http.Request) {
		var list []sent
		if err := json.NewDecoder(r.Body).Decode(&list); err != nil {
			t.Error(err)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.date(w)
		c.posts, c.clocks, c.langs = append(c.posts, list), append(c.clocks, r.Header.Get("Harkara-Clock")), append(c.langs, r.URL.Query().Get("lang"))
		var results []any
		for _, s := range list {
			status, result := c.answer(s)
			if s.Station != "" && s.Station != c.station(r) {
				status, result = http.StatusOK, map[string]any{"id": s.ID, "stored": true, "error": map[string]string{"code": "other_station", "message": "Scanned as another station"}}
			}
			if status != http.StatusOK {
				w.WriteHeader(status)
				json.NewEncoder(w).Encode(result)
				return
			}
			results = append(results, result)
		}
		json.NewEncoder(w).Encode(map[string]any{"results": results})
	})
	c.Server = httptest.NewServer(mux)
	t.Cleanup(c.Close)
	return c
}

// before has scripts run in every page before its own.
func before(b *chromium.Tab, script string) {
	b.T.Helper()
	chromium.Tell(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
}

// open opens the kiosk and waits until it works.
func (c *counter) open(b *chromium.Tab) {
	b.T.Helper()
	b.Do(chromedp.Navigate(c.URL + Path))
	b.Until(`document.body.dataset.ready === "yes"`)
}

// burst types as a scanner does, each key gap ms after the other by the keys' own clock.
func burst(b *chromium.Tab, text string, gap int) {
	b.T.Helper()
	chromium.Ask[bool](b, fmt.Sprintf(`(() => {
		let time = performance.now();
		for (const c of %q) {
			const up = /[A-Z]/.test(c), code = c === "\r" ? "Enter" : c === "]" ? "BracketRight" : /\d/.test(c) ? "Digit" + c : "Key" + c.toUpperCase();
			const e = new KeyboardEvent("keydown", { code, key: c === "\r" ? "Enter" : c, shiftKey: up, bubbles: true, cancelable: true });
			Object.defineProperty(e, "timeStamp", { value: time += %d });
			(document.activeElement || document.body).dispatchEvent(e);
		}
		return true;
	})()`, text, gap))
}
