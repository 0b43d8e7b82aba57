package audit

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
	"harkara/internal/demo"
	"harkara/internal/engine/postgres"
	"harkara/internal/engine/postgres/pgtest"
	"harkara/internal/intake"
	"harkara/internal/label"
	"harkara/internal/ledger"
)

// office is a ledger whose commands are decided by the core without an engine.
type office struct {
	t        *testing.T
	store    *ledger.Store
	of       func(role string) string // address of the ledger
	office   custody.Office
	now      *custody.Office // that whoever decides believes newest; nil: what is
	states   map[label.Code]custody.State
	contents custody.Contents
	random   *rand.Rand
}

func newOffice(t *testing.T) *office {
	t.Helper()
	url := pgtest.Database(t, "")
	if err := ledger.Migrate(t.Context(), url(postgres.Owner)); err != nil {
		t.Fatal(err)
	}
	store, err := ledger.Open(context.Background(), url(postgres.App), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	o := &office{t: t, store: store, of: url, office: demo.Sample(3600), states: map[label.Code]custody.State{}, contents: custody.Contents{}, random: rand.New(rand.NewPCG(7, 11))}
	o.office.Ladders[0].Rungs[0].Channel = "mail"
	if err := store.SetOffice(t.Context(), o.office, "test", "set up"); err != nil {
		t.Fatal(err)
	}
	return o
}

func (o *office) code() label.Code {
	o.t.Helper()
	code, err := o.store.Mint(o.t.Context(), label.File)
	if err != nil {
		o.t.Fatal(err)
	}
	return code
}

func command(kind custody.CommandKind, code label.Code) custody.Command {
	return custody.Command{ID: custody.CommandID(uuid.NewString()), Kind: kind, Code: code, Method: custody.ByQR, At: custody.Stamp{Wall: time.Now().UTC()}}
}

func scanning(code label.Code) custody.Command {
	c := command(custody.Scan, code)
	c.Station = "st-a-101"
	return c
}

func opening(code label.Code, number string) custody.Command {
	c := command(custody.Open, code)
	c.With = custody.Opening{Number: number, Subject: "about " + number, Department: "fin", Desk: "fin-ri", Route: "fin-ordinary"}
	return c
}

func (o *office) put(c ...custody.Command) {
	o.t.Helper()
	if _, err := o.store.Put(o.t.Context(), c); err != nil {
		o.t.Fatal(err)
	}
}

// decided decides everything that waits, at an instant so much later than now.
func (o *office) decided(later time.Duration) {
	o.t.Helper()
	ctx := o.t.Context()
	for {
		work, err := o.store.Lease(ctx, "test", custody.Each(100), time.Minute)
		if err != nil {
			o.t.Fatal(err)
		}
		if len(work) == 0 {
			return
		}
		outcomes := make([]custody.Outcome, len(work))
		for i, w := range work {
			outcomes[i] = o.decide(w, time.Now().Add(later))
		}
		faults, err := o.store.Commit(ctx, outcomes)
		if err := errors.Join(append(faults, err)...); err != nil {
			o.t.Fatal(err)
		}
	}
}

func (o *office) decide(w ledger.Work, now time.Time) custody.Outcome {
	o.t.Helper()
	at := w.Command.At.Wall
	if at.IsZero() || at.After(w.Received) {
		at = w.Received
	}
	if p := w.Position; p != nil && at.Before(p.Since) && !p.Since.After(w.Received) && p.Since.Sub(at) <= custody.Today.Slack {
		at = p.Since
	}
	then, err := o.store.Office(o.t.Context(), at)
	if err != nil {
		o.t.Fatal(err)
	}
	newest := o.now
	if newest == nil {
		if newest, err = o.store.Office(o.t.Context(), ledger.Newest); err != nil {
			o.t.Fatal(err)
		}
	}
	r, contents := intake.Resolve(then, newest, w)
	for d, raw := range contents {
		o.contents[d] = raw
	}
	if w.Position != nil {
		r.Ranks = newest.Ranks(then, w.Position.Post)
	}
	if w.Resolved != nil {
		var err error
		if r, err = custody.ReadResolved(w.Resolved); err != nil {
			o.t.Fatal(err)
		}
	} else if err := o.store.StoreResolved(o.t.Context(), map[custody.CommandID][]byte{w.Command.ID: r.Bytes()}, contents); err != nil {
		o.t.Fatal(err)
	}
	if !w.Exists && (w.Command.Kind != custody.Open || r.Void) { // no workflow is asked
		out := custody.Outcome{Command: w.Command.ID, Seq: w.Seq, Verdict: custody.Refused, Reason: custody.NoSuchFile}
		out.Position.File = w.File
		return out
	}
	s, ok := o.states[w.File]
	if !ok {
		s = custody.Begin(w.File)
	}
	s = s.Confirm(w.Head)
	if err := s.Check(r, o.contents, w.Head); err != nil {
		o.t.Fatal(err)
	}
	s = s.Take(custody.Today.Decide(s, r, o.contents, now), r.Seq)
	o.states[w.File] = s
	return s.Outcome()
}

// any is a command of any kind that may be given to a file.
func (o *office) any(code label.Code, n int) custody.Command {
	rooms := []string{"a-101", "a-102", "a-103", "a-104", "b-rec"}
	desk := o.office.Desks[o.random.IntN(len(o.office.Desks))]
	c := command(custody.Scan, code)
	c.Station = demo.StationOf(custody.RoomID(rooms[o.random.IntN(len(rooms))]))
	if p := o.states[code].Position(); o.random.IntN(3) == 0 && len(o.office.Stations) > 0 { // where it is or goes, or anywhere
		at, ok := o.office.StationByID(demo.StationOf([]custody.RoomID{p.Room, p.ToRoom}[o.random.IntN(2)]))
		if !ok {
			at = o.office.Stations[o.random.IntN(len(o.office.Stations))]
		}
		c.Station = at.ID
	}
	why := custody.Returning{Why: o.office.Reasons[0].Code}
	switch o.random.IntN(24) {
	case 0, 1, 2, 3:
	case 4, 5:
		c.With = custody.Context{Onward: true}
	case 6:
		c.With = custody.Context{Desk: desk.Code}
	case 7:
		officer, _ := o.office.OfficerByID("runner-1")
		c.With = custody.Context{Runner: officer.Code}
	case 8:
		c.With = custody.Context{Runner: label.New(label.Badge, uint64(n))} // of nobody
	case 9:
		c.Kind = custody.Undo
	case 10:
		c.Kind, c.With, c.Station = custody.Mark, custody.Marking{Desk: desk.ID}, ""
	case 11:
		c.Kind, c.With, c.Station, c.Reason, c.Who = custody.Correct, custody.Correction{Desk: desk.ID}, "", "it lay there", "DS (Admin)"
	case 12:
		named := custody.Naming{Number: fmt.Sprintf("amended %d", n), Subject: "another"}
		if n%2 == 0 {
			named.Number = ""
		}
		c.Kind, c.Station, c.Reason, c.With = custody.Amend, "", "written wrongly", named
	case 13:
		c.Kind, c.Station, c.Reason, c.Who, c.With = custody.Classify, "", "order 1", "Secretary", custody.Classification{Class: custody.Classes[n%3].Name()}
	case 14:
		c.Kind, c.Station = custody.Close, ""
	case 15, 16:
		c.Kind, c.Station = custody.Reopen, ""
	case 17:
		c.Kind, c.Station, c.Reason = []custody.CommandKind{custody.Missing, custody.Found}[n%2], "", "not in the almirah"
	case 18:
		c.Kind, c.Station, c.With, c.Reason = custody.Reprint, "", custody.Printing{Cover: o.code()}, "torn"
	case 20:
		c.Kind, c.With = custody.Back, why
	case 21:
		c.Kind, c.With = custody.BackHere, custody.Undelivered(why)
	case 22:
		c.Kind = []custody.CommandKind{custody.LayBy, custody.Shown, custody.Resume}[n%3]
	case 23:
		c.Kind, c.With = custody.Hold, custody.Holding{Card: o.office.Holds[0].Code}
	case 19:
		old := label.Code(fmt.Sprintf("OLD-%d", o.random.IntN(9)+1000))
		c.Kind, c.With = custody.Alias, custody.Aliasing{Cover: old}
		if n%2 > 0 {
			c.Kind, c.With = custody.Unalias, custody.Unaliasing{Cover: old}
		}
		c.Station, c.Reason = "", "by mistake"
	}
	return c
}

// wake stores and decides the wake of a file's next rung, long after its time.
func (o *office) wake(code label.Code) {
	o.t.Helper()
	s := o.states[code]
	if s.Opened.IsZero() {
		return
	}
	if err := o.store.Wake(o.t.Context(), 0, s.Position().Waker()); err != nil {
		o.t.Fatal(err)
	}
	o.decided(time.Until(s.Wake) + time.Minute)
}

// whole fails unless nothing is found, and returns what was seen.
func (o *office) whole(when string) Report {
	o.t.Helper()
	r, err := (&Auditor{Ledger: o.store, Together: 7}).Office(o.t.Context(), false, nil)
	if err != nil {
		o.t.Fatal(err)
	}
	for _, f := range r.Findings {
		o.t.Errorf("%s: %v", when, f)
	}
	if o.t.Failed() {
		o.t.FailNow()
	}
	return r
}

// saboteur is a superuser's connection that neither triggers nor references hold.
func (o *office) saboteur() func(statement string, args ...any) {
	o.t.Helper()
	conn, err := pgx.Connect(o.t.Context(), o.of(postgres.Admin))
	if err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() { _ = conn.Close(context.Background()) })
	exec := func(statement string, args ...any) {
		o.t.Helper()
		if tag, err := conn.Exec(o.t.Context(), statement, args...); err != nil || tag.RowsAffected() == 0 && !tag.Select() && tag.String() != "SET" {
			o.t.Fatalf("%s: %v, %v", statement, tag, err)
		}
	}
	exec(`SET session_replication_role = replica`)
	return exec
}
