package kiosk

import (
	"fmt"
	"net/http"
	"testing"

	"harkara/internal/chromium"
	"harkara/internal/label"
	"harkara/web/lang"
)

// measures asks a page what a clerk at arm's length would trip over, beside what Audit
// finds: targets under 48 px, a file's number that is not larger than its digits, or digits under
// 64 px where they stand for it, one
// thing over another.
const measures = `(() => {
	const out = [], visible = (e) => e.checkVisibility({ visibilityProperty: true });
	for (const e of document.querySelectorAll("a, button, select, input, label.button")) {
		const r = e.getBoundingClientRect();
		if (visible(e) && (r.height < 48 || r.width < 48)) out.push("target of " + Math.round(r.width) + "x" + Math.round(r.height) + ": " + e.outerHTML.slice(0, 60));
	}
	const code = document.getElementById("digits"), digits = parseFloat(getComputedStyle(code).fontSize);
	const what = parseFloat(getComputedStyle(document.getElementById("what")).fontSize), named = document.getElementById("answer").classList.contains("named");
	if (named ? what < 34 || what < 1.5 * digits : digits < 64 && !code.classList.contains("long")) out.push("what is in hand is of " + what + " px, digits of " + digits + " px");
	const panel = document.getElementById("answer").getBoundingClientRect();
	for (const e of document.querySelectorAll("#answer > *")) { const r = e.getBoundingClientRect(); if (r.width && (r.top < panel.top || r.bottom > panel.bottom || r.left < panel.left || r.right > panel.right)) out.push("beyond the panel: " + e.id); }
	const parts = [...document.querySelectorAll("header > *, #answer > *, .tools > *, #work > *, #drawer > *, #refused > *")].filter((e) => visible(e) && e.getBoundingClientRect().width);
	for (const a of parts) for (const b of parts) {
		if (a === b || a.contains(b) || b.contains(a)) continue;
		const p = a.getBoundingClientRect(), q = b.getBoundingClientRect();
		if (p.left + 1 < q.right && q.left + 1 < p.right && p.top + 1 < q.bottom && q.top + 1 < p.bottom) out.push((a.id || a.className || a.tagName) + " over " + (b.id || b.className || b.tagName));
	}
	return out;
})()`

// The kiosk as a clerk sees it, wide and narrow, in both languages, by day and night:
// with every kind of answer, a queue, a full drawer, refusals, an open card and the camera on.
// The panel keeps its place and its size whatever it says.
func TestLooks(t *testing.T) {
	browser := chromium.Start(t, chromium.Flag{Name: "use-fake-device-for-media-stream", Value: true}, chromium.Flag{Name: "use-fake-ui-for-media-stream", Value: true})
	for _, look := range []chromium.Look{{Lang: "en", Width: 1280, Scheme: "light"}, {Lang: "en", Width: 360, Scheme: "dark"}, {Lang: "ur", Width: 1280, Scheme: "dark"}, {Lang: "ur", Width: 360, Scheme: "light"}} {
		t.Run(look.String(), func(t *testing.T) {
			tab := browser.Another()
			tab.T = t
			looks(tab, look)
		})
	}
}

func looks(b *chromium.Tab, look chromium.Look) {
	t := b.T.(*testing.T)
	c := serve(t, Page{Station: "st-a-102", Token: "token", Office: "Finance Department", Home: "/", Sample: true})
	away := false
	c.answer = func(s sent) (int, any) {
		switch {
		case s.Code == code(1):
			return http.StatusOK, map[string]any{"id": s.ID, "stored": true, "error": map[string]string{"code": "forbidden", "message": "This is not a command"}}
		case s.Code == code(2):
			return http.StatusOK, map[string]any{"id": s.ID, "stored": true, "outcome": map[string]string{"reason": "unassigned"}, "say": map[string]string{"tone": "soft", "word": "New label", "headline": "Open a file with it"}}
		case s.Code == code(5):
			return http.StatusOK, map[string]any{"id": s.ID, "stored": true, "say": map[string]string{"tone": "astray", "word": lang.Parse(look.Lang).Text("say.astray"), "number": "No.S.O-(O&M) 2(5)/2013-S&GAD", "subject": "Repair of the roof of the Civil Hospital's old block before the rains, with estimate and drawings in triplicate", "next": lang.Parse(look.Lang).Text("say.give", "Rukhsana Kakar, Deputy Secretary (Finance)", "Room 202"), "by": "10:40"}}
		case away:
			return http.StatusServiceUnavailable, nil
		}
		return accepted(s)
	}
	c.cards = map[string]string{string(label.New(label.Desk, 7)): "Deputy Secretary (Development and Planning), Room 202"}
	c.look = func(_ []byte, w, h int) any {
		return map[string]any{"state": "held", "code": code(1), "corners": []map[string]int{{"x": w / 4, "y": h / 4}, {"x": w / 2, "y": h / 4}, {"x": w / 2, "y": h / 2}, {"x": w / 4, "y": h / 2}}}
	}
	c.refused = []map[string]string{
		{"id": "b", "code": code(8), "what": "This file is not expected in this room", "at": "Mon 12 Jan, 10:40"},
		{"id": "a", "code": code(9), "what": "یہ فائل اس کمرے میں متوقع نہیں", "at": "Mon 12 Jan, 10:38"},
	}
	b.See(look, c.URL+Path+"?lang="+look.Lang)
	b.Until(`document.body.dataset.ready === "yes" && document.getElementById("room").textContent === "Room 102"`)
	const box = `(() => { const r = document.getElementById("answer").getBoundingClientRect(); return [r.top + scrollY, r.height].map(Math.round).join("+"); })()`
	first := chromium.Ask[string](b, box)
	check := func(name string) {
		t.Helper()
		for _, w := range chromium.Ask[[]string](b, measures) {
			t.Errorf("%s: %s", name, w)
		}
		if got := chromium.Ask[string](b, box); got != first {
			t.Errorf("%s: the panel is at %s, and was at %s", name, got, first)
		}
		b.Shot(t.ArtifactDir(), name)
	}
	shows := func(look string) {
		b.Until(fmt.Sprintf(`document.getElementById("answer").classList.contains(%q)`, look))
	}
	check("ready")
	burst(b, code(1)+"\r", 4)
	b.Until(`document.getElementById("drawer").dataset.count === "1"`)
	check("refused")
	burst(b, code(2)+"\r", 4)
	b.Until(`document.getElementById("register").checkVisibility()`)
	check("unassigned")
	burst(b, "]C1019501234567890321ABCDEF1234567890\r", 4)
	b.Until(`document.getElementById("digits").textContent.startsWith("]C1")`)
	check("foreign")
	burst(b, code(3)+"\r", 4)
	shows("up")
	check("answer")
	burst(b, code(5)+"\r", 4)
	shows("astray")
	check("astray")
	burst(b, string(label.Onward)+"\r", 4) // it takes the file before
	b.Until(`document.querySelectorAll("#recent li").length === 5`)
	burst(b, string(label.New(label.Desk, 7))+"\r", 4)
	b.Until(`document.getElementById("banner").checkVisibility({ visibilityProperty: true })`)
	shows("open")
	check("card")
	c.set(func() { away = true })
	burst(b, code(4)+"\r", 4)
	shows("kept")
	queued(b, 1)
	click(b, "camera-start")
	b.Until(`document.getElementById("outline").getAttribute("class") === "held"`)
	check("camera")
	b.Audit()
	b.Quiet()
}
