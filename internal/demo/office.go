// Package demo is a sample secretariat and the life in it: virtual stations that
// photograph covers, decode them and post what they read over HTTP.
package demo

import (
	"fmt"
	"hash/fnv"

	"harkara/internal/calendar"
	"harkara/internal/custody"
	"harkara/internal/label"
)

// department is a sample department and where it sits.
type department struct {
	id       custody.DepartmentID
	name     custody.Name
	building custody.Building
	floor    int
}

var (
	blockA = custody.Building{En: "A", Ur: "اے"}
	blockB = custody.Building{En: "B", Ur: "بی"}
)

var departments = []department{
	{"fin", custody.Name{En: "Finance", Ur: "خزانہ"}, blockA, 0},
	{"sga", custody.Name{En: "Services and General Administration", Ur: "سروسز و جنرل ایڈمنسٹریشن"}, blockA, 0},
	{"hom", custody.Name{En: "Home and Tribal Affairs", Ur: "داخلہ و قبائلی امور"}, blockA, 1},
	{"edu", custody.Name{En: "School Education", Ur: "سکول ایجوکیشن"}, blockA, 1},
	{"hea", custody.Name{En: "Health", Ur: "صحت"}, blockA, 2},
	{"irr", custody.Name{En: "Irrigation", Ur: "آبپاشی"}, blockA, 2},
}

// post is a kind of post that every department has, from the bottom up; each sits
// in the room of its number.
type post struct {
	id, superior string
	name         custody.Name
	room         int
	receiving    bool
	budget       custody.Seconds // in units of Sample's scale
}

var posts = []post{
	{"ri", "so1", custody.Name{En: "R&I Branch", Ur: "وصول و اجرا شاخ"}, 1, true, 2},
	{"ast", "so1", custody.Name{En: "Assistant", Ur: "اسسٹنٹ"}, 2, false, 4},
	{"so1", "ds", custody.Name{En: "Section Officer I", Ur: "سیکشن افسر ۱"}, 2, true, 4},
	{"so2", "ds", custody.Name{En: "Section Officer II", Ur: "سیکشن افسر ۲"}, 3, true, 4},
	{"ds", "as", custody.Name{En: "Deputy Secretary", Ur: "ڈپٹی سیکرٹری"}, 4, true, 3},
	{"as", "sec", custody.Name{En: "Additional Secretary", Ur: "ایڈیشنل سیکرٹری"}, 5, true, 3},
	{"sec", "", custody.Name{En: "Secretary", Ur: "سیکرٹری"}, 6, true, 4},
}

// top are the rooms of the whole secretariat, on the ground floor of block B.
var top = []struct {
	id   string
	name custody.Name
}{
	{"cs", custody.Name{En: "Chief Secretary", Ur: "چیف سیکرٹری"}},
	{"cm", custody.Name{En: "Chief Minister's Secretariat", Ur: "وزیر اعلیٰ سیکرٹریٹ"}},
	{"law", custody.Name{En: "Law Cell", Ur: "لا سیل"}},
	{"rec", custody.Name{En: "Record Room", Ur: "ریکارڈ روم"}},
}

var names = []custody.Name{
	{En: "Gul Muhammad", Ur: "گل محمد"},
	{En: "Noor Ahmed", Ur: "نور احمد"},
	{En: "Saima Baloch", Ur: "صائمہ بلوچ"},
	{En: "Abdul Wahid", Ur: "عبدالواحد"},
	{En: "Rukhsana Kakar", Ur: "رخسانہ کاکڑ"},
	{En: "Jan Ali", Ur: "جان علی"},
	{En: "Zarghoona Achakzai", Ur: "زرغونہ اچکزئی"},
	{En: "Mir Hassan", Ur: "میر حسن"},
	{En: "Asma Hazara", Ur: "اسماء ہزارہ"},
	{En: "Dost Muhammad", Ur: "دوست محمد"},
	{En: "Shah Nawaz", Ur: "شاہ نواز"},
	{En: "Bibi Gul", Ur: "بی بی گل"},
	{En: "Habibullah", Ur: "حبیب اللہ"},
	{En: "Farida Mengal", Ur: "فریدہ مینگل"},
}

const (
	calendarID = "always"
	ladderID   = custody.LadderID("sample")
)

// Sample returns the sample secretariat: 6 departments, 40 rooms on 3 floors, on
// a calendar where every second is worked. Budgets are whole multiples of scale.
// Its codes are the same at every call.
func Sample(scale custody.Seconds) custody.Office {
	o := custody.Office{
		Name:      custody.Name{En: "Sample Secretariat", Ur: "نمونہ سیکرٹریٹ"},
		Sample:    true,
		Policy:    custody.Policy{Transit: 2 * scale},
		Calendars: []calendar.Calendar{calendar.Always(calendarID)},
		Ladders: []custody.Ladder{{ID: ladderID, Rungs: []custody.Rung{
			{Percent: 75, To: []custody.Receiver{{}}, Channel: custody.Screen},
			{Percent: 100, To: []custody.Receiver{{}, {Superior: 1}}, Channel: custody.Screen},
			{Percent: 150, To: []custody.Receiver{{Superior: 2}}, Channel: custody.Screen},
			{Percent: 200, To: []custody.Receiver{{Post: "cs-0"}}, Channel: custody.Screen},
		}}},
	}
	b := &builder{office: &o, scale: scale}
	o.Departments = append(o.Departments, custody.Department{ID: "sec", Name: custody.Name{En: "Secretariat", Ur: "سیکرٹریٹ"}})
	for i, t := range top {
		room := custody.Room{ID: custody.RoomID("b-" + t.id), Name: t.name, Department: "sec", Building: blockB, Floor: 0}
		superior := custody.PostID("")
		if i > 0 {
			superior = "cs-0"
		}
		b.room(room)
		b.post(custody.PostID(t.id+"-0"), t.name, superior, room, true, 4)
	}
	for n, d := range departments {
		b.department(n, d)
	}
	for i := range 6 {
		id := fmt.Sprintf("runner-%d", i+1)
		name := names[(i*5+3)%len(names)]
		o.Officers = append(o.Officers, custody.Officer{ID: custody.OfficerID(id), Code: code(label.Badge, id), Name: name, Role: custody.RoleRunner})
	}
	cards(&o)
	o.Sort()
	return o
}

type builder struct {
	office *custody.Office
	scale  custody.Seconds
	named  int
}

func (b *builder) department(n int, d department) {
	b.office.Departments = append(b.office.Departments, custody.Department{ID: d.id, Name: d.name})
	rooms := map[int]custody.Room{}
	for i := 1; i <= 6; i++ {
		number := fmt.Sprintf("%d%02d", d.floor+1, n%2*10+i)
		rooms[i] = custody.Room{
			ID: custody.RoomID("a-" + number), Name: custody.Name{En: "Room " + number, Ur: "کمرہ " + number},
			Department: d.id, Building: d.building, Floor: d.floor,
		}
		b.room(rooms[i])
	}
	for _, p := range posts {
		superior := custody.PostID("cs-0")
		if p.superior != "" {
			superior = custody.PostID(string(d.id) + "-" + p.superior)
		}
		name := custody.Name{En: p.name.En + " (" + d.name.En + ")", Ur: p.name.Ur + " (" + d.name.Ur + ")"}
		b.post(custody.PostID(string(d.id)+"-"+p.id), name, superior, rooms[p.room], p.receiving, p.budget)
	}
	b.route(d, "ordinary", custody.Name{En: "Ordinary case", Ur: "عام معاملہ"}, "ri", "so1", "ds", "as", "sec", "so1")
	if d.id != "fin" {
		b.route(d, "money", custody.Name{En: "Case for Finance", Ur: "برائے محکمہ خزانہ"}, "ri", "so2", "ds", "fin/ri", "fin/so1", "fin/ds", "sec")
	}
}

func (b *builder) room(r custody.Room) {
	b.office.Rooms = append(b.office.Rooms, r)
	b.office.Stations = append(b.office.Stations, custody.Station{ID: StationOf(r.ID), Room: r.ID, Name: r.Name})
}

// StationOf names the station of a room of the sample.
func StationOf(room custody.RoomID) custody.StationID { return custody.StationID("st-" + string(room)) }

func (b *builder) post(id custody.PostID, name custody.Name, superior custody.PostID, room custody.Room, receiving bool, budget custody.Seconds) {
	b.office.Posts = append(b.office.Posts, custody.Post{
		ID: id, Name: name, Department: room.Department, Superior: superior, Calendar: calendarID, Ladder: ladderID, Budget: budget * b.scale,
	})
	b.office.Desks = append(b.office.Desks, custody.Desk{ID: custody.DeskID(id), Code: code(label.Desk, string(id)), Room: room.ID, Post: id, Receiving: receiving})
	if b.named%11 != 10 { // every eleventh post is vacant
		officer := "of-" + string(id)
		b.office.Officers = append(b.office.Officers, custody.Officer{
			ID: custody.OfficerID(officer), Code: code(label.Badge, officer), Name: names[b.named%len(names)], Role: custody.RoleOfficer, Post: id,
		})
	}
	b.named++
}

// route strings desks of the department together; "fin/ds" is another's.
func (b *builder) route(d department, id string, name custody.Name, stops ...string) {
	r := custody.Route{ID: custody.RouteID(string(d.id) + "-" + id), Name: name, Department: d.id}
	for _, s := range stops {
		desk := string(d.id) + "-" + s
		if len(s) > 4 && s[3] == '/' {
			desk = s[:3] + "-" + s[4:]
		}
		budget := 3 * b.scale
		for _, p := range posts {
			if desk[4:] == p.id {
				budget = p.budget * b.scale
			}
		}
		r.Stops = append(r.Stops, custody.Stop{Desk: custody.DeskID(desk), Budget: budget})
	}
	b.office.Routes = append(b.office.Routes, r)
}

// code derives a sparse serial from an id.
func code(kind label.Kind, id string) label.Code {
	h := fnv.New64a()
	h.Write([]byte(id))
	return label.New(kind, h.Sum64()%100_000_000_000)
}
