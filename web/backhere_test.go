package web

import (
	"strings"
	"testing"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// What a room sent, and has lying in its out-tray, is on its way, however often it is
// looked at; by the card, for a reason, the room has it again. Both are said in words.
func TestBackHere(t *testing.T) {
	r := open(t, true)
	why := custody.ReasonCard{ID: "locked", Code: label.New(label.Card, 4711), Name: custody.Name{En: "Room locked", Ur: "کمرہ بند تھا"}}
	office := testOffice()
	office.Reasons = []custody.ReasonCard{why}
	r.reorganise(office)
	code := r.file("SO(Dev) 3-9/2025", "Water supply scheme")
	r.clock.wait(time.Hour)
	r.scan(code, "a-104", custody.Context{Onward: true})
	r.clock.wait(3 * time.Hour)
	out := r.do(custody.Command{Kind: custody.Scan, Code: code, Station: "st-a-104", Method: custody.ByQR})
	said := r.server.say(r.request("GET", "/", ""), out)
	if said.Reason != string(custody.SentAlready) || said.Tone != "soft" || !strings.HasPrefix(said.Next, "Give to ") {
		t.Errorf("a second look: %+v", said)
	}
	if s := r.told(code); s.State != "on the way" || !strings.Contains(s.Row.Known.Before+s.Row.Known.After, "by scan") {
		t.Errorf("%s, %+v", s.State, s.Row.Known)
	}
	r.clock.wait(time.Minute)
	out = r.do(custody.Command{Kind: custody.BackHere, Code: code, Station: "st-a-104", Method: custody.ByQR})
	for language, want := range map[string]string{"en": "Why? Read the card again", "ur": "وجہ کیا ہے؟"} {
		if said := r.server.say(r.request("GET", "/?lang="+language, ""), out); said.Tone != "down" || !strings.HasPrefix(said.Headline, want) {
			t.Errorf("without a reason: %+v", said)
		}
	}
	out = r.do(custody.Command{Kind: custody.BackHere, Code: code, Station: "st-a-104", Method: custody.ByQR, With: custody.Undelivered{Why: why.Code}})
	if said := r.server.say(r.request("GET", "/", ""), out); said.Headline != "Back here, not delivered" || said.Tone != "up" || out.Position.Room != "a-104" {
		t.Errorf("%+v, in %s", said, out.Position.Room)
	}
	if line := r.told(code).Entries[0]; line.Note != why.Name.En || line.Kind != "moved" {
		t.Errorf("%+v", line)
	}
}
