package board

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/people"
)

var monday = time.Date(2026, 1, 12, 9, 0, 0, 0, time.UTC)

// rowsOnly is a ledger's registry and feed as rows that a test writes.
type rowsOnly struct {
	rows   map[label.Code]custody.Row
	events []custody.Event
	boards int // how often every open file was read

	waiting custody.Waiting // of the people's lane
}

func (l *rowsOnly) set(row custody.Row) {
	l.rows[row.File.Code] = row
	l.events = append(l.events, custody.Event{Seq: int64(len(l.events)) + 1, Row: custody.Row{File: row.File}})
}

func (l *rowsOnly) Board(context.Context) (open []custody.Row, seq int64, err error) {
	l.boards++
	for _, row := range l.rows {
		if row.Position.Phase != custody.Ended {
			open = append(open, row)
		}
	}
	return open, int64(len(l.events)), nil
}

func (l *rowsOnly) Feed(_ context.Context, after int64, limit int) ([]custody.Event, error) {
	events := slices.Clone(l.events[after:min(int(after)+limit, len(l.events))])
	for i := range events {
		events[i].Row = l.rows[events[i].Row.File.Code]
	}
	return events, nil
}

func (l *rowsOnly) Waiting(context.Context) (map[label.Code]int, error) {
	pending := map[label.Code]int{}
	for code, row := range l.rows {
		if row.Pending > 0 && row.Position.Phase != custody.Ended {
			pending[code] = row.Pending
		}
	}
	return pending, nil
}

func (l *rowsOnly) Lanes(context.Context) (w custody.Lanes[custody.Waiting], err error) {
	w[custody.People] = l.waiting
	return w, nil
}

func (l *rowsOnly) Watch() (<-chan struct{}, func()) { return nil, func() {} }

// drawRow is any row of a file.
func drawRow(t *rapid.T, now time.Time) custody.Row {
	rooms, desks := rapid.SampledFrom([]custody.RoomID{"a", "b", "c"}), rapid.SampledFrom([]custody.DeskID{"fin-so", "fin-ri", "hea-so"})
	n := rapid.IntRange(1, 12).Draw(t, "file")
	row := custody.Row{
		File: custody.File{
			Code: label.New(label.File, uint64(n)), Number: fmt.Sprintf("SO(%d) %d/2026", n%3, n),
			Subject:    rapid.SampledFrom([]string{"Water supply", "پانی", "Roads"}).Draw(t, "subject"),
			Department: rapid.SampledFrom([]custody.DepartmentID{"fin", "hea"}).Draw(t, "department"),
			Class:      rapid.SampledFrom([]custody.Class{custody.Ordinary, custody.Ordinary, custody.Confidential, custody.Secret}).Draw(t, "class"),
		},
		Position: custody.Position{
			Phase: rapid.SampledFrom([]custody.Phase{custody.Held, custody.Held, custody.Transit, custody.Ended}).Draw(t, "phase"),
			Room:  rooms.Draw(t, "room"), Desk: desks.Draw(t, "desk"), From: desks.Draw(t, "from"), Rung: rapid.SampledFrom([]int{0, 75}).Draw(t, "rung"),
			Since: now.Add(-time.Duration(rapid.IntRange(0, 9).Draw(t, "stay")) * time.Hour), OffRoute: rapid.Bool().Draw(t, "off route"), Missing: rapid.Bool().Draw(t, "missing"),
		},
		Pending: rapid.IntRange(0, 1).Draw(t, "pending"), Quarantined: rapid.IntRange(0, 5).Draw(t, "stuck") == 0,
	}
	if row.Position.Phase == custody.Transit {
		row.Position.ToRoom, row.Position.To = rooms.Draw(t, "to"), desks.Draw(t, "to desk")
	}
	if rapid.Bool().Draw(t, "clock") {
		row.Position.Deadline = now.Add(time.Duration(rapid.IntRange(-3000, 9000).Draw(t, "deadline")) * time.Millisecond)
	}
	row.Position.Breached = rapid.IntRange(0, 4).Draw(t, "breached") == 0
	return row
}

// office has two departments: rooms a and c are Finance's, b is Health's.
var office = &custody.Office{
	Rooms:    []custody.Room{{ID: "a", Department: "fin"}, {ID: "b", Department: "hea"}, {ID: "c", Department: "fin"}},
	Posts:    []custody.Post{{ID: "fin-so", Department: "fin"}, {ID: "hea-so", Department: "hea"}},
	Desks:    []custody.Desk{{ID: "fin-ri", Room: "a"}, {ID: "fin-so", Room: "c", Post: "fin-so"}, {ID: "hea-so", Room: "b", Post: "hea-so"}},
	Officers: []custody.Officer{{ID: "gul", Post: "fin-so"}},
}

// sights are of who sees everything, of who sees the office but is cleared for nothing, and
// of officers of one department.
func sights() []people.Sight {
	see := func(p people.Person) people.Sight { return p.Principal(office, monday).Sight }
	return []people.Sight{
		people.Office,
		see(people.Person{Grants: []people.Grant{{Role: people.Auditor}}}),
		see(people.Person{Officer: "gul"}),
		see(people.Person{Officer: "gul", Grants: []people.Grant{{Role: people.Officer, Clearance: custody.Confidential}}}),
		{},
	}
}

// Whatever happens and in whatever order, what is kept by what changed is what
// counting every file again gives, for pages and for those who watch.
func TestCountsAreKeptByWhatChanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := monday
		l := &rowsOnly{rows: map[label.Code]custody.Row{}}
		for range rapid.IntRange(0, 5).Draw(t, "files before") {
			l.set(drawRow(t, now))
		}
		p := newPositions(l, l, func() time.Time { return now })
		feed := &Board{positions: p, audiences: map[Key]*audience{}, onlookers: map[people.Sight]*Outlook{}}
		var watched []Key
		for _, sight := range sights() {
			for _, sc := range []Scope{
				{View: OnBoard, Show: "all"},
				{View: OnBoard, Show: "overdue", Department: "fin"},
				{View: OnBoard, Show: "waiting", Search: "water"},
				{View: OnBoard, Show: "soon", Search: "so 1", Department: "hea"},
				{View: OnRoom, Room: "a"},
				{View: OnRoom, Room: "b"},
			} {
				watched = append(watched, Key{Scope: sc, Sight: sight})
			}
		}
		pages := map[Key]map[label.Code]string{} // what those who watch have on their pages: the list of each file
		catchUp := func() {
			if err := p.catchUp(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := p.recount(t.Context(), true); err != nil {
				t.Fatal(err)
			}
			list, snap := p.take()
			feed.show(list, snap)
			for _, k := range watched {
				told, o := feed.audiences[k], feed.onlooker(k.Sight)
				if told == nil {
					told = feed.audience(k)
					pages[k] = map[label.Code]string{}
					for f := range o.all(true) {
						pages[k][f.File.Code] = k.list(told.asks, f)
					}
					continue
				}
				told.count(o, list)
				deltas, err := feed.rows(bare{}, k.Scope, o, told.asks, list)
				if err != nil {
					t.Fatal(err)
				}
				moves := map[label.Code]string{}
				for _, m := range list {
					if o.sees(m.after) {
						moves[m.code] = k.list(told.asks, m.after)
					}
				}
				for _, d := range deltas {
					code := label.Code(d.ID[1:])
					if d.HTML == "" && pages[k][code] == "" {
						t.Fatalf("%+v: is told of %s, which was never on the page", k, code)
					}
					delete(pages[k], code)
					if d.HTML != "" {
						pages[k][code] = moves[code]
					}
				}
			}
		}
		catchUp()
		t.Repeat(map[string]func(*rapid.T){
			"": func(t *rapid.T) {
				var open []*standing // counted again
				for _, row := range l.rows {
					if row.Position.Phase != custody.Ended {
						open = append(open, standingOf(&row, nil, now))
					}
				}
				slices.SortFunc(open, byDeadline)
				for _, k := range watched {
					check(t, feed, k, pages[k], open)
				}
				if l.boards != 1 {
					t.Fatalf("every open file was read %d times", l.boards)
				}
			},
			"move": func(t *rapid.T) {
				for range rapid.IntRange(1, 3).Draw(t, "files") {
					l.set(drawRow(t, now))
				}
				catchUp()
			},
			"wait":     func(*rapid.T) { now = now.Add(1300 * time.Millisecond); catchUp() },
			"set back": func(*rapid.T) { now = now.Add(-2 * time.Second); catchUp() },
			"store": func(t *rapid.T) {
				for _, code := range slices.Sorted(maps.Keys(l.rows)) {
					row := l.rows[code]
					row.Pending = rapid.IntRange(0, 2).Draw(t, "pending")
					l.rows[code] = row
				}
				catchUp()
			},
		})
	})
}

// check compares what is kept for a key with every open file, counted again.
func check(t *rapid.T, feed *Board, k Key, page map[label.Code]string, every []*standing) {
	sc, q, eyes, watching := k.Scope, k.question(), k.Sight.Eyes(), feed.onlooker(k.Sight)
	var want counts
	var open []*standing
	lists, onPage, greys := map[string][]label.Code{}, map[string]int{}, map[string]int{}
	for _, f := range every {
		switch as := eyes.Of(f.facets); {
		case as == people.Whole:
			open = append(open, f)
		case as == people.Grey && sc.View == OnRoom:
			greys[sc.list(q, f)]++
		case as == people.Grey:
			greys["rows"]++
		}
	}
	slices.SortStableFunc(open, func(a, b *standing) int { return cmp.Compare(sc.Order(a.Row), sc.Order(b.Row)) })
	for _, f := range open {
		if q.fits(f) {
			want.add(f, 1)
		}
		name := sc.list(q, f)
		lists[name] = append(lists[name], f.File.Code)
		if got := page[f.File.Code]; got != name {
			t.Fatalf("%+v: who watches has %s in %q, it is in %q", sc, f.File.Code, got, name)
		}
	}
	for _, name := range page {
		onPage[name]++
	}
	painted := feed.shown.As(k.Sight)
	for who, o := range map[string]*Outlook{"watches": watching, "asks": painted} {
		if got := o.count(q); sc.View == OnBoard && got != want {
			t.Fatalf("%+v: who %s has %v counted, are %v", sc, who, got, want)
		}
		crowd := o.Crowds()[sc.Room]
		if at, late := crowdOf(open, sc.Room); sc.View == OnRoom && (!at.Equal(crowd.Oldest) || late != crowd.LateComing) {
			t.Fatalf("%s: oldest since %v, %d late to come; are %v, %d", sc.Room, crowd.Oldest, crowd.LateComing, at, late)
		}
		for name, tally := range map[string]int{"rows": want[max(0, sc.filter())], "here": crowd.Here, "coming": crowd.Coming, "leaving": crowd.Leaving} {
			if (sc.View == OnBoard) != (name == "rows") {
				continue
			}
			var got []label.Code
			for _, f := range o.first(sc, name, ShownRows) {
				got = append(got, f.File.Code)
			}
			hidden := 0
			for _, g := range o.Greys(sc, name) {
				hidden += g.Count
			}
			if sc.View == OnRoom {
				tally -= hidden
			}
			if !slices.Equal(got, lists[name]) || tally != len(got) || onPage[name] != len(got) {
				t.Fatalf("%+v: who %s has %v in %s, counted %d, on the page %d; are %v", sc, who, got, name, tally, onPage[name], lists[name])
			}
			if shown := sc.View == OnRoom || sc.Show == "all"; shown && hidden != greys[name] {
				t.Fatalf("%+v: who %s is told of %d more in %s; are %d", sc, who, hidden, name, greys[name])
			}
		}
	}
	if got := feed.audiences[k].counts(watching); sc.View == OnBoard && got != want {
		t.Fatalf("%+v: those who watch are told %v, are %v", sc, got, want)
	}
}

// What happened beside the feed, a stored command or a deadline, reaches also a page
// that was painted before it and comes for its feed after.
func TestSilentChangesReachWhoJoinsLater(t *testing.T) {
	now := monday
	l := &rowsOnly{rows: map[label.Code]custody.Row{}}
	row := custody.Row{File: custody.File{Code: label.New(label.File, 1)}, Position: custody.Position{Phase: custody.Held, Room: "a", Deadline: monday.Add(time.Hour)}}
	l.set(row)
	b := newBoard(l, &now)
	painted, err := b.Latest(t.Context(), people.Office)
	if err != nil {
		t.Fatal(err)
	}
	step := func(name string, want bool) {
		t.Helper()
		was := b.Known(people.Office).Edition
		b.Follow(t.Context(), true)
		list, known := b.positions.since(painted.Seq)
		if got := slices.ContainsFunc(list, func(m moved) bool { return m.code == row.File.Code }); !known || got != want {
			t.Errorf("%s: told %v, known %v", name, got, known)
		}
		if changed := b.Known(people.Office).Edition != was; changed != want {
			t.Errorf("%s: the edition is another: %v", name, changed)
		}
	}
	step("nothing happened", false)
	l.waiting = custody.Waiting{Commands: 1, Since: now}
	row.Pending = 1
	l.rows[row.File.Code] = row
	now = now.Add(time.Minute)
	step("a command waits", true)
	if painted, err = b.Latest(t.Context(), people.Office); err != nil {
		t.Fatal(err)
	}
	l.waiting, row.Pending = custody.Waiting{}, 0
	l.set(row)
	if painted, err = b.Latest(t.Context(), people.Office); err != nil {
		t.Fatal(err)
	}
	step("it is decided, and the page is painted", false)
	now = now.Add(48 * time.Hour)
	step("a deadline is over", true)
}

// manyRows is an office with so many open files.
func manyRows(n int) *rowsOnly {
	l := &rowsOnly{rows: map[label.Code]custody.Row{}}
	for i := range n {
		l.set(custody.Row{
			File: custody.File{
				Code: label.New(label.File, uint64(i)), Number: fmt.Sprintf("SO(Dev-%d) %d-%d/2026", i%40, i%97, i), Department: custody.DepartmentID(fmt.Sprint(i % 6)),
				Subject: []string{"Repair of the water supply scheme", "بجٹ برائے مالی سال", "Posting and transfer of teachers"}[i%3],
			},
			Position: custody.Position{Phase: custody.Held, Room: custody.RoomID(fmt.Sprint(i % 40)), Deadline: monday.Add(time.Duration(i) * time.Second)},
		})
	}
	return l
}

// BenchmarkBoard is what a board of 40,000 files costs where they are kept: a search
// that finds nothing, the first rows of one that finds all, those of a filter, a change, and a snapshot after it.
func BenchmarkBoard(b *testing.B) {
	const files = 40_000
	l := manyRows(files)
	p := newPositions(l, l, func() time.Time { return monday })
	if err := p.catchUp(b.Context()); err != nil {
		b.Fatal(err)
	}
	snap := p.snapshot()
	b.Run("search", func(b *testing.B) {
		for b.Loop() {
			snap.As(people.Office).count(ask("", "no such thing"))
		}
	})
	b.Run("found", func(b *testing.B) {
		for b.Loop() {
			snap.As(people.Office).first(Scope{View: OnBoard, Show: "all", Search: "SO(Dev"}, "rows", ShownRows)
		}
	})
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			snap.As(people.Office).first(Scope{View: OnBoard, Show: "all", Department: "3"}, "rows", ShownRows)
		}
	})
	of := &custody.Office{Departments: []custody.Department{{ID: "3"}}}
	for n := range 40 {
		of.Rooms = append(of.Rooms, custody.Room{ID: custody.RoomID(fmt.Sprint(n)), Department: custody.DepartmentID(fmt.Sprint(n % 6))})
	}
	of.Sort()
	for who, g := range map[string]people.Grant{
		"all of it": {Role: people.Auditor, Clearance: custody.Secret}, "all that is ordinary": {Role: people.Auditor}, "a department": {Role: people.Clerk, Department: "3"},
	} {
		sight := people.Person{Grants: []people.Grant{g}}.Principal(of, monday).Sight
		b.Run("look at "+who, func(b *testing.B) {
			for b.Loop() {
				o := snap.As(sight)
				o.Totals(Scope{View: OnBoard, Show: "all"})
				o.first(Scope{View: OnBoard, Show: "all"}, "rows", ShownRows)
				o.Crowds()
			}
		})
	}
	b.Run("change", func(b *testing.B) {
		n := 0
		for b.Loop() {
			row := l.rows[label.New(label.File, uint64(n%files))]
			row.Position.Deadline = row.Position.Deadline.Add(time.Hour)
			p.mu.Lock()
			p.apply(p.seq+1, row)
			p.mu.Unlock()
			n++
		}
	})
	b.Run("snapshot", func(b *testing.B) {
		n := 0
		for b.Loop() {
			p.mu.Lock()
			p.apply(p.seq+1, l.rows[label.New(label.File, uint64(n%files))])
			p.mu.Unlock()
			p.snapshot()
			n++
		}
	})
	b.Run("load", func(b *testing.B) {
		for b.Loop() {
			p := newPositions(l, l, func() time.Time { return monday })
			if err := p.catchUp(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// crowdOf is since when the file lies in a room that does so longest, and how many late
// ones are on their way to it.
func crowdOf(open []*standing, room custody.RoomID) (oldest time.Time, late int) {
	for _, f := range open {
		switch pos := f.Position; {
		case pos.Phase == custody.Transit:
			if pos.ToRoom == room && f.late {
				late++
			}
		case pos.Room == room && (oldest.IsZero() || pos.Since.Before(oldest)):
			oldest = pos.Since
		}
	}
	return oldest, late
}
