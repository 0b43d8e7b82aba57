package kiosk

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"

	"harkara/internal/chromium"
	"harkara/internal/label"
)

// timers keeps what a page does every so often, to be done when the test says so.
const timers = `window.timers = []; { const every = window.setInterval; window.setInterval = (f, ms) => { timers.push({ f, ms }); return ms < 2000 ? every(f, ms) : 0; }; }`

// due does what the page does every so many milliseconds.
func due(b *chromium.Tab, ms int) {
	b.T.Helper()
	if n := chromium.Ask[int](b, fmt.Sprintf(`(async () => { const list = timers.filter((t) => t.ms === %d); for (const t of list) await t.f(); return list.length; })()`, ms)); n == 0 {
		b.T.Fatalf("nothing is done every %d ms", ms)
	}
}

func code(n uint64) string { return string(label.New(label.File, n)) }

// queued waits until the page shows that so many scans wait, or nothing where none do.
func queued(b *chromium.Tab, n int) {
	b.T.Helper()
	b.Until(fmt.Sprintf(`(() => { const q = document.getElementById("queue"); return q.dataset.count === "%[1]d" && q.checkVisibility({ visibilityProperty: true }) === (%[1]d > 0) && (%[1]d === 0 || q.textContent.includes("%[1]d")); })()`, n))
}

// stored is how many scans lie in a store of the page's outbox.
func stored(b *chromium.Tab, store string) int {
	b.T.Helper()
	return chromium.Ask[int](b, fmt.Sprintf(`new Promise((yes, no) => {
		const open = indexedDB.open("harkara.st-a-102");
		open.onsuccess = () => {
			const count = open.result.transaction(%q).objectStore(%[1]q).count();
			count.onsuccess = () => { open.result.close(); yes(count.result); };
		};
		open.onerror = () => no(open.error);
	})`, store))
}

// lie waits until so many scans lie in a store.
func lie(b *chromium.Tab, store string, n int) {
	b.T.Helper()
	for until := time.Now().Add(chromium.Patience); stored(b, store) != n; {
		if time.Now().After(until) {
			b.T.Fatalf("%d scans never lay in %s", n, store)
		}
	}
}

// An office that was restored from an older copy gets everything again, in order and
// under the same ids, once; what it has had for fourteen days of its own clock is
// forgotten, in a page that is never closed too, whatever the page's clock says.
func TestSentAgainAndForgotten(t *testing.T) {
	c := serve(t, Page{Station: "st-a-102", Token: "token"})
	b := chromium.Start(t)
	before(b, timers+`const now = Date.now; window.days = -400; Date.now = () => now() + days * 864e5; { const D = Date; window.Date = class extends D { constructor(...a) { super(...(a.length ? a : [D.now()])); } }; }`)
	c.open(b)
	var first []string
	for n := range 3 {
		burst(b, code(uint64(n+1))+"\r", 4)
		b.Until(fmt.Sprintf(`document.querySelectorAll("#recent li.up").length === %d`, n+1))
		queued(b, 0)
	}
	first = c.ids()
	due(b, 5000)
	if got := c.ids(); len(got) != 3 {
		t.Errorf("sent again without a reason: %v", got)
	}
	c.set(func() { c.epoch = "second" })
	for range 2 {
		due(b, 5000)
		for len(c.ids()) < 6 { // their lines are there already
			chromium.Ask[bool](b, "true")
		}
		queued(b, 0)
	}
	c.open(b)
	due(b, 5000)
	if got := c.ids(); len(first) != 3 || !slices.Equal(got, slices.Concat(first, first)) {
		t.Errorf("sent %v, then in all %v", first, got)
	}
	for _, tt := range []struct{ days, left int }{{0, 3}, {13, 3}, {15, 0}} {
		chromium.Ask[bool](b, `(window.days = 0, true)`) // the page's clock is set
		c.set(func() { c.days = tt.days })
		due(b, 5000)
		if n := stored(b, "delivered"); n != tt.left {
			t.Errorf("after %d days %d are left, want %d", tt.days, n, tt.left)
		}
	}
	b.Quiet()
}

// What the office can never take is out of the way of what follows, and stays in view
// with the reason, through a reload, until the clerk has seen it.
func TestDrawerIsVisible(t *testing.T) {
	for _, tt := range []struct {
		name   string
		refuse func(sent) (int, any)
	}{
		{"a whole request", func(sent) (int, any) {
			return http.StatusBadRequest, map[string]any{"error": map[string]string{"code": "malformed", "message": "This is not a command"}}
		}},
		{"one of several", func(s sent) (int, any) {
			return http.StatusOK, map[string]any{"id": s.ID, "stored": true, "error": map[string]string{"code": "forbidden", "message": "This is not a command"}}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := serve(t, Page{Station: "st-a-102", Token: "token"})
			c.answer = func(s sent) (int, any) {
				if s.Code == code(2) {
					return tt.refuse(s)
				}
				return accepted(s)
			}
			b := chromium.Start(t)
			c.open(b)
			for n := range 3 {
				burst(b, code(uint64(n+1))+"\r", 4)
				b.Until(fmt.Sprintf(`document.querySelectorAll("#recent li").length === %d`, n+1))
				queued(b, 0)
			}
			for range 2 {
				drawer := `document.getElementById("drawer")`
				b.Until(drawer + `.checkVisibility() && ` + drawer + `.dataset.count === "1"`)
				text := chromium.Ask[string](b, drawer+`.innerText`)
				if !strings.Contains(strings.ReplaceAll(text, " ", ""), code(2)) || !strings.Contains(text, "This is not a command") || !strings.HasPrefix(text, "1 can never be taken") {
					t.Errorf("the drawer says %q", text)
				}
				c.open(b)
			}
			b.Until(`document.getElementById("drawer").checkVisibility()`)
			click(b, "drawer-seen")
			b.Until(`!document.getElementById("drawer").checkVisibility()`)
			c.open(b)
			b.Until(`document.getElementById("drawer").dataset.count === "0" && !document.getElementById("drawer").checkVisibility()`)
			if n := stored(b, "delivered"); n != 2 {
				t.Errorf("%d delivered", n)
			}
			b.Quiet()
		})
	}
}

// noted keeps what the panel and the sounds tell: each look with its digits, each first
// note of a tone.
const noted = `window.told = [], window.tones = [];
	Object.defineProperty(AudioContext.prototype, "state", { get: () => "running" }); // with or without a sound device
	{ const start = OscillatorNode.prototype.start; OscillatorNode.prototype.start = function (at) { tones.push(this.frequency.value); return start.call(this, at); }; }
	addEventListener("DOMContentLoaded", () => {
		const panel = document.getElementById("answer"), digits = document.getElementById("digits");
		new MutationObserver(() => {
			const now = panel.classList[1] + " " + digits.textContent.replaceAll(" ", "");
			if (told.at(-1) !== now) told.push(now);
		}).observe(panel, { attributes: true, childList: true, subtree: true, characterData: true });
	});`

// While the server is away each scan is told that it is kept, with its own digits and
// tone, once, however often what waits is tried again.
func TestEveryScanIsAnsweredOffline(t *testing.T) {
	c := serve(t, Page{Station: "st-a-102", Token: "token"})
	c.answer = func(sent) (int, any) { return http.StatusServiceUnavailable, nil }
	b := chromium.Start(t)
	before(b, noted)
	c.open(b)
	var want []string
	for n := range 3 {
		burst(b, code(uint64(n+1))+"\r", 4)
		want = append(want, "kept "+code(uint64(n+1)))
		b.Until(fmt.Sprintf(`told.at(-1) === %q`, want[n]))
		queued(b, n+1)
	}
	tries := len(c.ids())
	for len(c.ids()) < tries+2 {
		due := len(c.ids())
		chromium.Ask[bool](b, `dispatchEvent(new Event("online"))`)
		for len(c.ids()) == due {
			queued(b, 3)
		}
	}
	got := chromium.Ask[[]string](b, `told.filter((t) => t.startsWith("kept"))`)
	if !slices.Equal(got, want) {
		t.Errorf("told %q, want %q", got, want)
	}
	if n := chromium.Ask[int](b, `tones.filter((hertz) => hertz === 520).length`); n != 3 {
		t.Errorf("%d tones of three scans", n)
	}
	b.Quiet()
}

// A scan that the disk does not take is told in red and by ear, which no older answer
// covers, and the next scan is taken.
func TestScanThatIsNotKept(t *testing.T) {
	c := serve(t, Page{Station: "st-a-102", Token: "token"})
	asked, held := make(chan bool), make(chan bool)
	release := sync.OnceFunc(func() { close(held) })
	t.Cleanup(release)
	c.answer = func(s sent) (int, any) {
		if s.Code == code(1) {
			asked <- true
			<-held
		}
		return accepted(s)
	}
	b := chromium.Start(t)
	before(b, noted+`{ const add = IDBObjectStore.prototype.add; IDBObjectStore.prototype.add = function (v) { if (window.full) add.call(this, v); return add.call(this, v); }; }`) // the same key twice fails
	c.open(b)
	burst(b, code(1)+"\r", 4)
	<-asked
	chromium.Ask[bool](b, `window.full = true`)
	burst(b, code(2)+"\r", 4)
	b.Until(fmt.Sprintf(`told.at(-1) === "down %s" && document.getElementById("word").textContent.startsWith("Not kept")`, code(2)))
	if n := chromium.Ask[int](b, `tones.filter((hertz) => hertz === 330).length`); n != 1 {
		t.Errorf("%d tones of a scan that is not kept", n)
	}
	release()
	b.Until(`document.querySelectorAll("#recent li.up").length === 1`)
	if got := chromium.Ask[string](b, `told.at(-1)`); got != "down "+code(2) {
		t.Errorf("an older answer covers it: %q", got)
	}
	chromium.Ask[bool](b, `(window.full = false, true)`)
	burst(b, code(3)+"\r", 4)
	b.Until(fmt.Sprintf(`told.at(-1) === "up %s"`, code(3)))
	queued(b, 0)
	b.Quiet()
}

// An answer that is not the office's leaves a scan waiting.
func TestGatewayAnswers(t *testing.T) {
	c := serve(t, Page{Station: "st-a-102", Token: "token"})
	c.answer = func(sent) (int, any) { return http.StatusNotFound, map[string]any{} }
	b := chromium.Start(t)
	c.open(b)
	burst(b, code(1)+"\r", 4)
	b.Until(`document.getElementById("answer").classList.contains("kept")`)
	queued(b, 1)
	b.Quiet()
}

// A machine that moves to another room is given that room's token: what it scanned
// before is not sent as the new station's. The office refuses it, and it stays in view.
func TestQueueOfAnotherStation(t *testing.T) {
	c := serve(t, Page{})
	c.stations = map[string]string{"token-a": "st-a-102", "token-b": "st-b-201"}
	away := false
	c.answer = func(s sent) (int, any) {
		if away {
			return http.StatusServiceUnavailable, nil
		}
		return accepted(s)
	}
	b := chromium.Start(t)
	before(b, timers)
	paste := func(token string) {
		t.Helper()
		chromium.Ask[bool](b, fmt.Sprintf(`(() => { delete document.body.dataset.ready; document.getElementById("token-text").value = %q; document.getElementById("token").requestSubmit(); return true; })()`, token))
		b.Until(`document.body.dataset.ready === "yes"`)
		due(b, 5000) // it asks whose the token is
	}
	b.Do(chromedp.Navigate(c.URL + Path))
	b.Until(`document.getElementById("token").checkVisibility()`)
	paste("token-a")
	c.set(func() { away = true })
	burst(b, code(1)+"\r", 4)
	queued(b, 1)
	burst(b, code(2)+"\r", 4)
	queued(b, 2)
	paste("token-b")
	c.set(func() { away = false })
	burst(b, code(3)+"\r", 4)
	b.Until(`document.querySelectorAll("#recent li.up").length === 1 && document.getElementById("drawer").dataset.count === "2"`)
	queued(b, 0)
	text := strings.ReplaceAll(chromium.Ask[string](b, `document.getElementById("drawer").innerText`), " ", "")
	if !strings.Contains(text, code(1)) || !strings.Contains(text, code(2)) || !strings.Contains(text, "Scannedasanotherstation") {
		t.Errorf("the drawer says %q", text)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, post := range c.posts {
		for _, s := range post {
			if want := map[string]string{code(1): "st-a-102", code(2): "st-a-102", code(3): "st-b-201"}[s.Code]; s.Station != want {
				t.Errorf("%s is sent as %q's, want %q", s.Code, s.Station, want)
			}
		}
	}
	b.Quiet()
}

// A page that did not come over https says so in red, offers no camera, and promises
// nothing while the office is away; what it scanned is sent all the same.
func TestInsecureContext(t *testing.T) {
	c := serve(t, Page{Station: "st-a-102", Token: "token"})
	b := chromium.Start(t, chromium.Flag{Name: "host-resolver-rules", Value: "MAP kiosk.example 127.0.0.1"})
	away := true
	c.answer = func(s sent) (int, any) {
		if away {
			return http.StatusServiceUnavailable, nil
		}
		return accepted(s)
	}
	base := c.URL
	c.URL = strings.Replace(base, "127.0.0.1", "kiosk.example", 1)
	c.open(b)
	c.URL = base
	state := chromium.Ask[map[string]any](b, `(() => {
		const insecure = document.getElementById("insecure"), [r, g, b] = getComputedStyle(insecure).backgroundColor.match(/\d+/g).map(Number);
		return { said: insecure.checkVisibility(), red: r > 120 && g < 60 && b < 60, camera: document.getElementById("camera-start").checkVisibility(), worker: "serviceWorker" in navigator };
	})()`)
	if want := (map[string]any{"said": true, "red": true, "camera": false, "worker": false}); fmt.Sprint(state) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", state, want)
	}
	burst(b, code(1)+"\r", 4)
	b.Until(`document.querySelector("#answer.down #word")?.textContent === "Not sent"`)
	if chromium.Ask[bool](b, `document.body.innerText.includes("Kept here")`) {
		t.Error("the page promises to keep it")
	}
	queued(b, 1)
	c.set(func() { away = false })
	b.Until(`document.querySelectorAll("#recent li.up").length === 1`)
	queued(b, 0)
	b.Quiet()
}

// The page opens with the server away from its first visit on, also where the server was
// slow when the service worker fetched it, and where what stands between answers for it.
func TestPageIsKept(t *testing.T) {
	c := serve(t, Page{Station: "st-a-102", Token: "token"})
	c.slow = 2
	b := chromium.Start(t)
	c.open(b)
	b.Until(`document.body.dataset.kept === "yes"`)
	c.set(func() { c.broken = true })
	c.open(b)
	c.Close()
	c.open(b)
	b.Until(`document.getElementById("server").classList.contains("off")`)
}

// A page that was served for one file alone is kept once, without that, and no page of
// somebody else's takes its place.
func TestOnePageIsKept(t *testing.T) {
	c := serve(t, Page{Station: "st-a-102", Token: "token"})
	b := chromium.Start(t)
	for n := range 3 {
		b.Do(chromedp.Navigate(fmt.Sprintf("%s%s?lang=en&done=opened&code=%s", c.URL, Path, code(uint64(n)))))
		b.Until(`document.body.dataset.kept === "yes"`)
	}
	got := chromium.Ask[[]string](b, `caches.keys().then((names) => Promise.all(names.map((n) => caches.open(n).then((c) => c.keys())))).then((all) => all.flat().map((r) => new URL(r.url)).filter((u) => u.pathname === "/kiosk").map((u) => u.search))`)
	if !slices.Equal(got, []string{"?lang=en"}) {
		t.Errorf("kept %q", got)
	}
	c.set(func() { c.portal = true })
	b.Do(chromedp.Navigate(c.URL + Path + "?lang=en"))
	b.Until(`document.body.textContent === "Sign in to the network"`)
	c.Close()
	c.open(b)
}

// The page of a newer version, whose worker does not come, does not put out what was kept.
func TestNewerPageWithoutItsWorker(t *testing.T) {
	c := serve(t, Page{Station: "st-a-102", Token: "token"})
	inner := c.Config.Handler
	newer := false
	c.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		is := newer
		c.mu.Unlock()
		switch {
		case is && r.URL.Path == WorkerPath:
			http.Error(w, "no", http.StatusBadGateway)
		case is && r.URL.Path == Path:
			answer := httptest.NewRecorder()
			inner.ServeHTTP(answer, r)
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = io.WriteString(w, strings.ReplaceAll(answer.Body.String(), AssetPath, AssetPath+"newer-"))
		case is && strings.HasPrefix(r.URL.Path, AssetPath+"newer-"):
			answer := httptest.NewRecorder()
			r.URL.Path = strings.Replace(r.URL.Path, "newer-", "", 1)
			r.Header.Del("Accept-Encoding")
			inner.ServeHTTP(answer, r)
			w.Header().Set("Content-Type", answer.Header().Get("Content-Type")) // and no leave to keep it
			_, _ = answer.Body.WriteTo(w)
		default:
			inner.ServeHTTP(w, r)
		}
	})
	b := chromium.Start(t)
	c.open(b)
	b.Until(`document.body.dataset.kept === "yes"`)
	c.set(func() { newer = true })
	c.open(b)
	c.Close()
	c.open(b)
	b.Until(`document.getElementById("server").classList.contains("off")`)
}

// A browser that closes the page's storage gets the page anew, and nothing is lost.
func TestStorageIsClosed(t *testing.T) {
	c := serve(t, Page{Station: "st-a-102", Token: "token"})
	b := chromium.Start(t)
	c.open(b)
	burst(b, code(1)+"\r", 4)
	b.Until(`document.querySelectorAll("#recent li.up").length === 1`)
	queued(b, 0)
	chromium.Tell(b, storage.ClearDataForOrigin, storage.ClearDataForOriginParams{Origin: c.URL, StorageTypes: "indexeddb"})
	b.Until(`document.body.dataset.ready === "yes" && document.querySelectorAll("#recent li").length === 0`)
	burst(b, code(2)+"\r", 4)
	b.Until(`document.querySelectorAll("#recent li.up").length === 1`)
	if got := c.codes(); len(got) != 2 {
		t.Errorf("sent %v", got)
	}
}

// What another tab has sent meanwhile is asked for no more.
func TestAnotherTabSentIt(t *testing.T) {
	c := serve(t, Page{Station: "st-a-102", Token: "token"})
	b := chromium.Start(t, chromium.Flag{Name: "host-resolver-rules", Value: "MAP kiosk.example 127.0.0.1"})
	c.URL = strings.Replace(c.URL, "127.0.0.1", "kiosk.example", 1)
	c.open(b)
	asked, release := c.holds(t, code(1), func(sent) (int, any) { return http.StatusServiceUnavailable, nil })
	burst(b, code(1)+"\r", 4)
	<-asked
	burst(b, code(2)+"\r", 4)
	lie(b, "waiting", 2)
	c.set(func() { c.answer = accepted })
	two := b.Another()
	c.open(two) // finds them waiting, and sends them
	wait(two, `document.querySelectorAll("#recent li.up").length === 2`)
	lie(two, "waiting", 0)
	release()
	wait(b, `document.getElementById("queue").dataset.count === "0"`)
	if got := c.codes(); !slices.Contains(got, code(2)+" wedge") || slices.Contains(got[slices.Index(got, code(2)+" wedge")+1:], code(2)+" wedge") {
		t.Errorf("sent %v", got)
	}
}

// Two tabs of a page without https count as one: no scan takes the place of another, in
// the queue or in what is kept for a restore, whichever tab's answer comes last.
func TestTwoTabsOverPlainHTTP(t *testing.T) {
	c := serve(t, Page{Station: "st-a-102", Token: "token"})
	b := chromium.Start(t, chromium.Flag{Name: "host-resolver-rules", Value: "MAP kiosk.example 127.0.0.1"})
	c.URL = strings.Replace(c.URL, "127.0.0.1", "kiosk.example", 1)
	c.open(b)
	two := b.Another()
	c.open(two)
	asked, release := c.holds(t, code(1), accepted)
	burst(b, code(1)+"\r", 4)
	<-asked // the first tab's answer is under way
	burst(two, code(2)+"\r", 4)
	<-asked // the second sends what waits
	release()
	for _, tab := range []*chromium.Tab{b, two} {
		wait(tab, `document.getElementById("queue").dataset.count === "0"`)
	}
	c.set(func() { c.answer = func(sent) (int, any) { return http.StatusServiceUnavailable, nil } })
	for n, tab := range []*chromium.Tab{b, two, b} {
		burst(tab, code(uint64(3+n))+"\r", 4)
		tab.Until(fmt.Sprintf(`document.querySelector("#answer.down #digits")?.textContent.replaceAll(" ", "") === %q`, code(uint64(3+n))))
	}
	if waiting, delivered := stored(two, "waiting"), stored(two, "delivered"); waiting != 3 || delivered != 2 {
		t.Errorf("%d wait and %d were delivered, want 3 and 2", waiting, delivered)
	}
}
