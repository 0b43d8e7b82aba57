package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/web/gate"
	"harkara/web/lang"
	"harkara/web/wire"
)

// form posts a page's form as an administrator who has signed in.
func (r *running) form(path string, values url.Values) (status int, location string) {
	r.t.Helper()
	w := r.call("POST", path, values.Encode(), "Content-Type", "application/x-www-form-urlencoded", "Cookie", gate.Session+"="+adminToken)
	return w.Code, w.Header().Get("Location")
}

// page reads a page as an administrator who has signed in.
func (r *running) page(path string) string {
	r.t.Helper()
	w := r.call("GET", path, "", "Cookie", gate.Session+"="+adminToken)
	if w.Code != http.StatusOK {
		r.t.Fatalf("%s: %d", path, w.Code)
	}
	return w.Body.String()
}

func (r *running) waiting() attention {
	r.t.Helper()
	w := r.call("GET", "/api/v1/attention", "", bearer(adminToken)...)
	var a attention
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || w.Code != http.StatusOK {
		r.t.Fatalf("%d, %v: %s", w.Code, err, w.Body)
	}
	return a
}

// A command that cannot be decided is seen on file, board and the administrator's
// page, and goes on from there: tried again, or set aside.
func TestStuckCommandWaitsForAPerson(t *testing.T) {
	r := open(t, false)
	code := r.file("SO(Dev) 1/2026", "Water supply")
	if text := r.page("/"); strings.Contains(text, `id="attention" href="/attention"><b`) || strings.Contains(text, "badge stuck") {
		t.Error("something waits where nothing is wrong")
	}
	r.failing = true
	id := newID()
	a := decoded(t, r.call("POST", "/api/v1/scans?wait=5s", scanJSON(id, code), bearer(doorToken)...))
	if len(a.Results) != 1 || !a.Results[0].Stored || a.Results[0].Error == nil || a.Results[0].Error.Code != "quarantined" {
		t.Fatalf("%+v", a)
	}
	r.clock.wait(3 * time.Minute)
	r.scan(code, "a-104", custody.Context{})

	text := r.page("/attention")
	for _, want := range []string{"SO(Dev) 1/2026", "Door of room 303", "3 min ago", "do not agree", "one more command", "/attention/" + id + "/retry"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if text := r.page("/"); !strings.Contains(text, `<span class="badge stuck">needs an administrator</span>`) || !strings.Contains(text, `<b class="badge stuck">1<`) {
		t.Error("the board does not show what is stuck")
	}
	if text := r.page("/files/" + string(code)); !strings.Contains(text, "A stored command needs an administrator") {
		t.Error("the file does not show what is stuck")
	}
	if got := r.waiting().Quarantined; len(got) != 1 || string(got[0].Command.ID) != id || got[0].Behind != 1 || got[0].Cause != "diverged" {
		t.Errorf("%+v", got)
	}

	free := func(act, reason string) (int, string) {
		t.Helper()
		return r.form("/attention/"+id+"/"+act, url.Values{"reason": {reason}})
	}
	if status, _ := free("void", " "); status != http.StatusUnprocessableEntity {
		t.Errorf("voided without a reason: %d", status)
	}
	if status, _ := free("forget", "no such act"); status != http.StatusNotFound {
		t.Errorf("%d", status)
	}
	if status, to := free("retry", "engine mended"); status != http.StatusSeeOther || to != "/attention?done=again" {
		t.Errorf("%d %s", status, to)
	}
	if text := r.page("/attention?done=again"); !strings.Contains(text, "It failed again") || !strings.Contains(text, "engine mended") {
		t.Error("the page does not say that it failed again")
	}
	r.failing = false
	if status, to := free("retry", "engine mended at last"); status != http.StatusSeeOther || to != "/attention?done=inferred" {
		t.Errorf("%d %s", status, to)
	}
	if row, err := r.File(t.Context(), code); err != nil || row.Quarantined || row.Pending != 0 || row.Position.Room != "a-104" {
		t.Errorf("%+v, %v", row, err)
	}
	if status, _ := free("void", "too late"); status != http.StatusNotFound {
		t.Errorf("voided what is decided: %d", status)
	}
	if text := r.page("/attention"); !strings.Contains(text, "Every stored command is decided") {
		t.Error("the page does not say that nothing is stuck")
	}
}

// Set aside, a command moves nothing, and the chain says who did that and why.
func TestStuckCommandIsVoided(t *testing.T) {
	r := open(t, false)
	code := r.file("SO(Dev) 1/2026", "Water supply")
	r.failing = true
	id := newID()
	r.call("POST", "/api/v1/scans", scanJSON(id, code), bearer(doorToken)...)
	w := r.call("POST", "/api/v1/quarantine/"+id+"/void", `{"reason":"poison; order 7"}`, bearer(adminToken)...)
	var res result
	if err := json.Unmarshal(w.Body.Bytes(), &res); err != nil || res.Outcome == nil || res.Outcome.Reason != custody.Voided || res.Say == nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	row, err := r.File(t.Context(), code)
	if err != nil || row.Position.Room != "a-104" || row.Quarantined {
		t.Errorf("%+v, %v", row, err)
	}
	if page := r.page("/files/" + string(code)); !strings.Contains(page, "poison; order 7") || !strings.Contains(page, "administrator (by a program&#39;s token)") || !strings.Contains(page, "chain is whole") {
		t.Errorf("the chain does not say who and why: %s", page)
	}
	if a := r.waiting(); len(a.Quarantined) != 0 || len(a.Audit) != 1 || a.Audit[0].Act != "void" || a.Audit[0].Reason != "poison; order 7" || a.Audit[0].By != (custody.Actor{Person: gate.Administrator, Proof: custody.ByToken}) {
		t.Errorf("%+v", a)
	}
	for path, status := range map[string]int{"/api/v1/quarantine/" + id + "/void": 404, "/api/v1/quarantine/" + newID() + "/retry": 404} {
		if w := r.call("POST", path, `{"reason":"again"}`, bearer(adminToken)...); w.Code != status {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

// What no file can take, and what was refused, is to be seen.
func TestDrawerAndRefusalsAreShown(t *testing.T) {
	r := open(t, false)
	r.call("POST", "/api/v1/scans", `{"nonsense":"<b>"}`, bearer(doorToken)...)
	known, unknown := r.file("SO(Dev) 1/2026", "Water supply"), label.New(label.File, 42)
	r.do(custody.Command{Kind: custody.Found, Code: known, Method: custody.ByHand})
	r.call("POST", "/api/v1/scans", scanJSON(newID(), unknown), bearer(doorToken)...)
	text := r.page("/attention")
	for _, want := range []string{"{&#34;nonsense&#34;:&#34;&lt;b&gt;&#34;}", "Door of room 303", unknown.Format(), `<a href="/files/` + string(known) + `"><bdi dir="ltr">SO(Dev) 1/2026</bdi></a>`, known.Format()} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if a := r.waiting(); len(a.Drawer) != 1 || string(a.Drawer[0].Body) != `{"nonsense":"<b>"}` || len(a.Refusals) != 2 || a.Refusals[0].Code != unknown || a.Refusals[0].Number != "" || a.Refusals[1].Number != "SO(Dev) 1/2026" {
		t.Errorf("%+v", a)
	}
	for query, status := range map[string]int{"?limit=1": 200, "?limit=%DB%B1": 200, "?limit=0": 400, "?limit=x": 400, "?limit=1000000": 200} {
		if w := r.call("GET", "/api/v1/attention"+query, "", bearer(adminToken)...); w.Code != status {
			t.Errorf("%s: %d", query, w.Code)
		}
	}
}

// A station that sends more than is kept whole is told so in its answer and its room,
// the administrator on his page; nothing is refused.
func TestOverdrawnQuotaIsTold(t *testing.T) {
	r := open(t, false)
	r.quota = 2
	view := func() (v wire.View) {
		t.Helper()
		w := r.call("GET", "/api/v1/station?lang=en", "", bearer(doorToken)...)
		if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
			t.Fatal(err, w.Body)
		}
		return v
	}
	for n := range 4 {
		var out struct{ Results []result }
		w := r.call("POST", "/api/v1/scans", `{"nonsense":"<b>"}`, bearer(doorToken)...)
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code != http.StatusOK || !out.Results[0].Stored || out.Results[0].Short != (n >= 2) {
			t.Errorf("record %d: %d %s", n, w.Code, w.Body)
		}
		if v := view(); (v.Overdrawn != "") != (n >= 2) {
			t.Errorf("after record %d: %q", n, v.Overdrawn)
		}
	}
	if v := view(); !strings.Contains(v.Overdrawn, "11 records") {
		t.Error(v.Overdrawn)
	}
	text := r.page("/attention")
	for _, want := range []string{"2 whole, of 2 the beginning and digest, 7 only counted; 154.0 MB in all", "the first 5 of 18 bytes; SHA-256 abcd"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if a := r.waiting(); len(a.Overdrawn) != 1 || a.Overdrawn[0].Station != door || a.Overdrawn[0].Counted != 7 {
		t.Errorf("%+v", a.Overdrawn)
	}
	r.clock.wait(overdrawnFor + time.Minute)
	if v := view(); v.Overdrawn != "" {
		t.Error("it is told for ever: ", v.Overdrawn)
	}
}

// What the posts of a room were told stands on the room's page and at its kiosk; what
// nobody confirms, on the administrator's.
func TestNoticesAreShown(t *testing.T) {
	r := open(t, false)
	code := r.file("SO(Dev) 1/2026", "Water supply")
	r.clock.wait(30 * time.Hour)
	r.climb()
	for room, holds := range map[string]bool{"a-104": true, "a-303": true, "b-105": false} { // holder, his superior, another department
		if text := r.page("/rooms/" + room); strings.Contains(text, "Reminder at 100 %") != holds || strings.Contains(text, "held by R&amp;I Branch (Finance)") != holds {
			t.Errorf("room %s: told %t", room, !holds)
		}
	}
	var view wire.View
	w := r.call("GET", "/api/v1/station", "", bearer(doorToken)...)
	if err := json.Unmarshal(w.Body.Bytes(), &view); err != nil || len(view.Told) != 1 || view.Told[0].Code != code || !strings.Contains(view.Told[0].What, "100 %") {
		t.Errorf("%v: %s", err, w.Body)
	}
	r.mu.Lock()
	r.notices[0].State, r.notices[0].Detail = "unconfirmed", "timed out"
	r.mu.Unlock()
	if text := r.page("/attention"); !strings.Contains(text, "not confirmed") || !strings.Contains(text, "timed out") {
		t.Error("an unconfirmed delivery is not shown")
	}
	r.mu.Lock()
	r.notices[0].Detail = rebuilt
	r.mu.Unlock()
	for tag, says := range map[lang.Tag]string{lang.English: "the office was rebuilt while it was under way", lang.Urdu: "ترسیل جاری تھی کہ دفتر"} {
		if text := r.page("/attention?lang=" + string(tag)); !strings.Contains(text, says) || strings.Contains(text, ">"+rebuilt+"<") {
			t.Errorf("in %s a delivery that was lost with its workflow is not explained", tag)
		}
	}
	if a := r.waiting(); len(a.Untold) != 1 || a.Untold[0].Notice.File != code {
		t.Errorf("%+v", a.Untold)
	}
}

// That the engine is away is said before anything has waited for long.
func TestBoardSaysThatTheEngineIsAway(t *testing.T) {
	r := open(t, true)
	var away error
	r.server.Decides = func() error { return away }
	says := func(what string) bool { return strings.Contains(r.call("GET", what, "").Body.String(), "away") }
	for _, err := range []error{nil, errors.New("no connection"), nil} {
		away = err
		r.server.board.Follow(t.Context(), true)
		for _, page := range []string{"/", "/rooms", "/healthz"} {
			if says(page) != (err != nil) {
				t.Errorf("%v: %s says away: %t", err, page, err == nil)
			}
		}
	}
}

// An open board counts what waits for an administrator by itself.
func TestLiveFeedCountsWhatIsStuck(t *testing.T) {
	r, url := following(t, true)
	code := r.file("SO(Dev) 1/2026", "Water supply")
	board := watch(t, url+"/api/v1/live?after=0", nil)
	r.failing = true
	r.scan(code, "a-303", custody.Context{})
	for row := ""; !strings.Contains(row, "badge stuck"); { // first, perhaps, as it was opened
		_, row = next(t, board, "f"+string(code))
	}
	for link := ""; !strings.Contains(link, ">1<"); {
		_, link = next(t, board, "attention")
	}
}

// What a station was refused is told when it asks for its room, and not to another.
func TestStationIsToldWhatWasRefused(t *testing.T) {
	r := open(t, false)
	const otherDoor = "token-of-another-door"
	r.mu.Lock()
	r.tokens[otherDoor] = "st-a-104"
	r.mu.Unlock()
	known, secret, id := r.file("SO(Dev) 1/2026", "Water supply"), r.file("SO(Conf) 1/2026", zarghoon), newID()
	r.do(custody.Command{Kind: custody.Classify, Code: secret, Method: custody.ByHand, Who: "Secretary", Reason: "order 3", With: custody.Classification{Class: custody.Secret.Name()}})
	for _, code := range []label.Code{secret, known} {
		r.call("POST", "/api/v1/scans", fmt.Sprintf(`{"id":%q,"kind":"found","code":%q,"method":"qr","at":{"wall":"2026-01-12T04:00:00Z"}}`, newID(), code), bearer(doorToken)...)
	}
	r.call("POST", "/api/v1/scans", scanJSON(id, label.New(label.File, 42)), bearer(doorToken)...)
	listed := func(token string) []wire.Refusal {
		t.Helper()
		var view wire.View
		w := r.call("GET", "/api/v1/station?lang=en", "", bearer(token)...)
		if err := json.Unmarshal(w.Body.Bytes(), &view); err != nil || view.Room == "" {
			t.Fatalf("%v: %s", err, w.Body)
		}
		return view.Refused
	}
	list := listed(doorToken)
	if len(list) != 3 || string(list[0].ID) != id || list[0].Code != label.New(label.File, 42) || list[0].What == "" || list[0].At == "" || list[0].Number != "" || list[1].Number != "SO(Dev) 1/2026" || list[2].Number != "" {
		t.Errorf("%+v", list)
	}
	if list := listed(otherDoor); len(list) != 0 {
		t.Errorf("another station's: %+v", list)
	}
}
