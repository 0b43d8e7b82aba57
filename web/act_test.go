package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/web/gate"
)

const oldCode = label.Code("FIN-2019/0123")

// act sends a form of a file's page and returns where it leads.
func (r *running) act(code label.Code, act string, fields url.Values) *url.URL {
	r.t.Helper()
	w := r.call("POST", "/files/"+string(code)+"/"+act, fields.Encode(), "Content-Type", "application/x-www-form-urlencoded", "Cookie", gate.Session+"="+adminToken)
	to, err := url.Parse(w.Header().Get("Location"))
	if w.Code != http.StatusSeeOther || err != nil {
		r.t.Fatalf("%s: %d %v %s", act, w.Code, err, w.Body)
	}
	return to
}

// move lets a file be received in another room.
func (r *running) move(code label.Code) {
	r.t.Helper()
	r.clock.wait(time.Hour)
	r.scan(code, "a-303", custody.Context{})
}

func (r *running) row(code label.Code) custody.Row {
	r.t.Helper()
	row, err := r.File(r.t.Context(), code)
	if err != nil {
		r.t.Fatal(err)
	}
	return row
}

// A cover can be drawn until the file has moved in it, in every form and size; then
// only a reprint leads to another, which can be drawn until it has moved in that.
func TestACoverIsDrawnUntilItHasMoved(t *testing.T) {
	r := open(t, true)
	code := r.file("SO(Dev) 1/2026", "Water supply")
	drawn := func(code label.Code, want int) {
		t.Helper()
		for _, form := range []string{"cover.pdf", "cover.png", "cover.svg", "cover.pdf?size=a4"} {
			if w := r.call("GET", "/files/"+string(code)+"/"+form, ""); w.Code != want {
				t.Errorf("%s: %d, want %d", form, w.Code, want)
			}
		}
		page := r.call("GET", "/files/"+string(r.row(code).File.Code), "").Body.String()
		if shown := strings.Contains(page, "/cover.svg"); shown != (want == http.StatusOK) {
			t.Errorf("the page shows a cover: %v", shown)
		}
	}
	drawn(code, http.StatusOK)
	r.act(code, "reprint", url.Values{"reason": {"smudged"}})
	drawn(code, http.StatusOK)
	r.move(code)
	drawn(code, http.StatusConflict)
	if to := r.act(code, "reprint", url.Values{"reason": {"torn"}}); to.Query().Get("done") != "relabelled" {
		t.Errorf("led to %s", to)
	}
	fresh := r.row(code).Position.Cover
	drawn(code, http.StatusOK)
	drawn(fresh, http.StatusOK)
	r.clock.wait(time.Hour)
	r.scan(code, "b-307", custody.Context{}) // the old one moves nothing
	drawn(code, http.StatusOK)
	r.scan(fresh, "b-307", custody.Context{})
	drawn(code, http.StatusConflict)
	drawn(fresh, http.StatusConflict)
}

// A form that is sent twice acts once; what is asked anew under its id is another act.
func TestAFormActsOnce(t *testing.T) {
	r := open(t, true)
	code := r.file("SO(Dev) 1/2026", "Water supply")
	r.move(code)
	ids := regexp.MustCompile(`name="id" value="([^"]+)"`).FindAllStringSubmatch(r.call("GET", "/files/"+string(code), "").Body.String(), -1)
	seen := map[string]bool{}
	for _, id := range ids {
		seen[id[1]] = true
	}
	if len(seen) != len(ids) || len(seen) < 8 { // mark, correct, missing, close, amend, classify, reprint, alias
		t.Errorf("%d ids in the forms", len(seen))
	}
	torn := url.Values{"id": {ids[0][1]}, "reason": {"torn"}}
	first := r.act(code, "reprint", torn)
	fresh, minted := r.row(code).Position.Cover, r.minted
	r.clock.wait(time.Minute)
	r.scan(fresh, "b-307", custody.Context{}) // with the new cover on it
	if again := r.act(code, "reprint", torn); again.String() != first.String() {
		t.Errorf("again: %s, first %s", again, first)
	}
	if row := r.row(code); row.Position.Cover != fresh || r.minted != minted || len(r.drawer) != 0 {
		t.Errorf("sent twice: cover %s, first %s; %d labels more, %d in the drawer", row.Position.Cover, fresh, r.minted-minted, len(r.drawer))
	}
	torn.Set("reason", "torn again")
	if r.act(code, "reprint", torn); r.row(code).Position.Cover == fresh || len(r.drawer) != 0 {
		t.Error("another reason under the same id was not done")
	}

	id := newID()
	call := func(act, body string) (int, answer) {
		w := r.call("POST", "/api/v1/files/"+string(code)+"/"+act+"?wait=5s", body)
		return w.Code, decoded(t, w)
	}
	status, one := call("close", fmt.Sprintf(`{"id":%q,"reason":"disposed of"}`, id))
	_, two := call("close", fmt.Sprintf(`{"id":%q,"reason":"disposed of"}`, id))
	if status != http.StatusOK || one.Outcome.Reason != custody.Closed || two.Outcome.Reason != custody.Closed || two.Seq != one.Seq {
		t.Errorf("%d %+v, again %+v", status, one, two)
	}
	if status, other := call("close", fmt.Sprintf(`{"id":%q,"reason":"something else"}`, id)); status != http.StatusConflict || other.Error.Code != "id_used" {
		t.Errorf("%d %+v", status, other.Error)
	}
}

// Opening again under the same id gives the file of then, with its cover of now.
func TestOpenedAgain(t *testing.T) {
	r := open(t, true)
	body := fmt.Sprintf(`{"id":%q,"number":"SO(Dev) 1/2026","department":"fin","desk":"fin-3"}`, newID())
	call := func() (status int, out opened) {
		w := r.call("POST", "/api/v1/files?wait=5s", body)
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
			t.Fatal(err, w.Body)
		}
		return w.Code, out
	}
	status, first := call()
	if opened := r.row(first.Code).File.Opened; status != http.StatusCreated || first.Cover != first.Code || first.Moved || opened.IsZero() || !first.Opened.Equal(opened) {
		t.Errorf("%d %+v", status, first)
	}
	r.move(first.Code)
	if status, again := call(); status != http.StatusOK || again.Code != first.Code || again.Cover != first.Code || !again.Moved || !again.Opened.Equal(first.Opened) {
		t.Errorf("%d %+v", status, again)
	}
	r.act(first.Code, "reprint", url.Values{"reason": {"torn"}})
	if _, again := call(); again.Code != first.Code || again.Cover == first.Code || again.Moved {
		t.Errorf("%+v", again)
	}
	if len(r.drawer) != 0 || r.minted != 2 {
		t.Errorf("%d in the drawer, %d labels drawn", len(r.drawer), r.minted)
	}
}

// An id that opened one file opens no other: programs are told, and a form that
// somebody went back to and filled in anew is another form.
func TestOpenedAgainWithOtherContents(t *testing.T) {
	r := open(t, true)
	id := newID()
	fields := func(number string) url.Values {
		return url.Values{"id": {string(id)}, "number": {number}, "department": {"fin"}, "desk": {"fin-3"}}
	}
	sent := func(number string) string {
		w := r.call("POST", "/open", fields(number).Encode(), "Content-Type", "application/x-www-form-urlencoded")
		if w.Code != http.StatusSeeOther {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		return w.Header().Get("Location")
	}
	first := sent("SO(Dev) 1/2026")
	if again := sent("SO(Dev) 1/2026"); again != first {
		t.Errorf("sent twice: %s, then %s", first, again)
	}
	if other := sent("SO(Dev) 2/2026"); other == first {
		t.Errorf("another file is %s too", other)
	}
	body := fmt.Sprintf(`{"id":%q,"number":"SO(Dev) 3/2026","department":"fin","desk":"fin-3"}`, id)
	if w := r.call("POST", "/api/v1/files", body); w.Code != http.StatusConflict {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// While nothing is decided, opening again draws no other code.
func TestOpenedAgainBeforeItIsDecided(t *testing.T) {
	r := open(t, true)
	r.holding = true
	body := fmt.Sprintf(`{"id":%q,"number":"SO(Dev) 1/2026","department":"fin","desk":"fin-3"}`, newID())
	one := decoded(t, r.call("POST", "/api/v1/files", body))
	two := decoded(t, r.call("POST", "/api/v1/files", body))
	if one.Code == "" || two.Code != one.Code || len(r.drawer) != 0 {
		t.Errorf("%s, then %s; %d in the drawer", one.Code, two.Code, len(r.drawer))
	}
}

// An old cover's code leads to its file wherever a code is typed or scanned, as long
// as it is registered.
func TestOldCodesFindTheirFile(t *testing.T) {
	r := open(t, true)
	code, other := r.file("SO(Dev) 1/2026", "Water supply"), r.file("SO(Dev) 2/2026", "Roads")
	r.act(code, "alias", url.Values{"cover": {"fin-2019/0123"}})
	if to := r.act(other, "alias", url.Values{"cover": {string(oldCode)}}); to.Query().Get("done") != "cover_taken" || !to.Query().Has("refused") {
		t.Errorf("led to %s", to)
	}
	page := "/files/" + string(code)
	for _, path := range []string{"/files/" + url.PathEscape(string(oldCode)), "/?q=" + url.QueryEscape("Fin-2019/0123")} {
		if w := r.call("GET", path, ""); w.Code != http.StatusSeeOther || w.Header().Get("Location") != page {
			t.Errorf("%s: %d %s", path, w.Code, w.Header().Get("Location"))
		}
	}
	if found := r.call("GET", "/?q=2019/012", "").Body.String(); !strings.Contains(found, page) || strings.Contains(found, string(other)) {
		t.Error("a fragment of an old code does not find its file alone")
	}
	if w := r.call("GET", "/api/v1/files/"+url.PathEscape(string(oldCode)), ""); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), string(code)) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	a := decoded(t, r.call("POST", "/api/v1/scans?wait=5s", scanJSON(newID(), oldCode), bearer(doorToken)...))
	if len(a.Results) != 1 || a.Results[0].Outcome == nil || a.Results[0].Outcome.Position.Room != "a-303" {
		t.Errorf("%+v", a.Results)
	}
	r.act(code, "reprint", url.Values{"reason": {"torn"}})
	r.clock.wait(time.Hour)
	fresh := r.row(code).Position.Cover
	for _, retired := range []label.Code{code, oldCode} {
		a := decoded(t, r.call("POST", "/api/v1/scans?wait=5s", scanJSON(newID(), retired), bearer(doorToken)...))
		if got := a.Results[0]; got.Outcome.Reason != custody.OldCover || got.Say.Tone != "down" || got.Say.Next == "" {
			t.Errorf("%s: %+v", retired, got.Outcome)
		}
	}
	if w := r.call("GET", "/files/"+string(fresh), ""); w.Header().Get("Location") != page {
		t.Errorf("a later cover's page: %d", w.Code)
	}
	r.act(code, "unalias", url.Values{"cover": {string(oldCode)}, "reason": {"it is the other's"}})
	if to := r.act(other, "alias", url.Values{"cover": {string(oldCode)}}); to.Query().Get("done") != "aliased" {
		t.Errorf("led to %s", to)
	}
	if w := r.call("POST", "/files/"+string(other)+"/unalias", "cover="+url.QueryEscape(string(oldCode)), "Content-Type", "application/x-www-form-urlencoded"); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("unregistered without a reason: %d", w.Code)
	}
}

// A label of nobody's is answered in words, in both languages.
func TestForeignLabelsAreAnswered(t *testing.T) {
	r := open(t, true)
	for _, lang := range []string{"en", "ur"} {
		a := decoded(t, r.call("POST", "/api/v1/scans?wait=5s&lang="+lang, scanJSON(newID(), "COURIER-77"), bearer(doorToken)...))
		got := a.Results[0]
		if !got.Stored || got.Seq != 0 || got.Error == nil || got.Error.Code != "foreign" || got.Say == nil || got.Say.Tone != "down" || got.Say.Word == "" || got.Say.Headline != got.Error.Message {
			t.Errorf("%s: %+v %+v", lang, got.Error, got.Say)
		}
	}
	if w := r.call("GET", "/files/COURIER-77", ""); w.Code != http.StatusNotFound {
		t.Errorf("its page: %d", w.Code)
	}
}
