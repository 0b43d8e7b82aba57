package intake

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"harkara/internal/calendar"
	"harkara/internal/custody"
	"harkara/internal/label"
)

var (
	received = time.Date(2025, 6, 2, 9, 0, 0, 0, time.UTC)
	fileCode = label.New(label.File, 4738291102)
	toDS     = label.New(label.Desk, 2)
	runner   = label.New(label.Badge, 1)
)

// sample is two rooms: diary and SO in one, with two desks, DS in the other. The
// DS's post is vacant.
func sample() custody.Office {
	o := custody.Office{
		Policy:      custody.Policy{Transit: 600},
		Departments: []custody.Department{{ID: "fin"}},
		Rooms:       []custody.Room{{ID: "r1", Department: "fin"}, {ID: "r2", Department: "fin"}},
		Desks: []custody.Desk{
			{ID: "diary", Code: label.New(label.Desk, 1), Room: "r1", Post: "clerk", Receiving: true},
			{ID: "ds", Code: toDS, Room: "r2", Post: "ds", Receiving: true},
			{ID: "so", Code: label.New(label.Desk, 3), Room: "r1", Post: "so"},
		},
		Posts: []custody.Post{
			{ID: "clerk", Department: "fin", Superior: "so", Calendar: "short", Ladder: "mild", Budget: 100},
			{ID: "ds", Department: "fin", Calendar: "long", Ladder: "steep", Budget: 300},
			{ID: "so", Department: "fin", Superior: "ds", Calendar: "long", Ladder: "steep", Budget: 200},
		},
		Officers: []custody.Officer{
			{ID: "gul", Code: label.New(label.Badge, 2), Role: custody.RoleOfficer, Post: "so"},
			{ID: "jan", Code: runner, Role: custody.RoleRunner},
			{ID: "noor", Code: label.New(label.Badge, 3), Role: custody.RoleClerk, Post: "clerk"},
		},
		Stations: []custody.Station{{ID: "s1", Room: "r1"}, {ID: "s2", Room: "r2"}},
		Routes: []custody.Route{{ID: "usual", Department: "fin", Stops: []custody.Stop{
			{Desk: "diary", Budget: 10}, {Desk: "so", Budget: 20}, {Desk: "ds", Budget: 30},
		}}},
		Ladders: []custody.Ladder{
			{ID: "mild", Rungs: []custody.Rung{{Percent: 100, To: []custody.Receiver{{}}, Channel: custody.Screen}}},
			{ID: "steep", Rungs: []custody.Rung{{Percent: 100, To: []custody.Receiver{{}}, Channel: custody.Screen}}},
		},
		Calendars: []calendar.Calendar{calendar.Always("long"), calendar.Always("short")},
	}
	o.Sort()
	return o
}

func TestSampleIsAnOffice(t *testing.T) {
	if err := sample().Validate(); err != nil {
		t.Fatal(err)
	}
}

func TestResolve(t *testing.T) {
	var (
		diary = custody.Place{Desk: "diary", Room: "r1", Post: "clerk", Officer: "noor", Calendar: "short", Budget: 100}
		so    = custody.Place{Desk: "so", Room: "r1", Post: "so", Officer: "gul", Calendar: "long", Budget: 200}
		ds    = custody.Place{Desk: "ds", Room: "r2", Post: "ds", Calendar: "long", Budget: 300}
		long  = calendar.Always("long")
		short = calendar.Always("short")
	)
	stop := func(p custody.Place, budget custody.Seconds) custody.Place { p.Budget = budget; return p }
	route := []custody.Place{stop(diary, 10), stop(so, 20), stop(ds, 30)}
	ladder := func(id custody.LadderID) *custody.Ladder {
		o := sample()
		l, _ := o.LadderByID(id)
		return &l
	}
	for _, tt := range []struct {
		name string
		c    custody.Command
		want custody.Resolved // beside the command, its seq, when it was received, and transit
	}{
		{
			"a scan is at the room's receiving desk",
			custody.Command{Kind: custody.Scan, Station: "s1"},
			custody.Resolved{Here: &diary, Ladder: ladder("mild"), Calendars: []calendar.Calendar{short}},
		},
		{
			"a vacant post has no officer",
			custody.Command{Kind: custody.Scan, Station: "s2"},
			custody.Resolved{Here: &ds, Ladder: ladder("steep"), Calendars: []calendar.Calendar{long}},
		},
		{
			"a desk card is where it goes",
			custody.Command{Kind: custody.Scan, Station: "s1", Context: custody.Context{Desk: toDS}},
			custody.Resolved{Here: &diary, To: &ds, Ladder: ladder("mild"), Calendars: []calendar.Calendar{short, long}},
		},
		{
			"a desk card of this room is who holds it next",
			custody.Command{Kind: custody.Scan, Station: "s1", Context: custody.Context{Desk: label.New(label.Desk, 3)}},
			custody.Resolved{Here: &diary, To: &so, Ladder: ladder("steep"), Calendars: []calendar.Calendar{short, long}},
		},
		{
			"a badge is a runner",
			custody.Command{Kind: custody.Scan, Station: "s1", Context: custody.Context{Runner: runner}},
			custody.Resolved{Here: &diary, Runner: "jan", Ladder: ladder("mild"), Calendars: []calendar.Calendar{short}},
		},
		{
			"a calendar comes once",
			custody.Command{Kind: custody.Scan, Station: "s2", Context: custody.Context{Desk: label.New(label.Desk, 3)}},
			custody.Resolved{Here: &ds, To: &so, Ladder: ladder("steep"), Calendars: []calendar.Calendar{long}},
		},
		{
			"a file begins at its desk, on the ladder of its post",
			custody.Command{Kind: custody.Open, Opening: &custody.Opening{Department: "fin", Desk: "so"}},
			custody.Resolved{To: &so, Ladder: ladder("steep"), Calendars: []calendar.Calendar{long}},
		},
		{
			"or at the station",
			custody.Command{Kind: custody.Open, Station: "s1", Opening: &custody.Opening{Department: "fin"}},
			custody.Resolved{Here: &diary, Ladder: ladder("mild"), Calendars: []calendar.Calendar{short}},
		},
		{
			"a route has budgets of its own",
			custody.Command{Kind: custody.Open, Opening: &custody.Opening{Department: "fin", Desk: "so", Route: "usual"}},
			custody.Resolved{To: &so, Route: route, Ladder: ladder("steep"), Calendars: []calendar.Calendar{long, short}},
		},
		{
			"an imported file climbs where its route begins",
			custody.Command{Kind: custody.Open, Opening: &custody.Opening{Department: "fin", Route: "usual", Imported: true}},
			custody.Resolved{Route: route, Ladder: ladder("mild"), Calendars: []calendar.Calendar{short, long}},
		},
		{"mark: a desk", custody.Command{Kind: custody.Mark, Desk: "ds"}, custody.Resolved{To: &ds, Ladder: ladder("steep"), Calendars: []calendar.Calendar{long}}},
		{"mark: a route", custody.Command{Kind: custody.Mark, Route: "usual"}, custody.Resolved{Route: route, Ladder: ladder("mild"), Calendars: []calendar.Calendar{short, long}}},
		{"correct: the real place", custody.Command{Kind: custody.Correct, Desk: "so"}, custody.Resolved{To: &so, Ladder: ladder("steep"), Calendars: []calendar.Calendar{long}}},
		{"close needs nothing", custody.Command{Kind: custody.Close}, custody.Resolved{}},

		{"an unknown station", custody.Command{Kind: custody.Scan, Station: "s9"}, custody.Resolved{Unknown: "station s9"}},
		{
			"an unknown desk card",
			custody.Command{Kind: custody.Scan, Station: "s2", Context: custody.Context{Desk: label.New(label.Desk, 9)}},
			custody.Resolved{Here: &ds, Ladder: ladder("steep"), Calendars: []calendar.Calendar{long}, Unknown: "desk card " + string(label.New(label.Desk, 9))},
		},
		{
			"an officer is no runner",
			custody.Command{Kind: custody.Scan, Station: "s2", Context: custody.Context{Runner: label.New(label.Badge, 2)}},
			custody.Resolved{Here: &ds, Ladder: ladder("steep"), Calendars: []calendar.Calendar{long}, Unknown: "runner's badge " + string(label.New(label.Badge, 2))},
		},
		{
			"an unknown department",
			custody.Command{Kind: custody.Open, Opening: &custody.Opening{Department: "law", Desk: "so"}},
			custody.Resolved{To: &so, Ladder: ladder("steep"), Calendars: []calendar.Calendar{long}, Unknown: "department law"},
		},
		{"an unknown desk", custody.Command{Kind: custody.Correct, Desk: "x"}, custody.Resolved{Unknown: "desk x"}},
		{"an unknown route", custody.Command{Kind: custody.Mark, Route: "x"}, custody.Resolved{Unknown: "route x"}},
		{"the first unknown is told", custody.Command{Kind: custody.Mark, Station: "s9", Desk: "x"}, custody.Resolved{Unknown: "station s9"}},
	} {
		office := sample()
		tt.c.Code = fileCode
		tt.want.Command, tt.want.Seq, tt.want.Received, tt.want.Transit = tt.c, 7, received, 600
		got := Resolve(&office, tt.c, 7, received)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", tt.name, diff)
		}
		if diff := cmp.Diff(sample(), office); diff != "" {
			t.Errorf("%s: the office changed\n%s", tt.name, diff)
		}
	}
}

func TestHappened(t *testing.T) {
	const spooled = 14 * 24 * time.Hour
	for _, tt := range []struct {
		name string
		wall time.Time
		want time.Time
	}{
		{"just now", received, received},
		{"while the server was away", received.Add(-13 * 24 * time.Hour), received.Add(-13 * 24 * time.Hour)},
		{"by a clock that is ahead", received.Add(time.Second), received},
		{"by a clock that lost its battery", time.Unix(0, 0), received},
		{"by no clock", time.Time{}, received},
	} {
		if got := happened(custody.Command{At: custody.Stamp{Wall: tt.wall}}, time.Time{}, received, spooled); !got.Equal(tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
