package web

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/people"
)

// crowded is an office with so many open files, spread over departments, rooms and desks.
type crowded struct {
	*memory
	rows []custody.Row
}

func (c crowded) Board(context.Context) ([]custody.Row, int64, error) { return c.rows, 0, nil }

// crowd has an office of 40 departments with 5 rooms each, and so many files.
func crowd(m *memory, files int) crowded {
	o := &custody.Office{Revision: 1, Calendars: m.office.Calendars, Ladders: m.office.Ladders}
	for i := range 200 {
		d := custody.DepartmentID(fmt.Sprint("d", i/5))
		if i%5 == 0 {
			o.Departments = append(o.Departments, custody.Department{ID: d, Name: custody.Name{En: string(d)}})
		}
		id := fmt.Sprint("p", i)
		o.Rooms = append(o.Rooms, custody.Room{ID: custody.RoomID(id), Name: custody.Name{En: "Room " + id}, Department: d, Building: custody.Building{En: "A"}})
		o.Posts = append(o.Posts, custody.Post{ID: custody.PostID(id), Name: custody.Name{En: "Post " + id}, Department: d, Calendar: "winter", Ladder: "usual"})
		o.Desks = append(o.Desks, custody.Desk{ID: custody.DeskID(id), Room: custody.RoomID(id), Post: custody.PostID(id), Receiving: true})
		o.Officers = append(o.Officers, custody.Officer{ID: custody.OfficerID(id), Name: custody.Name{En: "Officer " + id}, Post: custody.PostID(id)})
	}
	o.Sort()
	m.office = o
	c := crowded{memory: m}
	for i := range files {
		at := i % 200
		from := at/5*5 + (at+1+i/200%4)%5
		if i%11 == 0 {
			from = (at + 17) % 200 // another department's
		}
		row := custody.Row{
			File: custody.File{
				Code: label.New(label.File, uint64(i)), Number: fmt.Sprintf("SO(Dev-%d) %d-%d/2026", i%40, i%97, i), Department: custody.DepartmentID(fmt.Sprint("d", at/5)),
				Subject: []string{"Repair of the water supply scheme", "بجٹ برائے مالی سال", "Posting and transfer of teachers"}[i%3],
			},
			Position: custody.Position{
				Phase: custody.Held, Room: custody.RoomID(fmt.Sprint("p", at)), Desk: custody.DeskID(fmt.Sprint("p", at)), Post: custody.PostID(fmt.Sprint("p", at)), From: custody.DeskID(fmt.Sprint("p", from)),
				Since: monday.Add(-time.Duration(i) * time.Minute), Deadline: monday.Add(time.Duration(i*7919%100_000) * time.Second), Revision: 2,
			},
		}
		if i%9 == 0 {
			row.Position.Phase, row.Position.ToRoom, row.Position.To = custody.Transit, custody.RoomID(fmt.Sprint("p", from)), custody.DeskID(fmt.Sprint("p", from))
		}
		c.rows = append(c.rows, row)
	}
	return c
}

// BenchmarkBoardPage is the board of 20,000 files painted anew, as after every change: for
// who sees all of it and for an officer of one department of forty.
func BenchmarkBoardPage(b *testing.B) {
	r := open(b, false, func(c *Config) {
		c.Registry = crowd(c.Registry.(*memory), 20_000)
	})
	r.persons.Seat(people.Person{ID: "p7", Officer: "p7"}, "p7")
	for who, token := range map[string]string{"administrator": adminToken, "auditor, not cleared": "auditor", "officer": "p7"} {
		b.Run(who, func(b *testing.B) {
			for b.Loop() {
				r.server.pages.pages = nil
				if w := r.call("GET", "/", "", bearer(token)...); w.Code != http.StatusOK {
					b.Fatal(w.Code)
				}
			}
		})
	}
}
