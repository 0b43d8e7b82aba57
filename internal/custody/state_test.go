package custody

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"harkara/internal/calendar"
	"harkara/internal/label"
)

// longID is the longest identifier that an office may have.
func longID(i int) string { return fmt.Sprintf("%02d", i) + strings.Repeat("x", MaxID-2) }

func longCalendar(i int) calendar.Calendar {
	c := calendar.Calendar{ID: longID(i), Revision: 99_999, Offset: -43_200, Sample: true}
	for d := range c.Week {
		for n := range calendar.MaxSpans {
			c.Week[d] = append(c.Week[d], calendar.Span{10_000 + n*20_000, 20_000 + n*20_000})
		}
	}
	return c
}

// longOffice has as many rooms, each with a desk and a post, as identifiers of full
// length, and one route through the first of them.
func longOffice(rooms, stops, calendars int) Office {
	o := Office{
		Policy:      Policy{Transit: MaxBudget},
		Departments: []Department{{ID: DepartmentID(longID(0))}},
		Ladders:     []Ladder{{ID: LadderID(longID(0)), Rungs: []Rung{{Percent: 100, To: []Receiver{{}, {Superior: 1}}, Channel: Screen}}}},
	}
	for i := range calendars {
		o.Calendars = append(o.Calendars, longCalendar(i))
	}
	r := Route{ID: RouteID(longID(0)), Department: o.Departments[0].ID}
	for i := range rooms {
		id := longID(i)
		o.Rooms = append(o.Rooms, Room{ID: RoomID(id), Department: o.Departments[0].ID})
		o.Posts = append(o.Posts, Post{ID: PostID(id), Department: o.Departments[0].ID, Calendar: longID(i % calendars), Ladder: o.Ladders[0].ID, Budget: MaxBudget})
		o.Desks = append(o.Desks, Desk{ID: DeskID(id), Code: label.New(label.Desk, uint64(i)), Room: RoomID(id), Post: PostID(id), Receiving: true})
		o.Officers = append(o.Officers, Officer{ID: OfficerID(id), Code: label.New(label.Badge, uint64(i)), Role: RoleOfficer, Post: PostID(id)})
		if i < stops {
			r.Stops = append(r.Stops, Stop{Desk: DeskID(id), Budget: MaxBudget - Seconds(i)})
		}
	}
	o.Routes = []Route{r}
	o.Sort()
	return o
}

// A state has its bounds: every part of it as long as an office that was validated can
// make it.
func TestStateIsSmall(t *testing.T) {
	at := time.Date(2025, 12, 31, 23, 59, 59, 0, time.UTC)
	ref := func(i int) Ref { return Ref{longID(i), Digest(strings.Repeat("f", 64))} }
	place := func(i int) Place {
		id := longID(i)
		return Place{DeskID(id), RoomID(id), PostID(id), OfficerID(id), ref(i), ref(i), MaxBudget, MaxDays}
	}
	dest := func(i int) *Dest { d := place(i).dest(); return &d }
	foreign := label.Code(strings.Repeat("X", label.MaxForeign))
	leg := Leg{
		ID: 999_999, Phase: Transit, Since: at, Place: place(1), Stop: MaxStops, Runner: OfficerID(longID(9)), To: dest(2), Known: ByMissing,
		Budget: MaxBudget, Consumed: MaxBudget, OffRoute: true, From: DeskID(longID(7)), Back: true,
	}
	waits := leg // a paper that waits is on no way
	waits.Phase, waits.Runner, waits.To = Held, "", nil
	waits.Wait, waits.Stay, waits.Holds = Wait{For: HoldCardID(longID(8)), Until: at, Charged: true}, at, 999
	path := Path{RouteID(longID(3)), MaxStops, DeskID(longID(3)), *dest(4), true, Returns(strings.Repeat("f", pairDigits*maxPairs))}
	s := State{
		Version: StateVersion, File: file, Opened: at, Department: DepartmentID(longID(5)), Class: Confidential, Seq: 999_999,
		Head: Head{Revision: 999_999, Hash: Hash(strings.Repeat("f", 64))}, Leg: leg,
		Reckoning: Reckoning{999_999, maxPercent, 999_999, at, at, at, at},
		Paper:     Paper{at, RoomID(longID(4)), true, true, true},
		Codes:     Codes{second, slices.Repeat([]label.Code{foreign}, maxAliases), &Former{Code: third, Aliases: slices.Repeat([]label.Code{foreign}, maxAliases), Until: at}},
		By:        Actor{PersonID(longID(9)), PostID(longID(1)), Person{PostID(longID(2)), OfficerID(longID(2))}, BySignIn},
		Path:      path,
		Before:    &Before{"00000000-0000-0000-0000-000000000001", StationID(longID(6)), at, waits, 999_999, maxPercent, path, true, MaxBudget},
		Last: &Answer{
			Command: "00000000-0000-0000-0000-000000000001", Verdict: Accepted, Reason: TooLateToUndo,
			Marks: []string{MarkClockAhead, MarkClockSkew, MarkTyped, MarkInferred},
		},
	}
	for i := range keptBalances {
		s.Balances = append(s.Balances, Balance{MaxStops, DeskID(longID(i)), MaxBudget})
	}
	raw := storedJSON(s)
	t.Logf("%d bytes", len(raw))
	if len(raw) > MaxState {
		t.Errorf("%d bytes, at most %d", len(raw), MaxState)
	}
	var back State
	if err := json.Unmarshal(raw, &back); err != nil || !reflect.DeepEqual(back, s) {
		t.Errorf("%v\n%+v\n%+v", err, s, back)
	}
}

func TestOfficeIsValidated(t *testing.T) {
	for _, tt := range []struct {
		name  string
		spoil func(o *Office)
		want  string // in the error; empty: none
	}{
		{"at its bounds", func(*Office) {}, ""},
		{"an id too long", func(o *Office) { o.Stations = []Station{{ID: StationID(longID(0) + "x"), Room: o.Rooms[0].ID}} }, "stations"},
		{"an id with a NUL", func(o *Office) { o.Departments[0].ID = "a\x00" }, "department"},
		{"no id", func(o *Office) { o.Routes[0].ID = "" }, "route"},
		{"two desks with one code", func(o *Office) { o.Desks[1].Code = o.Desks[0].Code }, "has the code of desk"},
		{"two badges with one code", func(o *Office) { o.Officers[1].Code = o.Officers[0].Code }, "has the code of officer"},
		{"a ring of superiors", func(o *Office) { o.Posts[0].Superior, o.Posts[1].Superior = o.Posts[1].ID, o.Posts[0].ID }, "own superior's"},
		{"an endless budget", func(o *Office) { o.Posts[0].Budget = MaxBudget + 1 }, "at most"},
		{"no rungs", func(o *Office) { o.Ladders[0].Rungs = nil }, "0 rungs"},
		{"no breach", func(o *Office) { o.Ladders[0].Rungs[0].Percent = 75 }, "one of them at 100"},
		{"a rung that tells nobody", func(o *Office) { o.Ladders[0].Rungs[0].To = nil }, "found 0 receivers"},
		{"a rung for a post that is not there", func(o *Office) { o.Ladders[0].Rungs[0].To[0].Post = "none" }, `to/1/post: found "none", expected the id of a post`},
		{"a negative repeat", func(o *Office) { o.Ladders[0].Repeat = -1 }, "repeat: found -1"},
		{"too many spans", func(o *Office) {
			o.Calendars[0].Week[1] = append(o.Calendars[0].Week[1], calendar.Span{80_000, 80_001}, calendar.Span{80_002, 80_003})
		}, "spans"},
		{"a route of too many stops", func(o *Office) { *o = longOffice(17, 17, 1) }, "17 stops"},
	} {
		o := longOffice(14, 13, 1)
		o.Calendars[0].Week[1] = o.Calendars[0].Week[1][:3]
		tt.spoil(&o)
		switch err := o.Validate(); {
		case tt.want == "" && err != nil, tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}
