package audit

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"harkara/internal/custody"
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
// way to them, of unknown place; and at which of some desks or on the way there.
func (o *office) places(desks []custody.DeskID) (open, inRooms, onTheWay, unknown, there int) {
	for _, s := range o.states {
		p := s.Position()
		if s.Opened.IsZero() || p.Phase == custody.Ended {
			continue
		}
		open++
		at, room := p.Desk, p.Room
		if p.Phase == custody.Transit {
			at, room = p.To, p.ToRoom
		}
		if slices.Contains(desks, at) {
			there++
		}
		_, has := o.office.RoomByID(room)
		switch {
		case !has:
		case p.Missing || p.Phase == custody.Unseen:
			unknown++
		case p.Phase == custody.Transit:
			onTheWay++
		default:
			inRooms++
		}
	}
	return open, inRooms, onTheWay, unknown, there
}

// Whatever files live through and however the office changes, what holds files or expects
// some does not disappear under them: files in rooms, on the way and of unknown place are
// the open files, and verify finds nothing.
func TestOpenFilesAreSomewhere(t *testing.T) {
	for seed := range uint64(2) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			o := newOffice(t)
			o.random = rand.New(rand.NewPCG(seed, 12))
			var codes []label.Code
			for i := range 12 {
				codes = append(codes, o.code())
				o.put(opening(codes[i], fmt.Sprintf("place %d/%d", seed, i)))
			}
			o.decided(0)
			o.inForce()
			refused := 0
			for step := range 40 {
				for i := range 3 {
					o.put(o.any(codes[o.random.IntN(len(codes))], 3*step+i))
				}
				o.decided(0)
				if step%2 > 0 {
					continue
				}
				room := o.office.Rooms[o.random.IntN(len(o.office.Rooms))].ID
				if o.random.IntN(2) > 0 { // one that has files
					if s := o.states[codes[o.random.IntN(len(codes))]]; s.Position().Room != "" {
						room = s.Position().Room
					}
				}
				if _, ok := o.office.RoomByID(room); !ok || room == "b-cs" { // whom the ladder names
					continue
				}
				less, desks := without(o.office, room)
				_, _, _, _, there := o.places(desks)
				order := ledger.Order{Who: "DS (Admin)", Reason: fmt.Sprintf("order %d", step)}
				_, err := o.store.AlterOffice(t.Context(), less, order)
				if errors.Is(err, ledger.ErrHolds) != (there > 0) || err != nil && there == 0 {
					t.Fatalf("room %s, where %d files are: %v", room, there, err)
				}
				if there > 0 {
					refused++
					order.Moves = map[custody.DeskID]custody.DeskID{}
					for _, d := range desks {
						order.Moves[d] = less.Desks[o.random.IntN(len(less.Desks))].ID
					}
					if _, err := o.store.AlterOffice(t.Context(), less, order); err != nil {
						t.Fatal(err)
					}
				}
				o.inForce()
				o.decided(0)
				open, inRooms, onTheWay, unknown, _ := o.places(nil)
				if inRooms+onTheWay+unknown != open {
					t.Fatalf("without %s: %d in rooms, %d on the way, %d of unknown place, of %d open", room, inRooms, onTheWay, unknown, open)
				}
				r := o.whole("without " + string(room))
				if r.Tally != (ledger.Tally{Open: open, InRooms: inRooms, OnTheWay: onTheWay, Unknown: unknown}) {
					t.Fatalf("without %s: %+v; %d in rooms, %d on the way, %d of unknown place, of %d open", room, r.Tally, inRooms, onTheWay, unknown, open)
				}
			}
			if refused == 0 {
				t.Error("no room that was to go had a file")
			}
		})
	}
}

// A scan that was stored before a room went may put a file there after: verify finds it
// where no room shows it, as long as nothing else is stored of it.
func TestAFileInNoRoomIsFound(t *testing.T) {
	o := newOffice(t)
	code := o.code()
	o.put(opening(code, "nowhere/1"))
	o.decided(0)
	o.inForce()
	less, _ := without(o.office, "a-103")
	if _, err := o.store.AlterOffice(t.Context(), less, ledger.Order{Who: "test"}); err != nil {
		t.Fatal(err)
	}
	late := scanning(code)
	late.Station = "st-a-103"
	o.put(late)
	o.decided(0) // by the office of when it happened
	find := func() []Finding {
		t.Helper()
		r, err := (&Auditor{Ledger: o.store}).Office(t.Context(), false, nil)
		if err != nil {
			t.Fatal(err)
		}
		return r.Findings
	}
	if got := find(); len(got) != 1 || got[0].Kind != Nowhere || got[0].File != code || got[0].Stored != "a-103" {
		t.Fatalf("%v", got)
	}
	o.inForce()
	back := command(custody.Correct, code)
	back.With, back.Reason, back.Who = custody.Correction{Desk: "fin-ri"}, "order 9", "DS (Admin)"
	o.put(back)
	if got := find(); len(got) != 0 {
		t.Errorf("with its correction stored: %v", got)
	}
	o.decided(0)
	o.whole("corrected")
}
