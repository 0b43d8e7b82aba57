// Package chromium drives a real Chromium in tests: pages as people see them,
// complaints of scripts as failures, pictures kept to be looked at.
package chromium

import (
	"context"
	"fmt"
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
)

// Patience is how long a step may take before the test fails.
const Patience = 30 * time.Second

// Tab is a page in a browser. Tabs of one browser share its cookies.
type Tab struct {
	T   testing.TB // may be changed to a subtest's
	Ctx context.Context

	mu       sync.Mutex
	problems []string
}

// Flag is an argument of the browser's command line.
type Flag struct {
	Name  string
	Value any
}

// Start starts a browser with one tab; it ends with the test. It skips where there
// is no Chromium, and fails there when CI is set.
func Start(t testing.TB, flags ...Flag) *Tab {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		path, err = exec.LookPath("chromium-browser") // Ubuntu's name
	}
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("no chromium: install Debian's package chromium")
		}
		t.Skip("no chromium on this machine")
	}
	options := []chromedp.ExecAllocatorOption{chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU}
	for _, f := range flags {
		options = append(options, chromedp.Flag(f.Name, f.Value))
	}
	return open(t, t.Context(), chromedp.WithAllocatorOptions(options...))
}

// Another opens one more tab in the same browser.
func (b *Tab) Another() *Tab {
	b.T.Helper()
	return open(b.T, b.Ctx)
}

func open(t testing.TB, parent context.Context, options ...chromedp.ContextOption) *Tab {
	t.Helper()
	b := &Tab{T: t}
	ctx, cancel := chromedp.NewContext(parent, append(options, chromedp.WithListener(b.hear))...)
	t.Cleanup(cancel)
	b.Ctx = ctx
	if _, err := chromedp.Call(ctx, cdplog.Enable, cdp.Empty{}); err != nil { // starts it, so without a limit of time
		t.Fatal(err)
	}
	Tell(b, network.Disable, cdp.Empty{}) // it repeats whatever a page sends: a camera's frames, in base64
	return b
}

// hear keeps what the browser complains about. Answers of 400 and above are for
// pages to show.
func (b *Tab) hear(event any) {
	var text string
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		text = fmt.Sprintf("%s %s:%d", e.ExceptionDetails.Text, e.ExceptionDetails.URL, e.ExceptionDetails.LineNumber)
		if x := e.ExceptionDetails.Exception; x != nil {
			text += " " + x.Description
		}
	case *cdplog.EventEntryAdded:
		if e.Entry.Level == cdplog.EntryLevelError && e.Entry.Source != cdplog.EntrySourceNetwork {
			text = e.Entry.Text
		}
	}
	if text == "" {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.problems = append(b.problems, text)
}

// Quiet fails the test if scripts or the page's policy complained.
func (b *Tab) Quiet() {
	b.T.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.problems {
		b.T.Error("browser: " + p)
	}
	b.problems = nil
}

// Do takes steps, each to its end.
func (b *Tab) Do(steps ...chromedp.Action[chromedp.Void]) {
	b.T.Helper()
	ctx, cancel := context.WithTimeout(b.Ctx, Patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.T.Fatal(err)
	}
}

// Ask evaluates a script in the page, waiting for what it promises.
func Ask[R any](b *Tab, script string) R {
	b.T.Helper()
	ctx, cancel := context.WithTimeout(b.Ctx, Patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[R](script, chromedp.EvalAwaitPromise))
	if err != nil {
		b.T.Fatalf("%.120s: %v", script, err)
	}
	return v
}

// Until waits for a script to be true, through reloads of the page.
func (b *Tab) Until(what string) {
	b.T.Helper()
	ctx, cancel := context.WithTimeout(b.Ctx, Patience)
	defer cancel()
	for {
		_, err := chromedp.Run(ctx, chromedp.Poll[chromedp.Void](what, chromedp.WithPollingMutation()))
		switch {
		case err == nil:
			return
		case ctx.Err() != nil:
			last, cancel := context.WithTimeout(b.Ctx, Patience)
			defer cancel()
			text, _ := chromedp.Run(last, chromedp.Evaluate[string]("document.body.innerText"))
			b.T.Fatalf("never %.200s; the page says:\n%s", what, text)
		case strings.Contains(err.Error(), "SyntaxError"):
			b.T.Fatal(err)
		}
	}
}

// Loaded waits until the page has everything that it named, its styles among them. No
// change of the document tells of it.
func (b *Tab) Loaded() {
	b.T.Helper()
	Ask[bool](b, `new Promise((done) => { if (document.readyState === "complete") done(true); else addEventListener("load", () => done(true)); })`)
}

// Tell sends a command of the protocol.
func Tell[P, R any](b *Tab, command cdp.Command[P, R], params P) {
	b.T.Helper()
	ctx, cancel := context.WithTimeout(b.Ctx, Patience)
	defer cancel()
	if _, err := chromedp.Call(ctx, command, params); err != nil {
		b.T.Fatal(err)
	}
}

// Look is how a page is seen.
type Look struct {
	Lang   string // of the cookie that pages speak by
	Width  int64
	Scheme string // light or dark
}

func (l Look) String() string { return fmt.Sprintf("%s-%d-%s", l.Lang, l.Width, l.Scheme) }

// See opens an address and waits until its fonts and pictures are there.
func (b *Tab) See(l Look, url string) {
	b.T.Helper()
	Tell(b, network.SetCookie, network.SetCookieParams{Name: "lang", Value: l.Lang, URL: url})
	Tell(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: l.Width, Height: 900, DeviceScaleFactor: 1, Mobile: l.Width < 600})
	Tell(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: l.Scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
	b.Do(chromedp.Navigate(url))
	Ask[bool](b, `document.fonts.ready.then(() => Promise.all([...document.images].map((i) => { i.loading = "eager"; return i.decode().catch(() => 0); }))).then(() => true)`)
}

// Shot keeps a picture of the whole page.
func (b *Tab) Shot(folder, name string) {
	b.T.Helper()
	ctx, cancel := context.WithTimeout(b.Ctx, Patience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.T.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), png, 0o644); err != nil {
		b.T.Fatal(err)
	}
}

// Audit fails the test for what a person with other eyes or fingers would trip
// over: too little contrast, no name, a target too small, headings out of order, a
// page wider than its screen.
func (b *Tab) Audit() {
	b.T.Helper()
	b.Loaded()
	for _, found := range Ask[[]string](b, audit) {
		b.T.Error(found)
	}
}
