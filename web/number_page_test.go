package web

import (
	"testing"

	"github.com/chromedp/chromedp"

	"harkara/internal/chromium"
)

// A clerk who opens a number again sees whose it is; Enter, by hand or by a scanner, is
// no yes, the second act is.
func TestAskingInChromium(t *testing.T) {
	for _, look := range []chromium.Look{{Lang: "en", Width: 1280, Scheme: "light"}, {Lang: "ur", Width: 360, Scheme: "dark"}} {
		t.Run(look.String(), func(t *testing.T) {
			r := open(t, true)
			r.file("SO(Dev) 7/2026", "Water supply scheme Mastung")
			b, url := browse(t, r)
			b.See(look, url+"/open")
			chromium.Ask[bool](b, `(() => {
				const f = document.querySelector("form.form"), e = f.elements;
				e.number.value = "so(dev) \u06f7/2026\u200f"; e.subject.value = "Roads"; e.department.value = "fin"; e.desk.value = "fin-3";
				f.requestSubmit();
				return true;
			})()`)
			const asks = `!!document.querySelector("section.taken[role=alert]") && !!document.querySelector("button[name=anyway]")`
			b.Until(asks)
			b.Shot(t.ArtifactDir(), "open-taken-"+look.String())
			b.Audit()
			chromium.Ask[bool](b, `(() => { document.body.dataset.before = "yes"; document.querySelector("input[name=number]").focus(); return true; })()`)
			b.Do(chromedp.KeyEvent("\r"))
			b.Until(`!document.body.dataset.before && ` + asks)
			if board, _, err := r.Board(t.Context()); err != nil || len(board) != 1 {
				t.Fatalf("%d files, %v", len(board), err)
			}
			chromium.Ask[bool](b, `(() => { document.querySelector("button[name=anyway]").click(); return true; })()`)
			b.Until(`/^\/files\/\d{14}$/.test(location.pathname)`)
			if board, _, err := r.Board(t.Context()); err != nil || len(board) != 2 {
				t.Errorf("%d files, %v", len(board), err)
			}
		})
	}
}
