package web

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"harkara/internal/chromium"
	"harkara/internal/custody"
	"harkara/internal/people"
	"harkara/web/lang"
)

// Where budgets are hours nothing counts seconds; where they are minutes everything does.
func TestSecondsWhereTheyMatter(t *testing.T) {
	r := open(t, true)
	for budget, want := range map[custody.Seconds][3]string{
		1800: {"under a minute", "3 min", "1 h 5 min"},
		300:  {"42 s", "3 min 7 s", "1 h 5 min"},
	} {
		r.office.Policy.Transit = budget
		p, err := r.server.speaker(t.Context(), lang.English, people.Office)
		if err != nil {
			t.Fatal(err)
		}
		for i, d := range []time.Duration{42 * time.Second, 187 * time.Second, 65*time.Minute + 9*time.Second} {
			if got := p.span(d); got != want[i] {
				t.Errorf("transit of %v: %v is %q, want %q", budget.Duration(), d, got, want[i])
			}
		}
		seconds := regexp.MustCompile(`^\d\d:\d\d:\d\d$`)
		if got := p.clock(p.now.Add(time.Minute)); seconds.MatchString(got) != (budget < 600) {
			t.Errorf("transit of %v: soon is %q", budget.Duration(), got)
		}
		if got := p.ago(p.now.Add(-42 * time.Second)); (got == p.T("time.now")) != (budget >= 600) {
			t.Errorf("transit of %v: %q", budget.Duration(), got)
		}
	}
}

// A building has both names, wherever it is shown.
func TestBuildingInBothLanguages(t *testing.T) {
	r := open(t, true)
	for _, path := range []string{"/", "/rooms", "/rooms/a-104"} {
		text := r.call("GET", path, "", "Cookie", "lang=ur").Body.String()
		if !strings.Contains(text, "بلاک اے") || strings.Contains(text, "بلاک A") {
			t.Errorf("%s in Urdu does not name the building in Urdu", path)
		}
	}
}

// What says nothing stands below what does on the administrator's page.
func TestFullSectionsComeFirst(t *testing.T) {
	r := open(t, true)
	r.do(custody.Command{Kind: custody.Undo, Code: r.file("SO(Dev) 1/2026", "Water supply scheme"), Station: "st-b-307"}) // refused
	empty := func(section string) bool {
		return strings.Contains(section, ">Nothing.<") || strings.Contains(section, "Every stored command is decided") ||
			strings.Contains(section, `id="examined"`) && !strings.Contains(section, "verdict")
	}
	text := r.call("GET", "/attention", "").Body.String()
	_, text, _ = strings.Cut(text, `<div class="attention">`)
	below := ""
	for i, section := range strings.Split(text, "<section")[1:] {
		switch {
		case empty(section):
			below = section
		case below != "" && !strings.Contains(section, `class="people"`):
			t.Errorf("section %d says something, below %.80s", i, below)
		}
	}
	if below == "" {
		t.Error("no section is empty: nothing is tried")
	}
}

// A room's square says how many of the files on their way to it are late, and how long
// the oldest lies there.
func TestSquareSaysLateAndOldest(t *testing.T) {
	r := open(t, true)
	r.file("SO(Dev) 1/2026", "Water supply scheme")
	r.clock.wait(3 * time.Hour)
	r.scan(r.file("SO(Dev) 2/2026", "Water supply scheme"), "a-104", custody.Context{Onward: true})
	r.clock.wait(30 * 24 * time.Hour)
	p, err := r.server.speaker(t.Context(), lang.English, people.Office)
	if err != nil {
		t.Fatal(err)
	}
	st, err := r.server.board.Latest(t.Context(), people.Office)
	if err != nil {
		t.Fatal(err)
	}
	squares := map[custody.RoomID]cell{}
	for _, c := range p.cells(st.Crowds()) {
		squares[c.Room] = c
	}
	here, there := squares["a-104"], squares["a-303"]
	if here.Here != 1 || here.Stay != "30 d" || there.LateComing != 1 || there.State != "late" || !there.Oldest.IsZero() {
		t.Errorf("%+v\n%+v", here, there)
	}
	html, err := r.server.site.part("cell", here)
	if err != nil || !strings.Contains(html, "longest here") {
		t.Error(html, err)
	}
}

// On a screen of a desk a file is one line, and what it is about begins at its column's
// edge in either direction; on a phone the pages' menu folds.
func TestShapeOfTheBoard(t *testing.T) {
	r := open(t, true)
	gallery(t, r)
	b, url := browse(t, r)
	for _, tag := range []string{"en", "ur"} {
		for _, width := range []int64{1366, 1920} {
			b.See(chromium.Look{Lang: tag, Width: width, Scheme: "light"}, url)
			for _, wrong := range chromium.Ask[[]string](b, `[...document.querySelectorAll("#rows tr")].flatMap((tr) => {
				const out = [], line = parseFloat(getComputedStyle(tr.querySelector(".file a")).lineHeight);
				if (tr.offsetHeight > 1.9 * line) out.push(tr.textContent.trim().slice(0, 40) + " is " + tr.offsetHeight + " high, a line is " + line);
				const subject = tr.querySelector(".subject"), before = subject.previousElementSibling.getBoundingClientRect();
				const range = document.createRange();
				range.selectNodeContents(subject);
				const at = [...range.getClientRects()].filter((r) => r.width), left = Math.min(...at.map((r) => r.left)), right = Math.max(...at.map((r) => r.right));
				const box = subject.getBoundingClientRect();
				const far = document.dir === "rtl" ? box.right - right : left - box.left;
				if (at.length && far > 2) out.push(subject.textContent + " begins " + far + " px from the edge");
				return out;
			})`) {
				t.Errorf("%s, %d wide: %s", tag, width, wrong)
			}
		}
		b.See(chromium.Look{Lang: tag, Width: 360, Scheme: "light"}, url)
		seen := `document.querySelector(".sections a").checkVisibility()`
		if chromium.Ask[bool](b, seen) {
			t.Errorf("%s: the menu does not fold on a phone", tag)
		}
		b.Audit()
		chromium.Ask[bool](b, `document.querySelector(".menu").click() ?? true`)
		if !chromium.Ask[bool](b, seen) {
			t.Errorf("%s: the menu does not open", tag)
		}
	}
	b.Quiet()
}
