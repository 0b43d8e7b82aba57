package intake

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"harkara/internal/calendar"
	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/ledger"
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
	contents := custody.Contents{}
	office := sample()
	office.Revision = 5
	at := func(desk custody.DeskID) *custody.Place {
		p, ok := office.PlaceAt(desk, contents)
		if !ok {
			t.Fatal(desk)
		}
		return &p
	}
	diary, so, ds := at("diary"), at("so"), at("ds")
	usual, stops, _, _ := office.Plan("usual", contents)
	if len(stops) != 3 || stops[1].Budget != 20 || stops[2].Room != "r2" || ds.Officer != "" || so.Ladder.ID != "steep" || so.Hours.ID != "long" {
		t.Fatalf("%+v %+v %+v", stops, so, ds)
	}
	held := func(desk custody.DeskID, room custody.RoomID) *custody.Position {
		return &custody.Position{Phase: custody.Held, Desk: desk, Room: room, Path: custody.Path{Route: "usual", Stop: 1, At: "diary"}}
	}
	for _, tt := range []struct {
		name string
		at   *custody.Position // nil: of a code that has no file yet
		c    custody.Command
		want custody.Resolved // beside the command, its seq, when it was received, the office and transit
	}{
		{"a scan is at the room's receiving desk", nil, custody.Command{Kind: custody.Scan, Station: "s1"}, custody.Resolved{Here: diary}},
		{"a vacant post has no officer", nil, custody.Command{Kind: custody.Scan, Station: "s2"}, custody.Resolved{Here: ds}},
		{"a desk card is where it goes", nil, custody.Command{Kind: custody.Scan, Station: "s1", With: custody.Context{Desk: toDS}}, custody.Resolved{Here: diary, To: ds}},
		{"a badge is a runner", nil, custody.Command{Kind: custody.Scan, Station: "s1", With: custody.Context{Runner: runner}}, custody.Resolved{Here: diary, Found: map[string]json.RawMessage{"runner": json.RawMessage(`"jan"`)}}},
		{"a file begins at its desk", nil, custody.Command{Kind: custody.Open, With: custody.Opening{Department: "fin", Desk: "so"}}, custody.Resolved{To: so}},
		{"or at the station", nil, custody.Command{Kind: custody.Open, Station: "s1", With: custody.Opening{Department: "fin"}}, custody.Resolved{Here: diary}},
		{"on a route", nil, custody.Command{Kind: custody.Open, With: custody.Opening{Department: "fin", Desk: "so", Route: "usual"}}, custody.Resolved{To: so, Route: usual}},
		{"who holds it, and its route, as they are", held("so", "r1"), custody.Command{Kind: custody.Scan, Station: "s2"}, custody.Resolved{Here: ds, Holder: so, Route: usual}},
		{
			"onward is its next stop", held("diary", "r1"),
			custody.Command{Kind: custody.Scan, Station: "s1", With: custody.Context{Onward: true}},
			custody.Resolved{Here: diary, Holder: diary, To: so, Route: usual},
		},
		{
			"onward from where it was not sent", held("diary", "r1"),
			custody.Command{Kind: custody.Scan, Station: "s2", With: custody.Context{Onward: true}},
			custody.Resolved{Here: ds, Holder: diary, Route: usual},
		},
		{
			"onward to a desk that is no more: it arrives all the same",
			&custody.Position{Phase: custody.Held, Desk: "diary", Room: "r1", Path: custody.Path{Next: custody.Dest{Desk: "old", Room: "r9"}, ByHand: true}},
			custody.Command{Kind: custody.Scan, Station: "s2", With: custody.Context{Onward: true}},
			custody.Resolved{Here: ds, Holder: diary, Found: map[string]json.RawMessage{"lapsed": json.RawMessage(`"old"`)}},
		},
		{
			"a desk and a route that the office has no more", &custody.Position{Desk: "old", Path: custody.Path{Route: "older"}},
			custody.Command{Kind: custody.Close},
			custody.Resolved{},
		},
		{"mark: a desk", held("so", "r1"), custody.Command{Kind: custody.Mark, With: custody.Marking{Desk: "ds"}}, custody.Resolved{Holder: so, To: ds, Route: usual}},
		{"mark: a route", nil, custody.Command{Kind: custody.Mark, With: custody.Marking{Route: "usual"}}, custody.Resolved{Route: usual}},
		{"correct: the real place", nil, custody.Command{Kind: custody.Correct, With: custody.Correction{Desk: "so"}}, custody.Resolved{To: so}},
		{"close needs nothing", nil, custody.Command{Kind: custody.Close}, custody.Resolved{}},

		{"an unknown station", nil, custody.Command{Kind: custody.Scan, Station: "s9"}, custody.Resolved{Unknown: "station s9"}},
		{
			"an unknown desk card", nil,
			custody.Command{Kind: custody.Scan, Station: "s2", With: custody.Context{Desk: label.New(label.Desk, 9)}},
			custody.Resolved{Here: ds, Unknown: "desk card " + string(label.New(label.Desk, 9))},
		},
		{
			"an officer's badge says who, and carries nothing", nil,
			custody.Command{Kind: custody.Scan, Station: "s2", With: custody.Context{Runner: label.New(label.Badge, 2)}},
			custody.Resolved{Here: ds},
		},
		{"an unknown department", nil, custody.Command{Kind: custody.Open, With: custody.Opening{Department: "law", Desk: "so"}}, custody.Resolved{To: so, Unknown: "department law"}},
		{"an unknown desk", nil, custody.Command{Kind: custody.Correct, With: custody.Correction{Desk: "x"}}, custody.Resolved{Unknown: "desk x"}},
		{"an unknown route", nil, custody.Command{Kind: custody.Mark, With: custody.Marking{Route: "x"}}, custody.Resolved{Unknown: "route x"}},
		{"the first unknown is told", nil, custody.Command{Kind: custody.Mark, Station: "s9", With: custody.Marking{Desk: "x"}}, custody.Resolved{Unknown: "station s9"}},
	} {
		tt.c.Code = fileCode
		words := custody.Digests{custody.ReasonField: "d"}
		tt.want.Version, tt.want.Command, tt.want.Words, tt.want.Seq, tt.want.Received, tt.want.Office, tt.want.Transit = custody.ResolvedVersion, tt.c, words, 7, received, 5, 600
		got, brought := Resolve(&office, &office, ledger.Work{Command: tt.c, Words: words, File: fileCode, Seq: 7, Received: received, Position: tt.at})
		if a, b := string(tt.want.Bytes()), string(got.Bytes()); a != b {
			t.Errorf("%s:\n%s\nwant\n%s", tt.name, b, a)
		}
		if err := brought.Check(got.Relies()...); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	office.Revision = 0
	if diff := cmp.Diff(sample(), office); diff != "" {
		t.Errorf("the office changed\n%s", diff)
	}
}

// The office is looked up as of when a command will count: one that is a little out of
// order is put where the leg begins that it must follow.
func TestLooksUpAsOfWhenItCounts(t *testing.T) {
	d := Dispatcher{Rules: custody.Today}
	for _, tt := range []struct {
		name    string
		kind    custody.CommandKind
		before  time.Duration // its time before the leg's
		since   time.Duration // the leg's before it was received
		follows bool
	}{
		{"a scan by a clock that is slow", custody.Scan, time.Minute, time.Hour, true},
		{"a scan that is late", custody.Scan, time.Hour, time.Hour, false},
		{"a scan after it", custody.Scan, -time.Minute, time.Hour, false},
		{"an act on a page", custody.Close, time.Hour, time.Hour, true},
		{"a leg by an office's clock that ran ahead", custody.Scan, time.Minute, -time.Second, false},
	} {
		since := received.Add(-tt.since)
		w := ledger.Work{
			Command: custody.Command{Kind: tt.kind, At: custody.Stamp{Wall: since.Add(-tt.before)}}, Received: received,
			Position: &custody.Position{Since: since},
		}
		want := since
		if !tt.follows {
			want = w.Command.At.Wall
		}
		if got := d.counts(w, time.Time{}); !got.Equal(want) {
			t.Errorf("%s: as of %v, want %v", tt.name, got, want)
		}
	}
	if got := d.counts(ledger.Work{Received: received}, time.Time{}); !got.Equal(received) {
		t.Errorf("of no file: %v", got)
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
