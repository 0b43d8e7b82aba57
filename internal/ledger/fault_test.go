package ledger

import (
	"context"
	"errors"
	"testing"
	"time"

	"harkara/internal/custody"
	"harkara/internal/engine/postgres"
)

// operation is something done to a ledger that may fail in between.
type operation struct {
	name  string
	text  string // of the statement, or of its commit, that makes it so
	begin func(t *testing.T, s *Store, d *decider) (do func(ctx context.Context, s *Store) error, done func(t *testing.T, s *Store))
}

const committing = "commit\x00" // as the driver ends a transaction

var operations = []operation{
	{"put", "store_commands", func(t *testing.T, s *Store, d *decider) (func(context.Context, *Store) error, func(*testing.T, *Store)) {
		code := newCode(t)
		commands := []custody.Command{opening(code), scanning(code)}
		return func(ctx context.Context, s *Store) error {
				receipts, err := s.Put(ctx, commands)
				if err == nil && (receipts[0].Seq != 1 || receipts[1].Seq != 2) {
					return errors.New("out of order")
				}
				return err
			}, func(t *testing.T, s *Store) {
				if n, err := s.Undecided(t.Context(), code); n != 2 || err != nil {
					t.Errorf("%d stored, %v", n, err)
				}
				drain(t, s, d)
			}
	}},
	{"store resolved", "INSERT INTO resolved", func(t *testing.T, s *Store, d *decider) (func(context.Context, *Store) error, func(*testing.T, *Store)) {
		c := opening(newCode(t))
		put(t, s, c)
		form := custody.Resolved{Command: c}.Bytes()
		return func(ctx context.Context, s *Store) error {
				return s.StoreResolved(ctx, map[custody.CommandID][]byte{c.ID: form}, nil)
			}, func(t *testing.T, s *Store) {
				work := lease(t, s, "me", 1)
				if len(work) != 1 || string(work[0].Resolved) != string(form) {
					t.Errorf("%+v", work)
				}
				if err := s.Release(t.Context(), "me", c.Code, time.Minute); err != nil {
					t.Error(err)
				}
			}
	}},
	{"store contents", committing, func(t *testing.T, s *Store, d *decider) (func(context.Context, *Store) error, func(*testing.T, *Store)) {
		c := opening(newCode(t))
		put(t, s, c)
		contents, digest := relied(7)
		form := custody.Resolved{Command: c}.Bytes()
		return func(ctx context.Context, s *Store) error {
				return s.StoreResolved(ctx, map[custody.CommandID][]byte{c.ID: form}, contents)
			}, func(t *testing.T, s *Store) {
				if got, err := s.Contents(t.Context(), []custody.Digest{digest}); err != nil || len(got) != 1 {
					t.Errorf("%v, %v", got, err)
				}
				if work := lease(t, s, "me", 1); len(work) != 1 || string(work[0].Resolved) != string(form) {
					t.Errorf("%+v", work)
				}
				if err := s.Release(t.Context(), "me", c.Code, time.Minute); err != nil {
					t.Error(err)
				}
			}
	}},
	{"read contents", "FROM contents", func(t *testing.T, s *Store, d *decider) (func(context.Context, *Store) error, func(*testing.T, *Store)) {
		contents, digest := relied(8)
		if err := s.StoreResolved(t.Context(), nil, contents); err != nil {
			t.Fatal(err)
		}
		return func(ctx context.Context, s *Store) error {
			got, err := s.Contents(ctx, []custody.Digest{digest})
			if errors.Is(err, custody.ErrContents) {
				t.Errorf("a database that is away has lost them: %v", err)
			}
			if err == nil && string(got[digest].Bytes()) != string(contents[digest].Bytes()) {
				return errors.New("other contents")
			}
			return err
		}, func(*testing.T, *Store) {}
	}},
	{"amend", "store_commands", func(t *testing.T, s *Store, d *decider) (func(context.Context, *Store) error, func(*testing.T, *Store)) {
		code := newCode(t)
		put(t, s, opening(code))
		drain(t, s, d)
		c := amending(code, "AMENDED/"+string(code), "")
		return func(ctx context.Context, s *Store) error {
				_, err := s.PutNamed(ctx, c, custody.People)
				return err
			}, func(t *testing.T, s *Store) {
				drain(t, s, d)
				if row, err := s.File(t.Context(), code); err != nil || row.File.Number != numberOf(c) {
					t.Errorf("%+v, %v", row, err)
				}
			}
	}},
	{"lease", "WITH ready", func(t *testing.T, s *Store, d *decider) (func(context.Context, *Store) error, func(*testing.T, *Store)) {
		code := newCode(t)
		put(t, s, opening(code))
		return func(ctx context.Context, s *Store) error {
				_, err := s.Lease(ctx, "me", custody.Each(10), 0) // runs out at once
				return err
			}, func(t *testing.T, s *Store) {
				if outs := drain(t, s, d); len(outs) != 1 {
					t.Errorf("%+v", outs)
				}
			}
	}},
	{"commit", committing, func(t *testing.T, s *Store, d *decider) (func(context.Context, *Store) error, func(*testing.T, *Store)) {
		code := newCode(t)
		put(t, s, opening(code), scanning(code))
		work := lease(t, s, "me", 1)
		out, err := d.decide(work[0])
		if err != nil {
			t.Fatal(err)
		}
		return func(ctx context.Context, s *Store) error {
				faults, err := s.Commit(ctx, []custody.Outcome{out})
				return errors.Join(append(faults, err)...)
			}, func(t *testing.T, s *Store) {
				if got, err := s.Await(t.Context(), out.Command); err != nil || got.Reason != custody.Opened {
					t.Errorf("%+v, %v", got, err)
				}
				drain(t, s, d)
			}
	}},
	{"record a rung", committing, func(t *testing.T, s *Store, d *decider) (func(context.Context, *Store) error, func(*testing.T, *Store)) {
		code := newCode(t)
		put(t, s, opening(code))
		drain(t, s, d)
		rung := d.climb(t, s, code)
		return func(ctx context.Context, s *Store) error { return record(ctx, s, rung) }, func(t *testing.T, s *Store) {
			if n := noticesOf(t, s, code); n != 2 {
				t.Errorf("%d notices", n)
			}
		}
	}},
	{"fail", committing, func(t *testing.T, s *Store, d *decider) (func(context.Context, *Store) error, func(*testing.T, *Store)) {
		c := opening(newCode(t))
		put(t, s, c)
		lease(t, s, "me", 1)
		return func(ctx context.Context, s *Store) error {
				_, err := s.Fail(ctx, "me", c.ID, errors.New("no"), true, 0)
				return err
			}, func(t *testing.T, s *Store) {
				if err := s.Void(t.Context(), c.ID, custody.Actor{Person: "admin"}, "test"); err != nil {
					t.Error(err)
				}
				work := lease(t, s, "me", 1)
				refused := custody.Outcome{Command: c.ID, Seq: 1, Verdict: custody.Refused, Reason: custody.Voided}
				refused.Position.File = c.Code
				if err := record(t.Context(), s, refused); err != nil || len(work) != 1 {
					t.Error(work, err)
				}
			}
	}},
	{"deliver", committing, func(t *testing.T, s *Store, d *decider) (func(context.Context, *Store) error, func(*testing.T, *Store)) {
		code := newCode(t)
		put(t, s, opening(code))
		drain(t, s, d)
		rung := d.climb(t, s, code)
		if err := record(t.Context(), s, rung); err != nil {
			t.Fatal(err)
		}
		before := end(t, s)
		return func(ctx context.Context, s *Store) error {
				return s.SettleNotice(ctx, 0, rung.Notices[0].Key, Delivered, "")
			}, func(t *testing.T, s *Store) {
				if n := end(t, s) - before; n != 1 {
					t.Errorf("told of %d times", n)
				}
			}
	}},
	{"set office", committing, setting("first")},
	{"write reference data", "INSERT INTO reference", setting("second")},
}

// setting alters the office; done twice it is one change.
func setting(name string) func(*testing.T, *Store, *decider) (func(context.Context, *Store) error, func(*testing.T, *Store)) {
	return func(t *testing.T, s *Store, _ *decider) (func(context.Context, *Store) error, func(*testing.T, *Store)) {
		before, err := s.Changes(t.Context(), 10)
		if err != nil {
			t.Fatal(err)
		}
		s.offices.expire()
		now, err := s.Office(t.Context(), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		o := sample()
		o.Revision, o.Name.En = now.Revision, name
		var by *Store
		return func(ctx context.Context, s *Store) error {
				by = s
				return s.SetOffice(ctx, o, "test", "because")
			}, func(t *testing.T, s *Store) {
				if changes, err := s.Changes(t.Context(), 10); len(changes) != len(before)+1 || err != nil {
					t.Errorf("%+v, %v", changes, err)
				}
				if got, err := by.Office(t.Context(), newestFrom(t, s)); err != nil || got.Name.En != name {
					t.Errorf("%+v, %v", got, err)
				}
			}
	}
}

func end(t *testing.T, s *Store) int64 {
	t.Helper()
	_, seq, err := s.Board(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return seq
}

// Every operation that fails in between, and is then done again, was done once.
func TestOperationsOverAFailingDatabase(t *testing.T) {
	for _, f := range []fault{refused, lost, slow} {
		t.Run(string(f), func(t *testing.T) {
			o := open(t)
			p, address := through(t, o.url(postgres.App))
			s := connect(t, address)
			s.patience = 0
			d := newDecider()
			for _, op := range operations {
				t.Run(op.name, func(t *testing.T) {
					s.pool.Reset() // what the last fault cut may lie in it unnoticed
					do, done := op.begin(t, o.store, d)
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					struck := p.strike(f, op.text)
					failed := make(chan error, 1)
					go func() { failed <- do(ctx, s) }()
					select {
					case <-struck:
					case err := <-failed:
						t.Fatalf("not struck; %v", err)
					}
					if f == slow {
						cancel() // the caller has waited long enough
					}
					err := <-failed
					if err == nil {
						t.Fatal("reported as done")
					}
					if f == slow && !errors.Is(err, context.Canceled) {
						t.Errorf("a slow database: %v", err)
					}
					if op.name == "put" && !errors.Is(err, custody.ErrNotStored) {
						t.Errorf("a station is told %v", err)
					}
					audit(t, o.store)
					p.heal()
					if err := do(t.Context(), s); err != nil {
						t.Fatalf("done again: %v", err)
					}
					done(t, o.store)
					audit(t, o.store)
				})
			}
		})
	}
}

// A station's scan outlives a database that restarts under it.
func TestPutWaitsForADatabaseThatComesBack(t *testing.T) {
	o := open(t)
	p, address := through(t, o.url(postgres.App))
	s := connect(t, address)
	put(t, s, opening(newCode(t)))
	for _, f := range []fault{refused, lost} {
		p.strike(f, "store_commands")
		p.refuse(5) // and the next connections too
		put(t, s, opening(newCode(t)))
	}
	audit(t, o.store)
}

// A listener that loses its connection misses nothing for longer than a poll.
func TestBellComesBack(t *testing.T) {
	o := open(t)
	p, address := through(t, o.url(postgres.App))
	s := connect(t, address)
	c := opening(newCode(t))
	put(t, o.store, c)
	answer := make(chan error, 1)
	go func() {
		_, err := s.Await(t.Context(), c.ID)
		answer <- err
	}()
	p.refuse(3)
	drain(t, o.store, newDecider())
	for {
		select {
		case err := <-answer:
			if err != nil && !away(err) {
				t.Error(err)
			}
			if err == nil {
				return
			}
			go func() { // its own question was cut off
				_, err := s.Await(t.Context(), c.ID)
				answer <- err
			}()
		case <-t.Context().Done():
			t.Fatal("never told")
		}
	}
}
