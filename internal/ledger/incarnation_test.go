package ledger

import (
	"context"
	"errors"
	"testing"
	"time"

	"harkara/internal/custody"
	"harkara/internal/engine/postgres"
)

// Who joins first says where the workflows live. Another Temporal is not joined, nor one in
// which they are only being made.
func TestJoin(t *testing.T) {
	s := open(t).store
	ctx := t.Context()
	joins := func(temporal string, want error) {
		t.Helper()
		if in, err := s.Join(ctx, temporal); !errors.Is(err, want) || err == nil && in.Temporal != temporal {
			t.Errorf("join %s: %+v, %v", temporal, in, err)
		}
	}
	joins("one", nil)
	joins("one", nil)
	joins("two", ErrElsewhere)
	first, err := s.Reincarnate(ctx, "two")
	if err != nil || first.Number != 1 || first.Ended || first.Made != 0 {
		t.Fatalf("%+v, %v", first, err)
	}
	joins("two", ErrHalfMade)
	joins("one", ErrElsewhere)
	if err := s.Remade(ctx, 1, "20000000000000", 7, false); err != nil {
		t.Fatal(err)
	}
	again, err := s.Reincarnate(ctx, "two")
	if err != nil || again.Number != 1 || again.After != "20000000000000" || again.Made != 7 {
		t.Errorf("gone on with: %+v, %v", again, err)
	}
	if other, err := s.Reincarnate(ctx, "three"); err != nil || other.Number != 2 || other.After != "" || other.Made != 0 {
		t.Errorf("begun elsewhere: %+v, %v", other, err)
	}
	if err := s.Remade(ctx, 1, "", 1, true); !errors.Is(err, custody.ErrIncarnation) {
		t.Errorf("the one before ends: %v", err)
	}
	joins("three", ErrHalfMade)
	if err := s.Remade(ctx, 2, "", 0, true); err != nil {
		t.Fatal(err)
	}
	joins("three", nil)
	if err := s.Remade(ctx, 2, "", 1, true); !errors.Is(err, custody.ErrIncarnation) {
		t.Errorf("ended twice: %v", err)
	}
}

// Whatever a surviving program of the incarnation before says is refused, and leaves no
// trace; nothing is given to anybody before the new one is made.
func TestTheLedgerRefusesAnotherIncarnation(t *testing.T) {
	o := open(t)
	old, s, d := o.store, connect(t, o.url(postgres.App)), newDecider()
	ctx := t.Context()
	code, moved := newCode(t), newCode(t)
	put(t, old, opening(code), opening(moved))
	drain(t, old, d)
	rung := d.climb(t, old, code) // by mail
	if err := record(ctx, old, rung); err != nil {
		t.Fatal(err)
	}
	scan, fresh := scanning(moved), opening(newCode(t))
	put(t, old, scan, fresh)
	var late []custody.Outcome // decided, and not committed
	for _, w := range lease(t, old, "me", 100) {
		out, err := d.decide(w)
		if err != nil {
			t.Fatal(err)
		}
		late = append(late, out)
	}
	pending, err := old.PendingNotices(ctx, 10)
	if err != nil || len(pending) != 2 || len(late) != 2 {
		t.Fatal(len(pending), len(late), err)
	}
	if err := old.NoticesStarted(ctx, []string{pending[0].Key}); err != nil {
		t.Fatal(err)
	}
	_, before, err := old.Board(ctx)
	if err != nil {
		t.Fatal(err)
	}

	if _, err := s.Reincarnate(ctx, "elsewhere"); err != nil {
		t.Fatal(err)
	}
	conn := raw(t, o.url(postgres.Owner))
	if _, err := conn.Exec(ctx, `UPDATE queues SET lease_until = '-infinity'`); err != nil { // as if it had run out
		t.Fatal(err)
	}
	faults, err := old.Commit(ctx, late)
	if err != nil || !errors.Is(faults[0], custody.ErrIncarnation) || !errors.Is(faults[1], custody.ErrIncarnation) {
		t.Errorf("outcomes: %v, %v", faults, err)
	}
	waker := d.states[code].Position().Waker()
	for name, err := range map[string]error{
		"wake":    old.Wake(ctx, 0, waker),
		"settle":  old.SettleNotice(ctx, 0, pending[0].Key, Delivered, ""),
		"current": old.Current(ctx, 0),
	} {
		if !errors.Is(err, custody.ErrIncarnation) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, store := range map[string]*Store{"old": old, "new, half made": s} {
		if work := lease(t, store, "other", 100); len(work) > 0 {
			t.Errorf("%s: leased %d", name, len(work))
		}
		if list, err := store.PendingNotices(ctx, 10); err != nil || len(list) > 0 {
			t.Errorf("%s: given %d notices, %v", name, len(list), err)
		}
	}
	if _, err := s.File(ctx, fresh.Code); !errors.Is(err, custody.ErrNotFound) {
		t.Errorf("a file of the one before: %v", err)
	}
	untold, err := s.Untold(ctx, 10)
	if err != nil || len(untold) != 1 || untold[0].Notice.Key != pending[0].Key || untold[0].State != Unconfirmed || untold[0].Detail != Rebuilt {
		t.Errorf("deliveries under way: %+v, %v", untold, err)
	}
	if events, err := s.Feed(ctx, before, 10); err != nil || len(events) != 1 || events[0].Reason != custody.Told || !events[0].At.Equal(untold[0].Changed) {
		t.Errorf("feed: %+v, %v", events, err)
	}

	if err := s.Remade(ctx, 1, "", 2, true); err != nil {
		t.Fatal(err)
	}
	if work := lease(t, old, "other", 100); len(work) > 0 {
		t.Errorf("the old one leased %d", len(work))
	}
	if err := s.Wake(ctx, 1, waker); err != nil {
		t.Error(err)
	}
	work := lease(t, s, "other", 100)
	if len(work) != 3 {
		t.Fatalf("leased %d", len(work))
	}
	again := newDecider() // what was never committed was never decided
	again.contents = d.contents
	for _, w := range work {
		if w.Incarnation != 1 {
			t.Errorf("leased for incarnation %d", w.Incarnation)
		}
		if w.Exists {
			stored, err := s.Entries(ctx, w.File)
			if err != nil {
				t.Fatal(err)
			}
			_, entries, err := custody.Chain(custody.Head{}, w.File, stored)
			if err != nil {
				t.Fatal(err)
			}
			state := custody.Replay(w.File, entries)
			state.Seq = w.Seq - 1
			again.states[w.File] = state
		}
		out, err := again.decide(w)
		if err != nil {
			t.Fatal(err)
		}
		out.Incarnation = w.Incarnation
		if err := record(ctx, s, out); err != nil {
			t.Error(err)
		}
	}
	audit(t, s)
}

// A commit that is under way when another incarnation begins is kept whole before that, or
// refused whole after it.
func TestACommitStandsBeforeOrAfterTheNextIncarnation(t *testing.T) {
	o := open(t)
	s, d := o.store, newDecider()
	code := newCode(t)
	put(t, s, opening(code))
	drain(t, s, d)
	put(t, s, scanning(code))
	work := lease(t, s, "me", 1)
	out, err := d.decide(work[0])
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	conn := raw(t, o.url(postgres.App))
	tx, err := conn.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(ctx, lockIncarnations); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(ctx, beginIncarnation, 1, "elsewhere"); err != nil {
		t.Fatal(err)
	}
	committed := make(chan error, 1)
	go func() { committed <- record(ctx, s, out) }()
	watcher := raw(t, o.url(postgres.Owner))
	for waits := false; !waits; { // until the commit stands before the lock
		if err := watcher.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_class c ON c.oid = l.relation WHERE c.relname = 'incarnations' AND NOT l.granted)`).Scan(&waits); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case err := <-committed:
		t.Fatalf("it did not wait: %v", err)
	default:
	}
	if err := tx.Commit(ctx); err != nil {
		t.Fatal(err)
	}
	if err := <-committed; !errors.Is(err, custody.ErrIncarnation) {
		t.Errorf("after it: %v", err)
	}
	if entries, err := s.Entries(ctx, code); err != nil || len(entries) != 1 {
		t.Errorf("%d entries, %v", len(entries), err)
	}
}
