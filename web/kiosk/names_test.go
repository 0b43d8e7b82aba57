package kiosk

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"

	"harkara/internal/chromium"
	"harkara/internal/label"
)

// The panel says first what is in hand, then whither, the digits small; a banner names the
// card that is open. With the office away the page knows the names that it was told, also
// when it is opened again. A file for another room has its own colour and tone, and is heard
// although another one was scanned meanwhile.
func TestNames(t *testing.T) {
	desk := string(label.New(label.Desk, 7))
	c := serve(t, Page{Station: "st-a-102", Token: "token"})
	c.cards = map[string]string{desk: "Section Officer, Room 9"}
	c.expected = []map[string]any{{"code": code(2), "codes": []string{code(22)}, "number": "SO(B) 2-1/2026", "from": "Room 9"}}
	asked, release := c.holds(t, code(4), func(s sent) (int, any) {
		return http.StatusOK, map[string]any{"id": s.ID, "stored": true, "say": map[string]string{"tone": "astray", "word": "Not for this room", "number": "SO(B) 4/2026", "next": "Give to Saima Baloch"}}
	})
	b := chromium.Start(t)
	before(b, noted)
	c.open(b)
	text := func(id string) string {
		t.Helper()
		return chromium.Ask[string](b, fmt.Sprintf(`document.getElementById(%q).textContent`, id))
	}
	burst(b, code(1)+"\r", 4)
	b.Until(`document.getElementById("answer").classList.contains("up")`)
	if what, next := text("what"), text("next"); what != "SO(Dev) 3-9/2026" || next != "Keep it on this desk · by 10:40" {
		t.Errorf("%q, %q", what, next)
	}
	if order := chromium.Ask[string](b, `[...document.querySelectorAll("#answer > *")].filter((e) => e.checkVisibility()).sort((p, q) => p.getBoundingClientRect().top - q.getBoundingClientRect().top).map((e) => e.id || e.className).join()`); order != "verdict,what,subject,next,digits" {
		t.Error(order)
	}
	burst(b, desk+"\r", 4) // the file before it
	b.Until(`document.querySelectorAll("#recent li").length === 2`)
	burst(b, desk+"\r", 4)
	b.Until(`document.getElementById("answer").classList.contains("open") && document.getElementById("what").textContent === "Section Officer, Room 9"`)
	if name := text("banner-name"); name != "Section Officer, Room 9" {
		t.Errorf("the banner names %q", name)
	}
	burst(b, string(label.Done)+"\r", 4)
	b.Until(`document.getElementById("banner").hidden`)
	burst(b, code(4)+"\r", 4)
	<-asked
	burst(b, code(5)+"\r", 4)
	release()
	b.Until(`document.querySelector("#recent li.astray")?.textContent.startsWith("SO(B) 4/2026") && document.querySelectorAll("#recent li").length === 4`)
	if n := tones(b, 440); n != 1 {
		t.Errorf("%d tones of a file for another room", n)
	}
	b.Until(`document.getElementById("queue").hidden`)
	c.set(func() {
		c.answer = func(sent) (int, any) { return http.StatusServiceUnavailable, nil }
	})
	view := `{ const get = window.fetch; window.fetch = (to, ...more) => String(to).endsWith("/station") ? Promise.reject(new TypeError("away")) : get(to, ...more); }`
	before(b, view)
	b.Do(chromedp.Reload())
	b.Until(`document.body.dataset.ready === "yes"`)
	for _, cover := range []string{code(2), code(22)} { // its first, and a later one
		burst(b, cover+"\r", 4)
		b.Until(fmt.Sprintf(`document.getElementById("answer").classList.contains("kept") && document.getElementById("digits").textContent.replaceAll(" ", "") === %q`, cover))
		if what := text("what"); what != "SO(B) 2-1/2026" {
			t.Errorf("%q is kept", what)
		}
	}
	b.Quiet()
}

// A number in Urdu letters keeps its digits in their order.
func TestUrduNumbersAreInOrder(t *testing.T) {
	c := serve(t, Page{Station: "st-a-102", Token: "token"})
	c.answer = func(s sent) (int, any) {
		return http.StatusOK, map[string]any{"id": s.ID, "stored": true, "say": map[string]string{"tone": "up", "word": "Received", "number": "ایف آئی این/17-3/2026"}}
	}
	b := chromium.Start(t)
	c.open(b)
	burst(b, code(1)+"\r", 4)
	b.Until(`document.getElementById("answer").classList.contains("up")`)
	if !chromium.Ask[bool](b, `(() => {
		const text = document.getElementById("what").firstChild, left = (part) => {
			const range = document.createRange(), at = text.data.indexOf(part);
			range.setStart(text, at);
			range.setEnd(text, at + part.length);
			return range.getBoundingClientRect().left;
		};
		return left("17") < left("-3") && left("-3") < left("2026") && left("2026") < left("این");
	})()`) {
		t.Error("they are not")
	}
	b.Quiet()
}
