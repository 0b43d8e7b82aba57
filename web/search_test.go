package web

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"harkara/internal/custody"
	"harkara/web/board"
	"harkara/web/lang"
)

var rowNumber = regexp.MustCompile(`<td class="file"><div><a href="[^"]*"><bdi dir="ltr">([^<]*)</bdi>`)

// listed are the numbers of the files on a page, in its order.
func (r *running) listed(path string) (numbers []string) {
	r.t.Helper()
	w := r.call("GET", path, "")
	if w.Code != http.StatusOK {
		r.t.Fatalf("%s: %d", path, w.Code)
	}
	for _, m := range rowNumber.FindAllStringSubmatch(w.Body.String(), -1) {
		numbers = append(numbers, m[1])
	}
	return numbers
}

// A search puts the file first whose number was meant, however it is written, then those
// whose number begins so, and finds closed files too, marked so.
func TestSearchPutsTheNumberFirst(t *testing.T) {
	r := open(t, true)
	r.file("A/E.O. 9-33", "first by its clock")
	r.file("E.O. 9-330/2026", "begins so")
	r.file("E.O. 9-33", "it is this one")
	closed := r.file("EO 9 33 of old", "laid to rest")
	r.do(custody.Command{Kind: custody.Close, Code: closed, Method: custody.ByHand, By: custody.Actor{Person: "administrator"}, Reason: "disposed of"})
	for _, q := range []string{"E.O. 9-33", "EO 9 33", "eo933", "e.o. ۹-۳۳"} {
		got := r.listed("/?q=" + url.QueryEscape(q))
		if len(got) < 3 || got[0] != "E.O. 9-33" || got[1] != "E.O. 9-330/2026" || got[2] != "A/E.O. 9-33" {
			t.Errorf("%q finds %q", q, got)
		}
	}
	body := r.call("GET", "/?q=rest", "").Body.String()
	if !strings.Contains(body, `id="closed"`) || !strings.Contains(body, "EO 9 33 of old") || !strings.Contains(body, `class="badge closed"`) {
		t.Error("a closed file is not found, or not marked")
	}
	for _, language := range []string{"en", "ur"} {
		sheet := r.lines("/files.csv?q=rest", language)
		if state := slices.Index(sheet[0], lang.Parse(language).Text("list.state")); len(sheet) != 2 || sheet[1][0] != "EO 9 33 of old" || sheet[1][state] != lang.Parse(language).Text("phase.closed") {
			t.Errorf("as a sheet: %q", sheet)
		}
	}
	for _, path := range []string{"/files.csv", "/files.csv?q=rest&show=overdue", "/files.csv?q=rest&department=hea"} {
		if sheet := r.lines(path, "en"); strings.Contains(fmt.Sprint(sheet), "of old") {
			t.Errorf("%s: %q", path, sheet)
		}
	}
	if body := r.call("GET", "/", "").Body.String(); strings.Contains(body, `id="closed"`) {
		t.Error("closed files where nothing is searched")
	}
}

// A board is paged through to its end: each file once, in order.
func TestBoardIsPagedThrough(t *testing.T) {
	r := open(t, true)
	const all = 2*board.ShownRows + 7
	for i := range all {
		r.file(fmt.Sprintf("SO(Gen) %d/2026", i), "x")
	}
	for _, filter := range []string{"?show=all", "?q=SO"} {
		seen := map[string]bool{}
		for page := 1; page <= 3; page++ {
			path := fmt.Sprintf("/%s&page=%d", filter, page)
			for _, number := range r.listed(path) {
				if seen[number] {
					t.Errorf("%s: %s twice", path, number)
				}
				seen[number] = true
			}
			body := r.call("GET", path, "").Body.String()
			if strings.Contains(body, `rel="next"`) != (page < 3) || strings.Contains(body, `rel="prev"`) != (page > 1) || !strings.Contains(body, fmt.Sprint("of ", all)) {
				t.Errorf("%s: no way on, or back", path)
			}
		}
		if len(seen) != all {
			t.Errorf("%s: %d of %d files", filter, len(seen), all)
		}
	}
	for _, second := range []string{"۲", "٢"} {
		if got, want := r.listed("/?page="+url.QueryEscape(second)), r.listed("/?page=2"); len(got) == 0 || !slices.Equal(got, want) {
			t.Errorf("page=%s: %v", second, got)
		}
	}
	if got := r.listed("/?page=9"); len(got) != 0 {
		t.Errorf("beyond the end: %d", len(got))
	}
	for _, bad := range []string{"0", "-1", "x", "99999999999"} {
		if w := r.call("GET", "/?page="+bad, ""); w.Code != http.StatusBadRequest {
			t.Errorf("page=%s: %d", bad, w.Code)
		}
	}
}
