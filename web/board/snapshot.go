package board

import (
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/tidwall/btree"

	"harkara/internal/custody"
)

// standings is every open file in order, counted. All of it is kept by what changes:
// nothing walks over every file but what looks for one.
type standings struct {
	order       *btree.BTreeG[*standing] // by deadline
	rooms       *btree.BTreeG[inRoom]    // the same, room by room
	stays       *btree.BTreeG[inRoom]    // who lies in each room, longest first
	departments map[custody.DepartmentID]counts
	crowds      map[custody.RoomID]Crowd
}

// inRoom is a file in one of the lists of a room.
type inRoom struct {
	room custody.RoomID
	*standing
}

// Crowd is how many files are in a room, come or leave.
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
		departments: map[custody.DepartmentID]counts{}, crowds: map[custody.RoomID]Crowd{},
	}
}

// copy is the same at this moment: what changes later changes one of them.
func (s standings) copy() standings {
	return standings{s.order.IsoCopy(), s.rooms.IsoCopy(), s.stays.IsoCopy(), maps.Clone(s.departments), maps.Clone(s.crowds)}
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
	}
	for _, f := range [...]*standing{before, after} {
		if f != nil {
			s.lookOldest(f.Position.Room)
		}
	}
}

// lookOldest finds who lies longest in a room.
func (s standings) lookOldest(room custody.RoomID) {
	c := s.crowds[room]
	c.Oldest = time.Time{}
	s.stays.Ascend(inRoom{room: room}, func(f inRoom) bool {
		if f.room == room {
			c.Oldest = f.Position.Since
		}
		return false
	})
	s.crowds[room] = c
}

func (s standings) count(f *standing, n int) {
	for _, department := range [...]custody.DepartmentID{"", f.File.Department} {
		c := s.departments[department]
		c.add(f, n)
		s.departments[department] = c
		if f.File.Department == "" {
			break
		}
	}
	pos := f.Position
	if pos.Phase == custody.Transit {
		from, to := s.crowds[pos.Room], s.crowds[pos.ToRoom]
		if pos.Room == pos.ToRoom { // it comes back to where it left
			to.Coming += n
		} else {
			from.Leaving += n
			to.Coming += n
			s.crowds[pos.Room] = from
		}
		if f.late {
			to.LateComing += n
		}
		s.crowds[pos.ToRoom] = to
		return
	}
	c := s.crowds[pos.Room]
	c.Here += n
	switch {
	case f.late:
		c.Overdue += n
	case f.soon():
		c.Soon += n
	}
	s.crowds[pos.Room] = c
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

// all is every open file by deadline, those without a clock last.
func (s Snapshot) all() iter.Seq[*standing] {
	return func(yield func(*standing) bool) { s.order.Scan(yield) }
}

// inRoom is the files that a room lists, in the same order.
func (s Snapshot) inRoom(room custody.RoomID) iter.Seq[*standing] {
	return func(yield func(*standing) bool) {
		s.rooms.Ascend(inRoom{room: room}, func(f inRoom) bool { return f.room == room && yield(f.standing) })
	}
}

// counted counts the files that a question is about, filter by filter.
func (s Snapshot) counted(q question) (c counts) {
	if q.plain() {
		return s.departments[q.department]
	}
	for f := range s.all() {
		if q.fits(f) {
			c.add(f, 1)
		}
	}
	return c
}

// first returns the first files of one of a scope's lists, at most so many, without
// looking further than where they end.
func (s Snapshot) first(sc Scope, list string, most int) (found []*standing) {
	q, skip := sc.question(), 0
	if sc.Page > 0 {
		skip = (sc.Page - 1) * ShownRows
		sc.Page = 0
	}
	if sc.View == OnBoard && !q.plain() {
		return s.best(sc, q, list, skip, most)
	}
	files := s.all()
	if sc.View == OnRoom {
		files = s.inRoom(sc.Room)
	} else if q.plain() {
		most = min(most, s.departments[q.department][sc.filter()]-skip)
	}
	if most <= 0 {
		return nil
	}
	for f := range files {
		if sc.list(q, f) != list {
			continue
		}
		if skip--; skip >= 0 {
			continue
		}
		if found = append(found, f); len(found) == most {
			break
		}
	}
	return found
}

// best returns what fits a search best, without the first ones. Each file is ranked once,
// and of no rank are more kept than are asked for.
func (s Snapshot) best(sc Scope, q question, list string, skip, most int) []*standing {
	var ranked [ranks][]*standing
	for f := range s.all() {
		if sc.list(q, f) != list {
			continue
		}
		if at := &ranked[q.rank(f.text.number)]; len(*at) < skip+most {
			*at = append(*at, f)
		}
	}
	found := slices.Concat(ranked[:]...)
	found = found[min(skip, len(found)):]
	return found[:min(most, len(found))]
}

// Rows is every open file by deadline, those without a clock last.
func (s Snapshot) Rows() iter.Seq[*custody.Row] {
	return func(yield func(*custody.Row) bool) { s.order.Scan(func(f *standing) bool { return yield(f.Row) }) }
}

// Len is how many they are.
func (s Snapshot) Len() int { return s.order.Len() }

// InRoom is the files that a room lists, each with the name of its list, in the same order.
func (s Snapshot) InRoom(room custody.RoomID) iter.Seq2[string, *custody.Row] {
	sc := Scope{View: OnRoom, Room: room}
	return func(yield func(string, *custody.Row) bool) {
		for f := range s.inRoom(room) {
			if !yield(sc.list(sc.question(), f), f.Row) {
				return
			}
		}
	}
}

// First returns the first files of one of a scope's lists, at most so many.
func (s Snapshot) First(sc Scope, list string, most int) []*custody.Row {
	found := s.first(sc, list, most)
	rows := make([]*custody.Row, len(found))
	for i, f := range found {
		rows[i] = f.Row
	}
	return rows
}

// Crowds is what is in each room. It is shared: do not change it.
func (s Snapshot) Crowds() map[custody.RoomID]Crowd { return s.crowds }

// Total is one of the numbers on top of a board: how many files fit a filter.
type Total struct {
	Name  string
	Count int
}

// Totals counts the files of a scope, filter by filter.
func (s Snapshot) Totals(sc Scope) []Total { return s.counted(sc.question()).totals() }

func (c counts) totals() []Total {
	out := make([]Total, len(filters))
	for i, f := range filters {
		out[i] = Total{f.name, c[i]}
	}
	return out
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
