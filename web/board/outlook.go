package board

import (
	"cmp"
	"container/heap"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/tidwall/btree"

	"harkara/internal/custody"
	"harkara/internal/people"
)

// sums is how many files are seen: whole, of every department, "", and of each; in each
// room; and where others are of which no more is seen.
type sums struct {
	departments map[custody.DepartmentID]counts
	crowds      map[custody.RoomID]Crowd
	greys       map[place]int
}

// place is where files are, or between what rooms.
type place struct {
	class    custody.Class
	room, to custody.RoomID
	transit  bool
}

func newSums() sums {
	return sums{map[custody.DepartmentID]counts{}, map[custody.RoomID]Crowd{}, map[place]int{}}
}

func (s sums) copy() sums {
	return sums{maps.Clone(s.departments), maps.Clone(s.crowds), maps.Clone(s.greys)}
}

// see counts files of the same facets as somebody sees them.
func (s sums) see(as people.Seen, f people.Facets, c counts) {
	switch as {
	case people.Whole:
		s.whole(f, c)
	case people.Grey:
		s.crowd(f, counts{countAll: c[countAll]})
		at := place{f.Class, f.Room, f.ToRoom, f.Transit}
		if s.greys[at] += c[countAll]; s.greys[at] == 0 {
			delete(s.greys, at)
		}
	}
}

func (s sums) whole(f people.Facets, c counts) {
	s.departments[""] = s.departments[""].plus(c)
	if f.Department != "" {
		s.departments[f.Department] = s.departments[f.Department].plus(c)
	}
	s.crowd(f, c)
}

// crowd counts files where they are.
func (s sums) crowd(f people.Facets, c counts) {
	if !f.Transit {
		at := s.crowds[f.Room]
		at.Here += c[countAll]
		at.Overdue += c[countOverdue]
		at.Soon += c[countSoon]
		s.crowds[f.Room] = at
		return
	}
	if f.Room != f.ToRoom { // else it comes back to where it left
		from := s.crowds[f.Room]
		from.Leaving += c[countAll]
		s.crowds[f.Room] = from
	}
	to := s.crowds[f.ToRoom]
	to.Coming += c[countAll]
	to.LateComing += c[countOverdue]
	s.crowds[f.ToRoom] = to
}

// look finds who lies longest in a room of those that are seen whole; nil eyes see all.
func (s sums) look(stays *btree.BTreeG[inRoom], room custody.RoomID, eyes *people.Eyes) {
	c := s.crowds[room]
	c.Oldest = time.Time{}
	stays.Ascend(inRoom{room: room}, func(f inRoom) bool {
		if f.room != room {
			return false
		}
		if eyes != nil && eyes.Of(f.facets) != people.Whole {
			return true
		}
		c.Oldest = f.Position.Since
		return false
	})
	s.crowds[room] = c
}

// grey is how many files are seen of which no more is seen than that.
func (s sums) grey() (n int) {
	for _, of := range s.greys {
		n += of
	}
	return n
}

// Outlook is positions as somebody may see them: no page gets at others. It is one
// request's, or the board's while it publishes.
type Outlook struct {
	Snapshot
	eyes *people.Eyes
	kept *sums // nil: not counted yet
}

// As is positions as who has a sight may see them.
func (s Snapshot) As(sight people.Sight) *Outlook { return s.by(sight.Eyes()) }

func (s Snapshot) by(eyes *people.Eyes) *Outlook {
	o := &Outlook{Snapshot: s, eyes: eyes}
	if eyes.Everything() {
		o.kept = &o.Snapshot.sums
	}
	return o
}

// Eyes are those that look.
func (o *Outlook) Eyes() *people.Eyes { return o.eyes }

// counted counts what is seen by the facets that there are, of which there are fewer than
// files.
func (o *Outlook) counted() sums {
	if o.kept != nil {
		return *o.kept
	}
	s := newSums()
	for t := range o.tallied() {
		s.see(o.eyes.Of(t.Facets), t.Facets, t.counts)
	}
	for room, c := range s.crowds {
		if c.Here > 0 {
			s.look(o.stays, room, o.eyes)
		}
	}
	o.kept = &s
	return s
}

// follow takes in what changed.
func (o *Outlook) follow(list []moved) {
	for _, m := range list {
		for _, f := range [...]struct {
			*standing
			n int
		}{{m.before, -1}, {m.after, 1}} {
			if f.standing == nil {
				continue
			}
			var c counts
			c.add(f.standing, f.n)
			o.kept.see(o.eyes.Of(f.facets), f.facets, c)
		}
		for _, f := range [...]*standing{m.before, m.after} {
			if f != nil && o.eyes.Of(f.facets) == people.Whole {
				o.kept.look(o.stays, f.Position.Room, o.eyes)
			}
		}
	}
}

func (o *Outlook) tallied() iter.Seq[*tally] {
	return func(yield func(*tally) bool) { o.tallies.Scan(yield) }
}

// sees reports whether a file is seen whole; nil is not.
func (o *Outlook) sees(f *standing) bool {
	return f != nil && (o.eyes.Everything() || o.eyes.Of(f.facets) == people.Whole)
}

// all is every open file that is seen whole; by deadline, those without a clock last, where
// that is asked for. Who sees a part of the office does not walk over the rest of it.
func (o *Outlook) all(ordered bool) iter.Seq[*standing] {
	return func(yield func(*standing) bool) {
		if o.eyes.Wide() {
			o.order.Scan(func(f *standing) bool { return !o.sees(f) || yield(f) })
			return
		}
		merge := cursors{}
		for t := range o.tallied() {
			switch {
			case o.eyes.Of(t.Facets) != people.Whole:
			case ordered:
				merge.add(o.facets, t.Facets)
			default:
				for f := range o.of(t.Facets) {
					if !yield(f) {
						return
					}
				}
			}
		}
		heap.Init(&merge)
		for len(merge) > 0 && yield(merge[0].f.standing) {
			merge.next()
		}
	}
}

// cursor walks over the files of some facets, by deadline.
type cursor struct {
	at btree.IterG[inFacets]
	f  inFacets
}

// cursors is a heap of them: the one whose file comes first is its first.
type cursors []cursor

func (c *cursors) add(tree *btree.BTreeG[inFacets], facets people.Facets) {
	at := tree.Iter()
	if at.Seek(inFacets{Facets: facets}) {
		*c = append(*c, cursor{at, at.Item()})
	}
}

// next goes on to the file after the first.
func (c *cursors) next() {
	first := &(*c)[0]
	was := first.f.Facets
	if first.at.Next() {
		first.f = first.at.Item()
		if first.f.Facets == was {
			heap.Fix(c, 0)
			return
		}
	}
	heap.Pop(c)
}

func (c cursors) Len() int           { return len(c) }
func (c cursors) Less(i, j int) bool { return byDeadline(c[i].f.standing, c[j].f.standing) < 0 }
func (c cursors) Swap(i, j int)      { c[i], c[j] = c[j], c[i] }
func (c *cursors) Push(x any)        { *c = append(*c, x.(cursor)) }

func (c *cursors) Pop() any {
	last := len(*c) - 1
	x := (*c)[last]
	*c = (*c)[:last]
	return x
}

// of is the files of some facets, by deadline.
func (o *Outlook) of(facets people.Facets) iter.Seq[*standing] {
	return func(yield func(*standing) bool) {
		o.facets.Ascend(inFacets{Facets: facets}, func(f inFacets) bool { return f.Facets == facets && yield(f.standing) })
	}
}

// inRoom is the files that a room lists, in the same order.
func (o *Outlook) inRoom(room custody.RoomID) iter.Seq[*standing] {
	return func(yield func(*standing) bool) {
		o.rooms.Ascend(inRoom{room: room}, func(f inRoom) bool { return f.room == room && (!o.sees(f.standing) || yield(f.standing)) })
	}
}

// count counts the files that a question is about, filter by filter.
func (o *Outlook) count(q question) (c counts) {
	if q.plain() {
		return o.counted().departments[q.department]
	}
	for f := range o.all(false) {
		if q.fits(f) {
			c.add(f, 1)
		}
	}
	return c
}

// first returns the first files of one of a scope's lists, at most so many.
func (o *Outlook) first(sc Scope, list string, most int) (found []*standing) {
	q, skip := sc.question(), 0
	if sc.Page > 0 {
		skip = (sc.Page - 1) * ShownRows
		sc.Page = 0
	}
	if sc.View == OnBoard && !q.plain() {
		return o.best(sc, q, list, skip, most)
	}
	var files iter.Seq[*standing]
	if sc.View == OnRoom {
		files = o.inRoom(sc.Room)
	} else {
		most = min(most, o.counted().departments[q.department][sc.filter()]-skip)
		files = o.all(true)
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
func (o *Outlook) best(sc Scope, q question, list string, skip, most int) []*standing {
	var ranked [ranks][]*standing
	for f := range o.all(true) {
		if sc.list(q, f) != list {
			continue
		}
		if at := &ranked[q.rank(f.text.number)]; len(*at)-skip < most { // most may be all
			*at = append(*at, f)
		}
	}
	found := slices.Concat(ranked[:]...)
	found = found[min(skip, len(found)):]
	return found[:min(most, len(found))]
}

// Rows is every open file that is seen whole, by deadline, those without a clock last.
func (o *Outlook) Rows() iter.Seq[*custody.Row] {
	return func(yield func(*custody.Row) bool) {
		for f := range o.all(true) {
			if !yield(f.Row) {
				return
			}
		}
	}
}

// Len is how many they are.
func (o *Outlook) Len() int { return o.counted().departments[""][countAll] }

// InRoom is the files that a room lists, each with the name of its list, in the same order.
func (o *Outlook) InRoom(room custody.RoomID) iter.Seq2[string, *custody.Row] {
	sc := Scope{View: OnRoom, Room: room}
	return func(yield func(string, *custody.Row) bool) {
		for f := range o.inRoom(room) {
			if !yield(sc.list(sc.question(), f), f.Row) {
				return
			}
		}
	}
}

// First returns the first files of one of a scope's lists, at most so many.
func (o *Outlook) First(sc Scope, list string, most int) []*custody.Row {
	found := o.first(sc, list, most)
	rows := make([]*custody.Row, len(found))
	for i, f := range found {
		rows[i] = f.Row
	}
	return rows
}

// Crowds is what is in each room. It is shared: do not change it.
func (o *Outlook) Crowds() map[custody.RoomID]Crowd { return o.counted().crowds }

// Grey is files of which no more is seen than that they are there.
type Grey struct {
	Class   custody.Class  `json:"class"`
	Room    custody.RoomID `json:"room"`              // where they are; in transit where they left
	ToRoom  custody.RoomID `json:"to_room,omitempty"` // in transit
	Transit bool           `json:"transit,omitempty"`
	Count   int            `json:"count"`
}

// Greys are those of one of a scope's lists, in an order that says nothing of them. None
// is found by a search or stands under a department: either would tell more.
func (o *Outlook) Greys(sc Scope, list string) (found []Grey) {
	if sc.View == OnBoard && (sc.Show != filters[countAll].name || !sc.listsGreys()) {
		return nil
	}
	for at, n := range o.counted().greys {
		g := Grey{at.class, at.room, at.to, at.transit, n}
		if sc.View == OnBoard || sc.inRoom(at.transit, at.room, at.to) == list {
			found = append(found, g)
		}
	}
	slices.SortFunc(found, func(a, b Grey) int {
		return cmp.Or(cmp.Compare(a.Room, b.Room), cmp.Compare(a.ToRoom, b.ToRoom), cmp.Compare(a.Class, b.Class))
	})
	return found
}

// Total is one of the numbers on top of a board: how many files fit a filter, and how many
// more are there of which no more is seen.
type Total struct {
	Name        string
	Count, Grey int
}

// Totals counts the files of a scope, filter by filter.
func (o *Outlook) Totals(sc Scope) []Total { return o.totals(sc, o.count(sc.question())) }

func (o *Outlook) totals(sc Scope, c counts) []Total {
	out := make([]Total, len(filters))
	for i, f := range filters {
		out[i] = Total{Name: f.name, Count: c[i]}
	}
	if sc.listsGreys() {
		out[countAll].Grey = o.counted().grey()
	}
	return out
}
