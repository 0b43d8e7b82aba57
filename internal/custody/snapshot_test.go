package custody

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

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
	r := Route{ID: RouteID(longID(0))}
	for i := range rooms {
		id := longID(i)
		o.Rooms = append(o.Rooms, Room{ID: RoomID(id), Department: o.Departments[0].ID})
		o.Posts = append(o.Posts, Post{ID: PostID(id), Calendar: longID(i % calendars), Ladder: o.Ladders[0].ID, Budget: MaxBudget})
		o.Desks = append(o.Desks, Desk{ID: DeskID(id), Code: label.New(label.Desk, uint64(i)), Room: RoomID(id), Post: PostID(id), Receiving: true})
		o.Officers = append(o.Officers, Officer{ID: OfficerID(id), Code: label.New(label.Badge, uint64(i)), Post: PostID(id)})
		if i < stops {
			r.Stops = append(r.Stops, Stop{Desk: DeskID(id), Budget: MaxBudget - Seconds(i)})
		}
	}
	o.Routes = []Route{r}
	o.Sort()
	return o
}

// What a file keeps beside its plan, every part of it as long as it can be, leaves
// the plan its bytes: undo and balances, which are given up where they must be, are
// not in it.
func TestPlanLeavesRoomForCustody(t *testing.T) {
	at := time.Date(2025, 12, 31, 23, 59, 59, 0, time.UTC)
	place := func(i int) *Place {
		id := longID(i)
		return &Place{Desk: DeskID(id), Room: RoomID(id), Post: PostID(id), Officer: OfficerID(id), Calendar: id, Budget: MaxBudget}
	}
	head := Head{Revision: 999_999, Hash: Hash(strings.Repeat("f", 64))}
	foreign := label.Code(strings.Repeat("X", label.MaxForeign))
	s := State{
		Version: SnapshotVersion, Rules: 99, File: file, Cover: second, Aliases: slices.Repeat([]label.Code{foreign}, maxAliases),
		Former: &Former{Code: third, Until: at}, Opened: at, Seq: 999_999, Head: head, Recent: slices.Repeat([]Head{head}, keptHeads),
		Leg: Leg{
			Phase: Transit, Since: at, Place: *place(1), Stop: MaxStops, Runner: OfficerID(longID(9)), To: place(2), Known: ByMissing,
			Budget: MaxBudget, Consumed: MaxBudget, OffRoute: true, Reckon: at, Reckoned: MaxBudget,
		},
		Rung: 999_999, Percent: maxPercent, Moved: true, Missing: true, Seen: at, SeenIn: RoomID(longID(4)), Bag: file, Swept: at,
		Next: MaxStops, Marked: place(3), Transit: MaxBudget,
		Last: &Answer{
			Command: "00000000-0000-0000-0000-000000000001", Verdict: Accepted, Reason: TooLateToUndo,
			Marks: []string{MarkClockAhead, MarkClockSkew, MarkTyped, MarkInferred},
		},
	}
	if got := s.size() + MaxPlan; got > MaxSnapshot-spare {
		t.Errorf("%d bytes of custody and %d of plan are %d, at most %d", s.size(), MaxPlan, got, MaxSnapshot-spare)
	}
}

// A file of an office at its bounds lives long, and every snapshot fits: no scan of
// it is ever refused for that.
func TestLongestSnapshotFits(t *testing.T) {
	for _, stops := range []int{1, 8, 13} {
		o := longOffice(20, stops, 1)
		if stops == 8 {
			o = longOffice(20, stops, 3)
		}
		if err := o.Validate(); err != nil {
			t.Fatal(err)
		}
		t.Run(fmt.Sprint(stops), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				k := newClerk()
				room := func() *Place {
					p, _ := o.PlaceAt(o.Desks[rapid.IntRange(0, len(o.Desks)-1).Draw(t, "desk")].ID)
					return &p
				}
				do := func(c Command, here, to *Place, route []Place) {
					r := k.resolve(c, here, to)
					r.Calendars, r.Ladder, r.Transit, r.Route = o.Calendars, &o.Ladders[0], MaxBudget, route
					if here != nil {
						r.Command.Station = StationID(here.Room)
					}
					if out := k.do(r); out.Reason == TooLarge {
						t.Fatalf("%s is too large", c.Kind)
					}
					if n := k.state.size(); n > MaxSnapshot-spare {
						t.Fatalf("%d bytes", n)
					}
				}
				var route []Place
				for _, stop := range o.Routes[0].Stops {
					p, _ := o.PlaceAt(stop.Desk)
					p.Budget = stop.Budget
					route = append(route, p)
				}
				do(Command{Kind: Open, Opening: &Opening{Number: "1", Department: "fin"}}, room(), nil, route)
				for range rapid.IntRange(0, 60).Draw(t, "steps") {
					k.wait(time.Duration(rapid.IntRange(1, 5000).Draw(t, "minutes")) * time.Minute)
					switch rapid.IntRange(0, 5).Draw(t, "act") {
					case 0, 1:
						do(Command{Kind: Scan}, room(), nil, nil)
					case 2, 3:
						do(Command{Kind: Scan, Context: Context{Desk: label.New(label.Desk, 1)}}, room(), room(), nil)
					case 4:
						do(Command{Kind: Mark}, nil, room(), nil)
					case 5:
						for i := range maxAliases {
							do(Command{Kind: Alias, Cover: label.Code(strings.Repeat("X", label.MaxForeign-1) + fmt.Sprint(i))}, nil, nil, nil)
						}
					}
				}
			})
		})
	}
}

// What no snapshot could hold is refused by name; the file stays where and as it is,
// and what its desks used is forgotten before custody is.
func TestTooLargeIsRefusedByName(t *testing.T) {
	wide := func() (route []Place) {
		for range 40 {
			route = append(route, Place{Desk: DeskID(longID(0)), Room: RoomID(longID(0)), Post: PostID(longID(0)), Officer: OfficerID(longID(0)), Calendar: cal.ID, Budget: 3600})
		}
		return route
	}()
	k := newClerk()
	r := k.resolve(Command{Kind: Open, Opening: &Opening{Number: "1", Department: "fin"}}, place("a"), nil)
	r.Route = wide
	if out := k.do(r); out.Verdict != Refused || out.Reason != TooLarge || len(out.Entries) != 0 || !k.state.Opened.IsZero() {
		t.Fatalf("opened: %s %s", out.Verdict, out.Reason)
	}
	k.open("a", "b")
	before := k.wait(time.Minute).scan("b").Position
	r = k.resolve(Command{Kind: Mark, Route: "r"}, nil, nil)
	r.Route = wide
	out := k.do(r)
	if out.Verdict != Refused || out.Reason != TooLarge || out.Position.Desk != before.Desk || len(k.state.Route) != 2 {
		t.Fatalf("marked: %s %s, %+v", out.Verdict, out.Reason, out.Position)
	}
	if head, _, err := Chain(Head{}, file, k.stored); err != nil || head != k.state.Head {
		t.Error(err)
	}
	if out := k.wait(time.Minute).scan("c"); out.Reason != Inferred {
		t.Errorf("then: %s", out.Reason)
	}
}

// The places of bag and sweep are there, and go from run to run.
func TestReservedPlacesAreCarried(t *testing.T) {
	k := newClerk()
	k.open()
	k.state.Bag, k.state.Swept = label.New(label.Bag, 1), epoch
	k.wait(time.Hour).scan("b")
	raw, err := json.Marshal(k.book.Carry(k.state))
	var s State
	if err == nil {
		err = json.Unmarshal(raw, &s)
	}
	if err != nil || s.Bag != k.state.Bag || !s.Swept.Equal(epoch) || !strings.Contains(string(raw), `"bag":`) || !strings.Contains(string(raw), `"swept":`) {
		t.Errorf("%s, %v", raw, err)
	}
}

func TestOfficeIsValidated(t *testing.T) {
	for _, tt := range []struct {
		name  string
		spoil func(o *Office)
		want  string // in the error; empty: none
	}{
		{"at its bounds", func(*Office) {}, ""},
		{"an id too long", func(o *Office) { o.Stations = []Station{{ID: StationID(longID(0) + "x"), Room: o.Rooms[0].ID}} }, "station"},
		{"an id with a NUL", func(o *Office) { o.Departments[0].ID = "a\x00" }, "department"},
		{"no id", func(o *Office) { o.Routes[0].ID = "" }, "route"},
		{"two desks with one code", func(o *Office) { o.Desks[1].Code = o.Desks[0].Code }, "has the code of desk"},
		{"two badges with one code", func(o *Office) { o.Officers[1].Code = o.Officers[0].Code }, "has the code of officer"},
		{"a ring of superiors", func(o *Office) { o.Posts[0].Superior, o.Posts[1].Superior = o.Posts[1].ID, o.Posts[0].ID }, "own superior's"},
		{"an endless budget", func(o *Office) { o.Posts[0].Budget = MaxBudget + 1 }, "at most"},
		{"no rungs", func(o *Office) { o.Ladders[0].Rungs = nil }, "0 rungs"},
		{"no breach", func(o *Office) { o.Ladders[0].Rungs[0].Percent = 75 }, "one of them at 100"},
		{"a rung that tells nobody", func(o *Office) { o.Ladders[0].Rungs[0].To = nil }, "tells 0"},
		{"a rung for a post that is not there", func(o *Office) { o.Ladders[0].Rungs[0].To[0].Post = "none" }, "no receiver"},
		{"a negative repeat", func(o *Office) { o.Ladders[0].Repeat = -1 }, "repeats"},
		{"too many spans", func(o *Office) {
			o.Calendars[0].Week[1] = append(o.Calendars[0].Week[1], calendar.Span{80_000, 80_001}, calendar.Span{80_002, 80_003})
		}, "spans"},
		{"a route that no file could carry", func(o *Office) { *o = longOffice(16, 16, 4) }, "fewer stops or shorter ids"},
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
