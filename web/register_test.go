package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/web/gate"
)

// register posts a kiosk's form.
func (r *running) register(path string, values url.Values) *httptest.ResponseRecorder {
	r.t.Helper()
	return r.call("POST", path, values.Encode(), "Content-Type", "application/x-www-form-urlencoded")
}

// A station registers the label that it has scanned: the form has the number, the
// department and the desk, and the file is open where the station stands.
func TestStationRegistersALabel(t *testing.T) {
	r := open(t, false)
	code, err := r.Mint(t.Context(), label.File)
	if err != nil {
		t.Fatal(err)
	}
	w := r.register("/kiosk/register?lang=en", url.Values{"token": {doorToken}, "code": {string(code)}})
	text := w.Body.String()
	if w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, text)
	}
	for _, want := range []string{code.Format(), `<option value="fin" selected>`, "Section Officer (Finance), Room 303", `action="/kiosk/open?lang=en"`} {
		if !strings.Contains(text, want) {
			t.Errorf("the form does not have %q", want)
		}
	}
	for _, no := range []string{`action="/logout"`, `href="/attention"`, `name="desk"`} {
		if strings.Contains(text, no) {
			t.Errorf("a station's page has %q", no)
		}
	}
	id := regexp.MustCompile(`name="id" value="([^"]+)"`).FindStringSubmatch(text)
	if id == nil {
		t.Fatal("no id")
	}
	form := url.Values{"token": {doorToken}, "id": {id[1]}, "code": {code.Format()}, "number": {" "}, "subject": {"Water supply"}, "department": {"fin"}, "desk": {"hea-0"}}
	if w := r.register("/kiosk/open?lang=en", form); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "Water supply") || !strings.Contains(w.Body.String(), doorToken) {
		t.Errorf("no number: %d", w.Code)
	}
	other := label.New(label.File, 4712)
	for _, scanned := range []string{string(other), other.Format()} { // into the form, and its Enter sent it
		form.Set("number", scanned)
		if w := r.register("/kiosk/open?lang=en", form); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "code of a label") {
			t.Errorf("number %s: %d", scanned, w.Code)
		}
	}
	form.Set("number", "SO(Dev) 7/2026")
	for range 2 { // sent twice it opens one file
		w := r.register("/kiosk/open?lang=en", form)
		if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || to != "/kiosk?code="+string(code)+"&done=opened&lang=en" {
			t.Fatalf("%d %s %s", w.Code, to, w.Body)
		}
	}
	row, err := r.File(t.Context(), code)
	if err != nil || row.Position.Room != "a-303" || row.Position.Desk != "fin-2" || row.Position.Known != custody.ByScan || row.File.Number != "SO(Dev) 7/2026" {
		t.Errorf("%+v, %v", row, err)
	}
	if w := r.call("GET", "/kiosk?done=opened&lang=en&code="+string(code), ""); !strings.Contains(w.Body.String(), "\u2066"+code.Format()+"\u2069 is open") {
		t.Error("the kiosk does not say that it is open")
	}
	form.Set("id", newID())
	if w := r.register("/kiosk/open?lang=en", form); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "Already opened") {
		t.Errorf("another opening of the same label: %d", w.Code)
	}
}

// A kiosk's forms are its station's alone, and take nothing but a file's code.
func TestRegisteringIsForStations(t *testing.T) {
	r := open(t, false)
	code := label.New(label.File, 4711)
	for _, tt := range []struct {
		name   string
		values url.Values
		status int
	}{
		{"no token", url.Values{"code": {string(code)}}, http.StatusSeeOther},
		{"a wrong token", url.Values{"token": {"guessed"}, "code": {string(code)}}, http.StatusSeeOther},
		{"an administrator's token", url.Values{"token": {adminToken}, "code": {string(code)}}, http.StatusForbidden},
		{"a badge", url.Values{"token": {doorToken}, "code": {string(label.New(label.Badge, 3))}}, http.StatusBadRequest},
		{"no code", url.Values{"token": {doorToken}, "number": {"1"}, "department": {"fin"}}, http.StatusBadRequest},
		{"a long form", url.Values{"token": {doorToken}, "code": {strings.Repeat("1", gate.MaxForm)}}, http.StatusSeeOther}, // its token is not read
	} {
		for _, path := range []string{"/kiosk/register", "/kiosk/open"} {
			if w := r.register(path, tt.values); w.Code != tt.status {
				t.Errorf("%s of %s: %d", path, tt.name, w.Code)
			}
		}
	}
	if len(r.files) != 0 {
		t.Error("something was opened")
	}
}
