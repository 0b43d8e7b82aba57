package audit

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/ledger"
)

// Whatever an office does, of every kind of command, decided, refused, set aside or
// waiting, nothing of it is found.
func TestAnHonestOfficeIsWhole(t *testing.T) {
	o := newOffice(t)
	ctx := t.Context()
	o.whole("an office without files")
	var codes []label.Code
	for i := range 24 {
		code := o.code()
		codes = append(codes, code)
		if i%4 == 0 { // scanned before it is opened
			o.put(command(custody.Close, code))
		}
		c := opening(code, fmt.Sprintf("No. %d", i))
		begun := c.With.(custody.Opening)
		begun.Imported, begun.Anyway = i%6 == 0, i%5 == 0
		c.With = begun
		o.put(c)
	}
	o.decided(0)
	o.whole("opened")
	for n := range 8 {
		for i, code := range codes {
			o.put(o.any(code, n*len(codes)+i))
		}
		o.decided(time.Duration(n) * time.Hour)
		if n%3 == 2 {
			for _, code := range codes[:6] {
				o.wake(code)
			}
		}
	}
	r := o.whole("lived")
	if r.Files != len(codes) || r.Codes != len(codes) || r.Entries < 4*len(codes) || r.Open == 0 || r.Open == r.Files || r.Tally.Open != r.Open {
		t.Errorf("%+v", r)
	}

	stuck, voided := scanning(codes[0]), scanning(codes[1])
	voided.Who = "gul"
	o.put(stuck, voided, scanning(codes[2]))
	work, err := o.store.Lease(ctx, "test", custody.Each(10), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range work {
		if w.Command.ID != stuck.ID && w.Command.ID != voided.ID {
			if err := o.store.Release(ctx, "test", w.File, 0); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if q, err := o.store.Fail(ctx, "test", w.Command.ID, errors.New("no"), true, 0); err != nil || !q {
			t.Fatal(q, err)
		}
	}
	if err := o.store.TellStanding(ctx, stuck.ID, []custody.Notice{{Key: fmt.Sprintf("%s-%s-1-fin-sec-screen", codes[0], stuck.ID), File: codes[0], Post: "fin-sec", Channel: custody.Screen}}); err != nil {
		t.Fatal(err)
	}
	o.whole("stuck, and waiting")
	if err := o.store.Void(ctx, voided.ID, custody.Actor{Person: "admin"}, "poison"); err != nil {
		t.Fatal(err)
	}
	o.whole("about to be set aside")
	if err := o.store.Retry(ctx, stuck.ID, custody.Actor{Person: "admin"}, "mended"); err != nil {
		t.Fatal(err)
	}
	o.decided(0)
	pending, err := o.store.PendingNotices(ctx, 100)
	if err != nil || len(pending) == 0 {
		t.Fatal("nobody was told by mail: ", err)
	}
	for i, n := range pending {
		if err := o.store.NoticesStarted(ctx, []string{n.Key}); err != nil {
			t.Fatal(err)
		}
		if state := []ledger.Delivery{ledger.Delivered, ledger.Failed, ledger.Unconfirmed}; i < len(state) {
			if err := o.store.SettleNotice(ctx, 0, n.Key, state[i], "by the test"); err != nil {
				t.Fatal(err)
			}
		}
	}
	o.whole("set aside, tried again, delivered")
	o.put(scanning(o.code()))
	o.office.Policy.Transit++
	if err := o.store.SetOffice(ctx, o.office, "test", "another"); err != nil {
		t.Fatal(err)
	}
	o.whole("with a code that has no file, and a changed office")
}

// A walk comes to every code once, whatever lies where one batch ends; also to what no
// queue leads to.
func TestAWalkPassesNothingOver(t *testing.T) {
	o := newOffice(t)
	var codes []label.Code
	for i := range 9 {
		codes = append(codes, o.code())
		o.put(opening(codes[i], fmt.Sprintf("No. %d", i)))
	}
	o.decided(0)
	slices.Sort(codes)
	lost := codes[4]
	exec := o.saboteur()
	exec(`DELETE FROM queues WHERE code = $1`, lost)
	for together := 1; together < 11; together++ {
		a := &Auditor{Ledger: o.store, Together: together}
		var met []label.Code
		for after := label.Code(""); ; {
			list, next, err := o.store.Evidence(t.Context(), after, together)
			if err != nil {
				t.Fatal(err)
			}
			for _, ev := range list {
				met = append(met, ev.Code)
			}
			if after = next; after == "" {
				break
			}
		}
		if !slices.Equal(met, codes) {
			t.Errorf("by %d: %v, want %v", together, met, codes)
		}
		r, err := a.Office(t.Context(), false, nil)
		if err != nil || len(r.Findings) != 1 || r.Findings[0].File != lost || r.Findings[0].Kind != Unqueued {
			t.Errorf("by %d: %v, %v", together, r.Findings, err)
		}
	}
	if _, err := (&Auditor{Ledger: o.store}).File(t.Context(), o.code()); !errors.Is(err, custody.ErrNotFound) {
		t.Errorf("a label: %v", err)
	}
}

// Every edit of the history of rooms and people is found with its change.
func TestTheHistoryOfTheOfficeIsJudged(t *testing.T) {
	o := newOffice(t)
	for i := range 3 {
		o.office.Policy.Transit++
		o.office.Rooms[i].Floor++
		if err := o.store.SetOffice(t.Context(), o.office, "test", fmt.Sprintf("order %d", i)); err != nil {
			t.Fatal(err)
		}
	}
	o.whole("changed")
	exec := o.saboteur()
	for _, c := range []struct{ name, do, undo, place string }{
		{"set back in time", `UPDATE reference SET valid_from = valid_from - interval '1 day' WHERE revision = 2`, `UPDATE reference SET valid_from = valid_from + interval '1 day' WHERE revision = 2`, "change 2"},
		{"one thing of a change set back", `UPDATE reference SET valid_from = valid_from - interval '1 day' WHERE revision = 3 AND kind = 'room'`, `UPDATE reference SET valid_from = valid_from + interval '1 day' WHERE revision = 3 AND kind = 'room'`, "change 3.room.a-102.from"},
		{"recorded earlier", `UPDATE changes SET at = at - interval '1 day' WHERE id = 3`, `UPDATE changes SET at = at + interval '1 day' WHERE id = 3`, "change 3.at"},
		{"a thing recorded earlier", `UPDATE reference SET recorded_at = recorded_at - interval '1 day' WHERE revision = 4 AND kind = 'office'`, `UPDATE reference SET recorded_at = recorded_at + interval '1 day' WHERE revision = 4 AND kind = 'office'`, "change 4.office.recorded"},
		{"a body altered", `UPDATE reference SET body = body || '{"sample": false}' WHERE revision = 4 AND kind = 'office'`, `UPDATE reference SET body = body || '{"sample": true}' WHERE revision = 4 AND kind = 'office'`, "change 4"},
		{"by somebody else", `UPDATE changes SET who = 'nobody' WHERE id = 1`, `UPDATE changes SET who = 'test' WHERE id = 1`, "change 1"},
		{"a seal deleted", `WITH gone AS (DELETE FROM seals WHERE revision = 4 RETURNING *) SELECT set_config('test.seal', hash, false) FROM gone`, `INSERT INTO seals SELECT 4, current_setting('test.seal')`, "change 4"},
		{"a thing added", `INSERT INTO reference (kind, id, revision, valid_from, recorded_at) SELECT 'room', 'x-1', revision, valid_from, recorded_at FROM reference WHERE revision = 4 LIMIT 1`, `DELETE FROM reference WHERE id = 'x-1'`, "change 4"},
	} {
		exec(c.do)
		f, err := (&Auditor{Ledger: o.store}).reference(t.Context())
		if err != nil || f == nil || f.Kind != Reference || f.Place != c.place {
			t.Errorf("%s: %v, %v, want %s", c.name, f, err, c.place)
		}
		exec(c.undo)
		o.whole("after: " + c.name)
	}
	exec(`DELETE FROM reference WHERE revision = 4`)
	exec(`DELETE FROM changes WHERE id = 4`)
	o.whole("the last change of all, with its seal: nothing in the ledger tells of that but the entries that rely on it")
}

// Numbers of the feed that are missing are named, wherever they lie.
func TestGapsOfTheFeedAreFound(t *testing.T) {
	o := newOffice(t)
	for i := range 6 {
		o.put(opening(o.code(), fmt.Sprintf("No. %d", i)))
	}
	o.decided(0)
	exec := o.saboteur()
	a := &Auditor{Ledger: o.store}
	for _, n := range []int64{1, 3, 6} {
		exec(`UPDATE feed SET seq = 1000 WHERE seq = $1`, n)
		if f, err := a.gaps(t.Context()); err != nil || f == nil || f.Place != fmt.Sprintf("feed %d", n) {
			t.Errorf("without %d: %v, %v", n, f, err)
		}
		exec(`UPDATE feed SET seq = $1 WHERE seq = 1000`, n)
	}
	exec(`INSERT INTO feed (seq, code, at, reason) SELECT 7, code, at, reason FROM feed WHERE seq = 6`)
	if f, err := a.gaps(t.Context()); err != nil || f == nil || f.Stored != "7" || f.Computed != "6" {
		t.Errorf("one more than was given: %v, %v", f, err)
	}
}

// A difference is named by the field in which it is, however deep, as JSON calls it.
func TestDifferencesAreNamed(t *testing.T) {
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	state := func() custody.State {
		s := custody.Begin("1")
		s.Leg = custody.Leg{ID: 3, Since: at, Place: custody.Place{Desk: "fin-so1"}, To: &custody.Dest{Room: "a-102"}}
		s.Balances = []custody.Balance{{Stop: 1, Desk: "fin-ri", Consumed: 30}}
		s.Deadline = at
		return s
	}
	for _, c := range []struct {
		change func(*custody.State)
		want   Finding
	}{
		{func(s *custody.State) { s.Leg.Place.Desk = "x" }, Finding{Place: "leg.place.desk", Stored: "x", Computed: "fin-so1"}},
		{func(s *custody.State) { s.Leg.To = &custody.Dest{Room: "a-103"} }, Finding{Place: "leg.to.room", Stored: "a-103", Computed: "a-102"}},
		{func(s *custody.State) { s.Leg.To = nil }, Finding{Place: "leg.to", Computed: "{Desk: Room:a-102 Post:}"}},
		{func(s *custody.State) { s.Deadline = at.Add(time.Second) }, Finding{Place: "deadline", Stored: "2026-03-01T09:00:01Z", Computed: "2026-03-01T09:00:00Z"}},
		{func(s *custody.State) { s.Balances[0].Consumed = 1 }, Finding{Place: "balances.1.consumed", Stored: "1", Computed: "30"}},
		{func(s *custody.State) { s.Balances = nil }, Finding{Place: "balances", Stored: "[]", Computed: "[{Stop:1 Desk:fin-ri Consumed:30}]"}},
		{func(s *custody.State) { s.Leg.Since = at.In(time.FixedZone("", 5*3600)) }, Finding{}},
	} {
		s := state()
		c.change(&s)
		f := differ("", "", s, state())
		if got := (Finding{}); f != nil && *f != c.want || f == nil && c.want != got {
			t.Errorf("%+v, want %+v", f, c.want)
		}
	}
	if got := nameOf(reflect.TypeFor[custody.Balance]().Field(0)); got != "stop" {
		t.Error(got)
	}
}
