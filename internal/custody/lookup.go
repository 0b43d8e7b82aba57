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
	o.sortDays()
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

// CalendarByID returns the calendar as it was ordered: see Hours.
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

// ReasonByID returns the reason.
func (o *Office) ReasonByID(id ReasonCardID) (ReasonCard, bool) {
	return find(o.Reasons, id, func(r ReasonCard) ReasonCardID { return r.ID })
}

// ReasonByCode returns the reason whose card carries the code.
func (o *Office) ReasonByCode(code label.Code) (ReasonCard, bool) {
	return first(o.Reasons, func(r ReasonCard) bool { return r.Code == code })
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

// PlaceAt returns a desk as a place: its post, who is in it, and what holds for him,
// whose contents it adds.
func (o *Office) PlaceAt(id DeskID, contents Contents) (Place, bool) {
	desk, ok := o.DeskByID(id)
	if !ok {
		return Place{}, false
	}
	post, ok := o.PostByID(desk.Post)
	if !ok {
		return Place{}, false
	}
	hours, ok := o.Hours(post.Calendar, o.building(desk.Room))
	if !ok {
		return Place{}, false
	}
	ladder, ok := o.LadderByID(post.Ladder)
	if !ok {
		return Place{}, false
	}
	officer, _ := o.OfficerIn(post.ID)
	return Place{
		Desk: desk.ID, Room: desk.Room, Post: post.ID, Officer: officer.ID, Budget: post.Budget, BudgetDays: post.BudgetDays,
		Hours: contents.Keep(hours.ID, hours), Ladder: contents.Keep(string(ladder.ID), ladder),
	}, true
}

// Plan returns a route as it is: its desks with their rooms and posts, whose contents it
// adds; and a desk on it that the office does not have.
func (o *Office) Plan(id RouteID, contents Contents) (route Ref, stops []Planned, missing DeskID, ok bool) {
	r, ok := o.RouteByID(id)
	if !ok {
		return Ref{}, nil, "", false
	}
	for _, s := range r.Stops {
		desk, ok := o.DeskByID(s.Desk)
		if !ok {
			return Ref{}, nil, s.Desk, false
		}
		stops = append(stops, Planned{Dest{desk.ID, desk.Room, desk.Post}, s.Budget, s.BudgetDays})
	}
	return contents.Keep(string(id), stops), stops, "", true
}
