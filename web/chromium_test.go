package web

import (
	"context"
	"net/http/httptest"
	"testing"

	"github.com/chromedp/cdproto/network"

	"harkara/internal/chromium"
	"harkara/web/gate"
)

// browse serves an office and opens a browser.
func browse(t testing.TB, r *running) (b *chromium.Tab, url string) {
	t.Helper()
	b = chromium.Start(t)
	serving, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); r.server.Run(serving) }()
	server := httptest.NewServer(r.handler)
	t.Cleanup(func() { stop(); <-done; server.Close() })
	return b, server.URL
}

// Every page as people see it: in both languages, narrow and wide, light and dark.
// Pictures of all are kept with -artifacts.
func TestGalleryInChromium(t *testing.T) {
	if testing.Short() {
		t.Skip("many pages in a browser; left out with -short")
	}
	r := established(t)
	pages := gallery(t, r)
	b, url := browse(t, r)
	chromium.Tell(b, network.SetCookie, network.SetCookieParams{Name: gate.Session, Value: adminToken, URL: url})
	folder := t.ArtifactDir()
	for _, l := range []chromium.Look{{Lang: "en", Width: 1440, Scheme: "light"}, {Lang: "ur", Width: 1440, Scheme: "dark"}, {Lang: "en", Width: 360, Scheme: "dark"}, {Lang: "ur", Width: 360, Scheme: "light"}} {
		for _, page := range pages {
			if page.signedIn() { // see TestSigningInInChromium
				continue
			}
			t.Run(page.name+"-"+l.String(), func(t *testing.T) {
				b.T = t
				b.See(l, url+page.path)
				switch page.name {
				case "kiosk":
					b.Until(`document.body.dataset.ready === "yes" && document.getElementById("room").textContent.includes("303")`)
				case "file-acts":
					b.Until(`[...document.querySelectorAll("#acts details")].map(d => d.open = true).length > 5`)
				case "file-taken": // another file has the number
					b.Until(`(form => { form.number.value = "SO(Gen) 1-0/2026"; form.reason.value = "?"; form.requestSubmit(); return true })(document.querySelector("form[action$='/amend']"))`)
					b.Until(`document.querySelector("#acts .taken li") !== null`)
				}
				b.Shot(folder, page.name+"-"+l.String())
				b.Audit()
				b.Quiet()
			})
		}
	}
	b.T = t
}
