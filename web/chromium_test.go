package web

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"harkara/web/lang"
)

// browser is a Chromium that complains to the test.
type browser struct {
	t   testing.TB
	ctx context.Context
	url string

	mu       sync.Mutex
	problems []string
}

// chromium starts a browser for a served office.
func chromium(t testing.TB, r *running) *browser {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("no chromium: install Debian's package chromium")
		}
		t.Skip("no chromium on this machine")
	}
	serving, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); r.server.Run(serving) }()
	server := httptest.NewServer(r.handler)
	t.Cleanup(func() { stop(); <-done; server.Close() })
	b := &browser{t: t, url: server.URL}
	ctx, cancel := chromedp.NewContext(t.Context(), chromedp.WithAllocatorOptions(chromedp.ExecPath(path), chromedp.NoSandbox), chromedp.WithListener(func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			b.complain(fmt.Sprintf("%s %s:%d", e.ExceptionDetails.Text, e.ExceptionDetails.URL, e.ExceptionDetails.LineNumber))
		case *cdplog.EventEntryAdded:
			if e.Entry.Level == cdplog.EntryLevelError && !strings.Contains(e.Entry.Text, "status of 4") {
				b.complain(e.Entry.Text)
			}
		}
	}))
	t.Cleanup(cancel)
	b.ctx = ctx
	if _, err := chromedp.Call(ctx, cdplog.Enable, cdp.Empty{}); err != nil { // starts it, so without a limit of time
		t.Fatal(err)
	}
	return b
}

func (b *browser) complain(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.problems = append(b.problems, text)
}

// quiet fails the test if the browser had anything to complain about.
func (b *browser) quiet() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.problems {
		b.t.Error("browser: " + p)
	}
	b.problems = nil
}

const patience = 30 * time.Second

func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// ask evaluates a script in the page, waiting for what it promises.
func ask[T any](b *browser, script string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%.80s: %v", script, err)
	}
	return v
}

// tell sends a command of the protocol.
func tell[P, R any](b *browser, command cdp.Command[P, R], params P) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, command, params); err != nil {
		b.t.Fatal(err)
	}
}

// look is how a page is seen.
type look struct {
	lang   lang.Tag
	width  int64
	scheme string
}

func (l look) String() string { return fmt.Sprintf("%s-%d-%s", l.lang, l.width, l.scheme) }

func (b *browser) see(l look, path string) {
	b.t.Helper()
	tell(b, network.SetCookie, network.SetCookieParams{Name: "lang", Value: string(l.lang), URL: b.url})
	tell(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: l.width, Height: 900, DeviceScaleFactor: 1, Mobile: l.width < 600})
	tell(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: l.scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
	b.do(chromedp.Navigate(b.url + path))
	ask[bool](b, `document.fonts.ready.then(() => Promise.all([...document.images].map((i) => { i.loading = "eager"; return i.decode().catch(() => 0); }))).then(() => true)`)
}

func (b *browser) shot(folder, name string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), png, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// audit asks the page what a person with other eyes or fingers would trip over.
const audit = `(() => {
  const out = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth + 1) {
    const wide = [...document.querySelectorAll("body *")].filter((e) => { const r = e.getBoundingClientRect(); return r.width && (r.right > root.clientWidth + 1 || r.left < -1) && !e.closest(".scroll, .hidden, .skip"); }).slice(0, 3);
    out.push("wider than the screen: " + wide.map((e) => e.tagName + "." + e.className).join(", "));
  }
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (c) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = c; canvas.fillRect(0, 0, 1, 1); return canvas.getImageData(0, 0, 1, 1).data; };
  const light = (c) => { const f = [0, 1, 2].map((i) => { const v = c[i] / 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; }); return .2126 * f[0] + .7152 * f[1] + .0722 * f[2]; };
  const ground = (e) => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c[3] > 250) return c; } return rgb(getComputedStyle(root).backgroundColor); };
  const visible = (e) => e.checkVisibility({ visibilityProperty: true }) && !e.closest(".hidden, .skip");
  const said = new Set();
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || !e || e.closest("script, option, svg") || !visible(e)) continue;
    const a = light(rgb(getComputedStyle(e).color)), b = light(ground(e));
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    const key = e.tagName + "." + e.className;
    if (ratio < 4.5 && !said.has(key)) { said.add(key); out.push("contrast " + ratio.toFixed(2) + " in " + key + ": " + walk.currentNode.textContent.trim().slice(0, 30)); }
  }
  for (const e of document.querySelectorAll("a, button, input, select, textarea, summary")) {
    if (!visible(e) || e.type === "hidden") continue;
    const name = e.getAttribute("aria-label") || e.textContent.trim() || e.labels?.[0]?.textContent.trim() || e.querySelector("img[alt]:not([alt=''])")?.alt;
    if (!name) out.push("no name: " + e.outerHTML.slice(0, 80));
    const r = e.getBoundingClientRect();
    const inline = getComputedStyle(e).display === "inline";
    if (!inline && (r.width < 24 || r.height < 24)) out.push("target of " + Math.round(r.width) + "x" + Math.round(r.height) + ": " + e.outerHTML.slice(0, 80));
  }
  const levels = [...document.querySelectorAll("h1, h2, h3")].filter((e) => e.checkVisibility()).map((h) => Number(h.tagName[1]));
  if (levels.filter((l) => l === 1).length !== 1) out.push("not one h1: " + levels);
  levels.forEach((l, i) => { if (i && l > levels[i - 1] + 1) out.push("a heading of level " + l + " after " + levels[i - 1]); });
  return out;
})()`

func (b *browser) audit() {
	b.t.Helper()
	for _, found := range ask[[]string](b, audit) {
		b.t.Error(found)
	}
}

// Every page as people see it: in both languages, narrow and wide, light and dark.
// Pictures of all are kept with -artifacts.
func TestGalleryInChromium(t *testing.T) {
	if testing.Short() {
		t.Skip("many pages in a browser; left out with -short")
	}
	r := open(t, true)
	pages := gallery(t, r)
	b := chromium(t, r)
	folder := t.ArtifactDir()
	for _, l := range []look{{lang.English, 1440, "light"}, {lang.Urdu, 1440, "dark"}, {lang.English, 360, "dark"}, {lang.Urdu, 360, "light"}} {
		for _, page := range pages {
			t.Run(page.name+"-"+l.String(), func(t *testing.T) {
				b.t = t
				b.see(l, page.path)
				b.shot(folder, page.name+"-"+l.String())
				b.audit()
				b.quiet()
			})
		}
	}
	b.t = t
}
