package board

import (
	"time"

	"github.com/tidwall/btree"

	"harkara/internal/custody"
	"harkara/internal/people"
)

// standings is every open file in order, counted. All of it is kept by what changes:
// nothing walks over every file but what looks for one.
type standings struct {
	order   *btree.BTreeG[*standing] // by deadline
	rooms   *btree.BTreeG[inRoom]    // the same, room by room
	stays   *btree.BTreeG[inRoom]    // who lies in each room, longest first
	facets  *btree.BTreeG[inFacets]  // by deadline, those together that are seen by the same
	tallies *btree.BTreeG[*tally]    // how many of each
	sums                             // of everything
}

// inRoom is a file in one of the lists of a room.
type inRoom struct {
	room custody.RoomID
	*standing
}

// inFacets is a file among those of its facets.
type inFacets struct {
	people.Facets
	*standing
}

// tally is how many files have the same facets. It is replaced, never changed.
type tally struct {
	people.Facets
	counts
}

// Crowd is how many files are in a room, come or leave: also those of which no more is seen.
type Crowd struct {
	Here, Coming, Leaving int
	Overdue, Soon         int       // of those here
	LateComing            int       // of those that come
	Oldest                time.Time // since when the one lies here that does so longest; zero: none does
}

func newStandings() standings {
	alone := btree.Options{NoLocks: true} // positions have a lock
	return standings{
		order: btree.NewBTreeGOptions(func(a, b *standing) bool { return byDeadline(a, b) < 0 }, alone),
		rooms: btree.NewBTreeGOptions(func(a, b inRoom) bool {
			return a.room < b.room || a.room == b.room && (b.standing != nil && (a.standing == nil || byDeadline(a.standing, b.standing) < 0))
		}, alone),
		stays: btree.NewBTreeGOptions(func(a, b inRoom) bool {
			return a.room < b.room || a.room == b.room && (b.standing != nil && (a.standing == nil || byStay(a.standing, b.standing) < 0))
		}, alone),
		facets: btree.NewBTreeGOptions(func(a, b inFacets) bool {
			c := a.Compare(b.Facets)
			return c < 0 || c == 0 && b.standing != nil && (a.standing == nil || byDeadline(a.standing, b.standing) < 0)
		}, alone),
		tallies: btree.NewBTreeGOptions(func(a, b *tally) bool { return a.Compare(b.Facets) < 0 }, alone),
		sums:    newSums(),
	}
}

// copy is the same at this moment: what changes later changes one of them.
func (s standings) copy() standings {
	return standings{s.order.IsoCopy(), s.rooms.IsoCopy(), s.stays.IsoCopy(), s.facets.IsoCopy(), s.tallies.IsoCopy(), s.sums.copy()}
}

// replace puts one in the place of another; nil: none.
func (s standings) replace(before, after *standing) {
	if before != nil {
		s.order.Delete(before)
		s.count(before, -1)
		for _, room := range before.inRooms() {
			s.rooms.Delete(inRoom{room, before})
		}
		s.stays.Delete(inRoom{before.Position.Room, before})
		s.facets.Delete(inFacets{before.facets, before})
	}
	if after != nil {
		s.order.Set(after)
		s.count(after, 1)
		for _, room := range after.inRooms() {
			s.rooms.Set(inRoom{room, after})
		}
		if after.Position.Phase != custody.Transit {
			s.stays.Set(inRoom{after.Position.Room, after})
		}
		s.facets.Set(inFacets{after.facets, after})
	}
	for _, f := range [...]*standing{before, after} {
		if f != nil {
			s.look(s.stays, f.Position.Room, nil)
		}
	}
}

// count counts a file n times; n is 1 or -1.
func (s standings) count(f *standing, n int) {
	var c counts
	c.add(f, n)
	s.whole(f.facets, c)
	t := &tally{f.facets, c}
	if was, ok := s.tallies.Get(t); ok {
		t.counts = was.plus(c)
	}
	if t.counts[countAll] == 0 {
		s.tallies.Delete(t)
	} else {
		s.tallies.Set(t)
	}
}

// inRooms is the rooms that list the file.
func (s *standing) inRooms() []custody.RoomID {
	if pos := s.Position; pos.Phase == custody.Transit && pos.ToRoom != pos.Room {
		return []custody.RoomID{pos.Room, pos.ToRoom}
	}
	return []custody.RoomID{s.Position.Room}
}

// Snapshot is positions at one moment. It is shared: do not change it.
type Snapshot struct {
	standings
	Seq     int64
	Edition int64     // raised by every change, also by one that is not on the feed
	AsOf    time.Time // when the ledger last answered
}

// Overdue reports whether a file is overdue at an instant.
func Overdue(r *custody.Row, now time.Time) bool {
	return r.Position.Breached || !r.Position.Deadline.IsZero() && r.Position.Deadline.Before(now)
}

// Rank orders rows: what is overdue longest first, what has no clock last. A file
// that is overdue has a deadline in the past, so time alone is enough.
func Rank(r *custody.Row) int64 {
	if r.Position.Deadline.IsZero() {
		return 1 << 40
	}
	return r.Position.Deadline.Unix()
}
