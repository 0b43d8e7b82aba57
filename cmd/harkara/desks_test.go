package main

import (
	"testing"

	"harkara/internal/custody"
)

// No two cards of desks look alike, in either language, whatever their posts are called:
// what differs between them stands in their names.
func TestNoTwoDesksLookAlike(t *testing.T) {
	so, as := custody.Name{En: "Section Officer", Ur: "سیکشن افسر"}, custody.Name{En: "Additional Secretary", Ur: "ایڈیشنل سیکرٹری"}
	room := func(id custody.RoomID, building string) custody.Room {
		return custody.Room{ID: id, Name: custody.Name{En: "Room " + string(id[1:]), Ur: "کمرہ " + string(id[1:])}, Building: custody.Building{En: building, Ur: building}}
	}
	o := &custody.Office{
		Departments: []custody.Department{{ID: "fin", Name: custody.Name{En: "Finance", Ur: "خزانہ"}}, {ID: "edu", Name: custody.Name{En: "Education", Ur: "تعلیم"}}},
		Rooms:       []custody.Room{room("a1", "A"), room("b1", "B"), room("a2", "A")},
	}
	for _, d := range []struct {
		id         custody.DeskID
		name       custody.Name
		department custody.DepartmentID
		room       custody.RoomID
	}{
		{"as", as, "fin", "a2"},
		{"fin-1", so, "fin", "a1"},
		{"fin-2", so, "fin", "a2"},
		{"edu-1", so, "edu", "b1"},
		{"edu-2", so, "edu", "b1"},
		{"x", custody.Name{En: "section  officer"}, "edu", "a1"},
	} {
		o.Posts = append(o.Posts, custody.Post{ID: custody.PostID(d.id), Name: d.name, Department: d.department})
		o.Desks = append(o.Desks, custody.Desk{ID: d.id, Post: custody.PostID(d.id), Room: d.room})
	}
	o.Sort()
	cards := deskCards(o)
	names := map[custody.DeskID]string{
		"as": "Additional Secretary", "fin-1": "Section Officer, Finance, Room 1, A", "fin-2": "Section Officer, Finance, Room 2",
		"edu-1": "Section Officer, Education, Room 1, B, edu-1", "edu-2": "Section Officer, Education, Room 1, B, edu-2", "x": "section  officer, Education, Room 1, A",
	}
	for i, d := range o.Desks {
		if cards[i].Name.En != names[d.ID] {
			t.Errorf("desk %s: %q, want %q", d.ID, cards[i].Name.En, names[d.ID])
		}
		for j := range i {
			if alike(cards[i].Name, cards[j].Name) {
				t.Errorf("%v and %v are alike", cards[i].Name, cards[j].Name)
			}
		}
		switch detail := cards[i].Detail; {
		case d.ID == "as" && detail.En != "Room 2", d.ID == "fin-1" && detail.Ur != "کمرہ 1، A":
			t.Errorf("desk %s is in %v", d.ID, detail)
		}
	}
}
