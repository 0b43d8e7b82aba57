package ledger

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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
		`{"phase": "held", "desk": "d1", "room": "r1", "post": "p1"}`,
	} {
		code := label.New(label.File, uint64(n+1))
		for _, statement := range []string{`INSERT INTO queues (code, not_before) VALUES ($1, now())`, `INSERT INTO files (code, revision, number, subject, department, opened_at, position) VALUES ($1, 1, $1, '', 'fin', now(), '` + position + `')`} {
			if _, err := s.pool.Exec(t.Context(), statement, code); err != nil {
				t.Fatal(err)
			}
		}
	}
	less := sample()
	if _, err := s.AlterOffice(t.Context(), less, Order{Who: "test"}); !errors.Is(err, ErrHolds) || !strings.Contains(err.Error(), "desk d2 or its room or post is taken out, where 1 open files are and 1 are on their way") {
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
		}
		if strings.Join(files, "") != "12" || len(done.Things) != 3 {
			t.Errorf("%q, %+v", files, done.Things)
		}
		var stored int
		err = s.pool.QueryRow(t.Context(), `SELECT count(*) FROM inbox WHERE body::jsonb->>'kind' = 'correct' AND body::jsonb->'with'->>'desk' = 'd1' AND concat(body, texts) LIKE '%DS (Admin)%' AND concat(body, texts) LIKE '%order 4%'`).Scan(&stored)
		if err != nil || dry != (stored == 0) || !dry && stored != 2 {
			t.Errorf("%d commands are stored, %v", stored, err)
		}
	}
	// What is decided of them is looked up in the office of the change.
	work, err := s.Lease(t.Context(), "test", custody.Each(100), time.Minute)
	if err != nil || len(work) != 2 {
		t.Fatal(work, err)
	}
	for _, w := range work {
		if then, err := s.Office(t.Context(), w.Command.At.Wall); err != nil || len(then.Rooms) != 1 || w.Command.At.Wall.After(w.Received) {
			t.Errorf("%v after %v, %v", w.Command.At.Wall, w.Received, err)
		}
	}
}
