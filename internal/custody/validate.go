package custody

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"harkara/internal/calendar"
	"harkara/internal/label"
)

// Problem is one thing that is wrong with an office.
type Problem struct {
	// At is where, by the office's own names: "desks/so-1/room". What has no id of its own
	// stands by its number, from 1.
	At       string
	Found    string // empty: nothing is there
	Expected string
}

func (p Problem) Error() string {
	return p.At + ": found " + cmp.Or(p.Found, "nothing") + ", expected " + p.Expected
}

// problems collects what is wrong with one office.
type problems struct {
	of   *Office
	list []Problem
}

// bad notes a problem. Texts of the office are quoted, as they are in its file.
func (p *problems) bad(at string, found any, expected string, args ...any) {
	text := fmt.Sprint(found)
	if s, ok := found.(string); ok && s != "" {
		text = fmt.Sprintf("%q", s)
	}
	p.list = append(p.list, Problem{at, text, fmt.Sprintf(expected, args...)})
}

// count is how many there are of what has no text of its own.
type count string

func counted(n int, what string) count {
	if n == 1 {
		return count("1 " + what)
	}
	return count(fmt.Sprint(n, " ", what, "s"))
}

// refer notes a reference to what is not there. An empty one is bad where it is needed.
func refer[K ~string, T any](p *problems, at string, id K, by func(*Office, K) (T, bool), what string, needed bool) {
	if _, ok := by(p.of, id); !ok && (needed || id != "") {
		p.bad(at, string(id), "the id of %s", what)
	}
}

// where says where something of the office stands.
func where[K ~string](list string, id K, parts ...any) string {
	at := list + "/" + string(id)
	for _, p := range parts {
		at += "/" + fmt.Sprint(p)
	}
	return at
}

// Validate reports everything in the office that would leave a file without a
// place, a clock or somebody to tell, all at once: each error is a Problem.
func (o Office) Validate() error {
	var all []error
	for _, p := range o.Problems() {
		all = append(all, p)
	}
	return errors.Join(all...)
}

// Problems are those of which Validate's error is made.
func (o Office) Problems() []Problem {
	o.Sort()
	p := &problems{of: &o}
	if o.Policy.Transit <= 0 {
		p.bad("policy/transit", o.Policy.Transit, "working time that a file may be on its way")
	}
	for _, c := range o.Calendars {
		if err := c.Validate(); err != nil {
			p.bad(where("calendars", c.ID, "week"), "", "%s", strings.TrimPrefix(err.Error(), calendar.ErrCalendar.Error()+" "))
		}
	}
	p.rooms()
	p.posts()
	p.people()
	p.routes()
	p.cards()
	p.days()
	p.codes()
	p.bounds()
	for _, l := range o.Ladders {
		p.ladder(l)
	}
	return p.list
}

func (p *problems) rooms() {
	lost := slices.ContainsFunc(p.of.Desks, func(d Desk) bool { // it may be any room's, which is said of the desk
		_, ok := p.of.RoomByID(d.Room)
		return d.Receiving && !ok
	})
	for _, r := range p.of.Rooms {
		refer(p, where("rooms", r.ID, "department"), r.Department, (*Office).DepartmentByID, "a department", true)
		receiving := 0
		for _, d := range p.of.Desks {
			if d.Room == r.ID && d.Receiving {
				receiving++
			}
		}
		if receiving > 1 || receiving == 0 && !lost {
			p.bad(where("rooms", r.ID), counted(receiving, "receiving desk"), "one, which holds what is scanned there")
		}
	}
	for _, d := range p.of.Desks {
		refer(p, where("desks", d.ID, "room"), d.Room, (*Office).RoomByID, "a room", true)
		refer(p, where("desks", d.ID, "post"), d.Post, (*Office).PostByID, "a post", true)
	}
	for _, s := range p.of.Stations {
		refer(p, where("stations", s.ID, "room"), s.Room, (*Office).RoomByID, "a room", true)
	}
}

func (p *problems) posts() {
	for _, post := range p.of.Posts {
		at := func(field string) string { return where("posts", post.ID, field) }
		refer(p, at("department"), post.Department, (*Office).DepartmentByID, "a department", true)
		refer(p, at("calendar"), post.Calendar, (*Office).CalendarByID, "a calendar", true)
		refer(p, at("ladder"), post.Ladder, (*Office).LadderByID, "a ladder", true)
		refer(p, at("superior"), post.Superior, (*Office).PostByID, "another post", false)
		if p.of.ring(post) {
			p.bad(at("superior"), string(post.Superior), "a post that is not below this one: it is its own superior's superior")
		}
		for i, id := range post.Staff {
			refer(p, where("posts", post.ID, "staff", i+1), id, (*Office).OfficerByID, "an officer", true)
		}
		if post.Budget <= 0 && post.BudgetDays <= 0 {
			p.bad(at("budget"), post.Budget, "working time, more than none")
		}
	}
}

// Roles are all that a badge can have.
var Roles = []Role{RoleOfficer, RoleRunner, RoleClerk}

func (p *problems) people() {
	for _, x := range p.of.Officers {
		refer(p, where("officers", x.ID, "post"), x.Post, (*Office).PostByID, "a post", false)
		if !slices.Contains(Roles, x.Role) {
			p.bad(where("officers", x.ID, "role"), string(x.Role), `"officer", "runner" or "clerk"`)
		}
	}
}

func (p *problems) routes() {
	for _, r := range p.of.Routes {
		refer(p, where("routes", r.ID, "department"), r.Department, (*Office).DepartmentByID, "a department", true)
		if len(r.Stops) == 0 || len(r.Stops) > MaxStops {
			p.bad(where("routes", r.ID, "stops"), counted(len(r.Stops), "stop"), "1 to %d", MaxStops)
		}
		for i, s := range r.Stops {
			refer(p, where("routes", r.ID, "stops", i+1, "desk"), s.Desk, (*Office).DeskByID, "a desk", true)
			if s.Budget <= 0 && s.BudgetDays <= 0 {
				p.bad(where("routes", r.ID, "stops", i+1, "budget"), s.Budget, "working time, more than none")
			}
		}
	}
}

// codes sees that each card has a code of its kind, and none that another has.
func (p *problems) codes() {
	whose := map[label.Code]string{}
	for _, card := range label.Commands() {
		whose[card.Code] = "a command card"
	}
	for _, c := range p.of.Coded() {
		at := where(c.Of+"s", c.ID, "code")
		if code, err := label.Check(string(*c.Code)); err != nil || code.Kind() != c.Kind {
			p.bad(at, string(*c.Code), "14 digits of a %s's card, or no code: then one is made", c.Of)
			continue
		}
		if other, taken := whose[*c.Code]; taken {
			p.bad(at, string(*c.Code), "a code of its own: it has the code of %s", other)
		}
		whose[*c.Code] = c.Of + " " + c.ID
	}
}
