package web

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/web/lang"
)

// Whatever a command may come to, and whatever a page asks for, has its words: a kind that
// is new is said in both languages.
func TestKindsHaveWords(t *testing.T) {
	for _, tag := range lang.Tags {
		said := func(key string) {
			t.Helper()
			if tag.Text(key) == key {
				t.Errorf("%s has no words for %s", tag, key)
			}
		}
		for _, reason := range custody.Reasons() {
			said("reason." + string(reason))
		}
		for _, fault := range custody.Faults {
			said("error." + string(fault))
		}
		for _, c := range custody.Conditions() {
			if c.Place > 0 {
				said("board." + c.Name)
			}
			if c.Badge > 0 {
				said("badge." + c.Name)
			}
			if c.State {
				said("phase." + c.Name)
			}
			for _, says := range []func(custody.Position) custody.Phrase{c.Next, c.InHand, c.Seen} {
				for _, phase := range []custody.Phase{custody.Held, custody.Transit} {
					if says == nil {
						continue
					}
					if key := says(custody.Position{Phase: phase, ShownIn: "r"}).Key; key != "" {
						said(key)
					}
				}
			}
		}
		for _, k := range pageKinds() {
			said(wordOf(k.Name, ""))
			said(wordOf(k.Name, "do"))
			form := asks{voice: voice{tag}, Kind: k.Name}
			for _, a := range k.Asks.Of {
				if field := custody.Field(a.Name); a.As == custody.TextInput && field != custody.ReasonField && field != custody.WhoField {
					said(entryWord(field))
				}
				if label := form.Label(field{Ask: a}); label == "ask."+a.Name {
					t.Errorf("%s has no words for %s of %s", tag, a.Name, k.Name)
				}
			}
		}
	}
}

// A page asks for what a kind needs, and for no more: what its form sends passes the door.
func TestFormsAskForWhatIsNeeded(t *testing.T) {
	r := open(t, true)
	r.signed = adminToken
	for _, k := range pageKinds() {
		code := r.file("SO(Dev) "+string(k.Name), "Water supply")
		fields := url.Values{}
		optional := map[string]bool{}
		says := example(t, k)
		for _, a := range k.Asks.Of {
			own := custody.Field(a.Name) == custody.ReasonField || custody.Field(a.Name) == custody.WhoField
			value := "order 3"
			if raw := says[a.Name]; !own && raw != nil {
				if err := json.Unmarshal(raw, &value); err != nil {
					t.Errorf("%s: a form cannot send %s: %v", k.Name, raw, err)
				}
			} else if a.Optional {
				continue
			} else if !own {
				t.Errorf("%s has no example of %s, which its form demands", k.Name, a.Name)
			}
			fields.Set(a.Name, value)
			optional[a.Name] = a.Optional && len(says) > 1 // of what may be left out something must be said
		}
		if to := r.act(code, string(k.Name), fields); to.Query().Get("done") == "" {
			t.Errorf("%s: led to %s", k.Name, to)
		}
		for name := range fields {
			if optional[name] {
				continue
			}
			without := url.Values{}
			for n := range fields {
				if n != name {
					without.Set(n, fields.Get(n))
				}
			}
			if w := r.call("POST", "/files/"+string(code)+"/"+string(k.Name), without.Encode(), "Content-Type", "application/x-www-form-urlencoded"); w.Code != http.StatusBadRequest && w.Code != http.StatusUnprocessableEntity {
				t.Errorf("%s without %s: %d", k.Name, name, w.Code)
			}
		}
	}
	code := r.file("SO(Dev) 1/2026", "Water supply")
	for _, kind := range []string{"scan", "undo", "open", "wake", "levitate"} { // which no page asks for
		if w := r.call("POST", "/api/v1/files/"+string(code)+"/"+kind, `{}`); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d %s", kind, w.Code, w.Body)
		}
	}
	for _, body := range []string{`{"desk":"fin-3","colour":"red"}`, `{"desk":7}`, `{"id":7,"desk":"fin-3"}`, `[]`, `{"desk":"fin-3"}{}`} {
		if w := r.call("POST", "/api/v1/files/"+string(code)+"/mark", body); w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d %s", body, w.Code, w.Body)
		}
	}
}

// Who uses an id for another command is told, and nothing of it is done: 409 to a page or a
// program, an error beside its own id to a station, whose command lies in the drawer.
func TestReusedIDs(t *testing.T) {
	r := open(t, false)
	code, other := r.file("SO(Dev) 1/2026", "Water supply"), r.file("SO(Dev) 2/2026", "Roads")
	id := newID()
	send := func(body, language string) result {
		a := decoded(t, r.call("POST", "/api/v1/scans?wait=5s&lang="+language, body, bearer(doorToken)...))
		if len(a.Results) != 1 {
			t.Fatalf("%+v", a)
		}
		return a.Results[0]
	}
	if first := send(scanJSON(id, code), "en"); first.Error != nil || first.Outcome == nil {
		t.Fatalf("%+v", first)
	}
	words := map[string]bool{}
	for n, language := range []string{"en", "ur"} {
		again := send(scanJSON(id, other), language)
		if again.Error == nil || again.Error.Code != "id_used" || !again.Stored || again.Outcome != nil || again.ID != id || len(r.drawer) != n+1 {
			t.Errorf("%+v, %d in the drawer", again, len(r.drawer))
		}
		words[again.Error.Message] = true
	}
	if len(words) != 2 {
		t.Errorf("%v", words)
	}
	if row := r.row(other); row.Position.Room == "a-303" {
		t.Error("the other file moved")
	}
	if same := send(scanJSON(id, code), "en"); same.Error != nil || same.Outcome == nil || len(r.drawer) != 2 {
		t.Errorf("%+v", same)
	}
	w := r.call("POST", "/api/v1/files/"+string(other)+"/close?wait=5s", fmt.Sprintf(`{"id":%q,"reason":"done"}`, id), bearer(adminToken)...)
	if a := decoded(t, w); w.Code != http.StatusConflict || a.Error.Code != "id_used" {
		t.Errorf("%d %+v", w.Code, a.Error)
	}
	shot := string(newID())
	photo := func(of label.Code) (int, answer) {
		w := r.call("POST", "/api/v1/images?wait=5s&id="+shot, picture(t, cover(t, of)), bearer(doorToken)...)
		return w.Code, decoded(t, w)
	}
	status, first := photo(code)
	r.clock.wait(3e9) // sent again, at another moment
	again, second := photo(code)
	if status != http.StatusOK || again != http.StatusOK || second.Seq != first.Seq || len(r.drawer) != 2 {
		t.Errorf("%d %+v, again %d %+v", status, first, again, second)
	}
	if status, a := photo(other); status != http.StatusConflict || a.Error.Code != "id_used" {
		t.Errorf("%d %+v", status, a.Error)
	}
}

// A station may not give what needs an officer, whatever file it is about.
func TestStationsMayNotGiveOrders(t *testing.T) {
	r := open(t, false)
	code := r.file("SO(Dev) 1/2026", "Water supply")
	for _, k := range custody.Kinds() {
		body := fmt.Sprintf(`{"id":%q,"kind":%q,"code":%q,"reason":"r","at":{"wall":"2026-01-12T04:00:00Z"}}`, newID(), k.Name, code)
		says, err := json.Marshal(example(t, k))
		if err != nil {
			t.Fatal(err)
		}
		body = strings.Replace(body, `"reason"`, `"with":`+string(says)+`,"reason"`, 1)
		if k.Ordered {
			body = strings.Replace(body, `"reason"`, `"who":"Secretary","reason"`, 1)
		}
		a := decoded(t, r.call("POST", "/api/v1/scans?wait=5s", body, bearer(doorToken)...))
		code := ""
		if a.Results[0].Error != nil {
			code = a.Results[0].Error.Code
		}
		want := ""
		switch {
		case k.By.Has(custody.TheOffice):
			want = "malformed"
		case !k.By.Has(custody.StationHere, custody.StationElsewhere):
			want = "forbidden"
		}
		if code != want {
			t.Errorf("%s: %q, want %q", k.Name, code, want)
		}
	}
}

// example is what a command of a kind says beside.
func example(t *testing.T, k custody.Kind) (with map[string]json.RawMessage) {
	t.Helper()
	if k.Example == nil {
		return map[string]json.RawMessage{}
	}
	raw, err := json.Marshal(k.Example(testOffice()))
	if err := cmp.Or(err, json.Unmarshal(raw, &with)); err != nil {
		t.Fatal(err)
	}
	return with
}
