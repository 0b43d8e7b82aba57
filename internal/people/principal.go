package people

import (
	"slices"
	"time"

	"harkara/internal/custody"
)

// Principal is who calls, as he stands in the office of a moment. The zero value is the
// public, who may do nothing and see nothing that is not everybody's.
type Principal struct {
	ID         ID
	Name       custody.Name
	Proof      custody.Proof     // by what he is known; empty: by nothing
	Station    custody.StationID // whose token it brought; empty: no station's
	Capacities []Capacity        // in no order that means anything
	Sight      Sight
}

// Capacity is a role that somebody has there where he has it: a grant, looked up in the
// office.
type Capacity struct {
	Role       Role
	Post       custody.PostID       // in which he has it; empty: in none
	Department custody.DepartmentID // that post's, or the grant's; empty: the whole office
	Clearance  custody.Class
	For        custody.OfficerID // in whose stead; empty: by himself
}

// Has reports whether he has one of some roles, anywhere.
func (p Principal) Has(roles ...Role) bool {
	return slices.ContainsFunc(p.Capacities, func(c Capacity) bool { return slices.Contains(roles, c.Role) })
}

// Same reports whether two principals are one who may the same.
func (p Principal) Same(o Principal) bool {
	return p.ID == o.ID && p.Name == o.Name && p.Proof == o.Proof && p.Station == o.Station && p.Sight == o.Sight && slices.Equal(p.Capacities, o.Capacities)
}

// Principal is the person as he stands in an office at a moment. Who has ended stands
// nowhere.
func (p Person) Principal(o *custody.Office, now time.Time) Principal {
	if !p.Ended.IsZero() && !now.Before(p.Ended) {
		return Principal{}
	}
	is := Principal{ID: p.ID, Name: p.Name}
	posts := postsOf(o, p.Officer)
	for _, post := range posts {
		is.Capacities = append(is.Capacities, comesWith(o, post, p.Officer)...)
	}
	for _, g := range p.Grants {
		is.Capacities = append(is.Capacities, g.capacities(o, posts)...)
	}
	for _, post := range o.Posts { // whose officer has named him
		if in, ok := o.OfficerIn(post.ID); ok && p.Officer != "" && in.ID != p.Officer && slices.Contains(post.Staff, p.Officer) {
			is.Capacities = append(is.Capacities, Grant{Role: Officer, Post: post.ID, For: in.ID}.capacities(o, nil)...)
		}
	}
	is.Sight = sightOf(o, is.Capacities)
	return is
}

// AtStation is who scans there: he sees what he holds in his hand, and in its room's
// department what everybody there sees.
func AtStation(o *custody.Office, id custody.StationID) Principal {
	is := Principal{Station: id}
	if station, ok := o.StationByID(id); ok {
		room, _ := o.RoomByID(station.Room)
		e := newEyes()
		e.reach(o, room.Department, custody.Ordinary)
		is.Sight = e.sight()
	}
	return is
}

// postsOf are the posts that an officer is in, also for who is away, or beside his own.
func postsOf(o *custody.Office, id custody.OfficerID) (list []custody.Post) {
	for _, at := range o.PostsOf(id) {
		post, _ := o.PostByID(at)
		list = append(list, post)
	}
	return list
}

// comesWith is what a post gives who is in it: whoever has posts under his is their
// manager, and whose badge says clerk registers for its department.
func comesWith(o *custody.Office, post custody.Post, id custody.OfficerID) []Capacity {
	of := Capacity{Role: Officer, Post: post.ID, Department: post.Department}
	list := []Capacity{of}
	if slices.ContainsFunc(o.Posts, func(p custody.Post) bool { return p.Superior == post.ID }) {
		of.Role = Manager
		list = append(list, of)
	}
	if officer, ok := o.OfficerByID(id); ok && officer.Role == custody.RoleClerk {
		of.Role = Clerk
		list = append(list, of)
	}
	return list
}

// capacities is what a grant comes to for who is in some posts. One in a post ends when he
// leaves it, and one in another's stead when that other does.
func (g Grant) capacities(o *custody.Office, posts []custody.Post) (list []Capacity) {
	c := Capacity{Role: g.Role, Department: g.Department, Clearance: g.Clearance}
	switch bound := g.Role == Officer || g.Role == Manager || g.Role == Clerk; {
	case g.For != "":
		if in, ok := o.OfficerIn(g.Post); !ok || in.ID != g.For {
			return nil
		}
		post, _ := o.PostByID(g.Post)
		c.Post, c.Department, c.For = post.ID, post.Department, g.For
		list = append(list, c)
		if g.Role == Officer { // he sees what the other sees
			for _, with := range comesWith(o, post, "") {
				if with.Role == Manager {
					with.Clearance, with.For = g.Clearance, g.For
					list = append(list, with)
				}
			}
		}
		return list
	case g.Post != "", bound && g.Department == "":
		for _, post := range posts {
			if g.Post == "" || g.Post == post.ID {
				c.Post, c.Department = post.ID, post.Department
				list = append(list, c)
			}
		}
		return list
	}
	return []Capacity{c}
}

func newEyes() *Eyes {
	return &Eyes{
		Departments: map[custody.DepartmentID]level{}, Rooms: map[custody.RoomID]level{}, Sent: map[custody.DeskID]bool{},
		Desks: map[custody.DeskID]level{}, Below: map[custody.DeskID]level{}, Manages: map[custody.DepartmentID]bool{}, Registers: map[custody.DepartmentID]bool{},
	}
}

// sightOf is what some capacities come to in an office.
func sightOf(o *custody.Office, list []Capacity) Sight {
	if len(list) == 0 {
		return Sight{}
	}
	e := newEyes()
	e.Wall = !slices.ContainsFunc(list, func(c Capacity) bool { return c.Role != Wall })
	for _, c := range list {
		e.Roles = append(e.Roles, c.Role)
		if c.Role == Wall {
			c.Clearance = custody.Ordinary
		}
		e.reach(o, c.Department, c.Clearance)
		switch c.Role {
		case Officer:
			e.desks(o, c)
		case Manager:
			e.Manages[c.Department] = true
			if c.Post != "" {
				e.below(o, c)
			}
		case Clerk:
			e.Registers[c.Department] = true
		}
	}
	return e.sight()
}

// reach adds the files of a department, or of the whole office.
func (e *Eyes) reach(o *custody.Office, department custody.DepartmentID, class custody.Class) {
	l := levelOf(class)
	if department == "" {
		e.All = max(e.All, l)
		return
	}
	e.Departments[department] = max(e.Departments[department], l)
	rooms := map[custody.RoomID]bool{}
	for _, room := range o.Rooms {
		if room.Department == department {
			rooms[room.ID] = true
			e.Rooms[room.ID] = max(e.Rooms[room.ID], l)
		}
	}
	for _, desk := range o.Desks {
		if rooms[desk.Room] {
			e.Sent[desk.ID] = true
		}
	}
}

// desks adds those of an officer's post.
func (e *Eyes) desks(o *custody.Office, c Capacity) {
	for _, desk := range o.Desks {
		if desk.Post == c.Post {
			e.Desks[desk.ID] = max(e.Desks[desk.ID], levelOf(c.Clearance))
		}
	}
}

// below adds the desks of every post under a manager's. His clearance counts for those of
// his department.
func (e *Eyes) below(o *custody.Office, c Capacity) {
	under := map[custody.PostID]bool{c.Post: true}
	for grew := true; grew; {
		grew = false
		for _, post := range o.Posts {
			if under[post.Superior] && !under[post.ID] {
				under[post.ID], grew = true, true
			}
		}
	}
	delete(under, c.Post)
	for _, desk := range o.Desks {
		if !under[desk.Post] {
			continue
		}
		class := custody.Ordinary
		if post, _ := o.PostByID(desk.Post); post.Department == c.Department {
			class = c.Clearance
		}
		e.Below[desk.ID] = max(e.Below[desk.ID], levelOf(class))
	}
}

// Office is the sight of the office itself, for what it tells its own stations: it sees
// everything.
var Office = sightOf(nil, []Capacity{{Role: Auditor, Clearance: custody.Secret}})
