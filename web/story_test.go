package web

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/people"
	"harkara/web/lang"
)

// told reads a file's story in English.
func (r *running) told(code label.Code) story {
	r.t.Helper()
	p, err := r.server.speaker(r.t.Context(), lang.English, people.Office)
	if err != nil {
		r.t.Fatal(err)
	}
	t, err := r.server.story(r.t.Context(), p, code)
	if err != nil {
		r.t.Fatal(err)
	}
	return t
}

// renamed is the office after the door, the post and the officer of Finance's R&I branch
// are others, and another sits at its section officer's desk.
func furnished() *custody.Office {
	o := testOffice()
	o.Rooms[slices.IndexFunc(o.Rooms, func(r custody.Room) bool { return r.ID == "a-104" })].Name.En = "Diary hall"
	o.Stations[slices.IndexFunc(o.Stations, func(s custody.Station) bool { return s.ID == "st-a-104" })].Name.En = "Door of the diary hall"
	o.Posts[slices.IndexFunc(o.Posts, func(p custody.Post) bool { return p.ID == "fin-3" })].Name.En = "Diary branch"
	o.Desks[slices.IndexFunc(o.Desks, func(d custody.Desk) bool { return d.ID == "fin-2" })].Post = "fin-1"
	in := slices.IndexFunc(o.Officers, func(p custody.Officer) bool { return p.Post == "fin-3" })
	o.Officers[in].ID, o.Officers[in].Name.En = "of-new", "Zarmina Khan"
	o.Sort()
	return o
}

// What was written of a file is told by the names of its day, however the office is
// called since; what happens now, by those of now.
func TestOldLinesKeepTheirNames(t *testing.T) {
	r := open(t, true)
	code := r.file("SO(Dev) 3-9/2025", "Water supply scheme")
	r.clock.wait(24 * time.Hour)
	r.climb()
	r.scan(code, "a-104", custody.Context{Onward: true})
	r.clock.wait(time.Hour)
	r.scan(code, "a-303", custody.Context{})
	before := r.told(code)

	r.clock.wait(300 * time.Millisecond)
	r.reorganise(furnished())
	r.clock.wait(300 * time.Millisecond) // within the second, to which the act is cut: new to the office as of then
	r.do(custody.Command{Kind: custody.Correct, Code: code, With: custody.Correction{Desk: "fin-3"}, Method: custody.ByHand, Reason: "it lies there"})
	r.clock.wait(30 * 24 * time.Hour)
	r.scan(code, "a-104", custody.Context{Onward: true})
	r.clock.wait(time.Hour)
	r.scan(code, "a-303", custody.Context{})
	after := r.told(code)

	names := func(of story) (lines [][]string) {
		for _, l := range slices.Backward(of.Entries) {
			lines = append(lines, []string{l.What, l.Where, l.Told, l.Station})
		}
		return lines
	}
	old := names(before)
	if diff := cmp.Diff(old, names(after)[:len(old)]); diff != "" {
		t.Errorf("old lines: %s", diff)
	}
	holders := func(of story) (lines [][]string) {
		for _, l := range of.Legs {
			lines = append(lines, []string{l.Holder, l.Officer, l.State})
		}
		return lines
	}
	legs := holders(before)
	if diff := cmp.Diff(legs, holders(after)[:len(legs)]); diff != "" {
		t.Errorf("old legs: %s", diff)
	}
	was := testOffice()
	officer, _ := was.OfficerIn("fin-3")
	post, _ := was.PostByID("fin-3")
	if got := strings.Join(slices.Concat(slices.Concat(old...), slices.Concat(legs...)), "\n"); !strings.Contains(got, officer.Name.En) || !strings.Contains(got, post.Name.En) || !strings.Contains(got, "Room 104") || !strings.Contains(got, "Door of room 104") {
		t.Errorf("told before: %s", got)
	}
	if got := holders(after)[len(legs)]; got[1] != "Zarmina Khan" {
		t.Errorf("the corrected leg: %q", got)
	}
	if got := strings.Join(slices.Concat(names(after)[len(old)+1:]...), "\n"); strings.Contains(got, "104") || !strings.Contains(got, "Diary hall") || !strings.Contains(got, "Door of the diary hall") {
		t.Errorf("told since: %s", got)
	}
}
