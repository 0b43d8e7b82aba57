package web

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"harkara/internal/chromium"
)

// touching asks a page for letters that reach a border: Nastaliq climbs and falls far
// beyond a line's box. Of a line it takes the ink of its whole text.
const touching = `(() => {
	const out = new Set(), pen = document.createElement("canvas").getContext("2d");
	const walk = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
	while (walk.nextNode()) {
		const node = walk.currentNode, e = node.parentElement, text = node.textContent.trim();
		if (!/[\u0600-\u06ff]/.test(text) || e.closest("svg, option, .hidden") || getComputedStyle(e).clipPath !== "none" || e.closest(".unit, .oldest") && e.closest(".plan:not(.whole)") || !e.checkVisibility({ visibilityProperty: true })) continue;
		const style = getComputedStyle(e), range = document.createRange();
		range.selectNodeContents(node);
		const lines = [...range.getClientRects()].filter((r) => r.width > 2);
		if (!lines.length) continue;
		pen.font = style.fontWeight + " " + style.fontSize + " " + style.fontFamily;
		const ink = pen.measureText(text);
		const top = lines[0].top + ink.fontBoundingBoxAscent - ink.actualBoundingBoxAscent, bottom = lines.at(-1).bottom - ink.fontBoundingBoxDescent + ink.actualBoundingBoxDescent;
		for (let box = e; box && box.tagName !== "MAIN"; box = box.parentElement) {
			const b = getComputedStyle(box), r = box.getBoundingClientRect();
			if (getComputedStyle(box).display === "inline") continue;
			const over = parseFloat(b.borderTopWidth) > 0 && top < r.top + parseFloat(b.borderTopWidth), under = parseFloat(b.borderBottomWidth) > 0 && bottom > r.bottom - parseFloat(b.borderBottomWidth);
			if (over || under) out.add((box.className || box.tagName) + (over ? " above by " + Math.round(r.top - top + parseFloat(b.borderTopWidth)) : " below by " + Math.round(bottom - r.bottom + parseFloat(b.borderBottomWidth))) + ": " + text.slice(0, 30));
			if (parseFloat(b.borderTopWidth) > 0 || parseFloat(b.borderBottomWidth) > 0) break;
		}
	}
	return [...out].slice(0, 12);
})()`

// The pages that are open all day, on a phone, a laptop, a wide screen and on paper, in both
// languages, by day and night: nothing is wider than its screen, no letter reaches a border.
// Pictures of all are kept with -artifacts.
func TestPagesOfEveryDay(t *testing.T) {
	if testing.Short() {
		t.Skip("many pages in a browser; left out with -short")
	}
	r := open(t, true)
	pages := slices.DeleteFunc(gallery(t, r), func(s shown) bool {
		return !slices.Contains([]string{"board", "rooms", "room", "file-late", "attention"}, s.name)
	})
	b, url := browse(t, r)
	folder := t.ArtifactDir()
	for _, tag := range []string{"en", "ur"} {
		for _, width := range []int64{360, 1366, 1920} {
			for _, scheme := range []string{"light", "dark"} {
				l := chromium.Look{Lang: tag, Width: width, Scheme: scheme}
				for _, p := range pages {
					t.Run(p.name+"-"+l.String(), func(t *testing.T) {
						b.T = t
						b.See(l, url+p.path)
						b.Shot(folder, p.name+"-"+l.String())
						b.Audit()
						for _, wrong := range chromium.Ask[[]string](b, touching) {
							t.Error("letters reach a border: ", wrong)
						}
						b.Quiet()
					})
				}
			}
		}
		b.T = t
		for _, p := range pages {
			b.See(chromium.Look{Lang: tag, Width: 1366, Scheme: "dark"}, url+p.path)
			name := filepath.Join(folder, fmt.Sprintf("%s-%s-paper", p.name, tag))
			raw := onPaper(t, b)
			if err := os.WriteFile(name+".pdf", raw, 0o600); err != nil {
				t.Fatal(err)
			}
			_ = exec.CommandContext(t.Context(), "pdftoppm", "-png", "-r", "80", "-l", "2", name+".pdf", name).Run() // to be looked at, where it is installed
		}
	}
}

// onPaper is the page that a browser shows, as a PDF of the size that it asks for.
func onPaper(t *testing.T, b *chromium.Tab) []byte {
	t.Helper()
	css := true // says the size
	raw, err := chromedp.Run(b.Ctx, func(ctx context.Context, target *chromedp.Target) ([]byte, error) {
		res, err := cdp.Call(ctx, target, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: &css})
		if err != nil {
			return nil, err
		}
		return res.Data, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// A computer whose own clock is wrong shows the office's times from the first moment on.
func TestTimesAreTheOfficesAtOnce(t *testing.T) {
	r := open(t, true)
	code := r.file("SO(Dev) 1/2026", "Water supply scheme")
	r.clock.wait(3 * time.Hour)
	b, url := browse(t, r)
	chromium.Tell(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `
		Date.now = () => Date.UTC(2031, 0, 1);
		window.setInterval = () => 0; // only the first moment
		window.WebSocket = class { close() {} };`})
	for _, path := range []string{"/", "/files/" + string(code), "/rooms"} {
		b.See(chromium.Look{Lang: "en", Width: 1366, Scheme: "light"}, url+path)
		b.Loaded()
		if text := chromium.Ask[string](b, `[...document.querySelectorAll("main time")].map((e) => e.textContent).join(", ")`); !strings.Contains(text, "3 h") || strings.Contains(text, " d") {
			t.Errorf("%s says %q", path, text)
		}
	}
	b.Quiet()
}
