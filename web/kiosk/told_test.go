package kiosk

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"

	"harkara/internal/chromium"
	"harkara/internal/label"
)

// patient puts off what the page does after 100 ms and 4 s without an answer until the
// test says that they are over; put says how many of a kind it waits for.
const patient = `{ const set = setTimeout, clear = clearTimeout, later = new Map(); let last = 1e9;
	window.setTimeout = (f, ms, ...more) => { if (ms !== 100 && ms !== 4000) return set(f, ms, ...more); later.set(++last, { f, ms }); return last; };
	window.clearTimeout = (id) => { later.delete(id); clear(id); };
	window.put = (ms) => [...later.values()].filter((t) => t.ms === ms).length;
	window.pass = (ms) => { for (const [id, t] of [...later]) if (t.ms === ms) { later.delete(id); t.f(); } return true; };
}`

func pass(b *chromium.Tab, ms int) {
	b.T.Helper()
	chromium.Ask[bool](b, fmt.Sprintf(`pass(%d)`, ms))
}

// tones is how many tones of a kind were heard, by their first note in Hz.
func tones(b *chromium.Tab, hertz int) int {
	b.T.Helper()
	return chromium.Ask[int](b, fmt.Sprintf(`tones.filter((t) => t === %d).length`, hertz))
}

const (
	down = 330
	kept = 390 // the second note; the first is a card's too
)

// no is an office's refusal of a scan that it has stored.
func no(s sent) (int, any) {
	return http.StatusOK, map[string]any{"id": s.ID, "stored": true, "say": map[string]string{"tone": "down", "word": "No", "headline": "This file is in another room"}}
}

// holds has answers to a code wait until the test lets them go.
func (c *counter) holds(t *testing.T, held string, answer func(sent) (int, any)) (asked chan bool, release func()) {
	asked, gate := make(chan bool, 9), make(chan bool)
	release = sync.OnceFunc(func() { close(gate) })
	t.Cleanup(release)
	c.answer = func(s sent) (int, any) {
		if s.Code != held {
			return accepted(s)
		}
		c.mu.Unlock()
		asked <- true
		<-gate
		c.mu.Lock()
		return answer(s)
	}
	return asked, release
}

// A network that swallows everything: each scan is told that it is kept, the newest on
// the panel, the others by ear; a server that is known to be away is not waited for.
func TestSilentNetwork(t *testing.T) {
	c := serve(t, Page{Station: "st-a-102", Token: "token"})
	asked, release := c.holds(t, code(1), func(sent) (int, any) { return http.StatusServiceUnavailable, nil })
	b := chromium.Start(t)
	before(b, noted+patient)
	c.open(b)
	for n := range 3 {
		burst(b, code(uint64(n+1))+"\r", 4)
		wait(b, fmt.Sprintf(`(pass(100), told.at(-1) === "heard %s" && put(4000) === %d)`, code(uint64(n+1)), n+1)) // on disk
	}
	<-asked
	pass(b, 4000)
	if got := chromium.Ask[string](b, `told.at(-1)`); got != "kept "+code(3) {
		t.Errorf("told %q", got)
	}
	if n := tones(b, kept); n != 3 {
		t.Errorf("%d tones of three scans that are kept", n)
	}
	c.set(func() { c.answer = func(sent) (int, any) { return http.StatusServiceUnavailable, nil } })
	release()
	b.Until(`document.getElementById("server").classList.contains("off")`)
	burst(b, code(4)+"\r", 4)
	wait(b, fmt.Sprintf(`(pass(100), told.at(-1) === "kept %s")`, code(4)))
	b.Quiet()
}

// A refusal is heard although another file was scanned meanwhile; the panel is that one's.
func TestRefusalIsHeard(t *testing.T) {
	c := serve(t, Page{Station: "st-a-102", Token: "token"})
	asked, release := c.holds(t, code(1), no)
	b := chromium.Start(t)
	before(b, noted+patient)
	c.open(b)
	burst(b, code(1)+"\r", 4)
	<-asked
	burst(b, code(2)+"\r", 4)
	wait(b, fmt.Sprintf(`(pass(100), told.at(-1) === "heard %s")`, code(2)))
	release()
	b.Until(`document.querySelectorAll("#recent li").length === 2`)
	if n := tones(b, down); n != 1 {
		t.Errorf("%d tones of a refusal", n)
	}
	if got := chromium.Ask[string](b, `told.at(-1)`); got != "up "+code(2) {
		t.Errorf("told %q", got)
	}
	b.Quiet()
}

// What was refused here is listed: few have a line, all are counted. Each is heard once,
// in its answer or when it is listed, and not when the page finds it at first.
func TestRefusalsAreListed(t *testing.T) {
	refusals := func(ids ...string) (list []map[string]string) {
		for n, id := range ids {
			list = append(list, map[string]string{"id": id, "code": code(uint64(n)), "what": "This file is in another room", "at": "12 Jan, 10:40"})
			if id == "a" { // the office knows what file that is
				list[n]["number"] = "SO(Dev) 3-9/2026"
			}
		}
		return list
	}
	c := serve(t, Page{Station: "st-a-102", Token: "token"})
	c.answer = no
	c.refused = refusals("old")
	b := chromium.Start(t)
	before(b, noted+timers+`{ const now = performance.now.bind(performance); window.ahead = 0; performance.now = () => now() + ahead; }`)
	c.open(b)
	b.Until(`document.querySelectorAll("#refused-list li").length === 1`)
	burst(b, code(1)+"\r", 4)
	b.Until(`document.querySelectorAll("#recent li.down").length === 1`)
	answered := c.ids()[0]
	for _, tt := range []struct {
		list         []map[string]string
		tones, lines int
	}{
		{refusals("old"), 1, 1},
		{refusals(answered, "old"), 1, 2},
		{refusals("b", "a", answered, "old"), 2, 4},
		{refusals("a", "old"), 2, 2},
		{refusals("b", "a", "old"), 2, 3}, // an older view
		{refusals("l", "k", "j", "i", "h", "g", "f", "e", "d", "c", "b"), 3, 8},
		{nil, 3, 0},
	} {
		c.set(func() { c.refused = tt.list })
		chromium.Ask[float64](b, `ahead += 1000`) // tones that come together are one
		due(b, 5000)
		b.Until(fmt.Sprintf(`document.querySelectorAll("#refused-list li").length === %[1]d && document.getElementById("refused").checkVisibility() === (%[1]d > 0)`, tt.lines))
		b.Until(fmt.Sprintf(`%d === 0 || document.getElementById("refused-count").textContent.startsWith("%[1]d ")`, len(tt.list)))
		if len(tt.list) == 3 {
			lines := chromium.Ask[[]string](b, `[...document.querySelectorAll("#refused-list li bdi:first-child")].map((e) => e.textContent)`)
			if lines[1] != "SO(Dev) 3-9/2026" || strings.Contains(lines[2], "SO") {
				t.Errorf("listed are %q", lines)
			}
		}
		if n := tones(b, down); n != tt.tones {
			t.Errorf("%d tones when %d are listed, want %d", n, len(tt.list), tt.tones)
		}
	}
	b.Quiet()
}

// A page that was opened offline hears of its own scans when it finds them refused, and of
// one that waits for its answer then.
func TestFirstListTellsOfOwnScans(t *testing.T) {
	c := serve(t, Page{Station: "st-a-102", Token: "token"})
	asked, release := c.holds(t, code(1), no)
	b := chromium.Start(t)
	before(b, noted+timers+patient+`{ const get = window.fetch; window.fetch = (to, ...more) => String(to).includes("/api/v1/station") && window.dark ? Promise.reject(new TypeError("away")) : get(to, ...more); } window.dark = true;`)
	c.open(b)
	burst(b, code(1)+"\r", 4)
	<-asked
	c.set(func() {
		c.refused = []map[string]string{{"id": c.posts[0][0].ID, "code": code(1), "what": "This file is in another room", "at": "10:40"}}
	})
	chromium.Ask[bool](b, `!(window.dark = false)`)
	due(b, 5000)
	b.Until(`document.querySelectorAll("#refused-list li").length === 1`)
	if n := tones(b, down); n != 0 {
		t.Errorf("%d tones while it waits for its answer", n)
	}
	pass(b, 4000) // told that it is kept
	due(b, 5000)
	if n := tones(b, down); n != 1 {
		t.Errorf("%d tones of a refusal that is listed", n)
	}
	release()
	b.Until(`document.querySelectorAll("#recent li.down").length === 1`)
	if n := tones(b, down); n != 1 {
		t.Errorf("%d tones of a refusal that was heard", n)
	}
}

// A token that is refused stays told: no word covers it, and it is said again at every
// scan, but not every time that the page asks for its lists.
func TestRefusedTokenStaysTold(t *testing.T) {
	c := serve(t, Page{Station: "st-a-102", Token: "token"})
	gate := make(chan bool)
	t.Cleanup(func() { close(gate) })
	b := chromium.Start(t)
	before(b, noted+patient+timers)
	c.open(b)
	c.answer = func(sent) (int, any) {
		c.mu.Unlock()
		<-gate
		c.mu.Lock()
		return http.StatusUnauthorized, map[string]any{"error": map[string]string{"code": "unauthorised", "message": "token refused"}}
	}
	for n := range 2 {
		burst(b, code(uint64(n+1))+"\r", 4)
		wait(b, fmt.Sprintf(`(pass(100), told.at(-1) === "heard %s" && put(4000) === 1)`, code(uint64(n+1)))) // on disk
		gate <- true
		queued(b, n+1)
		wait(b, fmt.Sprintf(`tones.filter((t) => t === %d).length === %d`, down, n+1))
		pass(b, 100)
		if got := chromium.Ask[string](b, `told.at(-1)`); !strings.HasPrefix(got, "down") {
			t.Errorf("the panel says %q", got)
		}
	}
	chromium.Ask[bool](b, `dispatchEvent(new Event("online"))`) // it tries again
	due(b, 5000)
	if n := tones(b, down); n != 2 {
		t.Errorf("%d tones of two scans", n)
	}
	b.Quiet()
}

// A disk that stands still: the panel does not go on showing the last file's yes.
func TestSlowDisk(t *testing.T) {
	c := serve(t, Page{Station: "st-a-102", Token: "token"})
	b := chromium.Start(t)
	before(b, noted+patient+`{ const commit = IDBTransaction.prototype.commit; IDBTransaction.prototype.commit = function () { if (!window.stalled) { commit.call(this); return; } const keep = this.objectStore("waiting"), go = () => { keep.count().onsuccess = () => { if (window.stalled) go(); }; }; go(); }; }`)
	c.open(b)
	burst(b, code(1)+"\r", 4)
	b.Until(`told.at(-1)?.startsWith("up")`)
	queued(b, 0)
	chromium.Ask[bool](b, `window.stalled = true`)
	burst(b, code(2)+"\r", 4)
	wait(b, fmt.Sprintf(`(pass(100), told.at(-1) === "heard %s")`, code(2)))
	burst(b, code(3)+"\r", 4) // waits its turn
	chromium.Ask[bool](b, `!(window.stalled = false)`)
	b.Until(fmt.Sprintf(`told.at(-1) === "up %s"`, code(3)))
	b.Quiet()
}

// The form for a label that no file has belongs to the label on the panel.
func TestRegisterIsForTheLabelShown(t *testing.T) {
	c := serve(t, Page{Station: "st-a-102", Token: "token", Home: "/"})
	away := false
	c.answer = func(s sent) (int, any) {
		switch {
		case s.Code == code(1):
			return http.StatusOK, map[string]any{"id": s.ID, "stored": true, "outcome": map[string]string{"reason": "unassigned"}, "say": map[string]string{"tone": "soft", "word": "New label", "headline": "Open a file with it"}}
		case away:
			return http.StatusServiceUnavailable, nil
		}
		return accepted(s)
	}
	b := chromium.Start(t)
	c.open(b)
	for _, next := range []struct{ text, shows string }{{"]C1019501234567890321ABCDEF1234567890", "down"}, {code(2), "kept"}} {
		burst(b, code(1)+"\r", 4)
		b.Until(`document.getElementById("register").checkVisibility()`)
		if got := chromium.Ask[string](b, `document.getElementById("register").elements.code.value`); got != code(1) {
			t.Errorf("registers %q", got)
		}
		c.set(func() { away = true })
		burst(b, next.text+"\r", 4)
		b.Until(fmt.Sprintf(`document.getElementById("answer").classList.contains(%q) && !document.getElementById("register").checkVisibility()`, next.shows))
		c.set(func() { away = false })
	}
	b.Quiet()
}

// The answer to an agent's own source leaves the page's own scan its answer.
func TestAgentLeavesThePageItsAnswer(t *testing.T) {
	c := serve(t, Page{Station: "st-a-102", Agent: true})
	said, late := make(chan string), make(chan string)
	inner := c.Config.Handler
	c.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/v1/events" {
			inner.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		for {
			select {
			case s := <-said:
				fmt.Fprintf(w, "data: %s\n\n", s)
			case s := <-late:
				fmt.Fprintf(w, "event: late\ndata: %s\n\n", s)
			case <-r.Context().Done():
				return
			}
			w.(http.Flusher).Flush()
		}
	})
	asked, release := c.holds(t, code(1), no)
	b := chromium.Start(t)
	before(b, noted)
	c.open(b)
	burst(b, code(1)+"\r", 4)
	<-asked
	said <- fmt.Sprintf(`{"command":{"id":"x","code":%q},"result":{"id":"x","stored":true,"say":{"tone":"up","word":"Received","headline":"Other"}}}`, code(2))
	b.Until(`document.querySelectorAll("#recent li").length === 1`)
	release()
	b.Until(fmt.Sprintf(`told.at(-1) === "down %s"`, code(1)))
	if n := tones(b, down); n != 1 {
		t.Errorf("%d tones of a refusal", n)
	}
	said <- fmt.Sprintf(`{"command":{"id":"y","code":%q},"result":{"id":"y","stored":true,"say":{"tone":"up","word":"Received","headline":"Other"}}}`, code(3))
	b.Until(fmt.Sprintf(`told.at(-1) === "up %s"`, code(3)))
	late <- fmt.Sprintf(`{"command":{"id":"z","code":%q},"result":{"id":"z","stored":true,"say":{"tone":"down","word":"No","headline":"In another room"}}}`, code(4))
	b.Until(`document.querySelectorAll("#recent li.down").length === 2`)
	if n, last := tones(b, down), chromium.Ask[string](b, `told.at(-1)`); n != 2 || last != "up "+code(3) {
		t.Errorf("%d tones, told %s: a late refusal is heard and leaves the panel", n, last)
	}
	b.Quiet()
}

// What an agent tells comes by another stream where the first fell silent without an end,
// or was broken.
func TestAgentsSilentStreamIsLeft(t *testing.T) {
	c := serve(t, Page{Station: "st-a-102", Agent: true})
	streams := make(chan chan string)
	inner := c.Config.Handler
	c.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/v1/events" {
			inner.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		said := make(chan string)
		select {
		case streams <- said:
		case <-r.Context().Done():
			return
		}
		for {
			select {
			case s, more := <-said:
				if !more {
					http.Error(w, "no", http.StatusInternalServerError) // an EventSource gives up by itself then
					return
				}
				fmt.Fprint(w, s)
			case <-r.Context().Done():
				return
			}
			w.(http.Flusher).Flush()
		}
	})
	b := chromium.Start(t)
	before(b, noted+`Math.random = () => 0; { const now = performance.now.bind(performance); window.ahead = 0; performance.now = () => now() + ahead; }`)
	c.open(b)
	answer := func(n uint64) string {
		return fmt.Sprintf("data: {\"command\":{\"id\":\"x%d\",\"code\":%q},\"result\":{\"id\":\"x%d\",\"stored\":true,\"say\":{\"tone\":\"up\",\"word\":\"Received\",\"headline\":\"Other\"}}}\n\n", n, code(n), n)
	}
	told := func(n uint64) { b.Until(fmt.Sprintf(`told.at(-1) === "up %s"`, code(n))) }
	first := <-streams
	first <- answer(1)
	told(1)
	for range 2 { // half of the time, and again: it lives
		chromium.Ask[bool](b, `((ahead += 15000), true)`)
		first <- "event: beat\ndata: {}\n\n"
		first <- answer(2)
		told(2)
	}
	chromium.Ask[bool](b, `((ahead += 30001), true)`)
	second := <-streams
	second <- answer(3)
	told(3)
	close(second)
	third := <-streams
	close(third) // before it said anything
	fourth := <-streams
	fourth <- answer(4)
	told(4)
	b.Quiet()
}

// A browser that nobody has touched may make no sound: that is said until it does, and
// no tone comes late.
func TestMute(t *testing.T) {
	c := serve(t, Page{Station: "st-a-102", Token: "token"})
	b := chromium.Start(t)
	before(b, noted+`{ let touched; const yes = new Promise((y) => { touched = y; }); window.touch = () => touched();
		window.AudioContext = class extends AudioContext { get state() { return window.heard ? super.state : "suspended"; } resume() { window.asked = (window.asked || 0) + 1; return yes.then(() => { window.heard = true; }); } };
		const now = performance.now.bind(performance); window.ahead = 0; performance.now = () => now() + ahead; }`)
	c.open(b)
	burst(b, code(1)+"\r", 4)
	b.Until(`told.at(-1)?.startsWith("up") && document.getElementById("mute").checkVisibility()`)
	tries := chromium.Ask[int](b, `asked`)
	chromium.Ask[bool](b, `dispatchEvent(new PointerEvent("pointerup"))`)
	if n := chromium.Ask[int](b, `asked`); n != tries+1 {
		t.Errorf("a touch asked for sound %d times", n-tries)
	}
	chromium.Ask[bool](b, `(window.ahead = 5000, touch(), true)`)
	b.Until(`!document.getElementById("mute").checkVisibility()`)
	if n := chromium.Ask[int](b, `tones.length`); n != 0 {
		t.Errorf("%d tones of a scan long ago", n)
	}
	burst(b, code(2)+"\r", 4)
	b.Until(`tones.length === 2`)
	b.Quiet()
}

// photographs serves a kiosk that has photographs read by read.
func photographs(t *testing.T, read http.HandlerFunc) (*counter, *chromium.Tab) {
	c := serve(t, Page{Station: "st-a-102", Token: "token"})
	inner := c.Config.Handler
	c.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/v1/images" {
			_, _ = io.Copy(io.Discard, r.Body)
			read(w, r)
			return
		}
		inner.ServeHTTP(w, r)
	})
	b := chromium.Start(t)
	before(b, noted)
	c.open(b)
	return c, b
}

func photograph(b *chromium.Tab) {
	b.T.Helper()
	chromium.Ask[bool](b, `(() => { const d = new DataTransfer(); d.items.add(new File(["x"], "a.jpg")); const f = document.getElementById("photo"); f.files = d.files; f.dispatchEvent(new Event("change")); return true; })()`)
}

// A photograph is of the card that was open when it was given: one that comes back under
// another is refused aloud.
func TestPhotographUnderAnotherCard(t *testing.T) {
	read := make(chan bool)
	c, b := photographs(t, func(w http.ResponseWriter, _ *http.Request) {
		<-read
		_ = json.NewEncoder(w).Encode(map[string]string{"code": code(1)})
	})
	photograph(b)
	burst(b, string(label.New(label.Desk, 77))+"\r", 4)
	b.Until(`document.getElementById("banner").checkVisibility({ visibilityProperty: true })`)
	read <- true
	b.Until(fmt.Sprintf(`told.at(-1) === "down %s" && document.getElementById("headline").textContent.includes("Photograph it again")`, code(1)))
	burst(b, string(label.New(label.Desk, 78))+"\r", 4)
	photograph(b) // under the card just scanned
	read <- true
	b.Until(fmt.Sprintf(`told.at(-1) === "up %s"`, code(1)))
	if got := c.codes(); !slices.Equal(got, []string{code(1) + " image"}) {
		t.Errorf("sent %v", got)
	}
	b.Quiet()
}

// What stands between may answer a photograph with anything.
func TestPhotographThatNobodyReads(t *testing.T) {
	_, b := photographs(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadGateway)
		_, _ = io.WriteString(w, `{"message":"no upstream"}`)
	})
	photograph(b)
	b.Until(`told.at(-1)?.startsWith("down")`)
	b.Quiet()
}

// What keeps a page from working is said where it can be seen.
func TestPageWithoutDisk(t *testing.T) {
	for name, script := range map[string]string{
		"no storage": `IDBFactory.prototype.open = () => { throw new DOMException("denied", "SecurityError"); };`,
		"full":       `{ const add = IDBObjectStore.prototype.add; IDBObjectStore.prototype.add = function (v) { const r = add.call(this, v); this.transaction.abort(); return r; }; }`,
	} {
		t.Run(name, func(t *testing.T) {
			c := serve(t, Page{Station: "st-a-102", Token: "token"})
			b := chromium.Start(t)
			before(b, script)
			b.Do(chromedp.Navigate(c.URL + Path))
			if name == "full" {
				b.Until(`document.body.dataset.ready === "yes"`)
				burst(b, code(1)+"\r", 4)
			}
			b.Until(`document.getElementById("answer").checkVisibility() && document.getElementById("word").textContent.startsWith("Not kept")`)
		})
	}
}
