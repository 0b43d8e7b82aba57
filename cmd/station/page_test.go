package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"harkara/internal/chromium"
	"harkara/internal/label"
	"harkara/web/lang"
)

// The office's own page works against the agent: what is typed in it, and what the
// agent's gun hears, is answered by the office; with the office away it is kept;
// afterwards the office has everything once, in order, with its cards.
func TestPageInChromium(t *testing.T) {
	o := newOffice(t)
	at, down := o.serve(t, "")
	s := startStation(t, o.enrolled(t, "http://"+at))
	s.until("ok", func(v statusView) bool { return v.Server == "ok" })
	b := chromium.Start(t)
	b.Do(chromedp.Navigate(s.url + "/"))
	b.Until(`document.body.dataset.ready === "yes"`)
	b.Until(`document.getElementById("room").textContent === "Room 7"`)
	typed := func(code string) {
		t.Helper()
		chromium.Ask[bool](b, fmt.Sprintf(`(() => { document.getElementById("code").value = %q; document.getElementById("typed").requestSubmit(); return true; })()`, code))
	}
	panel := func(look string, n uint64) string {
		return fmt.Sprintf(`document.getElementById("answer").classList.contains(%q) && document.getElementById("digits").textContent.replace(/\D/g, "") === %q`, look, file(n))
	}
	typed(file(1))
	b.Until(panel("up", 1))
	s.read(file(2)) // the gun's
	b.Until(panel("up", 2))
	s.read("123")
	b.Until(`document.getElementById("answer").classList.contains("down")`)

	down()
	s.read(file(3))
	b.Until(panel("kept", 3))
	typed(string(desk)) // it takes what was typed just before, and no other
	s.until("kept", func(v statusView) bool { return v.Waiting == 2 })
	typed(string(desk))
	b.Until(`!document.getElementById("banner").hidden && document.getElementById("answer").classList.contains("open")`)
	typed(file(4))
	s.until("kept", func(v statusView) bool { return v.Waiting == 3 })
	typed(string(label.Done))
	b.Until(`document.getElementById("banner").hidden`)
	s.read(string(label.Done)) // the gun's: what was read before belongs to no card
	s.read(string(desk))       // the gun's card is open on the screen too
	b.Until(`!document.getElementById("banner").hidden && document.getElementById("answer").classList.contains("open")`)
	s.read(string(label.Done))
	b.Until(`document.getElementById("banner").hidden`)
	b.Until(`document.getElementById("server").className === "off" && document.getElementById("queue").dataset.count === "3"`)
	b.Do(chromedp.Reload())
	b.Until(`document.body.dataset.ready === "yes"`)
	typed(file(5)) // the page was loaded with the office away
	s.until("kept", func(v statusView) bool { return v.Waiting == 4 })

	_, down = o.serve(t, at)
	s.until("all delivered", func(v statusView) bool { return v.Waiting == 0 })
	b.Until(`document.getElementById("server").className === "on" && document.getElementById("queue").hidden`)
	b.Until(panel("up", 5)) // nothing says any more that the office is away
	down()
	s.read(file(6))
	b.Until(panel("kept", 6))
	o.serve(t, at)
	b.Until(panel("up", 6) + ` && document.getElementById("server").className === "on"`)
	var got []string
	for _, c := range o.has() {
		got = append(got, fmt.Sprint(c.Code, " ", c.desk()))
	}
	with := func(n uint64, card label.Code) string { return fmt.Sprint(file(n), " ", card) }
	if want := []string{with(1, ""), with(2, ""), with(3, ""), with(1, desk), with(4, desk), with(5, ""), with(6, "")}; !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	b.Quiet()
}

// The link changes the language of the page, of the office's answers and of the station's
// own words, at its gun too.
func TestLanguageLink(t *testing.T) {
	o := newOffice(t)
	at, down := o.serve(t, "")
	s := startStation(t, o.enrolled(t, "http://"+at))
	s.until("ok", func(v statusView) bool { return v.Server == "ok" })
	b := chromium.Start(t)
	b.Do(chromedp.Navigate(s.url + "/"))
	for n, tag := range []lang.Tag{lang.Urdu, lang.English, lang.Urdu} {
		b.Until(fmt.Sprintf(`document.documentElement.lang === %q && document.body.dataset.ready === "yes"`, tag.Other()))
		b.Do(chromedp.Click(chromedp.CSS("a.language")))
		b.Until(fmt.Sprintf(`document.documentElement.lang === %q && document.body.dataset.ready === "yes"`, tag))
		word := map[lang.Tag]string{lang.English: "Yes", lang.Urdu: "ہاں"}[tag]
		if line := s.read(file(uint64(n))); !strings.Contains(line, word) {
			t.Errorf("the gun is answered %q in %s", line, tag)
		}
		chromium.Ask[bool](b, fmt.Sprintf(`(() => { document.getElementById("code").value = %q; document.getElementById("typed").requestSubmit(); return true; })()`, file(uint64(10+n))))
		b.Until(fmt.Sprintf(`document.getElementById("word").textContent === %q`, word))
	}
	down()
	if line, word := s.read(file(9)), lang.Urdu.Text("kiosk.kept"); !strings.Contains(line, word) {
		t.Errorf("the gun is answered %q", line)
	}
	b.Quiet()
}
