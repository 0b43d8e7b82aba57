package ledger

import (
	"testing"
	"time"

	"harkara/internal/calendar"
	"harkara/internal/custody"
	"harkara/internal/engine/postgres"
	"harkara/internal/label"
)

// After a change of days each file whose clock runs by older ones is given one command that
// nobody waits for, however often whoever gives them is killed, or does it beside another.
func TestReplanReachesEachFileOnce(t *testing.T) {
	o := open(t)
	s := o.store
	office := sample()
	office.Calendars[0].Offset = 0
	at := set(t, s, office)
	relied := func() custody.Digest {
		now, err := s.Office(t.Context(), at)
		if err != nil {
			t.Fatal(err)
		}
		place, _ := now.PlaceAt("d1", custody.Contents{})
		return place.Hours.Digest
	}
	old := relied()
	now := time.Now().UTC().Truncate(time.Second)
	office.Holidays = []custody.Holiday{{ID: "eid", Name: named("Eid"), Days: calendar.On(calendar.DateOf(now, 0).Add(1))}}
	running := custody.Position{Phase: custody.Held, Desk: "d1", Room: "r1", Post: "p1", Since: now, Budget: 200_000, Deadline: now.Add(200_000 * time.Second)}
	file := func(n uint64, p custody.Position, relies custody.Digest) {
		p.File = label.New(label.File, n)
		if _, err := s.pool.Exec(t.Context(), `INSERT INTO queues (code, not_before) VALUES ($1, now())`, p.File); err != nil {
			t.Fatal(err)
		}
		if _, err := s.pool.Exec(t.Context(), `INSERT INTO files (code, revision, number, subject, department, opened_at, position, relies) VALUES ($1, 1, $1, '', 'fin', now(), $2, ARRAY[$3])`, p.File, p, relies); err != nil {
			t.Fatal(err)
		}
	}
	for n := range uint64(5) {
		file(n+1, running, old)
	}
	rests := running
	rests.Deadline, rests.Wait = time.Time{}, custody.Wait{Laid: true}
	file(6, rests, old)
	at = set(t, s, office)
	file(7, running, relied()) // its next command came first
	list, err := s.Replans(t.Context(), 10)
	if err != nil || len(list) != 1 || list[0].Touched != 5 || list[0].Stored != 0 || list[0].Ended {
		t.Fatalf("%+v, %v", list, err)
	}
	stores := []*Store{s, connect(t, o.url(postgres.App))}
	for n := range 4 {
		more, err := stores[n%2].Replan(t.Context(), 0, 2)
		if err != nil || !more {
			t.Fatalf("%d: %v, %v", n, more, err)
		}
	}
	if _, err := s.pool.Exec(t.Context(), `UPDATE replans SET after = '', ended_at = NULL`); err != nil { // as one that was killed
		t.Fatal(err)
	}
	for more := true; more; {
		if more, err = s.Replan(t.Context(), 0, 3); err != nil {
			t.Fatal(err)
		}
	}
	var commands, lanes int
	err = s.pool.QueryRow(t.Context(), `SELECT count(*), count(*) FILTER (WHERE lane = 2) FROM inbox WHERE body::jsonb->>'kind' = 'replan'`).Scan(&commands, &lanes)
	if err != nil || commands != 5 || lanes != 5 {
		t.Errorf("%d commands, %d of them in the last lane, %v", commands, lanes, err)
	}
	if list, err := s.Replans(t.Context(), 10); err != nil || !list[0].Ended {
		t.Errorf("%+v, %v", list, err)
	}
}
