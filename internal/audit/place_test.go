package audit

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"harkara/internal/custody"
	"harkara/internal/demo"
	"harkara/internal/label"
	"harkara/internal/ledger"
)

// without is an office that has lost a room, with the desks, posts and station in it.
func without(was custody.Office, room custody.RoomID) (o custody.Office, desks []custody.DeskID) {
	o = was
	o.Revision, o.Former = 0, nil
	above := map[custody.PostID]custody.PostID{}
	o.Rooms = slices.DeleteFunc(slices.Clone(o.Rooms), func(r custody.Room) bool { return r.ID == room })
	o.Stations = slices.DeleteFunc(slices.Clone(o.Stations), func(s custody.Station) bool { return s.Room == room })
	o.Desks = slices.DeleteFunc(slices.Clone(o.Desks), func(d custody.Desk) bool {
		if d.Room == room {
			post, _ := was.PostByID(d.Post)
			above[d.Post], desks = post.Superior, append(desks, d.ID)
		}
		return d.Room == room
	})
	o.Posts = slices.DeleteFunc(slices.Clone(o.Posts), func(p custody.Post) bool { _, gone := above[p.ID]; return gone })
	for i := range o.Posts {
		for superior, gone := above[o.Posts[i].Superior]; gone; superior, gone = above[o.Posts[i].Superior] {
			o.Posts[i].Superior = superior
		}
	}
	o.Officers = slices.Clone(o.Officers)
	for i := range o.Officers {
		if _, gone := above[o.Officers[i].Post]; gone {
			o.Officers[i].Post = ""
		}
	}
	o.Routes = slices.Clone(o.Routes)
	for i := range o.Routes {
		o.Routes[i].Stops = slices.DeleteFunc(slices.Clone(o.Routes[i].Stops), func(s custody.Stop) bool { return slices.Contains(desks, s.Desk) })
	}
	o.Routes = slices.DeleteFunc(o.Routes, func(r custody.Route) bool { return len(r.Stops) == 0 })
	return o, desks
}

// inForce has the office of the test be what the ledger has.
func (o *office) inForce() {
	o.t.Helper()
	now, err := o.store.Office(o.t.Context(), time.Now().Add(time.Minute))
	if err != nil {
		o.t.Fatal(err)
	}
	o.office = *now
}

// places counts the open files by where a board shows them: in rooms of the office, on the
// way between them, of unknown place.
func (o *office) places() (open, inRooms, onTheWay, unknown int) {
	for _, s := range o.states {
		p := s.Position()
		if s.Opened.IsZero() || p.Phase == custody.Ended {
			continue
		}
		open++
		room := p.Room
		if p.Phase == custody.Transit && p.ToRoom != "" {
			room = p.ToRoom
		}
		_, has := o.office.RoomByID(room)
		switch {
		case p.Phase == custody.Unseen && room == "":
			unknown++
		case !has:
		case p.Missing || p.Phase == custody.Unseen:
			unknown++
		case p.Phase == custody.Transit:
			onTheWay++
		default:
			inRooms++
		}
	}
	return open, inRooms, onTheWay, unknown
}

// edit is a change of the office with what it does to desks that stay or end.
type edit struct {
	what string
	to   custody.Office
	ends []custody.DeskID // their files must be told where to go
}

// edits are what an administrator may do to an office: rename, move, split, add, take out.
var edits = []func(o *office, n int) (edit, bool){
	func(o *office, _ int) (e edit, ok bool) { // takes out a room that has files, or any
		room := o.office.Rooms[o.random.IntN(len(o.office.Rooms))].ID
		if o.random.IntN(3) > 0 {
			for _, s := range o.states {
				if p := s.Position(); p.Room != "" && p.Phase != custody.Ended {
					room = p.Room
				}
			}
		}
		chief := slices.ContainsFunc(o.office.Desks, func(d custody.Desk) bool { return d.Room == room && d.Post == "cs-0" }) // whom the ladder names
		if _, there := o.office.RoomByID(room); !there || chief {
			return e, false
		}
		e.what = "without room " + string(room)
		e.to, e.ends = without(o.office, room)
		return e, true
	},
	func(o *office, n int) (edit, bool) { // adds a room, and has a post of another work there
		e := edit{what: fmt.Sprintf("with room n-%d", n), to: copied(o.office)}
		like := e.to.Posts[o.random.IntN(len(e.to.Posts))]
		like.ID = custody.PostID(fmt.Sprintf("n-%d", n))
		e.to.Posts = append(e.to.Posts, like)
		e.to.Rooms = append(e.to.Rooms, custody.Room{ID: custody.RoomID(like.ID), Department: like.Department, Name: like.Name})
		e.to.Desks = append(e.to.Desks, custody.Desk{ID: custody.DeskID(like.ID), Room: custody.RoomID(like.ID), Post: like.ID, Receiving: true})
		e.to.Stations = append(e.to.Stations, custody.Station{ID: demo.StationOf(custody.RoomID(like.ID)), Room: custody.RoomID(like.ID)})
		return e, true
	},
	func(o *office, n int) (edit, bool) { // splits a desk: another post in its room
		e := edit{what: fmt.Sprintf("with desk s-%d", n), to: copied(o.office)}
		beside := e.to.Desks[o.random.IntN(len(e.to.Desks))]
		like, _ := o.office.PostByID(beside.Post)
		like.ID = custody.PostID(fmt.Sprintf("s-%d", n))
		e.to.Posts = append(e.to.Posts, like)
		e.to.Desks = append(e.to.Desks, custody.Desk{ID: custody.DeskID(like.ID), Room: beside.Room, Post: like.ID})
		return e, true
	},
	func(o *office, _ int) (e edit, ok bool) { // moves a desk to another room; who receives there goes on
		e.to = copied(o.office)
		d := &e.to.Desks[o.busy(func(d custody.Desk) bool { return !d.Receiving })]
		if d.Receiving {
			return e, false
		}
		d.Room = e.to.Rooms[o.random.IntN(len(e.to.Rooms))].ID
		e.what = fmt.Sprintf("with desk %s in room %s", d.ID, d.Room)
		return e, true
	},
	func(o *office, n int) (edit, bool) { // moves a room with all that is in it: it is another one from then on
		e := edit{to: copied(o.office)}
		at := e.to.Desks[o.busy(func(custody.Desk) bool { return true })].Room
		room, _ := o.office.RoomByID(at)
		room.ID = custody.RoomID(fmt.Sprintf("m-%d", n))
		e.what = fmt.Sprintf("with %s in place of room %s", room.ID, at)
		e.to.Rooms = append(slices.DeleteFunc(e.to.Rooms, func(r custody.Room) bool { return r.ID == at }), room)
		for i := range e.to.Desks {
			if e.to.Desks[i].Room == at {
				e.to.Desks[i].Room = room.ID
			}
		}
		for i := range e.to.Stations {
			if e.to.Stations[i].Room == at {
				e.to.Stations[i].Room = room.ID
			}
		}
		return e, true
	},
	func(o *office, n int) (edit, bool) { // takes a post out, and gives its desks to another
		e := edit{to: copied(o.office)}
		was := e.to.Desks[o.busy(func(custody.Desk) bool { return true })].Post
		post, _ := o.office.PostByID(was)
		post.ID = custody.PostID(fmt.Sprintf("p-%d", n))
		e.what = fmt.Sprintf("with %s in place of post %s", post.ID, was)
		if was == "cs-0" { // whom the ladder names
			return e, false
		}
		e.to.Posts = append(slices.DeleteFunc(e.to.Posts, func(p custody.Post) bool { return p.ID == was }), post)
		for i := range e.to.Posts {
			if e.to.Posts[i].Superior == was {
				e.to.Posts[i].Superior = post.ID
			}
		}
		for i := range e.to.Desks {
			if e.to.Desks[i].Post == was {
				e.to.Desks[i].Post = post.ID
			}
		}
		for i := range e.to.Officers {
			if e.to.Officers[i].Post == was {
				e.to.Officers[i].Post = post.ID
			}
		}
		return e, true
	},
	func(o *office, _ int) (e edit, ok bool) { // takes a desk out; another receives where it did
		d := o.office.Desks[o.busy(func(custody.Desk) bool { return true })]
		e = edit{what: "without desk " + string(d.ID), to: copied(o.office), ends: []custody.DeskID{d.ID}}
		e.to.Desks = slices.DeleteFunc(e.to.Desks, func(o custody.Desk) bool { return o.ID == d.ID })
		if d.Receiving {
			n := slices.IndexFunc(e.to.Desks, func(o custody.Desk) bool { return o.Room == d.Room })
			if n < 0 {
				return e, false
			}
			e.to.Desks[n].Receiving = true
		}
		for i := range e.to.Routes {
			e.to.Routes[i].Stops = slices.DeleteFunc(slices.Clone(e.to.Routes[i].Stops), func(s custody.Stop) bool { return s.Desk == d.ID })
		}
		e.to.Routes = slices.DeleteFunc(e.to.Routes, func(r custody.Route) bool { return len(r.Stops) == 0 })
		return e, true
	},
}

// copied is an office to be changed.
func copied(o custody.Office) custody.Office {
	o.Revision, o.Former, o.Heirs = 0, nil, nil
	o.Rooms, o.Desks, o.Posts, o.Officers = slices.Clone(o.Rooms), slices.Clone(o.Desks), slices.Clone(o.Posts), slices.Clone(o.Officers)
	o.Stations, o.Routes = slices.Clone(o.Stations), slices.Clone(o.Routes)
	return o
}

// busy is a desk that files have to do with, where there is one, as it stands in the office.
func (o *office) busy(fits func(custody.Desk) bool) int {
	with := map[custody.DeskID]bool{}
	for _, s := range o.states {
		if p := s.Position(); p.Phase != custody.Ended {
			with[p.Desk], with[p.To] = true, true
		}
	}
	var found, others []int
	for i, d := range o.office.Desks {
		switch {
		case fits(d) && with[d.ID]:
			found = append(found, i)
		case fits(d):
			others = append(others, i)
		}
	}
	if len(found) == 0 {
		found = others
	}
	if len(found) == 0 {
		return 0
	}
	return found[o.random.IntN(len(found))]
}

// needs are the files that an edit must say of where they go.
func (o *office) needs(e edit) (files int) {
	for _, s := range o.states {
		p := s.Position()
		if s.Opened.IsZero() || p.Phase == custody.Ended {
			continue
		}
		if slices.Contains(e.ends, p.Desk) || p.Phase == custody.Transit && slices.Contains(e.ends, p.To) {
			files++
		}
	}
	return files
}

// astray names an open file that has to do with a place that is none of the office; "": none.
func (o *office) astray() string {
	for _, s := range o.states {
		leg := s.Leg
		if s.Opened.IsZero() || leg.Phase == custody.Ended || leg.Phase == custody.Unseen && leg.Place.Desk == "" {
			continue
		}
		_, desk := o.office.DeskByID(leg.Place.Desk)
		_, room := o.office.RoomByID(leg.Place.Room)
		_, post := o.office.PostByID(leg.Place.Post)
		if !desk || !room || !post {
			return fmt.Sprintf("%s: %s at %s, %s, %s", s.File, leg.Phase, leg.Place.Desk, leg.Place.Room, leg.Place.Post)
		}
		if leg.To == nil {
			continue
		}
		if _, desk = o.office.DeskByID(leg.To.Desk); !desk {
			return fmt.Sprintf("%s: on its way to %s", s.File, leg.To.Desk)
		}
	}
	return ""
}

// late is a command of some time ago, which a station stores only now.
func (o *office) late(c custody.Command, after int) custody.Command {
	if c.Station != "" {
		c.At.Wall = c.At.Wall.Add(-[]time.Duration{0, time.Second, time.Minute, 20 * time.Minute, 40 * time.Hour}[after%5])
	}
	return c
}

// Whatever files live through and however the office changes, and whenever their scans
// come, what holds files or expects some does not disappear under them: files in rooms, on
// the way and of unknown place are the open files, each has to do with places of the office
// alone, and verify finds nothing.
func TestOpenFilesAreSomewhere(t *testing.T) {
	for _, seed := range []uint64{20, 22, 25} {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			o := newOffice(t)
			o.random = rand.New(rand.NewPCG(seed, 12))
			var codes []label.Code
			for i := range 12 {
				codes = append(codes, o.code())
				c := opening(codes[i], fmt.Sprintf("place %d/%d", seed, i))
				of := c.With.(custody.Opening)
				if of.Imported = i%3 == 0; i%6 == 0 { // nobody knows where
					of.Desk = ""
				}
				c.With = of
				o.put(c)
			}
			o.decided(0)
			o.inForce()
			refused, moved := 0, 0
			var spooled []custody.Command // that stations have not sent yet
			for step := range 60 {
				for i := range 4 {
					c := o.any(codes[o.random.IntN(len(codes))], 4*step+i)
					if c.Station != "" && o.random.IntN(3) == 0 {
						spooled = append(spooled, c)
						continue
					}
					o.put(o.late(c, o.random.IntN(10)))
				}
				if n := len(spooled); n > 0 && o.random.IntN(2) == 0 {
					o.put(spooled[:min(n, 3)]...)
					spooled = spooled[min(n, 3):]
				}
				before := o.office
				if o.random.IntN(4) == 0 { // something is decided while the office changes
					o.now = &before
				} else {
					o.decided(0)
				}
				e, ok := edits[o.random.IntN(len(edits))](o, step)
				if !ok {
					o.now = nil
					o.decided(0)
					continue
				}
				need := o.needs(e)
				order := ledger.Order{Who: "DS (Admin)", Reason: fmt.Sprintf("order %d", step)}
				_, err := o.store.AlterOffice(t.Context(), e.to, order)
				if errors.Is(err, ledger.ErrHolds) != (need > 0) || err != nil && need == 0 {
					t.Fatalf("%s, with which %d files have to do: %v", e.what, need, err)
				}
				if need > 0 {
					refused++
					order.Moves = map[custody.DeskID]custody.DeskID{}
					for _, d := range e.ends {
						order.Moves[d] = e.to.Desks[o.random.IntN(len(e.to.Desks))].ID
					}
					if _, err := o.store.AlterOffice(t.Context(), e.to, order); err != nil {
						t.Fatal(err)
					}
				}
				o.inForce()
				o.decided(0)
				o.now = nil
				n, err := o.store.Rehouse(t.Context(), 100)
				if err != nil {
					t.Fatal(err)
				}
				moved += n
				o.decided(0)
				if lost := o.astray(); lost != "" {
					t.Fatalf("%s: %s", e.what, lost)
				}
				open, inRooms, onTheWay, unknown := o.places()
				if inRooms+onTheWay+unknown != open {
					t.Fatalf("%s: %d in rooms, %d on the way, %d of unknown place, of %d open", e.what, inRooms, onTheWay, unknown, open)
				}
				r := o.whole(e.what)
				if r.Tally != (ledger.Tally{Open: open, InRooms: inRooms, OnTheWay: onTheWay, Unknown: unknown}) {
					t.Fatalf("%s: %+v; %d in rooms, %d on the way, %d of unknown place, of %d open", e.what, r.Tally, inRooms, onTheWay, unknown, open)
				}
			}
			if refused == 0 {
				t.Error("no desk that was to go had a file")
			}
			t.Logf("%d changes refused at first, %d files moved on later", refused, moved)
		})
	}
}

// What was decided while a room was taken out of the office may put a file there after:
// verify finds it where no room shows it, as long as nothing else is stored of it, and it
// goes where the room's files are, by the order that took it out.
func TestAFileInNoRoomIsFound(t *testing.T) {
	for _, tt := range []struct {
		name    string
		station custody.StationID
		place   string
	}{
		{"received there", "st-a-103", "position.desk"},
		{"sent there", "st-a-101", "position.to.desk"},
		{"sent from there", "st-a-103", "position.desk"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := newOffice(t)
			code := o.code()
			o.put(opening(code, "nowhere/1"))
			o.decided(0)
			o.inForce()
			then := o.office
			less, gone := without(o.office, "a-103")
			heir, _ := less.DeskByID("fin-ri")
			order := ledger.Order{Who: "DS (Admin)", Reason: "order 12", Moves: map[custody.DeskID]custody.DeskID{}}
			for _, d := range gone {
				order.Moves[d] = heir.ID
			}
			out, _ := then.ReceivingDesk("a-103")
			chief, _ := then.ReceivingDesk("b-cs")
			c := scanning(code)
			c.Station = tt.station
			switch tt.name {
			case "sent there":
				c.With = custody.Context{Desk: out.Code}
			case "sent from there":
				c.With = custody.Context{Desk: chief.Code}
			}
			if _, err := o.store.AlterOffice(t.Context(), less, order); err != nil {
				t.Fatal(err)
			}
			o.now = &then
			o.put(c)
			o.decided(0)
			o.now = nil
			find := func() []Finding {
				t.Helper()
				r, err := (&Auditor{Ledger: o.store}).Office(t.Context(), false, nil)
				if err != nil {
					t.Fatal(err)
				}
				return r.Findings
			}
			if got := find(); len(got) != 1 || got[0].Kind != Nowhere || got[0].File != code || got[0].Place != tt.place || got[0].Stored != string(out.ID) {
				t.Fatalf("%v", got)
			}
			for _, want := range []int{1, 0} {
				if n, err := o.store.Rehouse(t.Context(), 10); n != want || err != nil {
					t.Fatalf("%d moved on, %v", n, err)
				}
			}
			if got := find(); len(got) != 0 {
				t.Errorf("with its correction stored: %v", got)
			}
			o.decided(0)
			o.inForce()
			o.whole("moved on")
			p := o.states[code].Position()
			if p.Desk != "fin-ri" && p.To != "fin-ri" {
				t.Errorf("it is at %s, on its way to %s", p.Desk, p.To)
			}
			if p.Phase == custody.Held != (tt.name == "received there") {
				t.Errorf("it is %s", p.Phase)
			}
		})
	}
}
