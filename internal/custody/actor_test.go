package custody

import (
	"testing"
	"time"

	"harkara/internal/label"
)

// peopled is an office of one room, where the Secretary has a PS.
func peopled() *Office {
	o := &Office{
		Rooms: []Room{{ID: "a"}},
		Desks: []Desk{{ID: "a", Room: "a", Post: "sec", Receiving: true}},
		Posts: []Post{{ID: "ps", Calendar: "c", Ladder: "l"}, {ID: "sec", Calendar: "c", Ladder: "l", Staff: []OfficerID{"gul", "naz"}}},
		Officers: []Officer{
			{ID: "gul", Code: label.New(label.Badge, 1), Role: RoleOfficer, Post: "ps"},
			{ID: "naz", Code: label.New(label.Badge, 2), Role: RoleClerk},
			{ID: "rahim", Code: label.New(label.Badge, 3), Role: RoleRunner},
			{ID: "shah", Code: label.New(label.Badge, 4), Role: RoleOfficer, Post: "sec"},
		},
		Stations: []Station{{ID: "s", Room: "a"}},
		Ladders:  []Ladder{{ID: "l"}},
	}
	hours := cal
	hours.ID = "c"
	o.Calendars = append(o.Calendars, hours)
	return o
}

func TestActing(t *testing.T) {
	o := peopled()
	sec := Person{Post: "sec", Officer: "shah"}
	for _, tt := range []struct {
		name  string
		id    PersonID
		about PostID
		want  Actor
	}{
		{"in his own post", "shah", "sec", Actor{Person: "shah", Post: "sec"}},
		{"about another's", "shah", "ps", Actor{Person: "shah", Post: "sec"}},
		{"a PS for his Secretary", "gul", "sec", Actor{Person: "gul", Post: "ps", For: sec}},
		{"a PS in his own post", "gul", "ps", Actor{Person: "gul", Post: "ps"}},
		{"a PA without a post", "naz", "sec", Actor{Person: "naz", For: sec}},
		{"about nothing", "gul", "", Actor{Person: "gul", Post: "ps"}},
		{"no officer", "administrator", "sec", Actor{Person: "administrator"}},
	} {
		if got := o.Acting(tt.id, tt.about); got != tt.want {
			t.Errorf("%s: %+v", tt.name, got)
		}
	}
}

// A badge says who acts at a station, whatever card follows it; a runner's takes files too.
// What nobody has on him says nothing, and a page says who sits at it.
func TestBadgesAreLookedUp(t *testing.T) {
	o, code := peopled(), func(n uint64) label.Code { return label.New(label.Badge, n) }
	byBadge := func(a Actor) Actor { a.Proof = ByBadge; return a }
	page := Actor{Person: "shah", Post: "sec", Proof: BySignIn}
	for _, tt := range []struct {
		name   string
		c      Command
		want   Actor
		runner OfficerID
	}{
		{"the room", Command{Station: "s"}, Actor{}, ""},
		{"the PS, for who has the room", Command{Station: "s", Badge: code(1)}, byBadge(o.Acting("gul", "sec")), ""},
		{"the PS, with no other card", Command{Station: "s", Badge: code(1), With: Context{Runner: code(1)}}, byBadge(o.Acting("gul", "sec")), ""},
		{"a runner", Command{Station: "s", Badge: code(3), With: Context{Runner: code(3)}}, byBadge(Actor{Person: "rahim"}), "rahim"},
		{"a badge that nobody has", Command{Station: "s", Badge: code(9)}, Actor{}, ""},
		{"a page", Command{By: page}, page, ""},
	} {
		tt.c.Kind, tt.c.ID, tt.c.Code = Scan, "00000000-0000-0000-0000-000000000001", file
		r := o.Resolve(Resolved{Command: tt.c}, nil, Contents{})
		runner, _ := carrier.of(r)
		if r.By != tt.want || runner != tt.runner || r.Unknown != "" {
			t.Errorf("%s: %+v, carried by %q, unknown %q", tt.name, r.By, runner, r.Unknown)
		}
	}
	for _, bad := range []Command{
		{Station: "s", By: page},
		{Badge: code(1)},
		{Station: "s", Badge: label.New(label.Desk, 1)},
		{By: Actor{Post: "sec"}},
		{By: Actor{Person: "shah", Proof: "a face"}},
		{By: Actor{Person: "a\x00"}},
	} {
		bad.Kind, bad.ID, bad.Code = Close, "00000000-0000-0000-0000-000000000001", file
		if bad.Station != "" {
			bad.Kind = Scan
		}
		if err := bad.Validate(); err == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
}

// vouched is a scan in a room with somebody's badge.
func (k *clerk) vouched(room string, by PersonID) Outcome {
	r := k.resolve(Command{Kind: Scan, Method: ByQR}, place(room), nil)
	r.By = Actor{Person: by, Proof: ByBadge}
	return k.do(r)
}

// Entries and legs say who acted; a badge right after a scan says whose that was, once.
func TestEntriesSayWhoActed(t *testing.T) {
	k := newClerk()
	k.open("a", "b")
	k.wait(time.Minute).send("a", "b")
	steps := []struct {
		by      PersonID
		reason  Reason
		entries int
	}{{"", Received, 1}, {"gul", Confirmed, 1}, {"gul", SeenAlready, 0}, {"", SeenAlready, 0}, {"naz", Confirmed, 1}}
	for i, s := range steps {
		k.wait(2 * time.Second)
		before := len(k.entries)
		out := k.scan
		if s.by != "" {
			out = func(room string) Outcome { return k.vouched(room, s.by) }
		}
		if o := out("b"); o.Reason != s.reason || len(k.entries)-before != s.entries {
			t.Fatalf("step %d: %s, %d entries", i, o.Reason, len(k.entries)-before)
		}
		if last := k.entries[len(k.entries)-1]; s.entries > 0 && last.By.Person != s.by {
			t.Errorf("step %d is %q's", i, last.By.Person)
		}
	}
	r := k.resolve(Command{Kind: Correct, With: Correction{Desk: "c"}, Reason: "seen there"}, nil, place("c"))
	r.By = Actor{Person: "shah", Post: "post-c", For: Person{Post: "post-b", Officer: "off-b"}, Proof: BySignIn}
	out := k.wait(time.Minute).do(r)
	if e := k.entries[len(k.entries)-1]; e.By != r.By || out.Position.By != r.By {
		t.Errorf("corrected by %+v, moved by %+v", e.By, out.Position.By)
	}
	k.wait(4 * time.Hour)
	if e, told := k.wake(); !told || e.By != (Actor{}) {
		t.Errorf("the office's own act is %+v's", e.By)
	}
}
