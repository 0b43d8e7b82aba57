package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/web/wire"
)

// yes finds the second act of a form that asks, and what it sends.
var yes = regexp.MustCompile(`<button name="anyway" value="([^"]+)">`)

// A number that a file has is not opened again by a page until somebody says yes to that
// very number; Enter says none.
func TestAPageAsksBeforeANumberIsOpenedTwice(t *testing.T) {
	r := open(t, true)
	first := r.file("SO(Dev) 7/2026", "Water supply")
	form := url.Values{"id": {newID()}, "number": {"so(dev)\u200f ۷/2026"}, "subject": {"Roads"}, "department": {"fin"}, "desk": {"fin-3"}}
	send := func() (code int, body, to string) {
		t.Helper()
		w := r.call("POST", "/open", form.Encode(), "Content-Type", "application/x-www-form-urlencoded", "Cookie", "lang=en")
		return w.Code, w.Body.String(), w.Header().Get("Location")
	}
	code, body, _ := send()
	if code != http.StatusConflict {
		t.Fatal(code, body)
	}
	for _, want := range []string{"SO(Dev) 7/2026", "Water supply", `href="/files/` + string(first) + `"`, "R&amp;I", "another subject", "written otherwise", "so(dev) ۷/2026", ">Roads<"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	press := yes.FindStringSubmatch(body)
	if press == nil || strings.Index(body, "<button class=\"primary\">") > strings.Index(body, press[0]) {
		t.Fatalf("no second act, or Enter presses it: %v\n%s", press, body)
	}
	inspect(t, "en", body)

	form.Set("anyway", string(custody.KeyOf("SO(Dev) 8/2026"))) // a yes to another number
	if code, _, _ := send(); code != http.StatusConflict || len(r.files) != 1 {
		t.Errorf("%d, %d files", code, len(r.files))
	}
	form.Set("anyway", press[1])
	code, body, to := send()
	if code != http.StatusSeeOther || len(r.files) != 2 {
		t.Fatal(code, body)
	}
	if _, _, again := send(); again != to || len(r.files) != 2 {
		t.Errorf("sent twice: %s, then %s", to, again)
	}
	form.Del("anyway") // a page that was gone back to
	if _, _, again := send(); again != to || len(r.files) != 2 {
		t.Errorf("without its yes: %s, then %s", to, again)
	}
}

// A station's form is the same door; where visitors stand it tells no subject.
func TestAStationAsksBeforeANumberIsOpenedTwice(t *testing.T) {
	r := open(t, false)
	r.file("SO(Dev) 7/2026", "A secret matter")
	code, _ := r.Mint(t.Context(), label.File)
	form := url.Values{"token": {doorToken}, "id": {newID()}, "code": {string(code)}, "number": {"SO(DEV) 7/2026"}, "department": {"fin"}}
	w := r.register("/kiosk/open?lang=ur", form)
	body := w.Body.String()
	press := yes.FindStringSubmatch(body)
	if w.Code != http.StatusConflict || press == nil || !strings.Contains(body, "SO(Dev) 7/2026") || strings.Contains(body, "A secret matter") || strings.Contains(body, `href="/files/`) {
		t.Fatalf("%d %s", w.Code, body)
	}
	inspect(t, "ur", body)
	form.Set("anyway", press[1])
	if w := r.register("/kiosk/open?lang=ur", form); w.Code != http.StatusSeeOther || len(r.files) != 2 {
		t.Errorf("%d, %d files", w.Code, len(r.files))
	}
}

// The API names the files that have a number, opens with an explicit yes, and tells
// before what it would do.
func TestTheAPIAsksBeforeANumberIsOpenedTwice(t *testing.T) {
	r := open(t, true)
	type answer struct {
		Error        *wire.Problem
		Would        string
		Code         label.Code
		Files, Alike []holder
	}
	send := func(query, format string, args ...any) (int, answer) {
		t.Helper()
		w := r.call("POST", "/api/v1/files"+query, fmt.Sprintf(format, args...))
		var a answer
		if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
			t.Fatal(err, w.Body)
		}
		return w.Code, a
	}
	const file = `{"id":%q,"number":%q,"subject":%q,"department":"fin","desk":"fin-3","anyway":%t}`
	id := newID()
	if code, a := send("?dry_run", file, id, "C/14", "Budjet 2026", false); code != http.StatusOK || a.Would != "open" || len(r.files) != 0 {
		t.Errorf("%d %+v", code, a)
	}
	_, first := send("?wait=5", file, id, "C/14", "Budjet 2026", false)
	if code, a := send("?dry_run", file, id, "C/14\u200f", "Budjet 2026", true); code != http.StatusOK || a.Would != "nothing" || a.Code != first.Code {
		t.Errorf("%d %+v", code, a)
	}
	if code, a := send("?dry_run", file, id, "C/14", "Budget 2026", false); code != http.StatusConflict || a.Error.Code != "id_used" {
		t.Errorf("%d %+v", code, a)
	}
	for _, query := range []string{"?dry_run", "?wait=5"} {
		code, a := send(query, file, newID(), "C/14\u200f", "Budget 2026", false)
		if query == "?dry_run" && (code != http.StatusOK || a.Would != "ask") || query != "?dry_run" && (code != http.StatusConflict || a.Error.Code != "number_taken") {
			t.Errorf("%s: %d %+v", query, code, a)
		}
		if len(a.Files) != 1 || a.Files[0].File.Code != first.Code || !slices.Equal(a.Files[0].Changed, []string{"subject"}) || a.Files[0].Position.Desk != "fin-3" {
			t.Errorf("%s: %+v", query, a.Files)
		}
	}
	if code, a := send("?dry_run", file, newID(), "C/15", "Budjet 2026", false); code != http.StatusOK || a.Would != "open" || len(a.Alike) != 1 || a.Alike[0].File.Code != first.Code {
		t.Errorf("%d %+v", code, a)
	}
	if code, a := send("?dry_run", file, newID(), "\u200f \u200e", "x", false); code != http.StatusUnprocessableEntity || a.Error.Code != "no_number" {
		t.Errorf("%d %+v", code, a)
	}
	if code, a := send("?dry_run", file, newID(), "C/14", "Budget 2026", true); code != http.StatusOK || a.Would != "open" || len(a.Files) != 1 || len(r.files) != 1 {
		t.Errorf("%d %+v", code, a)
	}
	if code, a := send("?wait=5", file, newID(), "C/14", "Budget 2026", true); code != http.StatusCreated || a.Code == first.Code || len(r.files) != 2 {
		t.Errorf("%d %+v", code, a)
	}
}

// What is typed is kept without what nobody sees, whoever sends it.
func TestWhatIsTypedIsKeptClean(t *testing.T) {
	r := open(t, true)
	code, _ := r.Mint(t.Context(), label.File)
	w := r.call("POST", "/api/v1/scans?wait=5", fmt.Sprintf(`{"id":%q,"kind":"open","code":%q,"at":{"wall":"2026-01-12T04:00:00Z"},"with":{"number":"\u202eC/1\u0007\r\n","subject":" one\r\ntwo \u200f\u0628\u200f","department":"fin"}}`, newID(), code), bearer(doorToken)...)
	row, err := r.File(t.Context(), code)
	if err != nil || row.File.Number != "C/1" || row.File.Subject != "one two \u200fب" {
		t.Errorf("%d %s: %+q, %v", w.Code, w.Body, row.File, err)
	}
	r.act(code, "alias", url.Values{"cover": {"\u200fold-2019/7\u200e"}})
	for _, text := range []string{"\u200fOLD-2019/7", "\u202a" + code.Format() + "\u202c"} { // as it was copied from somewhere
		if w := r.call("GET", "/?q="+url.QueryEscape(text), ""); w.Header().Get("Location") != "/files/"+string(code) {
			t.Errorf("%+q: %d %s", text, w.Code, w.Header().Get("Location"))
		}
		if w := r.call("GET", "/api/v1/files/"+url.PathEscape(text), ""); w.Code != http.StatusOK {
			t.Errorf("%+q: %d", text, w.Code)
		}
	}
	r.act(code, "close", url.Values{"reason": {" order\r\n12\x1b[2J "}})
	words, err := r.Words(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	kept := false
	for _, w := range words {
		kept = kept || w[custody.ReasonField].Text == "order 12[2J"
	}
	if !kept {
		t.Errorf("%+v", words)
	}
}

// A station finds a file by its number, in any writing, and is told where it is, not what
// it is about.
func TestStationsAskForNumbers(t *testing.T) {
	r := open(t, false)
	code := r.file("SO(Dev) 7/2026", "Water supply")
	at := func(number string, headers ...string) (int, string) {
		w := r.call("GET", "/api/v1/station/files?number="+url.QueryEscape(number), "", headers...)
		return w.Code, w.Body.String()
	}
	for _, number := range []string{"SO(Dev) 7/2026", "so(dev) ۷ / 2026"} {
		if status, body := at(number, bearer(doorToken)...); status != http.StatusOK || !strings.Contains(body, string(code)) || strings.Contains(body, "Water") {
			t.Errorf("%s: %d %s", number, status, body)
		}
	}
	if status, _ := at(" ", bearer(doorToken)...); status != http.StatusBadRequest {
		t.Errorf("no number: %d", status)
	}
	if status, _ := at("SO(Dev) 7/2026", bearer(adminToken)...); status != http.StatusForbidden {
		t.Errorf("an administrator: %d", status)
	}
}
