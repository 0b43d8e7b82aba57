package web

import (
	"encoding/csv"
	"net/http"
	"slices"
	"strings"
	"testing"

	"harkara/internal/custody"
)

// lines reads a list as a spreadsheet does.
func (r *running) lines(path, lang string) [][]string {
	r.t.Helper()
	w := r.call("GET", path, "", "Accept-Language", lang)
	text, marked := strings.CutPrefix(w.Body.String(), "\ufeff")
	list, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if w.Code != http.StatusOK || !marked || err != nil || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/csv") || !strings.Contains(w.Header().Get("Content-Disposition"), "attachment") {
		r.t.Fatalf("%s: %d %v %v", path, w.Code, w.Header(), err)
	}
	return list
}

// The lists of the pages come as tables that a spreadsheet opens: whole, with the page's
// filters, in its language, and nothing in them is a formula.
func TestListsAsSheets(t *testing.T) {
	r := open(t, true)
	for _, number := range []string{"SO(B) 1/2026", "=HYPERLINK(\"http://evil\")", "-2+3", "@SUM(A1)", "گ/۵"} {
		r.file(number, "بجٹ، \"ضمنی\"")
	}
	sent := r.file("SO(B) 9/2026", "Water supply")
	r.scan(sent, "a-104", custody.Context{Onward: true})
	for _, lang := range []string{"en", "ur"} {
		all := r.lines("/files.csv", lang)
		if len(all) != 7 {
			t.Fatalf("%d lines", len(all))
		}
		for _, line := range all {
			for _, cell := range line {
				if cell != "" && strings.ContainsAny(cell[:1], "=+-@") {
					t.Errorf("a formula: %q", cell)
				}
			}
		}
		if !slices.ContainsFunc(all[0], func(c string) bool { return strings.Contains(c, "UTC+05:00") }) {
			t.Errorf("no zone: %v", all[0])
		}
		if moving := r.lines("/files.csv?show=transit", lang); len(moving) != 2 || moving[1][0] != "SO(B) 9/2026" || moving[1][6] == "" {
			t.Errorf("on the way: %v", moving)
		}
		if found := r.lines("/files.csv?q=water", lang); len(found) != 2 {
			t.Errorf("found: %v", found)
		}
		if room := r.lines("/rooms/a-303/files.csv", lang); len(room) != 2 {
			t.Errorf("a room: %v", room)
		}
		if rooms := r.lines("/rooms.csv", lang); len(rooms) != 1+len(r.office.Rooms) {
			t.Errorf("%d rooms", len(rooms)-1)
		}
	}
	if w := r.call("GET", "/rooms/nowhere/files.csv", ""); w.Code != http.StatusNotFound {
		t.Errorf("no room: %d", w.Code)
	}
	if w := r.call("GET", "/files.csv?show=x", ""); w.Code != http.StatusBadRequest {
		t.Errorf("no filter: %d", w.Code)
	}
}

// A board of more files than a page shows is whole as a sheet.
func TestSheetIsNotCut(t *testing.T) {
	r := open(t, true)
	for range 310 {
		r.file("1/2026", "x")
	}
	if n := len(r.lines("/files.csv", "en")); n != 311 {
		t.Errorf("%d lines", n)
	}
}
