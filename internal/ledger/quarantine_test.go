package ledger

import (
	"errors"
	"testing"

	"harkara/internal/custody"
	"harkara/internal/engine/postgres"
)

// Of a command that was set aside and then tried again nobody says that it was set aside.
func TestRetryAfterAVoid(t *testing.T) {
	s, d := open(t).store, newDecider()
	code := newCode(t)
	bad := scanning(code)
	bad.Who = "gul"
	put(t, s, opening(code))
	drain(t, s, d)
	put(t, s, bad)
	fail := func() {
		t.Helper()
		lease(t, s, "me", 1)
		if stuck, err := s.Fail(t.Context(), "me", bad.ID, errors.New("no"), true, 0); err != nil || !stuck {
			t.Fatal(stuck, err)
		}
	}
	fail()
	if err := s.Void(t.Context(), bad.ID, custody.Actor{Person: "admin"}, "poison"); err != nil {
		t.Fatal(err)
	}
	fail() // setting it aside failed too
	if err := s.Retry(t.Context(), bad.ID, custody.Actor{Person: "admin"}, "mended"); err != nil {
		t.Fatal(err)
	}
	work := lease(t, s, "me", 1)
	r := custody.Resolved{Version: custody.ResolvedVersion, Command: work[0].Command, Words: work[0].Words, Seq: work[0].Seq, Received: work[0].Received}
	if err := s.StoreResolved(t.Context(), map[custody.CommandID][]byte{bad.ID: r.Bytes()}, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.Release(t.Context(), "me", code, 0); err != nil {
		t.Fatal(err)
	}
	drain(t, s, d)
	words, err := s.Words(t.Context(), code)
	if w := words[bad.ID]; err != nil || len(w) != 2 || w[custody.WhoField].Text != "gul" {
		t.Errorf("%+v, %v", w, err)
	}
	audit(t, s)
}

// Nor of one that its file had taken by then.
func TestVoidOfWhatWasDecided(t *testing.T) {
	s, d := open(t).store, newDecider()
	code := newCode(t)
	bad := scanning(code)
	bad.Who = "gul"
	put(t, s, opening(code))
	drain(t, s, d)
	put(t, s, bad)
	work := lease(t, s, "me", 1)
	if _, err := d.decide(work[0]); err != nil {
		t.Fatal(err)
	}
	if stuck, err := s.Fail(t.Context(), "me", bad.ID, errors.New("no"), true, 0); err != nil || !stuck {
		t.Fatal(stuck, err)
	}
	if err := s.Void(t.Context(), bad.ID, custody.Actor{Person: "admin"}, "poison"); err != nil {
		t.Fatal(err)
	}
	if out := drain(t, s, d); len(out) != 1 || out[0].Reason == custody.Voided {
		t.Fatalf("%+v", out)
	}
	words, err := s.Words(t.Context(), code)
	if w := words[bad.ID]; err != nil || len(w) != 2 || w[custody.WhoField].Text != "gul" {
		t.Errorf("%+v, %v", w, err)
	}
	audit(t, s)
}

func TestQuarantineRetryAndVoid(t *testing.T) {
	o := open(t)
	s := o.store
	d := newDecider()
	code := newCode(t)
	bad, behind := scanning(code), scanning(code)
	put(t, s, opening(code))
	drain(t, s, d)
	put(t, s, bad, behind)
	fail := func(hopeless bool) (quarantined bool) {
		t.Helper()
		lease(t, s, "me", 1)
		quarantined, err := s.Fail(t.Context(), "me", bad.ID, errors.New("no"), hopeless, 0)
		if err != nil {
			t.Fatal(err)
		}
		return quarantined
	}
	told := make(chan error, 2) // here and in another process
	for _, waiter := range []*Store{s, connect(t, o.url(postgres.App))} {
		go func() {
			_, err := waiter.Await(t.Context(), bad.ID)
			told <- err
		}()
	}
	for n := 1; n < maxAttempts; n++ {
		if fail(false) {
			t.Fatalf("quarantined at attempt %d", n)
		}
	}
	if !fail(false) {
		t.Fatal("not quarantined at the tenth")
	}
	for range 2 {
		if err := <-told; !errors.Is(err, custody.ErrQuarantined) {
			t.Errorf("told %v", err)
		}
	}
	if work := lease(t, s, "me", 1); len(work) != 0 {
		t.Errorf("a stuck queue is leased: %+v", work)
	}
	if row, err := s.File(t.Context(), code); err != nil || !row.Quarantined || row.Pending != 2 {
		t.Errorf("%+v, %v", row, err)
	}
	if n, err := s.Undecided(t.Context(), code); n != 0 || err != nil {
		t.Errorf("a stuck queue holds the ladder up: %d, %v", n, err)
	}
	if n, _, err := s.Backlog(t.Context()); n != 0 || err != nil {
		t.Errorf("a stuck queue is backlog: %d, %v", n, err)
	}
	if stuck, err := s.Quarantined(t.Context()); err != nil || len(stuck) != 1 || stuck[0].Command.ID != bad.ID || stuck[0].File != code || stuck[0].Number == "" || stuck[0].Behind != 1 || stuck[0].Error != "no" || stuck[0].Attempts != 10 {
		t.Errorf("%+v, %v", stuck, err)
	}
	audit(t, s)

	if err := s.Retry(t.Context(), bad.ID, custody.Actor{Person: "admin"}, "engine mended"); err != nil {
		t.Fatal(err)
	}
	if fail(false) {
		t.Fatal("a retry has one attempt only")
	}
	if !fail(true) {
		t.Fatal("a hopeless failure is tried again")
	}
	if err := s.Void(t.Context(), bad.ID, custody.Actor{Person: "admin"}, "poison"); err != nil {
		t.Fatal(err)
	}
	outs := drain(t, s, d)
	if len(outs) != 2 || outs[0].Reason != custody.Voided || outs[1].Reason == custody.Voided || outs[1].Command != behind.ID {
		t.Errorf("%+v", outs)
	}
	e := outs[0].Entries[len(outs[0].Entries)-1]
	if words, err := s.Words(t.Context(), code); err != nil || e.By != (custody.Actor{Person: "admin"}) || words[bad.ID][custody.VoidReasonField].Text != "poison" || e.Words[custody.VoidReasonField] == "" {
		t.Errorf("the chain does not say who voided it: %+v, %v, %v", e, words, err)
	}
	for _, again := range []error{s.Void(t.Context(), bad.ID, custody.Actor{Person: "admin"}, "again"), s.Retry(t.Context(), newID(), custody.Actor{Person: "admin"}, "what")} {
		if !errors.Is(again, custody.ErrNotFound) {
			t.Errorf("freed what is not quarantined: %v", again)
		}
	}
	acts, err := s.Audit(t.Context(), 10)
	if err != nil || len(acts) != 2 || acts[0].Act != "void" || acts[1].Act != "retry" || acts[1].By != (custody.Actor{Person: "admin"}) || acts[1].Reason != "engine mended" || acts[1].Command != bad.ID {
		t.Errorf("%+v, %v", acts, err)
	}
	events, err := s.Feed(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	var reasons []custody.Reason
	for _, e := range events[1:] {
		reasons = append(reasons, e.Reason)
	}
	if len(reasons) < 5 || reasons[0] != custody.Stuck || reasons[1] != custody.Freed || reasons[2] != custody.Stuck || reasons[3] != custody.Freed || reasons[4] != custody.Voided {
		t.Errorf("feed has %v", reasons)
	}
	audit(t, s)
}

// Where there is no file there is no row on the feed to tell of it.
func TestQuarantineOfACodeWithoutAFile(t *testing.T) {
	s := open(t).store
	c := opening(newCode(t))
	put(t, s, c)
	lease(t, s, "me", 1)
	if quarantined, err := s.Fail(t.Context(), "me", c.ID, errors.New("no"), true, 0); !quarantined || err != nil {
		t.Fatal(quarantined, err)
	}
	if stuck, err := s.Quarantined(t.Context()); len(stuck) != 1 || err != nil || stuck[0].Number != "" || stuck[0].Behind != 0 {
		t.Errorf("%+v, %v", stuck, err)
	}
	if events, err := s.Feed(t.Context(), 0, 10); len(events) != 0 || err != nil {
		t.Errorf("%+v, %v", events, err)
	}
	if err := s.Retry(t.Context(), c.ID, custody.Actor{Person: "admin"}, "try"); err != nil {
		t.Fatal(err)
	}
	drain(t, s, newDecider())
	audit(t, s)
}

// A person who voids a command and, as that fails, has it tried again wants the
// command: it moves the file.
func TestRetryAfterAFailedVoid(t *testing.T) {
	s := open(t).store
	d := newDecider()
	code := newCode(t)
	put(t, s, opening(code))
	drain(t, s, d)
	scan := scanning(code)
	put(t, s, scan)
	fail := func() {
		t.Helper()
		lease(t, s, "me", 1)
		if quarantined, err := s.Fail(t.Context(), "me", scan.ID, errors.New("no"), true, 0); !quarantined || err != nil {
			t.Fatal(quarantined, err)
		}
	}
	fail()
	if err := s.Void(t.Context(), scan.ID, custody.Actor{Person: "admin"}, "poison"); err != nil {
		t.Fatal(err)
	}
	fail()
	if err := s.Retry(t.Context(), scan.ID, custody.Actor{Person: "admin"}, "mended"); err != nil {
		t.Fatal(err)
	}
	if outs := drain(t, s, d); len(outs) != 1 || outs[0].Command != scan.ID || outs[0].Verdict == custody.Refused || outs[0].Reason == custody.Voided {
		t.Errorf("%+v", outs)
	}
	audit(t, s)
}
