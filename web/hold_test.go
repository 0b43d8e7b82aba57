package web

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// Who waits for whom, how long and on whose time stands on every page: as the state of the
// file, on the board and among its legs. At its end the holder is told.
func TestHoldIsShown(t *testing.T) {
	r := open(t, true)
	code := r.file("SO(Dev) 1/2026", "Water supply") // Monday 12 January
	r.clock.wait(time.Hour)
	card := custody.Holding{Card: label.New(label.Hold, 71_000_007_919)}
	out := r.do(custody.Command{Kind: custody.Hold, Code: code, Station: "st-a-104", Method: custody.ByQR, With: card})
	said := r.server.say(r.request("GET", "/", ""), out)
	last := r.row(code).Position.Wait.Until.Add(-time.Second).In(time.FixedZone("", 5*3600))
	day := fmt.Sprintf("%d %s", last.Day(), last.Format("Jan"))
	if said.Headline != "On hold" || said.Next != "waits for Law Department until the end of "+day || said.By != "" || said.Tone != "up" {
		t.Errorf("the station says %+v", said)
	}
	s := r.told(code)
	if s.State != "on hold" || s.Row.Holder != "R&I Branch (Finance)" || s.Row.Due.Waits != said.Next || len(s.Legs) != 2 || s.Legs[1].State != said.Next {
		t.Errorf("%s, with %s: %q; legs %+v", s.State, s.Row.Holder, s.Row.Due.Waits, s.Legs)
	}
	for _, path := range []string{"/?show=on_hold", "/files/" + string(code), "/rooms/a-104"} {
		if page := r.call("GET", path, "").Body.String(); !strings.Contains(page, said.Next) {
			t.Errorf("%s does not say that it %s", path, said.Next)
		}
		if page := r.call("GET", path, "", "Cookie", "lang=ur").Body.String(); !strings.Contains(page, "محکمہ قانون کا انتظار") {
			t.Errorf("%s does not say so in Urdu", path)
		}
	}
	r.clock.wait(time.Hour)
	if to := r.act(code, "hold", url.Values{"for": {"law"}, "letter": {"Law 7/2026"}}); to.Query().Get("done") != "hold_charged" {
		t.Errorf("a letter was sent: %s", to)
	}
	s = r.told(code)
	if s.Row.Holder != "Law Department" || s.Row.Officer != "R&I Branch (Finance)" || s.Legs[2].Holder != "Law Department" || len(s.Entries[0].Papers) != 1 || s.Entries[0].Papers[0] != "letter Law 7/2026" {
		t.Errorf("with %s, at %s; %+v", s.Row.Holder, s.Row.Officer, s.Entries[0])
	}
	r.clock.wait(10 * 24 * time.Hour)
	r.climb()
	if s = r.told(code); s.State != "held" || s.Row.Due.Waits != "" || s.Legs[3].Budget == "" || !s.Legs[3].Running {
		t.Errorf("its end: %s, legs %+v", s.State, s.Legs)
	}
	if page := r.call("GET", "/rooms/a-104", "").Body.String(); !strings.Contains(page, "The last day of its hold is over") {
		t.Error("the holder is not told")
	}
	if to := r.act(code, "hold", url.Values{"for": {"law"}}); !to.Query().Has("refused") || to.Query().Get("done") != "needs_superior" {
		t.Errorf("a second time: %s", to)
	}
	if to := r.act(code, "hold", url.Values{"for": {"finance"}, "until": {"2026-02-20"}, "order": {"DS (Budget)"}}); to.Query().Get("done") != "on_hold" {
		t.Errorf("by order: %s", to)
	}
	if to := r.act(code, "resume", url.Values{}); to.Query().Get("done") != "resumed" {
		t.Errorf("resumed: %s", to)
	}
}

// What was laid by, and by whom, stands on the board and on the file's page.
func TestLaidByIsShown(t *testing.T) {
	r := open(t, true)
	code := r.file("SO(Dev) 1/2026", "Water supply")
	r.clock.wait(time.Hour)
	out := r.do(custody.Command{Kind: custody.LayBy, Code: code, Station: "st-a-104", Method: custody.ByQR})
	if said := r.server.say(r.request("GET", "/", ""), out); said.Headline != "Laid by" || said.Next != "laid by: nothing is pending" || said.By != "" {
		t.Errorf("the station says %+v", said)
	}
	if s := r.told(code); s.State != "laid by" || s.Row.Due.Waits != "laid by: nothing is pending" || s.Row.Holder != "R&I Branch (Finance)" || s.Entries[0].Station != "Door of room 104" || s.Wake != "" {
		t.Errorf("%s, with %s: %q; %+v", s.State, s.Row.Holder, s.Row.Due.Waits, s.Entries[0])
	}
	for path, there := range map[string]bool{"/?show=laid_by": true, "/?show=on_hold": false, "/files/" + string(code): true} {
		if page := r.call("GET", path, "").Body.String(); strings.Contains(page, "laid by: nothing is pending") != there {
			t.Errorf("%s says that it is laid by: %v", path, !there)
		}
	}
	if to := r.act(code, "resume", url.Values{}); to.Query().Get("done") != "resumed" {
		t.Errorf("resumed: %s", to)
	}
}

// An office without hold cards asks for no hold.
func TestOfficeThatWaitsForNobody(t *testing.T) {
	r := open(t, true)
	code := r.file("SO(Dev) 1/2026", "Water supply")
	asked := func() bool {
		return strings.Contains(r.call("GET", "/files/"+string(code), "").Body.String(), `action="/files/`+string(code)+`/hold"`)
	}
	if !asked() {
		t.Error("no form for a hold")
	}
	office := testOffice()
	office.Holds = nil
	r.clock.wait(time.Second)
	r.reorganise(office)
	if asked() {
		t.Error("a form for a hold, and nobody to wait for")
	}
}
