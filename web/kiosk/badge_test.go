package kiosk

import (
	"testing"

	"harkara/internal/chromium"
	"harkara/internal/label"
)

// A runner's badge shows what he was told while his card is open, then the room's list
// stands again, whatever the office said meanwhile.
func TestBadgeShowsItsOwnersNotices(t *testing.T) {
	c := serve(t, Page{Station: "st-a-102", Token: "token"})
	jan := label.New(label.Badge, 7)
	c.told = []map[string]string{{"number": "SO(Dev) 1/2026", "what": "Reminder at 100 %", "to": "Section Officer", "at": "Mon 10:00"}}
	c.badges = map[string]any{string(jan): map[string]any{"title": "Told to Jan Ali", "told": []map[string]string{{"number": "SO(B) 9/2026", "what": "Reminder at 75 %", "to": "Jan Ali", "at": "Mon 10:05"}}}}
	b := chromium.Start(t)
	c.open(b)
	const list = `document.getElementById("told").textContent`
	b.Until(list + `.includes("SO(Dev) 1/2026")`)
	heading := chromium.Ask[string](b, `document.getElementById("told-title").textContent`)
	chromium.Ask[bool](b, `(window.later = [], window.setTimeout = ((set) => (f, ms, ...more) => { if (ms === 20000) { later.push(f); return set(() => {}, 0); } return set(f, ms, ...more); })(window.setTimeout), true)`)
	burst(b, string(jan)+"\r", 5)
	b.Until(list + `.includes("SO(B) 9/2026") && document.getElementById("told-title").textContent === "Told to Jan Ali"`)
	if got := chromium.Ask[string](b, list); got == "" || chromium.Ask[bool](b, list+`.includes("SO(Dev)")`) {
		t.Errorf("his list: %s", got)
	}
	chromium.Ask[bool](b, `(later.at(-1)(), true)`) // his card is over
	b.Until(list + `.includes("SO(Dev) 1/2026")`)
	if now := chromium.Ask[string](b, `document.getElementById("told-title").textContent`); now != heading {
		t.Errorf("heading %q, was %q", now, heading)
	}
	b.Quiet()
}
