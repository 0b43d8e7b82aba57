package ledger

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"harkara/internal/custody"
	"harkara/internal/engine/postgres"
)

// recorded is one change as a model keeps it: what it says of the things that it touches,
// nil where they end.
type recorded struct {
	revision int64
	from     time.Time
	says     map[key]json.RawMessage
}

// history is the model of reference data: changes, in the order of their revisions.
type history []recorded

// asOf is the rule of reading: of each thing, what the highest revision says among
// those that are known and valid by then. Before the first change it is what that one said.
func (h history) asOf(at time.Time, revision int64) (custody.Office, map[key]json.RawMessage) {
	if at.Before(h[0].from) {
		at = h[0].from
	}
	all := map[key]json.RawMessage{}
	o := custody.Office{}
	for _, c := range h {
		if c.revision <= revision && !c.from.After(at) {
			maps.Copy(all, c.says)
			o.Revision = c.revision
		}
	}
	maps.DeleteFunc(all, func(_ key, body json.RawMessage) bool { return body == nil })
	for k, body := range all {
		if err := (&item{key: k, body: body}).assign(&o); err != nil {
			panic(err)
		}
	}
	o.Sort()
	return o, all
}

// edges are the instants from which something counts, from one on.
func (h history) edges(from time.Time) []time.Time {
	all := []time.Time{from}
	for _, c := range h {
		if c.from.After(from) {
			all = append(all, c.from)
		}
	}
	return all
}

// newest is the office after every change.
func (h history) newest() (custody.Office, map[key]json.RawMessage) {
	edges := h.edges(h[0].from)
	return h.asOf(slices.MaxFunc(edges, time.Time.Compare), h[len(h)-1].revision)
}

// fits is whether a change leaves an office that holds together at every instant of
// those that it touches.
func (h history) fits(c recorded) bool {
	h = append(slices.Clone(h), c)
	return !slices.ContainsFunc(h.edges(c.from), func(at time.Time) bool {
		o, _ := h.asOf(at, c.revision)
		return o.Validate() != nil
	})
}

// alter changes something of an office, so that it holds together as it is; with what it
// is at another time it need not.
func alter(t *rapid.T, o *custody.Office) {
	name := custody.Name{En: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "name")}
	switch rapid.IntRange(0, 7).Draw(t, "what") {
	case 0:
		o.Rooms[0].Name = name
	case 1:
		o.Posts[0].Name = name
	case 2:
		o.Policy.Transit = custody.Seconds(rapid.IntRange(60, 62).Draw(t, "transit"))
	case 3:
		o.Officers[0].Name = name
	case 4: // another in his place
		o.Officers[0].ID = custody.OfficerID("o-" + name.En)
	case 5:
		o.Holds = nil
	case 6:
		o.Departments = append(o.Departments[:1], custody.Department{ID: "law", Name: name})
		o.Posts = append(o.Posts[:1], custody.Post{ID: "p2", Name: name, Department: "law", Calendar: "always", Ladder: "l1", Budget: 60})
		o.Officers[0].Post = rapid.SampledFrom([]custody.PostID{"p1", "p2"}).Draw(t, "post")
	case 7: // that department is dissolved
		o.Departments, o.Posts, o.Officers[0].Post = o.Departments[:1], o.Posts[:1], "p1"
	}
}

// Changes of now and into the past, in any order, are read as the model reads them: as of
// any instant, as known now and at any revision; by who made them, and by another process
// that had read the office before. Nothing that is recorded changes.
func TestReferenceIsReadAsItWasKnown(t *testing.T) {
	o := open(t)
	other := connect(t, o.url(postgres.App))
	var refused, past, taken int
	set(t, o.store, sample())
	rows := written(t, o.store)
	first, err := things(sample())
	if err != nil {
		t.Fatal(err)
	}
	h := history{{1, newestFrom(t, o.store), first}} // of every round: the ledger is one
	rapid.Check(t, func(r *rapid.T) {
		office, have := h.newest()
		for range rapid.IntRange(1, 3).Draw(r, "alterations") {
			alter(r, &office)
		}
		want, err := things(office)
		if err != nil {
			r.Fatal(err)
		}
		c := recorded{revision: h[len(h)-1].revision + 1, says: map[key]json.RawMessage{}}
		for k := range want {
			if !sameJSON(have[k], want[k]) {
				c.says[k] = want[k]
			}
		}
		for k := range have {
			if want[k] == nil {
				c.says[k] = nil
			}
		}
		office.Revision = 0
		if rapid.Bool().Draw(r, "into the past") {
			edge := rapid.SampledFrom(h.edges(h[0].from)).Draw(r, "edge")
			c.from = edge.Add(time.Duration(rapid.IntRange(-2, 2).Draw(r, "off")) * time.Microsecond)
		}
		_, err = o.store.setOffice(t.Context(), office, c.from, Order{Who: "test", Reason: "because"})
		switch {
		case len(c.says) == 0:
			if err != nil {
				r.Fatal(err)
			}
		case !c.from.IsZero() && !h.fits(c):
			if refused++; err == nil {
				r.Fatalf("an office that did not hold together was taken")
			}
		case err != nil:
			r.Fatal(err)
		default:
			taken++
			if c.from.IsZero() {
				c.from = newestFrom(t, o.store)
			} else {
				past++
			}
			if err := o.store.pool.QueryRow(t.Context(), "SELECT max(revision) FROM reference").Scan(&c.revision); err != nil { // one that was refused has taken a number
				r.Fatal(err)
			}
			h = append(h, c)
		}

		now := written(t, o.store)
		if len(now) < len(rows) || !slices.Equal(now[:len(rows)], rows) || len(now)-len(rows) != len(c.says) && len(now) != len(rows) {
			r.Fatalf("what is recorded was changed: %d rows, then %d", len(rows), len(now))
		}
		rows = now
		other.offices.expire()
		instants := append(h.edges(h[0].from), h[0].from.AddDate(-1, 0, 0), h[0].from.AddDate(1, 0, 0))
		revision := rapid.SampledFrom(h).Draw(r, "known").revision
		items, err := collect(t.Context(), o.store, toItem, selectReference, revision)
		if err != nil {
			r.Fatal(err)
		}
		for range 4 {
			at := rapid.SampledFrom(instants).Draw(r, "instant").Add(time.Duration(rapid.IntRange(-1, 1).Draw(r, "beside")) * time.Microsecond)
			want, _ := h.asOf(at, h[len(h)-1].revision)
			for _, s := range []*Store{o.store, other, o.store} {
				if got, err := s.Office(t.Context(), at); err != nil || !same(*got, want) {
					r.Fatalf("as of %s: %+v, want %+v; %v", at, got, want, err)
				}
			}
			then, _ := h.asOf(at, revision)
			if got, err := build(items, at); err != nil || !same(*got.office, then) {
				r.Fatalf("as of %s, as known at %d: %+v, want %+v; %v", at, revision, got.office, then, err)
			}
			if again, _ := h.asOf(at, want.Revision); !same(again, want) {
				r.Fatalf("as of %s: revision %d does not tell which office it was", at, want.Revision)
			}
		}
	})
	t.Logf("%d changes, %d of the past, %d refused", taken, past, refused)
	if !testing.Short() && (refused == 0 || past == 0 || taken == past) {
		t.Errorf("of %d changes %d were of the past, and %d were refused: too little was tried", taken, past, refused)
	}
}

// written is every row of reference data, in the order of revisions.
func written(t *testing.T, s *Store) []string {
	t.Helper()
	rows, err := s.pool.Query(t.Context(), "SELECT r::text FROM reference r ORDER BY revision, kind, id")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	var row string
	for rows.Next() {
		if err := rows.Scan(&row); err != nil {
			t.Fatal(err)
		}
		all = append(all, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// same compares offices by what they say.
func same(a, b custody.Office) bool {
	x, err := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return errors.Join(err, err2) == nil && sameJSON(x, y)
}

// A change into the past is refused where it leaves an instant without an office that
// holds together, and says which.
func TestChangeIntoThePastHoldsTogetherSinceThen(t *testing.T) {
	s := open(t).store
	office := sample()
	first := set(t, s, office)
	office.Departments = append(office.Departments, custody.Department{ID: "law"})
	second := set(t, s, office)
	office.Rooms[0].Department = "law"
	if _, err := s.setOffice(t.Context(), office, first, Order{Who: "test", Reason: "because"}); err == nil || !strings.Contains(err.Error(), `found "law", expected the id of a department`) || !strings.Contains(err.Error(), first.UTC().Format(time.RFC3339Nano)) {
		t.Errorf("a room of a department that was not yet: %v", err)
	}
	if _, err := s.setOffice(t.Context(), office, second, Order{Who: "test", Reason: "because"}); err != nil {
		t.Error(err)
	}
	for at, want := range map[time.Time]custody.DepartmentID{first: "fin", second: "law"} {
		if got, err := s.Office(t.Context(), at); err != nil || got.Rooms[0].Department != want {
			t.Errorf("as of %s: %+v, %v", at, got, err)
		}
	}
}

// Of two who alter one office at once exactly one is told that it is another by now; two
// who set it outright take turns.
func TestTwoSetTheOfficeAtOnce(t *testing.T) {
	o := open(t)
	stores := []*Store{o.store, connect(t, o.url(postgres.App))}
	last := set(t, o.store, sample())
	both := func(revision int64, round string) []error {
		faults := make([]error, len(stores))
		var wg sync.WaitGroup
		for n, s := range stores {
			wg.Go(func() {
				office := sample()
				office.Revision, office.Name.En = revision, fmt.Sprintf("%s by %d", round, n)
				faults[n] = s.SetOffice(t.Context(), office, "test", "because")
			})
		}
		wg.Wait()
		last = newestFrom(t, o.store)
		return faults
	}
	for round := range 10 {
		o.store.offices.expire()
		now, err := o.store.Office(t.Context(), last)
		if err != nil {
			t.Fatal(err)
		}
		faults := both(now.Revision, fmt.Sprint("altered ", round))
		n := slices.IndexFunc(faults, func(err error) bool { return err == nil })
		if n < 0 || faults[1-n] == nil || !strings.Contains(faults[1-n].Error(), "made from revision") {
			t.Fatalf("%v", faults)
		}
		if got, err := stores[n].Office(t.Context(), last); err != nil || got.Name.En != fmt.Sprintf("altered %d by %d", round, n) {
			t.Errorf("%+v, %v", got, err)
		}
		if err := errors.Join(both(0, fmt.Sprint("set ", round))...); err != nil {
			t.Error(err)
		}
	}
	if changes, err := o.store.Changes(t.Context(), 100); err != nil || len(changes) != 1+10*3 {
		t.Errorf("%d changes, %v", len(changes), err)
	}
}

// A change that was made, though it was reported as failed, counts at once.
func TestChangeReportedAsFailedIsSeen(t *testing.T) {
	o := open(t)
	p, address := through(t, o.url(postgres.App))
	s := connect(t, address)
	at := set(t, s, sample()).AddDate(1, 0, 0)
	office, err := s.Office(t.Context(), at) // keeps it
	if err != nil {
		t.Fatal(err)
	}
	changed := *office
	changed.Name.En = "changed"
	struck := p.strike(lost, committing)
	if err := s.SetOffice(t.Context(), changed, "test", "because"); err == nil {
		t.Fatal("reported as done")
	}
	<-struck
	p.heal()
	if got, err := s.Office(t.Context(), at); err != nil || got.Name.En != "changed" {
		t.Errorf("%+v, %v", got, err)
	}
}
