package custody

import (
	"cmp"
	"slices"
	"strings"

	"harkara/internal/calendar"
	"harkara/internal/label"
)

// find returns the element of a slice sorted by id whose id is want.
func find[T any, K cmp.Ordered](sorted []T, want K, id func(T) K) (T, bool) {
	i, ok := slices.BinarySearchFunc(sorted, want, func(t T, k K) int { return cmp.Compare(id(t), k) })
	if !ok {
		var none T
		return none, false
	}
	return sorted[i], true
}

// Sort puts every slice in order of its ids; look-ups rely on it.
func (o *Office) Sort() {
	slices.SortFunc(o.Departments, func(a, b Department) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(o.Rooms, func(a, b Room) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(o.Desks, func(a, b Desk) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(o.Posts, func(a, b Post) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(o.Officers, func(a, b Officer) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(o.Stations, func(a, b Station) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(o.Routes, func(a, b Route) int { return cmp.Compare(a.ID, b.ID) })
	o.sortCards()
	slices.SortFunc(o.Ladders, func(a, b Ladder) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(o.Calendars, func(a, b calendar.Calendar) int { return strings.Compare(a.ID, b.ID) })
}

// DepartmentByID returns the department.
func (o *Office) DepartmentByID(id DepartmentID) (Department, bool) {
	return find(o.Departments, id, func(d Department) DepartmentID { return d.ID })
}

// RoomByID returns the room.
func (o *Office) RoomByID(id RoomID) (Room, bool) {
	return find(o.Rooms, id, func(r Room) RoomID { return r.ID })
}

// DeskByID returns the desk.
func (o *Office) DeskByID(id DeskID) (Desk, bool) {
	return find(o.Desks, id, func(d Desk) DeskID { return d.ID })
}

// PostByID returns the post.
func (o *Office) PostByID(id PostID) (Post, bool) {
	return find(o.Posts, id, func(p Post) PostID { return p.ID })
}

// OfficerByID returns the officer.
func (o *Office) OfficerByID(id OfficerID) (Officer, bool) {
	return find(o.Officers, id, func(p Officer) OfficerID { return p.ID })
}

// StationByID returns the station.
func (o *Office) StationByID(id StationID) (Station, bool) {
	return find(o.Stations, id, func(s Station) StationID { return s.ID })
}

// RouteByID returns the route.
func (o *Office) RouteByID(id RouteID) (Route, bool) {
	return find(o.Routes, id, func(r Route) RouteID { return r.ID })
}

// LadderByID returns the ladder.
func (o *Office) LadderByID(id LadderID) (Ladder, bool) {
	return find(o.Ladders, id, func(l Ladder) LadderID { return l.ID })
}

// CalendarByID returns the calendar.
func (o *Office) CalendarByID(id string) (calendar.Calendar, bool) {
	return find(o.Calendars, id, func(c calendar.Calendar) string { return c.ID })
}

// DeskByCode returns the desk whose destination card carries the code.
func (o *Office) DeskByCode(code label.Code) (Desk, bool) {
	return first(o.Desks, func(d Desk) bool { return d.Code == code })
}

// OfficerByCode returns the officer whose badge carries the code.
func (o *Office) OfficerByCode(code label.Code) (Officer, bool) {
	return first(o.Officers, func(p Officer) bool { return p.Code == code })
}

// OfficerIn returns who holds the post; false when it is vacant.
func (o *Office) OfficerIn(post PostID) (Officer, bool) {
	return first(o.Officers, func(p Officer) bool { return p.Post == post && post != "" })
}

// ReceivingDesk returns the desk that holds what is scanned in the room.
func (o *Office) ReceivingDesk(room RoomID) (Desk, bool) {
	return first(o.Desks, func(d Desk) bool { return d.Room == room && d.Receiving })
}

func first[T any](list []T, ok func(T) bool) (T, bool) {
	if i := slices.IndexFunc(list, ok); i >= 0 {
		return list[i], true
	}
	var none T
	return none, false
}

// PlaceAt returns a desk as a place: its post, who is in it, calendar, and the
// post's own budget.
func (o *Office) PlaceAt(id DeskID) (Place, bool) {
	desk, ok := o.DeskByID(id)
	if !ok {
		return Place{}, false
	}
	post, ok := o.PostByID(desk.Post)
	if !ok {
		return Place{}, false
	}
	officer, _ := o.OfficerIn(post.ID)
	return Place{Desk: desk.ID, Room: desk.Room, Post: post.ID, Officer: officer.ID, Calendar: post.Calendar, Budget: post.Budget}, true
}

// Receivers returns the people a rung tells about a holder: each named once, a
// vacant post's place taken by its superior, and nobody told about himself twice:
// a superior who is the very person below goes one up.
func (o *Office) Receivers(holder PostID, to []Receiver) []Person {
	var told []Person
	for _, r := range to {
		post := r.Post
		if post == "" {
			post = o.superior(holder, r.Superior)
		}
		if p, ok := o.occupied(post, told); ok {
			told = append(told, p)
		}
	}
	return told
}

// Reach is Receivers where posts may have been abolished: the nearest one above
// that is left takes such a post's place, by the hierarchy of then, and in the end
// a top of the office. It reports false where the office lacks a post.
func (o *Office) Reach(then *Office, holder PostID, to []Receiver) ([]Person, bool) {
	whole, above := true, o
	if _, ok := o.PostByID(holder); !ok {
		whole, above = false, then
	}
	var posts []Receiver
	for _, r := range to {
		post := r.Post
		if post == "" {
			post = above.superior(holder, r.Superior)
		}
		for range len(then.Posts) + 1 {
			if _, ok := o.PostByID(post); ok {
				posts = append(posts, Receiver{Post: post})
				break
			}
			whole = false
			up := then.superior(post, 1)
			if up == post {
				break
			}
			post = up
		}
	}
	people := o.Receivers(holder, posts)
	if len(people) > 0 {
		return people, whole
	}
	for _, top := range o.Posts {
		if p, ok := o.occupied(top.ID, nil); ok && top.Superior == "" && (p.Officer != "" || len(people) == 0) {
			people = []Person{p}
		}
	}
	return people, whole
}

func (o *Office) superior(post PostID, up int) PostID {
	for range up {
		p, ok := o.PostByID(post)
		if !ok || p.Superior == "" {
			break
		}
		post = p.Superior
	}
	return post
}

// occupied climbs from a post to the first one with an officer not told yet. At
// the top a vacant post stands for itself, so that a rung is never addressed to
// nobody.
func (o *Office) occupied(post PostID, told []Person) (Person, bool) {
	for range len(o.Posts) + 1 {
		p, ok := o.PostByID(post)
		if !ok {
			return Person{}, false
		}
		officer, in := o.OfficerIn(post)
		known := slices.ContainsFunc(told, func(t Person) bool { return t.Post == post || in && t.Officer == officer.ID })
		if in && !known {
			return Person{Post: post, Officer: officer.ID}, true
		}
		if p.Superior == "" {
			return Person{Post: post}, !in && !known
		}
		post = p.Superior
	}
	return Person{}, false // the hierarchy has a ring
}
