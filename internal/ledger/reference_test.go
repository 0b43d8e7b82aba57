package ledger

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"harkara/internal/calendar"
	"harkara/internal/custody"
	"harkara/internal/engine/postgres"
	"harkara/internal/engine/postgres/pgtest"
	"harkara/internal/label"
)

func sample() custody.Office {
	return custody.Office{
		Name: custody.Name{En: "Secretariat"}, Policy: custody.Policy{Transit: 60},
		Departments: []custody.Department{{ID: "fin", Name: custody.Name{En: "Finance", Ur: "خزانہ"}}},
		Rooms:       []custody.Room{{ID: "r1", Department: "fin"}},
		Desks:       []custody.Desk{{ID: "d1", Code: label.New(label.Desk, 1), Room: "r1", Post: "p1", Receiving: true}},
		Posts:       []custody.Post{{ID: "p1", Department: "fin", Calendar: "always", Ladder: "l1", Budget: 60}},
		Officers:    []custody.Officer{{ID: "o1", Code: label.New(label.Badge, 1), Role: custody.RoleOfficer, Post: "p1"}},
		Stations:    []custody.Station{{ID: "s1", Room: "r1"}},
		Routes:      []custody.Route{{ID: "r", Department: "fin", Stops: []custody.Stop{{Desk: "d1", Budget: 60}}}},
		Holds:       []custody.HoldCard{{ID: "h", Code: label.New(label.Hold, 1), Name: custody.Name{En: "Law", Ur: "قانون"}, Days: 5}},
		Reasons:     []custody.ReasonCard{{ID: "l", Code: label.New(label.Card, 2), Name: custody.Name{En: "Leave", Ur: "رخصت"}}},
		Ladders:     []custody.Ladder{{ID: "l1", Rungs: []custody.Rung{{Percent: 100, To: []custody.Receiver{{}}, Channel: custody.Screen}}}},
		Calendars:   []calendar.Calendar{cal},
	}
}

// set returns from when the newest change counts.
func set(t *testing.T, s *Store, o custody.Office) time.Time {
	t.Helper()
	if err := s.SetOffice(t.Context(), o, "test", "because"); err != nil {
		t.Fatal(err)
	}
	return newestFrom(t, s)
}

func newestFrom(t testing.TB, s *Store) (from time.Time) {
	t.Helper()
	if err := s.pool.QueryRow(t.Context(), "SELECT valid_from FROM reference ORDER BY revision DESC LIMIT 1").Scan(&from); err != nil {
		t.Fatal(err)
	}
	return from
}

func TestOfficeIsEffectiveDated(t *testing.T) {
	o := open(t)
	s := o.store
	office := sample()
	first := set(t, s, office)
	office.Officers = []custody.Officer{{ID: "o2", Code: label.New(label.Badge, 2), Role: custody.RoleOfficer, Post: "p1"}}
	second := set(t, s, office)
	if third := set(t, s, office); !third.Equal(second) {
		t.Error("an unchanged office was written again")
	}
	for _, s := range []*Store{s, connect(t, o.url(postgres.App))} {
		for _, tt := range []struct {
			name string
			at   time.Time
			want custody.OfficerID
		}{
			{"before the first", first.AddDate(-1, 0, 0), "o1"},
			{"then", first, "o1"},
			{"until the second", second.Add(-time.Microsecond), "o1"},
			{"from the second", second, "o2"},
			{"later", second.AddDate(1, 0, 0), "o2"},
		} {
			for range 2 { // read, and kept in memory
				got, err := s.Office(t.Context(), tt.at)
				if err != nil {
					t.Fatal(err)
				}
				want := sample()
				want.Revision = map[custody.OfficerID]int64{"o1": 1, "o2": 2}[tt.want]
				want.Officers[0].ID, want.Officers[0].Code = tt.want, label.New(label.Badge, map[custody.OfficerID]uint64{"o1": 1, "o2": 2}[tt.want])
				if want.Revision == 2 {
					want.Former = &custody.Office{Officers: sample().Officers}
				}
				if diff := cmp.Diff(want, *got); diff != "" {
					t.Errorf("%s: %s", tt.name, diff)
				}
			}
		}
	}
	changes, err := s.Changes(t.Context(), 10)
	if err != nil || len(changes) != 2 || changes[0].Who != "test" || changes[0].Reason != "because" || len(changes[0].Things) != 2 || len(changes[1].Things) != 12 {
		t.Errorf("%+v, %v", changes, err)
	}
}

func TestOfficeThatDoesNotHoldTogetherIsRefused(t *testing.T) {
	s := open(t).store
	for name, spoil := range map[string]func(*custody.Office){
		"no ladder":         func(o *custody.Office) { o.Posts[0].Ladder = "none" },
		"a hold of no days": func(o *custody.Office) { o.Holds[0].Days = 0 },
		"a station twice":   func(o *custody.Office) { o.Stations = append(o.Stations, o.Stations[0]) },
	} {
		o := sample()
		spoil(&o)
		if err := s.SetOffice(t.Context(), o, "test", "because"); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if changes, err := s.Changes(t.Context(), 10); len(changes) != 0 || err != nil {
		t.Errorf("%+v, %v", changes, err)
	}
}

// Hours that change are a new revision, whatever the one who changes them says: a
// file takes no other. The same hours are the same revision.
func TestChangedCalendarIsANewRevision(t *testing.T) {
	s := open(t).store
	for _, tt := range []struct {
		name string
		with func(c *calendar.Calendar)
		want int
	}{
		{"first", func(*calendar.Calendar) {}, 0},
		{"the same", func(*calendar.Calendar) {}, 0},
		{"other hours", func(c *calendar.Calendar) { c.Week[0] = nil }, 1},
		{"the same again", func(c *calendar.Calendar) { c.Week[0] = nil }, 1},
		{"with a revision of its own", func(c *calendar.Calendar) { c.Week[1], c.Revision = nil, 7 }, 7},
		{"back to what they were", func(*calendar.Calendar) {}, 8},
	} {
		office := sample()
		tt.with(&office.Calendars[0])
		at := set(t, s, office)
		got, err := s.Office(t.Context(), at)
		if err != nil || got.Calendars[0].Revision != tt.want {
			t.Errorf("%s: revision %d, want %d; %v", tt.name, got.Calendars[0].Revision, tt.want, err)
		}
	}
}

// Changes of now follow one another though the clock be set back between them: none is
// valid before one that it was made over.
func TestChangesOfTheOfficeTakeTurns(t *testing.T) {
	o := open(t)
	set(t, o.store, sample())
	for _, statement := range []string{
		"INSERT INTO changes (who, reason) VALUES ('test', 'clock ran ahead')",
		`INSERT INTO reference (kind, id, revision, valid_from, body) SELECT 'ladder', 'l2', 2, now() + interval '1 day', '{"id": "l2"}'`,
	} {
		if _, err := o.store.exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			office := sample()
			office.Policy.Transit += custody.Seconds(i)
			if err := o.store.SetOffice(t.Context(), office, "test", "because"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	last := set(t, o.store, sample())
	var tangled int
	err := o.store.pool.QueryRow(t.Context(), `
SELECT count(*) FROM reference a JOIN reference b ON a.revision < b.revision AND a.valid_from >= b.valid_from`).Scan(&tangled)
	if err != nil || tangled != 0 {
		t.Errorf("%d are valid before what they follow, %v", tangled, err)
	}
	if got, err := o.store.Office(t.Context(), last); err != nil || got.Policy.Transit != 60 || len(got.Ladders) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}

// Of two who alter the same office the second is told; what he sends again, or sends
// without a revision, is taken.
func TestOfficeMadeFromAnOlderOne(t *testing.T) {
	s := open(t).store
	set := func(o custody.Office) error { return s.SetOffice(t.Context(), o, "test", "because") }
	now := func() custody.Office {
		t.Helper()
		o, err := s.Office(t.Context(), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return *o
	}
	if err := set(sample()); err != nil {
		t.Fatal(err)
	}
	first, second := now(), now()
	first.Name.En = "first"
	if err := errors.Join(set(first), set(first)); err != nil {
		t.Fatal(err)
	}
	second.Name.En = "second"
	if err := set(second); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("made from revision %d", second.Revision)) {
		t.Errorf("an older one: %v", err)
	}
	if got := now(); got.Name.En != "first" {
		t.Errorf("in force is %q", got.Name.En)
	}
	second.Revision = 0
	if err := set(second); err != nil || now().Name.En != "second" {
		t.Errorf("without a revision: %v", err)
	}
}

// An office that was read as of a time in which the newest change does not count knows
// nothing of that one, and would take it back.
func TestOfficeOfAnotherTimeIsNotPutBack(t *testing.T) {
	s := open(t).store
	set(t, s, sample())
	second := sample()
	second.Name.En = "second"
	at := set(t, s, second)
	old, err := s.Office(t.Context(), at.Add(-time.Microsecond))
	if err != nil {
		t.Fatal(err)
	}
	old.Policy.Transit++
	if err := s.SetOffice(t.Context(), *old, "test", "because"); err == nil || !strings.Contains(err.Error(), "made from revision 1, in force is 2") {
		t.Errorf("%v", err)
	}
	if got, err := s.Office(t.Context(), at); err != nil || got.Name.En != "second" {
		t.Errorf("%+v, %v", got, err)
	}
}

// What is recorded of the office can be added to and read, nothing else, by anybody.
func TestReferenceIsAppendOnly(t *testing.T) {
	o := open(t)
	set(t, o.store, sample())
	changes := []string{
		"UPDATE reference SET body = NULL", "UPDATE reference SET valid_from = now()", "DELETE FROM reference", "TRUNCATE reference",
		"UPDATE changes SET who = ''", "DELETE FROM changes", "TRUNCATE changes, reference, seals", "UPDATE seals SET hash = reverse(hash)", "DELETE FROM seals",
	}
	for role, statements := range map[string][]string{
		postgres.Owner: changes,
		postgres.App: append(changes,
			"ALTER TABLE reference DISABLE TRIGGER ALL", "DROP TRIGGER reference_append_only ON reference", "DROP TABLE reference",
			"INSERT INTO reference (kind, id, revision, valid_from, recorded_at) VALUES ('room', 'r1', 1, now(), now())",
			"INSERT INTO changes (at, who, reason) VALUES (now(), '', '')",
		),
	} {
		conn := raw(t, o.url(role))
		for _, statement := range statements {
			if _, err := conn.Exec(t.Context(), statement); sqlState(err) != "42501" {
				t.Errorf("%s: %s: %v", role, statement, err)
			}
		}
	}
	for statement, state := range map[string]string{
		"INSERT INTO reference (kind, id, revision, valid_from) SELECT kind, id, revision, now() FROM reference": "23505",
		"INSERT INTO reference (kind, id, revision, valid_from) VALUES ('room', 'r1', 99, now())":                "23503",
		"INSERT INTO reference (kind, id, revision, valid_from) VALUES ('room', 'r9', 1, 'infinity')":            "23514",
		"INSERT INTO reference (kind, id, revision, valid_from, body) VALUES ('room', 'r9', 1, now(), 'null')":   "23514",
	} {
		if _, err := o.store.exec(t.Context(), statement); sqlState(err) != state {
			t.Errorf("%s: %v, want %s", statement, err, state)
		}
	}
}

// A folder whose reference data an earlier program kept is refused in words.
func TestReferenceOfAnEarlierProgramIsRefused(t *testing.T) {
	url := pgtest.Database(t, "")
	db, err := sql.Open("pgx", url(postgres.Owner))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	earlier, err := migrator(db)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := earlier.UpTo(t.Context(), 8); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		"INSERT INTO changes (at, who, reason) VALUES (now(), '', '')",
		"INSERT INTO reference (kind, id, valid_from, body, change) VALUES ('room', 'r1', now(), '{}', 1)",
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := Migrate(t.Context(), url(postgres.Owner)); err == nil || !strings.Contains(err.Error(), "begin the office in a new one") {
		t.Errorf("%v", err)
	}
	var kept int
	if err := db.QueryRowContext(t.Context(), "SELECT count(valid_to) FROM reference").Scan(&kept); err != nil || kept != 1 {
		t.Errorf("%d rows are left, %v", kept, err)
	}
}

// Who is in a post is found for each instant, between a leave's edges too, and a leave that
// was ordered for a time before it was recorded counts from then.
func TestChargesByInstant(t *testing.T) {
	s := open(t).store
	office := sample()
	office.Officers = append(office.Officers, custody.Officer{ID: "o9", Code: label.New(label.Badge, 9), Role: custody.RoleOfficer})
	from := set(t, s, office)
	day := from.In(office.Zone()).AddDate(0, 0, 2)
	office.Charges = []custody.Charge{
		{ID: "c", Post: "p1", As: custody.Leave, Officer: "o9", From: custody.Moment(day.Format(time.DateOnly)), Until: custody.Moment(day.Format(time.DateOnly)), Order: "4/2026"},
	}
	set(t, s, office)
	morning := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, day.Location())
	in := func(at time.Time) custody.OfficerID {
		t.Helper()
		o, err := s.Office(t.Context(), at)
		if err != nil {
			t.Fatal(err)
		}
		officer, _ := o.OfficerIn("p1")
		return officer.ID
	}
	own := in(from)
	for _, tt := range []struct {
		at   time.Time
		want custody.OfficerID
	}{
		{morning.Add(-time.Second), own}, {morning, "o9"}, {morning.Add(24*time.Hour - time.Second), "o9"}, {morning.Add(24 * time.Hour), own}, {morning.Add(-time.Second), own}, {morning.Add(time.Hour), "o9"},
	} {
		if got := in(tt.at); got != tt.want || own == "" {
			t.Errorf("at %s: %q, want %q", tt.at, got, tt.want)
		}
	}
	changes, err := s.Changes(t.Context(), 1)
	if err != nil || len(changes) != 1 || len(changes[0].Things) != 1 || changes[0].Things[0].Kind != "charge" || changes[0].Things[0].Name != office.Posts[0].Name {
		t.Errorf("%+v, %v", changes, err)
	}
}
