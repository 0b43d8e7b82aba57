package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"harkara/internal/chromium"
	"harkara/internal/custody"
	"harkara/internal/demo"
	"harkara/internal/label"
	"harkara/internal/ledger"
	"harkara/internal/paper"
	"harkara/scanner/decode"
	"harkara/workflows"
)

// flaky is a way to the server that loses every third reply to a scan after the
// server has taken it. It is there while the server is.
type flaky struct {
	t       *testing.T
	addr    string // its own
	dropped atomic.Int64
	posts   atomic.Int64
	lossy   atomic.Bool
	proxy   *httputil.ReverseProxy
	server  *http.Server

	mu    sync.Mutex
	first []int64 // numbers of the station's scans, as each came for the first time
}

// between makes a way to base, which is closed.
func between(t *testing.T, base string) *flaky {
	t.Helper()
	to, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	f := &flaky{t: t, addr: "127.0.0.1:0", proxy: httputil.NewSingleHostReverseProxy(to)}
	f.proxy.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) { f.hang(w) }
	t.Cleanup(f.close)
	return f
}

// open opens it, where it was before.
func (f *flaky) open() {
	f.t.Helper()
	listener, err := net.Listen("tcp", f.addr)
	if err != nil {
		f.t.Fatal(err)
	}
	f.addr = listener.Addr().String()
	f.server = &http.Server{Handler: f, ReadHeaderTimeout: time.Second}
	go f.server.Serve(listener)
}

// close refuses every connection.
func (f *flaky) close() {
	if f.server != nil {
		f.server.Close()
	}
}

func (f *flaky) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/api/v1/scans" {
		f.note(r)
	}
	if r.URL.Path == "/api/v1/scans" && f.lossy.Load() && f.posts.Add(1)%3 == 1 {
		f.proxy.ServeHTTP(nowhere{http.Header{}}, r) // done, but the answer is lost
		f.dropped.Add(1)
		f.hang(w)
		return
	}
	f.proxy.ServeHTTP(w, r)
}

// note keeps which scans a request carries.
func (f *flaky) note(r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var list []custody.Command
	if err := errors.Join(err, json.Unmarshal(body, &list)); err != nil {
		f.t.Error(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range list {
		if !slices.Contains(f.first, c.At.Seq) {
			f.first = append(f.first, c.At.Seq)
		}
	}
}

// hang closes the connection without an answer.
func (f *flaky) hang(w http.ResponseWriter) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		conn.Close()
	}
}

type nowhere struct{ h http.Header }

func (n nowhere) Header() http.Header         { return n.h }
func (n nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (n nowhere) WriteHeader(int)             {}

// The server is killed; the page, its scans and the contexts of its cards are not. It
// is loaded again with the server away, scans more, and when the server is back
// everything arrives once, in order, for the right destinations, though every third
// reply is lost.
func TestKioskKeepsScansOffline(t *testing.T) {
	needPostgres(t)
	dir := dataFolder(t)
	defer os.RemoveAll(dir)
	p := raise(t, filepath.Join(dir, "data"), 3600)
	sample := demo.Sample(3600)
	card, _ := sample.DeskByID("fin-so2")
	token := p.spool.tokens[in("a-102")]
	codes := p.open(4)
	drained(t, p.store)

	way := between(t, p.base)
	way.open()
	b := chromium.Start(t)
	page := "http://" + way.addr + "/kiosk"
	b.See(chromium.Look{Lang: "en", Width: 1000, Scheme: "light"}, page)
	b.Until(`document.getElementById("token").checkVisibility()`)
	chromium.Ask[bool](b, fmt.Sprintf(`(() => { document.getElementById("token-text").value = %q; document.getElementById("token").requestSubmit(); return true; })()`, token))
	b.Until(`document.body.dataset.ready === "yes" && document.getElementById("room").textContent.includes("102")`)
	b.Until(`document.body.dataset.kept === "yes"`)

	waiting := func(n int) {
		t.Helper()
		b.Until(fmt.Sprintf(`(() => { const q = document.getElementById("queue"); return q.dataset.count === "%[1]d" && q.checkVisibility({ visibilityProperty: true }) === (%[1]d > 0) && (%[1]d === 0 || q.textContent.includes("%[1]d")); })()`, n))
	}
	wedge(b, codes[0])
	answered(b, "up", codes[0])
	waiting(0)
	p.end(syscall.SIGKILL)
	way.close()
	wedge(b, codes[1])
	answered(b, "kept", codes[1])
	waiting(1)
	wedge(b, card.Code) // codes[1] was read just before: it alone goes to the card's desk
	waiting(2)
	wedge(b, codes[2])
	waiting(3)
	b.Shot(t.ArtifactDir(), "kiosk-offline")

	b.Do(chromedp.Navigate(page)) // the server is away
	b.Until(`document.body.dataset.ready === "yes"`)
	waiting(3)
	wedge(b, codes[3])
	waiting(4)
	wedge(b, label.Onward)
	waiting(5)
	b.Until(`document.getElementById("server").classList.contains("off")`)

	p.start()
	way.lossy.Store(true)
	way.open()
	waiting(0)
	drained(t, p.store)
	for i, want := range []struct {
		scans int
		phase custody.Phase
		to    custody.DeskID
	}{{1, custody.Held, ""}, {2, custody.Transit, "fin-so2"}, {1, custody.Held, ""}, {2, custody.Transit, "fin-ds"}} {
		row, err := p.store.File(t.Context(), codes[i])
		if pos := row.Position; err != nil || pos.Phase != want.phase || pos.To != want.to || pos.Room != "a-102" {
			t.Errorf("file %d: %+v, %v", i, pos, err)
		}
		var ids []custody.CommandID
		for _, e := range entriesOf(t, p.store, codes[i]) {
			if e.Station == "st-a-102" && !slices.Contains(ids, e.Command) {
				ids = append(ids, e.Command)
			}
		}
		if len(ids) != want.scans {
			t.Errorf("file %d: %d scans, want %d", i, len(ids), want.scans)
		}
	}
	if way.dropped.Load() == 0 {
		t.Error("no reply was lost")
	}
	if want := []int64{1, 2, 3, 4, 5, 6}; !slices.Equal(way.first, want) {
		t.Errorf("scans came in the order %v, want %v", way.first, want)
	}
	b.Quiet()
	p.end(syscall.SIGTERM)
	if code, out := harkara(t, "verify", "--data", p.data); code != exitOK {
		t.Error(code, out)
	}
}

// entries are a file's, oldest first.
func (h *hired) entries(code label.Code) []custody.Entry {
	h.t.Helper()
	return entriesOf(h.t, h.o.Ledger, code)
}

func entriesOf(t testing.TB, store *ledger.Store, code label.Code) (list []custody.Entry) {
	t.Helper()
	stored, err := store.Entries(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	for _, raw := range stored {
		var e custody.Entry
		if err := json.Unmarshal(raw, &e); err != nil {
			t.Fatal(err)
		}
		list = append(list, e)
	}
	return list
}

// seen is what a camera sees: an empty counter, or one with a cover on it.
func seen(t *testing.T, code label.Code, frames int) chromium.Scene {
	t.Helper()
	if code == "" {
		return chromium.Scene{Picture: chromium.Counter(nil), Frames: frames}
	}
	cover, err := paper.Cover{Code: code, Number: "SO(Dev) 3-9/2026", Subject: "Water supply"}.Image(120)
	if err != nil {
		t.Fatal(err)
	}
	return chromium.Scene{Picture: chromium.Counter(cover), Frames: frames}
}

// outlined are the corners that a picture's codes have.
func outlined(p image.Image) (list [][4]decode.Point) {
	for _, s := range decode.New().Decode(decode.FromImage(p), decode.Options{Effort: decode.Full, All: true, Budget: chromium.Patience}).Symbols {
		list = append(list, s.Corners)
	}
	return list
}

// near reports whether an outline, a polygon's points, is that of one of a list of
// codes: as wide and where it lies. How much of the height of bars it takes is its own
// affair.
func near(points string, list [][4]decode.Point) bool {
	const slack = 8 // pixels
	var outline [4]decode.Point
	for i, c := range strings.Fields(points) {
		if i >= len(outline) {
			return false
		}
		if _, err := fmt.Sscanf(c, "%g,%g", &outline[i].X, &outline[i].Y); err != nil {
			return false
		}
	}
	left, right, middle := extent(outline)
	return slices.ContainsFunc(list, func(code [4]decode.Point) bool {
		l, r, m := extent(code)
		return math.Abs(left-l) <= slack && math.Abs(right-r) <= slack && math.Abs(middle-m) <= slack
	})
}

func extent(c [4]decode.Point) (left, right, middle float64) {
	return min(c[0].X, c[1].X, c[2].X, c[3].X), max(c[0].X, c[1].X, c[2].X, c[3].X), (c[0].Y + c[1].Y + c[2].Y + c[3].Y) / 4
}

// A camera over the counter: an empty desk, a cover, the desk again, another cover,
// and an empty desk for longer than the test lasts. Each cover is scanned once while
// it lies there, its outline is drawn where its code is, and the answer stands on the
// panel.
func TestKioskCamera(t *testing.T) {
	h := hire(t, workflows.Files{Rules: custody.Today})
	base := h.shown()
	codes := []label.Code{h.open("camera/a"), h.open("camera/b")}
	scenes := []chromium.Scene{seen(t, "", 20), seen(t, codes[0], 120), seen(t, "", 30), seen(t, codes[1], 120), seen(t, "", 5400)}
	film := filepath.Join(t.TempDir(), "film.mjpeg")
	if err := chromium.WriteFilm(film, scenes); err != nil {
		t.Fatal(err)
	}
	c := chromium.Start(t, chromium.Camera(film)...)
	c.See(chromium.Look{Lang: "en", Width: 1000, Scheme: "light"}, base+"/kiosk?station=st-a-103")
	c.Until(`document.body.dataset.ready === "yes"`)
	chromium.Ask[bool](c, `(() => {
		window.accepted = [];
		const outline = document.getElementById("outline"), state = () => outline.getAttribute("class");
		new MutationObserver(() => { if (state() === "accepted") window.accepted.push(outline.getAttribute("points")); }).observe(outline, { attributeFilter: ["class"] });
		return true;
	})()`)
	c.Do(chromedp.Click(chromedp.CSS("#camera-start")))
	for i, code := range codes {
		answered(c, "up", code)
		if i == 0 {
			c.Shot(t.ArtifactDir(), "kiosk-camera")
		}
	}
	c.Until(`document.getElementById("outline").getAttribute("class") === "nothing"`) // the last cover was taken away
	if got := chromium.Ask[[]string](c, `window.accepted`); len(got) != 2 || !near(got[0], outlined(scenes[1].Picture)) || !near(got[1], outlined(scenes[3].Picture)) {
		t.Errorf("outlines %q, want %v and %v", got, outlined(scenes[1].Picture), outlined(scenes[3].Picture))
	}
	if n := chromium.Ask[int](c, `document.querySelectorAll("#recent li").length`); n != 2 {
		t.Errorf("%d scans of two covers", n)
	}
	for _, code := range codes {
		if e := h.entries(code); len(e) != 2 || e[1].Method != custody.ByQR || e[1].Station != "st-a-103" {
			t.Errorf("%+v", e)
		}
	}
	c.Quiet()
	c.Do(chromedp.Click(chromedp.CSS("#camera-stop")))
	for _, code := range codes {
		h.do(newCommand(custody.Close, code, ""))
	}
	verified(t, h.o)
}
