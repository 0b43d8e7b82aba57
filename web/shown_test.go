package web

import (
	"strings"
	"testing"
	"time"

	"harkara/internal/custody"
	"harkara/internal/people"
	"harkara/web/lang"
)

// A paper that was only shown in a room: the station says whose it is, the board and the
// file's page where it was, and nobody is told that its holder's room confirmed it.
func TestShownElsewhere(t *testing.T) {
	r := open(t, true)
	code := r.file("SO(Dev) 3-9/2025", "Water supply scheme")
	r.clock.wait(time.Hour)
	body := strings.Replace(scanJSON(newID(), code), `"scan"`, `"shown"`, 1)
	a := decoded(t, r.call("POST", "/api/v1/scans?wait=5s", body, bearer(doorToken)...))
	if len(a.Results) != 1 || a.Results[0].Say == nil {
		t.Fatalf("%+v", a)
	}
	said, pos := a.Results[0].Say, a.Results[0].Outcome.Position
	if said.Tone != "up" || said.Reason != string(custody.SeenHere) || pos.Room != "a-104" || pos.ShownIn != "a-303" {
		t.Errorf("%+v, %+v", said, pos)
	}
	p, err := r.server.speaker(t.Context(), lang.English, people.Office)
	if err != nil {
		t.Fatal(err)
	}
	if want := p.T("say.back", p.desk(pos.Desk), p.room("a-104")); said.Next != want || said.By != "" {
		t.Errorf("it says %q by %q, want %q", said.Next, said.By, want)
	}
	known := p.known(pos)
	if text := known.Before + known.Ago + known.After; known.How != custody.ByScan || !strings.Contains(text, p.room("a-303")) || strings.Contains(text, "{") {
		t.Errorf("known %s: %s", known.How, text)
	}
	story := r.told(code)
	if line := story.Entries[0]; line.Kind != "seen" || line.Where != p.room("a-303") || len(story.Legs) != 1 {
		t.Errorf("%+v, %d legs", line, len(story.Legs))
	}
}
