package ledger

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"harkara/internal/custody"
	"harkara/internal/engine/postgres"
	"harkara/internal/label"
)

func numbered(t testing.TB, number string) custody.Command {
	t.Helper()
	c := opening(newCode(t))
	c.Opening.Number = number
	return c
}

// holders are the files that have a number.
func holders(t testing.TB, s *Store, number string) (codes []label.Code) {
	t.Helper()
	rows, err := s.Numbered(t.Context(), number)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		codes = append(codes, r.File.Code)
	}
	return codes
}

// A number that a file has is asked about, whatever that file is: stored, open, closed.
func TestANumberThatAFileHasIsAskedAbout(t *testing.T) {
	s, d := open(t).store, newDecider()
	first := numbered(t, "S.O-(O&M) 2(5)/2013")
	if _, err := s.Open(t.Context(), first, custody.People); err != nil {
		t.Fatal(err)
	}
	ask := func(when string) {
		t.Helper()
		var taken custody.NumberTaken
		again := numbered(t, "s.o\u2013(o&m)2(۵)/2013\u200f")
		_, err := s.Open(t.Context(), again, custody.People)
		if !errors.As(err, &taken) || !errors.Is(err, custody.ErrNumberTaken) || len(taken.Files) != 1 || taken.Files[0].File.Code != first.Code || taken.Files[0].File.Number != first.Opening.Number {
			t.Errorf("%s: %v, %+v", when, err, taken.Files)
		}
		if _, err := s.Command(t.Context(), again.ID); !errors.Is(err, custody.ErrNotFound) {
			t.Errorf("%s: stored, %v", when, err)
		}
		if receipt, err := s.Open(t.Context(), first, custody.People); err != nil || !receipt.Repeated {
			t.Errorf("%s: sent again: %+v, %v", when, receipt, err)
		}
	}
	ask("stored")
	drain(t, s, d)
	ask("open")
	put(t, s, custody.Command{ID: newID(), Kind: custody.Close, Code: first.Code, Method: custody.ByHand})
	drain(t, s, d)
	ask("closed")

	yes := numbered(t, first.Opening.Number)
	yes.Opening.Anyway = true
	if _, err := s.Open(t.Context(), yes, custody.People); err != nil {
		t.Error(err)
	}
	drain(t, s, d)
	if codes := holders(t, s, first.Opening.Number); len(codes) != 2 || codes[0] != yes.Code {
		t.Errorf("%v have it; the open one is %s", codes, yes.Code)
	}
	audit(t, s)
}

// Of clerks who open one number at the same moment one is the first; all others are
// told of that file.
func TestOneOfManyOpensANumber(t *testing.T) {
	o := open(t)
	const numbers, clerks = 5, 6
	stores := []*Store{o.store, connect(t, o.url(postgres.App))}
	var wg sync.WaitGroup
	var opened [numbers]atomic.Int64
	for n := range numbers {
		for clerk := range clerks {
			c := numbered(t, fmt.Sprintf("C/%d", n))
			wg.Go(func() {
				_, err := stores[clerk%2].Open(t.Context(), c, custody.People)
				var taken custody.NumberTaken
				switch {
				case err == nil:
					opened[n].Add(1)
				case !errors.As(err, &taken) || len(taken.Files) != 1:
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	drain(t, o.store, newDecider())
	for n := range numbers {
		if codes := holders(t, o.store, fmt.Sprintf("C/%d", n)); opened[n].Load() != 1 || len(codes) != 1 {
			t.Errorf("C/%d: opened %d times, %d files have it", n, opened[n].Load(), len(codes))
		}
	}
	audit(t, o.store)
}

// An opening that is refused lets its number go; the label of a file that exists is that
// file's to refuse, also with its own number.
func TestARefusedOpeningLetsItsNumberGo(t *testing.T) {
	s, d := open(t).store, newDecider()
	first := numbered(t, "C/1")
	if _, err := s.Open(t.Context(), first, custody.People); err != nil {
		t.Fatal(err)
	}
	drain(t, s, d)
	for _, number := range []string{"C/2", "C/1"} {
		again := numbered(t, number)
		again.Code = first.Code
		if _, err := s.Open(t.Context(), again, custody.People); err != nil {
			t.Fatal(number, err)
		}
		if out := drain(t, s, d); len(out) != 1 || out[0].Reason != custody.AlreadyOpen {
			t.Errorf("%s: %+v", number, out)
		}
	}
	if codes := holders(t, s, "C/2"); len(codes) != 0 {
		t.Errorf("nobody has it, but %v", codes)
	}
	if codes := holders(t, s, "C/1"); len(codes) != 1 {
		t.Errorf("one has it, not %v", codes)
	}
	audit(t, s)
}

// What a station opens is stored and never asked about; its number counts from then on.
// So do the numbers of files that an earlier program opened.
func TestNumbersOfFilesThatNobodyAskedFor(t *testing.T) {
	o := open(t)
	s, d := o.store, newDecider()
	first, second := numbered(t, "C/7\x00"), numbered(t, "c / 7\u200f")
	put(t, s, first, second)
	drain(t, s, d)
	check := func(when string) {
		t.Helper()
		if codes := holders(t, s, second.Opening.Number); len(codes) != 1 || codes[0] != second.Code {
			t.Errorf("%s: %v have it", when, codes)
		}
		if _, err := s.Open(t.Context(), numbered(t, "C/7"), custody.People); !errors.Is(err, custody.ErrNumberTaken) {
			t.Errorf("%s: %v", when, err)
		}
	}
	check("opened")
	owner := raw(t, o.url(postgres.Owner))
	if tag, err := owner.Exec(t.Context(), `DELETE FROM numbers`); err != nil || tag.RowsAffected() != 2 {
		t.Fatal(tag, err)
	}
	for range 2 {
		if err := Migrate(t.Context(), o.url(postgres.Owner)); err != nil {
			t.Fatal(err)
		}
		check("after an upgrade")
	}
	alike, err := s.Alike(t.Context(), second.Opening.Subject, second.Opening.Department)
	if err != nil || len(alike) != 2 {
		t.Errorf("%d of one subject, %v", len(alike), err)
	}
}
