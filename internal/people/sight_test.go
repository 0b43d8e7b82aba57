package people

import (
	"slices"
	"testing"
	"time"

	"harkara/internal/custody"
)

var now = time.Date(2026, 1, 12, 9, 0, 0, 0, time.UTC)

// secretariat has Finance, with a secretary over a section officer and an R&I clerk, and
// Health, whose section officer is under Finance's secretary too.
func secretariat() *custody.Office {
	o := &custody.Office{
		Departments: []custody.Department{{ID: "fin"}, {ID: "hea"}},
		Rooms: []custody.Room{
			{ID: "f-sec", Department: "fin"}, {ID: "f-so", Department: "fin"}, {ID: "f-ri", Department: "fin"}, {ID: "h-so", Department: "hea"}, {ID: "h-ri", Department: "hea"},
		},
		Posts: []custody.Post{
			{ID: "fin-sec", Department: "fin"},
			{ID: "fin-so", Department: "fin", Superior: "fin-sec"},
			{ID: "fin-ri", Department: "fin", Superior: "fin-so"},
			{ID: "hea-so", Department: "hea", Superior: "fin-sec", Staff: []custody.OfficerID{"naz"}},
			{ID: "hea-ri", Department: "hea"},
		},
		Desks: []custody.Desk{
			{ID: "d-sec", Room: "f-sec", Post: "fin-sec"},
			{ID: "d-so", Room: "f-so", Post: "fin-so"},
			{ID: "d-ri", Room: "f-ri", Post: "fin-ri"},
			{ID: "d-hso", Room: "h-so", Post: "hea-so"},
			{ID: "d-hri", Room: "h-ri", Post: "hea-ri"},
		},
		Officers: []custody.Officer{
			{ID: "saima", Post: "fin-sec"}, {ID: "gul", Post: "fin-so"}, {ID: "jan", Post: "fin-ri", Role: custody.RoleClerk}, {ID: "asma", Post: "hea-so"}, {ID: "noor"}, {ID: "naz"},
		},
		Stations: []custody.Station{{ID: "st-so", Room: "f-so"}},
	}
	o.Sort()
	return o
}

func (p Person) sees() *Eyes { return p.Principal(secretariat(), now).Sight.Eyes() }

// held is a file of a department at a desk.
func held(class custody.Class, department custody.DepartmentID, room custody.RoomID, desk, from custody.DeskID) custody.Row {
	return custody.Row{File: custody.File{Class: class, Department: department}, Position: custody.Position{Phase: custody.Held, Room: room, Desk: desk, From: from}}
}

// sent is one on its way.
func sent(class custody.Class, department custody.DepartmentID, room custody.RoomID, desk custody.DeskID, to custody.RoomID, at custody.DeskID) custody.Row {
	r := held(class, department, room, desk, "")
	r.Position.Phase, r.Position.ToRoom, r.Position.To = custody.Transit, to, at
	return r
}

// Who sees what, file by file: ordinary, confidential and secret ones in the same place.
func TestSight(t *testing.T) {
	grant := func(g ...Grant) []Grant { return g }
	persons := map[string]Person{
		"nobody":            {},
		"administrator":     {Grants: grant(Grant{Role: Administrator})},
		"auditor, secret":   {Grants: grant(Grant{Role: Auditor, Clearance: custody.Secret})},
		"secretary":         {Officer: "saima"},
		"secretary, secret": {Officer: "saima", Grants: grant(Grant{Role: Manager, Clearance: custody.Secret})},
		"officer":           {Officer: "gul"},
		"officer, conf":     {Officer: "gul", Grants: grant(Grant{Role: Officer, Clearance: custody.Confidential})},
		"colleague":         {Officer: "jan"},
		"health":            {Officer: "asma"},
		"her PA":            {Officer: "noor", Grants: grant(Grant{Role: Officer, Post: "hea-so", For: "asma"})},
		"her PS":            {Officer: "naz"},
		"two departments":   {Officer: "asma", Grants: grant(Grant{Role: Clerk, Department: "fin", Clearance: custody.Secret})},
		"wall":              {Grants: grant(Grant{Role: Wall, Department: "fin", Clearance: custody.Secret})},
		"ended":             {Officer: "gul", Ended: now},
		"of another post":   {Officer: "gul", Grants: grant(Grant{Role: Officer, Post: "hea-so", Clearance: custody.Secret})},
	}
	type see struct{ ordinary, confidential, secret Seen }
	for place, tt := range map[string]struct {
		at   func(custody.Class) custody.Row
		want map[string]see
	}{
		"Finance's, at its section officer": {
			func(c custody.Class) custody.Row { return held(c, "fin", "f-so", "d-so", "d-ri") },
			map[string]see{
				"administrator": {Whole, Grey, Nothing}, "auditor, secret": {Whole, Whole, Whole}, "secretary": {Whole, Grey, Nothing}, "secretary, secret": {Whole, Whole, Whole},
				"officer": {Whole, Grey, Grey}, "officer, conf": {Whole, Whole, Grey}, "colleague": {Whole, Grey, Nothing}, "two departments": {Whole, Whole, Whole},
				"wall": {Whole, Grey, Nothing}, "of another post": {Whole, Grey, Grey},
			},
		},
		"Health's, at its section officer": {
			func(c custody.Class) custody.Row { return held(c, "hea", "h-so", "d-hso", "d-hri") },
			map[string]see{
				"administrator": {Whole, Grey, Nothing}, "auditor, secret": {Whole, Whole, Whole}, "secretary": {Whole, Grey, Nothing},
				"secretary, secret": {Whole, Grey, Nothing}, // his clearance is Finance's
				"health":            {Whole, Grey, Grey}, "her PA": {Whole, Grey, Grey}, "her PS": {Whole, Grey, Grey}, "two departments": {Whole, Grey, Grey},
			},
		},
		"Finance's, gone to Health's registry": {
			func(c custody.Class) custody.Row { return held(c, "fin", "h-ri", "d-hri", "d-so") },
			map[string]see{
				"administrator": {Whole, Grey, Nothing}, "auditor, secret": {Whole, Whole, Whole}, "secretary": {Whole, Nothing, Nothing}, "secretary, secret": {Whole, Whole, Whole},
				"officer": {Whole, Nothing, Nothing}, "officer, conf": {Whole, Whole, Nothing}, "colleague": {Whole, Nothing, Nothing},
				"health": {Whole, Grey, Nothing}, "her PA": {Whole, Grey, Nothing}, "her PS": {Whole, Grey, Nothing}, "two departments": {Whole, Whole, Whole}, "wall": {Whole, Nothing, Nothing}, "of another post": {Whole, Nothing, Nothing},
			},
		},
		"Health's, sent by Finance's officer to Health's": {
			func(c custody.Class) custody.Row { return sent(c, "hea", "f-so", "d-so", "h-so", "d-hso") },
			map[string]see{
				"administrator": {Whole, Grey, Nothing}, "auditor, secret": {Whole, Whole, Whole}, "secretary": {Whole, Grey, Nothing}, "secretary, secret": {Whole, Whole, Whole},
				"officer": {Whole, Grey, Grey}, "officer, conf": {Whole, Whole, Grey}, "colleague": {Whole, Grey, Nothing},
				"health": {Whole, Grey, Grey}, "her PA": {Whole, Grey, Grey}, "her PS": {Whole, Grey, Grey}, "two departments": {Whole, Whole, Whole}, "wall": {Whole, Grey, Nothing}, "of another post": {Whole, Grey, Grey},
			},
		},
		"Health's, which Finance's officer sent there": {
			func(c custody.Class) custody.Row { return held(c, "hea", "h-ri", "d-hri", "d-so") },
			map[string]see{
				"administrator": {Whole, Grey, Nothing}, "auditor, secret": {Whole, Whole, Whole}, "secretary": {Whole, Nothing, Nothing}, "secretary, secret": {Whole, Nothing, Nothing},
				"officer": {Whole, Nothing, Nothing}, "officer, conf": {Whole, Nothing, Nothing}, "colleague": {Whole, Nothing, Nothing},
				"health": {Whole, Grey, Nothing}, "her PA": {Whole, Grey, Nothing}, "her PS": {Whole, Grey, Nothing}, "two departments": {Whole, Grey, Nothing}, "wall": {Whole, Nothing, Nothing}, "of another post": {Whole, Nothing, Nothing},
			},
		},
	} {
		for who, p := range persons {
			want := tt.want[who]
			for class, as := range map[custody.Class]Seen{custody.Ordinary: want.ordinary, custody.Confidential: want.confidential, custody.Secret: want.secret, "of a newer office": Nothing} {
				row := tt.at(class)
				if got := p.sees().See(&row); got != as {
					t.Errorf("%s: a %s one, by %s: %d, want %d", place, class.Name(), who, got, as)
				}
			}
		}
	}
}

// How one stands to a file says what he may do to it.
func TestStands(t *testing.T) {
	row, secret := held("", "fin", "f-so", "d-so", ""), held(custody.Secret, "fin", "f-so", "d-so", "")
	for who, tt := range map[string]struct {
		Person
		want []custody.Giver
	}{
		"its holder":         {Person{Officer: "gul"}, []custody.Giver{custody.Holder, custody.Manager}},
		"above him":          {Person{Officer: "saima"}, []custody.Giver{custody.Superior, custody.Manager}},
		"a colleague":        {Person{Officer: "jan"}, nil},
		"another department": {Person{Officer: "asma"}, nil},
		"an auditor":         {Person{Grants: []Grant{{Role: Auditor}}}, []custody.Giver{custody.Auditor}},
		"an administrator":   {Person{Grants: []Grant{{Role: Administrator}}}, []custody.Giver{custody.Administrator}},
		"a manager":          {Person{Grants: []Grant{{Role: Manager, Department: "fin"}}}, []custody.Giver{custody.Manager}},
	} {
		if got := tt.sees().Stands(&row); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", who, got, tt.want)
		}
		if got := tt.sees().Stands(&secret); len(got) > 0 {
			t.Errorf("%s, who is not cleared: %v", who, got)
		}
	}
}

func TestMayOpen(t *testing.T) {
	for who, tt := range map[string]struct {
		Person
		fin, hea bool // at each department's R&I desk
	}{
		"an administrator": {Person{Grants: []Grant{{Role: Administrator}}}, true, true},
		"its clerk":        {Person{Officer: "jan"}, true, false},
		"above the desk":   {Person{Officer: "gul"}, true, false},
		"an auditor":       {Person{Grants: []Grant{{Role: Auditor}}}, false, false},
		"Health's clerk":   {Person{Grants: []Grant{{Role: Clerk, Department: "hea"}}}, false, true},
	} {
		if e := tt.sees(); e.MayOpen("fin", "d-ri") != tt.fin || e.MayOpen("hea", "d-hri") != tt.hea {
			t.Errorf("%s: %v %v", who, e.MayOpen("fin", "d-ri"), e.MayOpen("hea", "d-hri"))
		}
	}
}

// A sight is one value for all who see the same, and another for everybody else; a change
// of the office that changes what is seen changes it.
func TestSightsAreCompared(t *testing.T) {
	o := secretariat()
	of := func(o *custody.Office, p Person) Sight { return p.Principal(o, now).Sight }
	gul := of(o, Person{Officer: "gul"})
	if gul != of(secretariat(), Person{ID: "another", Officer: "gul"}) {
		t.Error("the same sight twice is two")
	}
	moved := secretariat()
	moved.Rooms[3].Department = "fin"
	for name, other := range map[string]Sight{
		"nobody": {}, "his clearance": of(o, Person{Officer: "gul", Grants: []Grant{{Role: Officer, Clearance: custody.Secret}}}), "a room more": of(moved, Person{Officer: "gul"}),
		"a colleague": of(o, Person{Officer: "jan"}), "the office": Office,
	} {
		if gul == other || gul.String() == other.String() {
			t.Errorf("%s: no other sight", name)
		}
	}
	if e := Office.Eyes(); !e.Everything() || (Sight{}).Eyes().Wide() {
		t.Error("the office does not see everything, or nobody something")
	}
}

// Whoever acts in another's stead does so while that officer is in the post, and a grant in
// a post ends with it.
func TestCapacitiesEndWithThePost(t *testing.T) {
	o := secretariat()
	pa := Person{Officer: "noor", Grants: []Grant{{Role: Officer, Post: "fin-sec", For: "saima", Clearance: custody.Secret}}}
	gul := Person{Officer: "gul", Grants: []Grant{{Role: Officer, Post: "fin-so", Clearance: custody.Secret}}}
	if p := pa.Principal(o, now); !p.Has(Officer, Manager) || p.Capacities[0].For != "saima" || !p.Sight.Eyes().Has(Manager) {
		t.Errorf("%+v", p)
	}
	secret := held(custody.Secret, "fin", "f-so", "d-so", "")
	if gul.Principal(o, now).Sight.Eyes().See(&secret) != Whole {
		t.Error("cleared in his post, and does not see")
	}
	i := slices.IndexFunc(o.Officers, func(p custody.Officer) bool { return p.ID == "saima" })
	o.Officers[i].Post = "hea-ri"
	i = slices.IndexFunc(o.Officers, func(p custody.Officer) bool { return p.ID == "gul" })
	o.Officers[i].Post = "fin-sec"
	if p := pa.Principal(o, now); len(p.Capacities) > 0 {
		t.Errorf("she is gone, and he acts for her: %+v", p.Capacities)
	}
	if gul.Principal(o, now).Sight.Eyes().See(&secret) == Whole {
		t.Error("cleared in a post that he has left")
	}
}

func TestRules(t *testing.T) {
	o := secretariat()
	auditor := Person{Grants: []Grant{{Role: Auditor}}}.Principal(o, now)
	door := AtStation(o, "st-so")
	for name, tt := range map[string]struct {
		Rule
		stands, public, auditor, station bool
	}{
		"none":             {Rule{}, false, false, false, false},
		"anyone":           {Anyone, true, true, true, true},
		"a station":        {Station, true, false, false, true},
		"auditors":         {May(Auditor, Administrator), true, false, true, false},
		"administrators":   {May(Administrator), true, false, false, false},
		"nobody in person": {May(), false, false, false, false},
	} {
		if got := []bool{tt.Stands(), tt.Admits(Principal{}), tt.Admits(auditor), tt.Admits(door)}; !slices.Equal(got, []bool{tt.stands, tt.public, tt.auditor, tt.station}) {
			t.Errorf("%s: %v", name, got)
		}
	}
	row := held("", "fin", "f-ri", "d-ri", "")
	if door.Sight.Eyes().See(&row) != Whole || len(door.Sight.Eyes().Stands(&row)) > 0 {
		t.Error("a station does not see its department, or stands to a file as a person")
	}
}
