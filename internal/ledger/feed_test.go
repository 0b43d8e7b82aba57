package ledger

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"harkara/internal/custody"
	"harkara/internal/engine/postgres"
)

// Whoever reads the feed with a cursor while many processes write never misses a
// number.
func TestFeedIsInCommitOrder(t *testing.T) {
	o := open(t)
	d := newDecider()
	const files, each, processes = 12, 8, 4
	var writing, reading sync.WaitGroup
	for range files {
		writing.Go(func() {
			code := newCode(t)
			commands := []custody.Command{opening(code)}
			for range each - 1 {
				commands = append(commands, scanning(code))
			}
			if _, err := o.store.Put(t.Context(), commands); err != nil {
				t.Error(err)
			}
		})
	}
	writing.Wait()
	for n := range processes {
		s := connect(t, o.url(postgres.App))
		writing.Go(func() { dispatch(t, s, d, fmt.Sprint(n)) })
	}
	done := make(chan struct{})
	go func() { writing.Wait(); close(done) }()
	ends := make([]int64, 3)
	for n := range ends {
		s := o.store
		if n > 0 {
			s = connect(t, o.url(postgres.App))
		}
		reading.Go(func() { ends[n] = follow(t, s, done) })
	}
	reading.Wait()
	rows, seq, err := o.store.Board(t.Context())
	if err != nil || len(rows) != files {
		t.Errorf("board has %d files; %v", len(rows), err)
	}
	for n, end := range ends {
		if end != seq {
			t.Errorf("reader %d saw the feed up to %d, board stands at %d", n, end, seq)
		}
	}
	audit(t, o.store)
}

// dispatch decides three files at a time and commits each outcome by itself, until
// nothing is left.
func dispatch(t *testing.T, s *Store, d *decider, owner string) {
	for {
		work, err := s.Lease(t.Context(), owner, custody.Each(3), time.Minute)
		if err != nil {
			t.Error(err)
			return
		}
		var wg sync.WaitGroup
		for _, w := range work {
			out, err := d.decide(w)
			if err != nil {
				t.Error(err)
				return
			}
			wg.Go(func() {
				if err := record(t.Context(), s, out); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if left, _, err := s.Backlog(t.Context()); err != nil || left == 0 {
			return
		}
	}
}

// follow reads the feed until the writers are done and nothing more comes, and
// returns the last number.
func follow(t *testing.T, s *Store, done <-chan struct{}) (cursor int64) {
	changed, stop := s.Watch()
	defer stop()
	for finished := false; ; {
		events, err := s.Feed(t.Context(), cursor, 7)
		if err != nil {
			t.Error(err)
			return cursor
		}
		for _, e := range events {
			if e.Seq != cursor+1 {
				t.Errorf("read %d after %d", e.Seq, cursor)
			}
			if e.Row.Position.File != e.Row.File.Code || e.Reason == "" {
				t.Errorf("%+v", e)
			}
			cursor = e.Seq
		}
		switch {
		case len(events) > 0:
		case finished:
			return cursor
		default:
			select {
			case <-changed:
			case <-done:
				finished = true
			}
		}
	}
}

// Answers and changes reach another process's store.
func TestBellRingsElsewhere(t *testing.T) {
	o := open(t)
	other := connect(t, o.url(postgres.App))
	c := opening(newCode(t))
	put(t, o.store, c)
	answers := make(chan error, 2)
	go func() {
		_, err := other.Await(t.Context(), c.ID)
		answers <- err
	}()
	go func() { answers <- other.Changed(t.Context(), 0) }()
	drain(t, o.store, newDecider())
	for range 2 {
		if err := <-answers; err != nil {
			t.Error(err)
		}
	}
}

// NOTIFY alone wakes another process, where no poll would for an hour.
func TestBellDoesNotWaitForThePoll(t *testing.T) {
	s := open(t).store
	var bells [2]*bell
	for i := range bells {
		bells[i] = newBell(s.pool, s.answers, slog.New(slog.DiscardHandler), time.Hour)
		t.Cleanup(bells[i].close)
	}
	woken, stop := bells[1].watch(bells[1].work)
	defer stop()
	<-woken // it listens
	for range 3 {
		bells[0].ring(true)
		<-woken
	}
}

// A dispatcher is told of commands that it may take, also of those behind one that was
// answered, and of nothing else.
func TestReadyTellsOfWork(t *testing.T) {
	s := open(t).store
	s.bell.close()
	s.bell = newBell(s.pool, s.answers, slog.New(slog.DiscardHandler), time.Hour)
	ready, stop := s.Ready()
	defer stop()
	<-ready // it listens
	told := func() bool {
		select {
		case <-ready:
			return true
		default:
			return false
		}
	}
	d := newDecider()
	decide := func() {
		work := lease(t, s, "me", 1)
		if len(work) != 1 {
			t.Fatalf("%d are leased", len(work))
		}
		out, err := d.decide(work[0])
		if err == nil {
			err = record(t.Context(), s, out)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	code := newCode(t)
	put(t, s, opening(code), scanning(code))
	if !told() {
		t.Error("not of what was stored")
	}
	decide()
	if !told() {
		t.Error("not of the command behind one that was answered")
	}
	decide()
	if told() {
		t.Error("of an answer that nothing waited for")
	}
}

func TestWaitingEndsWithItsContext(t *testing.T) {
	s := open(t).store
	c := opening(newCode(t))
	put(t, s, c)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 2)
	go func() { ended <- s.Changed(ctx, 0) }()
	go func() {
		_, err := s.Await(ctx, c.ID)
		ended <- err
	}()
	cancel()
	for range 2 {
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
	s.bell.mu.Lock()
	defer s.bell.mu.Unlock()
	if len(s.bell.waiters) != 0 || len(s.bell.changes)+len(s.bell.work) != 0 {
		t.Error("who left is still waited for")
	}
}
