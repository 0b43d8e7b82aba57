package ledger

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// What began, ended or says something else is told by its name, of a change and of the
// history; an end is a thing that was altered too.
func TestChangesSayWhatChanged(t *testing.T) {
	s := open(t).store
	o := sample()
	o.Posts[0].Name = custody.Name{En: "SO (Budget)"}
	set(t, s, o)
	o.Officers = []custody.Officer{{ID: "o2", Code: label.New(label.Badge, 2), Name: custody.Name{En: "Noor"}, Role: custody.RoleClerk, Post: "p1"}}
	o.Desks = append([]custody.Desk{}, o.Desks...)
	o.Desks[0].Code = label.New(label.Desk, 2)
	o.Reasons = nil
	want := []Alteration{
		{Kind: "desk", ID: "d1", Name: custody.Name{En: "SO (Budget)"}, How: Changed, Fields: []Field{{"code", `"` + string(label.New(label.Desk, 1)) + `"`, `"` + string(label.New(label.Desk, 2)) + `"`}}},
		{Kind: "officer", ID: "o1", How: Ended},
		{Kind: "officer", ID: "o2", Name: custody.Name{En: "Noor"}, How: Began},
		{Kind: "reason", ID: "l", Name: custody.Name{En: "Leave", Ur: "رخصت"}, How: Ended},
	}
	dry, err := s.AlterOffice(t.Context(), o, Order{Who: "test", Dry: true})
	if diff := cmp.Diff(want, dry.Things); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	if changes, err := s.Changes(t.Context(), 10); len(changes) != 1 || err != nil {
		t.Errorf("only looked at: %+v, %v", changes, err)
	}
	set(t, s, o)
	for limit, more := range []int{1, 0} {
		changes, err := s.Changes(t.Context(), limit+1)
		if err != nil || len(changes) != limit+1 {
			t.Fatal(changes, err, more)
		}
		if diff := cmp.Diff(want, changes[0].Things); diff != "" {
			t.Error(diff)
		}
	}
}

// A place that holds or expects open files is not taken out, unless the change says where
// they go: then each is told so by a command that is stored with the change.
func TestPlacesThatHoldFilesStay(t *testing.T) {
	o := open(t)
	s := o.store
	office := sample()
	office.Rooms = append(office.Rooms, custody.Room{ID: "r2", Department: "fin"})
	office.Desks = append(office.Desks, custody.Desk{ID: "d2", Room: "r2", Post: "p2", Receiving: true})
	office.Posts = append(office.Posts, custody.Post{ID: "p2", Department: "fin", Calendar: "always", Ladder: "l1", Budget: 60})
	set(t, s, office)
	for n, position := range []string{
		`{"phase": "held", "desk": "d2", "room": "r2", "post": "p2"}`, `{"phase": "transit", "desk": "d1", "room": "r1", "post": "p1", "to": "d2", "to_room": "r2"}`,
		`{"phase": "held", "desk": "d1", "room": "r1", "post": "p1"}`, `{"phase": "transit", "desk": "d2", "room": "r2", "post": "p2", "to": "d1", "to_room": "r1"}`,
		`{"phase": "transit", "desk": "d1", "room": "r1", "post": "p1", "runner": "o1"}`,
	} {
		code := label.New(label.File, uint64(n+1))
		for _, statement := range []string{`INSERT INTO queues (code, not_before) VALUES ($1, now())`, `INSERT INTO files (code, revision, number, subject, department, opened_at, position) VALUES ($1, 1, $1, '', 'fin', now(), '` + position + `')`} {
			if _, err := s.pool.Exec(t.Context(), statement, code); err != nil {
				t.Fatal(err)
			}
		}
	}
	less := sample()
	if _, err := s.AlterOffice(t.Context(), less, Order{Who: "test"}); !errors.Is(err, ErrHolds) || !strings.Contains(err.Error(), "desk d2 is taken out, where 1 open files are, to which 1 are on their way and from which 1") {
		t.Fatal(err)
	}
	if changes, err := s.Changes(t.Context(), 10); len(changes) != 1 || err != nil {
		t.Fatalf("%+v, %v", changes, err)
	}
	order := Order{Who: "DS (Admin)", Reason: "order 4", Moves: map[custody.DeskID]custody.DeskID{"d2": "d9"}}
	if _, err := s.AlterOffice(t.Context(), less, order); err == nil || !strings.Contains(err.Error(), `"d9", which is no desk`) {
		t.Error(err)
	}
	order.Moves["d2"], order.Reason = "d1", " "
	if _, err := s.AlterOffice(t.Context(), less, order); err == nil || !strings.Contains(err.Error(), "by an order") {
		t.Error(err)
	}
	order.Reason = "order 4"
	for _, dry := range []bool{true, false} {
		order.Dry = dry
		done, err := s.AlterOffice(t.Context(), less, order)
		if err != nil {
			t.Fatal(err)
		}
		var files []string
		for _, f := range done.Files {
			files = append(files, f.Number[11:12])
			if want := map[string]Way{"1": There, "2": Coming, "4": Leaving}[f.Number[11:12]]; f.Way != want || f.Desk != "d2" {
				t.Errorf("file %s: %s %s", f.Number, f.Way, f.Desk)
			}
		}
		if strings.Join(files, "") != "124" || len(done.Things) != 3 {
			t.Errorf("%q, %+v", files, done.Things)
		}
		var stored int
		err = s.pool.QueryRow(t.Context(), `SELECT count(*) FROM inbox WHERE body::jsonb->>'kind' = 'correct' AND body::jsonb->'with' = '{"desk": "d1", "for": "d2"}' AND concat(body, texts) LIKE '%DS (Admin)%' AND concat(body, texts) LIKE '%order 4%'`).Scan(&stored)
		if err != nil || dry != (stored == 0) || !dry && stored != 3 {
			t.Errorf("%d commands are stored, %v", stored, err)
		}
	}
	// What is decided of them is looked up in the office of the change.
	work, err := s.Lease(t.Context(), "test", custody.Each(100), time.Minute)
	if err != nil || len(work) != 3 {
		t.Fatal(work, err)
	}
	for _, w := range work {
		if then, err := s.Office(t.Context(), w.Command.At.Wall); err != nil || len(then.Rooms) != 1 || w.Command.At.Wall.After(w.Received) {
			t.Errorf("%v after %v, %v", w.Command.At.Wall, w.Received, err)
		}
	}
}

// A desk that goes to another room takes its files along, and the history says whither the
// files of one that ended went; that holds until it is there again.
func TestDesksTakeTheirFilesAlong(t *testing.T) {
	o := open(t)
	s := o.store
	office := sample()
	office.Rooms = append(office.Rooms, custody.Room{ID: "r2", Department: "fin"})
	office.Desks = append(office.Desks, custody.Desk{ID: "d2", Room: "r2", Post: "p2", Receiving: true}, custody.Desk{ID: "d3", Room: "r2", Post: "p2"})
	office.Posts = append(office.Posts, custody.Post{ID: "p2", Department: "fin", Calendar: "always", Ladder: "l1", Budget: 60})
	set(t, s, office)
	code := label.New(label.File, 1)
	for _, statement := range []string{`INSERT INTO queues (code, not_before) VALUES ($1, now())`, `INSERT INTO files (code, revision, number, subject, department, opened_at, position) VALUES ($1, 1, $1, '', 'fin', now(), '{"phase": "held", "desk": "d3", "room": "r2", "post": "p2"}')`} {
		if _, err := s.pool.Exec(t.Context(), statement, code); err != nil {
			t.Fatal(err)
		}
	}
	moves := func() (list []string) {
		t.Helper()
		rows, err := s.pool.Query(t.Context(), `SELECT body::jsonb->'with' FROM inbox ORDER BY seq`)
		if err == nil {
			list, err = pgx.CollectRows(rows, pgx.RowTo[string])
		}
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	office.Desks[2].Room = "r1"
	if _, err := s.AlterOffice(t.Context(), office, Order{Who: "DS (Admin)"}); err == nil || !strings.Contains(err.Error(), "by an order") {
		t.Errorf("without an order: %v", err)
	}
	if _, err := s.AlterOffice(t.Context(), office, Order{Who: "DS (Admin)", Reason: "order 4"}); err != nil {
		t.Fatal(err)
	}
	if got := moves(); len(got) != 1 || got[0] != `{"for": "d3", "desk": "d3"}` {
		t.Errorf("%q", got)
	}
	less := sample()
	order := Order{Who: "DS (Admin)", Reason: "order 5", Moves: map[custody.DeskID]custody.DeskID{"d2": "d1", "d3": "d1"}}
	if _, err := s.AlterOffice(t.Context(), less, order); err != nil {
		t.Fatal(err)
	}
	if got := moves(); len(got) != 2 || got[1] != `{"for": "d3", "desk": "d1"}` {
		t.Errorf("%q", got)
	}
	heirs := func(want ...custody.Heir) {
		t.Helper()
		now, err := s.Office(t.Context(), Newest)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, now.Heirs); diff != "" {
			t.Error(diff)
		}
	}
	heirs(custody.Heir{Desk: "d2", To: "d1"}, custody.Heir{Desk: "d3", To: "d1"})
	changes, err := s.Changes(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range changes[0].Things {
		if said := cmp.Equal(a.Fields, []Field{{"files", "", `"d1"`}}); a.Kind == "heir" || a.Kind == "desk" && !said {
			t.Errorf("%+v", a)
		}
	}
	less.Officers[0].Name = custody.Name{En: "Noor"}
	set(t, s, less)
	heirs(custody.Heir{Desk: "d2", To: "d1"}, custody.Heir{Desk: "d3", To: "d1"})
	office.Desks[2].Room = "r2"
	set(t, s, office)
	heirs()
}

// A correction under an order holds though the clock be set back between the order and what
// is decided of it: the desk that it names has begun since.
func TestAnOrderHoldsByAClockThatWasSetBack(t *testing.T) {
	o := open(t)
	s := o.store
	set(t, s, sample())
	// The newest change was recorded when the clock ran ahead.
	for _, statement := range []string{
		"INSERT INTO changes (who, reason) VALUES ('test', 'clock ran ahead')",
		`INSERT INTO reference (kind, id, revision, valid_from, body) SELECT 'room', 'r2', 2, now() + interval '1 hour', '{"id": "r2", "name": {"en": ""}, "department": "fin", "building": {"en": ""}, "floor": 0}'`,
		`INSERT INTO reference (kind, id, revision, valid_from, body) SELECT 'desk', 'd2', 2, now() + interval '1 hour', '{"id": "d2", "code": "` + string(label.New(label.Desk, 2)) + `", "room": "r2", "post": "p1", "receiving": true}'`,
	} {
		if _, err := s.pool.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	s.offices.expire()
	then, err := s.Office(t.Context(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	now, err := s.Office(t.Context(), Newest)
	if err != nil {
		t.Fatal(err)
	}
	r := then.Resolve(custody.Resolved{Command: custody.Command{Kind: custody.Correct, With: custody.Correction{Desk: "d2", For: "d1"}}}, nil, custody.Contents{}, now)
	if r.Unknown != "" || r.To == nil || r.To.Desk != "d2" {
		t.Errorf("%+v", r)
	}
}
