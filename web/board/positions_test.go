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
	rooms := rapid.SampledFrom([]custody.RoomID{"a", "b", "c"})
	n := rapid.IntRange(1, 12).Draw(t, "file")
	row := custody.Row{
		File: custody.File{
			Code: label.New(label.File, uint64(n)), Number: fmt.Sprintf("SO(%d) %d/2026", n%3, n),
			Subject:    rapid.SampledFrom([]string{"Water supply", "پانی", "Roads"}).Draw(t, "subject"),
			Department: rapid.SampledFrom([]custody.DepartmentID{"fin", "hea"}).Draw(t, "department"),
		},
		Position: custody.Position{
			Phase: rapid.SampledFrom([]custody.Phase{custody.Held, custody.Held, custody.Transit, custody.Ended}).Draw(t, "phase"),
			Room:  rooms.Draw(t, "room"), Rung: rapid.SampledFrom([]int{0, 75}).Draw(t, "rung"),
			Since: now.Add(-time.Duration(rapid.IntRange(0, 9).Draw(t, "stay")) * time.Hour), OffRoute: rapid.Bool().Draw(t, "off route"), Missing: rapid.Bool().Draw(t, "missing"),
		},
		Pending: rapid.IntRange(0, 1).Draw(t, "pending"), Quarantined: rapid.IntRange(0, 5).Draw(t, "stuck") == 0,
	}
	if row.Position.Phase == custody.Transit {
		row.Position.ToRoom = rooms.Draw(t, "to")
	}
	if rapid.Bool().Draw(t, "clock") {
		row.Position.Deadline = now.Add(time.Duration(rapid.IntRange(-3000, 9000).Draw(t, "deadline")) * time.Millisecond)
	}
	row.Position.Breached = rapid.IntRange(0, 4).Draw(t, "breached") == 0
	return row
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
		feed := &Board{positions: p, audiences: map[Key]*audience{}}
		scopes := []Scope{
			{View: OnBoard, Show: "all"},
			{View: OnBoard, Show: "overdue", Department: "fin"},
			{View: OnBoard, Show: "waiting", Search: "water"},
			{View: OnBoard, Show: "soon", Search: "so 1", Department: "hea"},
			{View: OnRoom, Room: "a"},
			{View: OnRoom, Room: "b"},
		}
		pages := map[Key]map[label.Code]string{} // what those who watch have on their pages: the list of each file
		catchUp := func() {
			if err := p.catchUp(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := p.recount(t.Context(), true); err != nil {
				t.Fatal(err)
			}
			var list []moved
			list, feed.shown = p.take()
			for _, sc := range scopes {
				k := Key{Scope: sc}
				told := feed.audiences[k]
				if told == nil {
					told = feed.audience(k)
					pages[k] = map[label.Code]string{}
					for f := range feed.shown.all() {
						pages[k][f.File.Code] = sc.list(told.asks, f)
					}
				} else {
					told.count(list)
					for _, m := range list {
						pages[k][m.code] = sc.list(told.asks, m.after)
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
				for _, sc := range scopes {
					q := sc.question()
					var want counts
					open := slices.SortedStableFunc(slices.Values(open), func(a, b *standing) int { return cmp.Compare(sc.Order(a.Row), sc.Order(b.Row)) })
					lists, onPage := map[string][]label.Code{}, map[string]int{}
					for _, f := range open {
						if q.fits(f) {
							want.add(f, 1)
						}
						name := sc.list(q, f)
						lists[name] = append(lists[name], f.File.Code)
						if got := pages[Key{Scope: sc}][f.File.Code]; got != name {
							t.Fatalf("%+v: who watches has %s in %q, it is in %q", sc, f.File.Code, got, name)
						}
					}
					for _, name := range pages[Key{Scope: sc}] {
						onPage[name]++
					}
					if sc.View == OnBoard {
						if got := feed.shown.counted(q); got != want {
							t.Fatalf("%+v: counted %v, are %v", sc, got, want)
						}
						if got := feed.counted(feed.audiences[Key{Scope: sc}]); got != want {
							t.Fatalf("%+v: those who watch are told %v, are %v", sc, got, want)
						}
					}
					crowd := feed.shown.crowds[sc.Room]
					if at, late := crowdOf(open, sc.Room); sc.View == OnRoom && (!at.Equal(crowd.Oldest) || late != crowd.LateComing) {
						t.Fatalf("%s: oldest since %v, %d late to come; are %v, %d", sc.Room, crowd.Oldest, crowd.LateComing, at, late)
					}
					for name, tally := range map[string]int{"rows": want[max(0, sc.filter())], "here": crowd.Here, "coming": crowd.Coming, "leaving": crowd.Leaving} {
						if (sc.View == OnBoard) != (name == "rows") {
							continue
						}
						var got []label.Code
						for _, f := range feed.shown.first(sc, name, ShownRows) {
							got = append(got, f.File.Code)
						}
						if !slices.Equal(got, lists[name]) || tally != len(got) || onPage[name] != len(got) {
							t.Fatalf("%+v: %s has %v, counted %d, on the page %d; are %v", sc, name, got, tally, onPage[name], lists[name])
						}
					}
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

// What happened beside the feed, a stored command or a deadline, reaches also a page
// that was painted before it and comes for its feed after.
func TestSilentChangesReachWhoJoinsLater(t *testing.T) {
	now := monday
	l := &rowsOnly{rows: map[label.Code]custody.Row{}}
	row := custody.Row{File: custody.File{Code: label.New(label.File, 1)}, Position: custody.Position{Phase: custody.Held, Room: "a", Deadline: monday.Add(time.Hour)}}
	l.set(row)
	b := newBoard(l, &now)
	painted, err := b.Latest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	step := func(name string, want bool) {
		t.Helper()
		was := b.Known().Edition
		b.Follow(t.Context(), true)
		list, known := b.positions.since(painted.Seq)
		if got := slices.ContainsFunc(list, func(m moved) bool { return m.code == row.File.Code }); !known || got != want {
			t.Errorf("%s: told %v, known %v", name, got, known)
		}
		if changed := b.Known().Edition != was; changed != want {
			t.Errorf("%s: the edition is another: %v", name, changed)
		}
	}
	step("nothing happened", false)
	l.waiting = custody.Waiting{Commands: 1, Since: now}
	row.Pending = 1
	l.rows[row.File.Code] = row
	now = now.Add(time.Minute)
	step("a command waits", true)
	if painted, err = b.Latest(t.Context()); err != nil {
		t.Fatal(err)
	}
	l.waiting, row.Pending = custody.Waiting{}, 0
	l.set(row)
	if painted, err = b.Latest(t.Context()); err != nil {
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
			snap.counted(ask("", "no such thing"))
		}
	})
	b.Run("found", func(b *testing.B) {
		for b.Loop() {
			snap.first(Scope{View: OnBoard, Show: "all", Search: "SO(Dev"}, "rows", ShownRows)
		}
	})
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			snap.first(Scope{View: OnBoard, Show: "all", Department: "3"}, "rows", ShownRows)
		}
	})
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
