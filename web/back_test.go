package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// A file is sent back on its page with a reason, and at a station with a reason card; the
// form is there while somebody has it who got it from another.
func TestBack(t *testing.T) {
	r := open(t, true)
	code := r.file("SO(Dev) 3-9/2025", "Water supply scheme")
	form := `action="/files/` + string(code) + `/back"`
	page := func() string { return r.call("GET", "/files/"+string(code), "").Body.String() }
	if strings.Contains(page(), form) {
		t.Error("nobody sent it, and it can be sent back")
	}
	r.clock.wait(time.Hour)
	r.scan(code, "a-104", custody.Context{Onward: true})
	r.clock.wait(time.Hour)
	r.scan(code, "a-303", custody.Context{})
	if !strings.Contains(page(), form) {
		t.Error("it cannot be sent back")
	}
	r.clock.wait(time.Hour)
	if to := r.act(code, "back", url.Values{"reason": {"annexures are missing"}}); to.Query().Get("done") != string(custody.SentBack) {
		t.Errorf("led to %s", to)
	}
	if pos := r.row(code).Position; pos.Phase != custody.Transit || pos.ToRoom != "a-104" {
		t.Errorf("%+v", pos)
	}
	if line := r.told(code).Entries[0]; line.Note != "annexures are missing" || line.Kind != "moved" {
		t.Errorf("%+v", line)
	}
	r.clock.wait(time.Minute)
	r.scan(code, "a-104", custody.Context{})
	r.clock.wait(time.Hour)
	r.scan(code, "a-104", custody.Context{Onward: true})
	r.clock.wait(time.Minute)
	r.scan(code, "a-303", custody.Context{})
	r.clock.wait(time.Hour)
	why := custody.ReasonCard{ID: "unsigned", Code: label.New(label.Card, 4711), Name: custody.Name{En: "Not signed", Ur: "دستخط نہیں"}}
	office := testOffice()
	office.Reasons = []custody.ReasonCard{why}
	r.reorganise(office)
	r.clock.wait(time.Second)
	out := r.do(custody.Command{Kind: custody.Back, Code: code, Station: "st-a-303", Method: custody.ByQR, With: custody.Returning{Why: why.Code}})
	if out.Reason != custody.SentUp || out.Position.ToRoom == "a-104" {
		t.Errorf("the second time: %s to %s", out.Reason, out.Position.ToRoom)
	}
	if line := r.told(code).Entries[0]; line.Note != why.Name.En {
		t.Errorf("%+v", line)
	}
}

// Without a reason it is refused in words, on the page at once and at a station by the
// office.
func TestBackWithoutAReason(t *testing.T) {
	r := open(t, true)
	code := r.file("SO(Dev) 3-9/2025", "Water supply scheme")
	r.scan(code, "a-303", custody.Context{})
	w := r.call("POST", "/api/v1/files/"+string(code)+"/back", `{}`)
	if a := decoded(t, w); w.Code != http.StatusUnprocessableEntity || a.Error.Code != "no_reason" {
		t.Errorf("%d: %s", w.Code, w.Body)
	}
	for with, want := range map[string]custody.Reason{"": custody.NotWhy, `"with":{"why":"` + string(label.New(label.Card, 1)) + `"},`: custody.NoSuchPlace} {
		body := strings.Replace(scanJSON(newID(), code), `"kind":"scan",`, `"kind":"back",`+with, 1)
		a := decoded(t, r.call("POST", "/api/v1/scans?wait=5s", body, bearer(doorToken)...))
		if said := a.Results[0].Say; said == nil || said.Reason != string(want) || said.Tone != "down" || strings.HasPrefix(said.Headline, "reason.") {
			t.Errorf("%q: %+v", with, a.Results[0])
		}
	}
	if pos := r.row(code).Position; pos.Room != "a-303" || pos.Phase != custody.Held {
		t.Errorf("it moved: %+v", pos)
	}
}
