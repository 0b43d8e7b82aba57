package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"harkara/internal/label"
)

// What a file's page says of a finding is what it is, where, and both values; a workflow
// that does not answer is no changed record; a code that lost its file says so.
func TestPagesSayWhatIsFound(t *testing.T) {
	r := open(t, true)
	code, lost, never := r.file("SO(Dev) 1/2026", "Water supply"), label.New(label.File, 7_000_111_000), label.New(label.File, 7_000_111_001)
	for _, c := range []struct {
		found  Finding
		status int
		says   []string
		not    string
	}{
		{Finding{code, "position", "desk", "fin-sec", "fin-so2"}, http.StatusOK, []string{"Somebody changed the record", "the registry has the file elsewhere than its chain", "<code dir=\"ltr\">desk</code>", "is fin-sec, should be fin-so2"}, "chain is whole"},
		{Finding{code, "untold", "entry 3", "", "key"}, http.StatusOK, []string{"a recorded rung was told to nobody", "missing: key"}, "should be"},
		{Finding{code, "invented", "<b>", "key", ""}, http.StatusOK, []string{"there is key", "&lt;b&gt;"}, "<b>"},
		{Finding{code, "mute", "workflow", "", ""}, http.StatusOK, []string{"does not answer; the record is whole"}, "Somebody changed"},
		{Finding{lost, "unregistered", "command 1", "", ""}, http.StatusNotFound, []string{"and it should have", "the registry has lost the file", "command 1", lost.Format()}, "Unknown"},
	} {
		r.mu.Lock()
		r.found = map[label.Code]Finding{c.found.File: c.found}
		r.mu.Unlock()
		w := r.call("GET", "/files/"+string(c.found.File), "")
		body := w.Body.String()
		if w.Code != c.status || strings.Contains(body, c.not) && c.not != "<b>" {
			t.Errorf("%s: %d, or it says %q", c.found.Kind, w.Code, c.not)
		}
		for _, says := range c.says {
			if !strings.Contains(body, says) {
				t.Errorf("%s: the page does not say %q", c.found.Kind, says)
			}
		}
		whole := `"whole":` + map[bool]string{true: "true", false: "false"}[c.found.Kind == mute]
		if c.status == http.StatusOK && !strings.Contains(r.call("GET", "/api/v1/files/"+string(code)+"/entries", "").Body.String(), whole) {
			t.Errorf("%s: the chain is not given as %s", c.found.Kind, whole)
		}
	}
	if w := r.call("GET", "/files/"+string(never), ""); w.Code != http.StatusNotFound || strings.Contains(w.Body.String(), "it should have") {
		t.Errorf("a code that never had a file: %d", w.Code)
	}
}

// The administrator's page says when the office was examined, how long that took and what
// was found, how far one has come that is under way, and the last that ended.
func TestAttentionSaysWhatTheNightFound(t *testing.T) {
	r := open(t, false)
	code := r.file("SO(Dev) 1/2026", "Water supply")
	says := func(wanted ...string) {
		t.Helper()
		text := r.page("/attention")
		for _, want := range wanted {
			if !strings.Contains(text, want) {
				t.Errorf("the page does not say %q", want)
			}
		}
	}
	says("The office was not examined yet")
	now := r.clock.now()
	ended := Examination{Began: now.Add(-time.Hour), Moved: now, Ended: now.Add(-50 * time.Minute), Files: 4012, Entries: 20999, Of: 4012, Spent: 2 * time.Minute, Found: 3, Findings: []Finding{
		{code, "delivery", "key-9", "delivered", ""}, {"", "gap", "feed 17", "", ""},
	}}
	examined := func(list ...Examination) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.examined = list
	}
	examined(ended)
	says("took 10 min, 2 min of it at work; 4012 files, 20999 entries", "a delivery that nobody noted", `href="/files/`+string(code)+`"`, "numbers of the feed are missing", "feed 17", "and one more")
	examined(Examination{Began: now.Add(-time.Minute), Moved: now.Add(-3 * time.Second), Files: 600, Of: 4013}, ended)
	says("600 of 4013 files so far", "took 10 min")
	if got := r.waiting().Examined; len(got) != 2 || got[1].Findings[0].Kind != "delivery" {
		t.Errorf("%+v", got)
	}
}
