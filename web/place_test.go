package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"harkara/internal/chromium"
	"harkara/internal/custody"
	"harkara/internal/people"
	"harkara/web/lang"
)

// A room that is no more is shown as long as it has files, by the name that it had last:
// the rooms' squares always have every open file.
func TestRoomsHaveEveryOpenFile(t *testing.T) {
	r := open(t, true)
	for _, number := range []string{"SO(Dev) 1/2026", "SO(Dev) 2/2026", "SO(Dev) 3/2026"} {
		r.file(number, "Water supply scheme")
	}
	r.scan(r.file("SO(Dev) 4/2026", "Water supply scheme"), "a-104", custody.Context{Onward: true})
	r.reorganise(without("a-104"))
	var answer struct {
		Rooms []roomCount `json:"rooms"`
	}
	if err := json.Unmarshal(r.call("GET", "/api/v1/rooms", "").Body.Bytes(), &answer); err != nil {
		t.Fatal(err)
	}
	sum, last := 0, answer.Rooms[len(answer.Rooms)-1]
	for _, room := range answer.Rooms {
		sum += room.Here + room.Coming
	}
	if sum != 4 || last.ID != "a-104" || last.Name.En != "Room 104" || last.Here != 3 {
		t.Errorf("%d files, the last room %+v", sum, last)
	}
	for _, address := range []string{"/rooms", "/rooms.csv", "/rooms/a-104", "/"} {
		page := r.call("GET", address, "")
		if page.Code != http.StatusOK || !strings.Contains(page.Body.String(), "Room 104") {
			t.Errorf("%s: %d, without the room", address, page.Code)
		}
		if text := page.Body.String(); strings.Contains(text, ">a-104<") || strings.Contains(text, ">fin-3<") {
			t.Errorf("%s shows an id", address)
		}
	}
}

// without is the office after a room, its desks and its stations were taken out of it.
func without(id custody.RoomID) *custody.Office {
	was, now := testOffice(), testOffice()
	now.Former = &custody.Office{Posts: was.Posts, Officers: was.Officers}
	for _, room := range was.Rooms {
		if room.ID == id {
			now.Former.Rooms = append(now.Former.Rooms, room)
		}
	}
	for _, d := range was.Desks {
		if d.Room == id {
			now.Former.Desks = append(now.Former.Desks, d)
		}
	}
	now.Rooms = slices.DeleteFunc(now.Rooms, func(room custody.Room) bool { return room.ID == id })
	now.Desks = slices.DeleteFunc(now.Desks, func(d custody.Desk) bool { return d.Room == id })
	now.Stations = slices.DeleteFunc(now.Stations, func(s custody.Station) bool { return s.Room == id })
	return now
}

// On an open page a room that is no more loses its square with its last file, and one that
// has come gets one, on its floor.
func TestRoomsComeAndGoOnAnOpenPage(t *testing.T) {
	r := open(t, true)
	code := r.file("SO(Dev) 1/2026", "Water supply scheme")
	b, url := browse(t, r)
	tile := func(there bool) string {
		return fmt.Sprintf(`[...document.querySelectorAll(".floor")].some((f) => f.querySelector("h3").textContent === "Block A, ground floor" && f.querySelector("#r-a-104 .name")?.textContent === "Room 104") === %t`, there)
	}
	for _, page := range []string{"/rooms", "/"} {
		r.reorganise(without("a-104"))
		r.scan(code, "a-303", custody.Context{})
		r.reorganise(testOffice())
		r.clock.wait(time.Hour)
		r.scan(code, "a-104", custody.Context{})
		r.reorganise(without("a-104"))
		b.See(chromium.Look{Lang: "en", Width: 1366, Scheme: "light"}, url+page)
		b.Until(tile(true))
		r.clock.wait(time.Hour)
		r.scan(code, "a-303", custody.Context{})
		b.Until(tile(false))
		r.reorganise(testOffice())
		b.Until(tile(true))
		r.reorganise(without("a-104"))
		b.Until(tile(false))
	}
	b.Quiet()
}

// What somebody was told is told by his name of then, whoever sits there since.
func TestNoticesKeepTheirNames(t *testing.T) {
	r := open(t, true)
	r.file("SO(Dev) 5/2026", "Water supply scheme")
	r.clock.wait(24 * time.Hour)
	r.climb()
	told := func() (list []string) {
		t.Helper()
		p, err := r.server.speaker(t.Context(), lang.English, people.Office)
		if err != nil {
			t.Fatal(err)
		}
		in, err := r.server.toldIn(t.Context(), p, "a-104")
		if err != nil || len(in.Lines) == 0 {
			t.Fatal(in, err)
		}
		for _, l := range in.Lines {
			list = append(list, l.To, l.About)
		}
		return list
	}
	before := told()
	r.clock.wait(time.Hour)
	r.reorganise(furnished())
	if diff := cmp.Diff(before, told()); diff != "" {
		t.Error(diff)
	}
}
