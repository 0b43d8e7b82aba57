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
	return entitled(opening(newCode(t)), number, "بجٹ")
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
	if _, err := s.PutNamed(t.Context(), first, custody.People); err != nil {
		t.Fatal(err)
	}
	ask := func(when string) {
		t.Helper()
		var taken custody.NumberTaken
		again := numbered(t, "s.o\u2013(o&m)2(۵)/2013\u200f")
		_, err := s.PutNamed(t.Context(), again, custody.People)
		if !errors.As(err, &taken) || !errors.Is(err, custody.ErrNumberTaken) || len(taken.Files) != 1 || taken.Files[0].File.Code != first.Code || taken.Files[0].File.Number != begun(first).Number {
			t.Errorf("%s: %v, %+v", when, err, taken.Files)
		}
		if _, err := s.Command(t.Context(), again.ID); !errors.Is(err, custody.ErrNotFound) {
			t.Errorf("%s: stored, %v", when, err)
		}
		if receipt, err := s.PutNamed(t.Context(), first, custody.People); err != nil || !receipt.Repeated {
			t.Errorf("%s: sent again: %+v, %v", when, receipt, err)
		}
	}
	ask("stored")
	drain(t, s, d)
	ask("open")
	put(t, s, custody.Command{ID: newID(), Kind: custody.Close, Code: first.Code, Method: custody.ByHand})
	drain(t, s, d)
	ask("closed")

	yes := numbered(t, begun(first).Number)
	o := begun(yes)
	o.Anyway = true
	yes.With = o
	if _, err := s.PutNamed(t.Context(), yes, custody.People); err != nil {
		t.Error(err)
	}
	drain(t, s, d)
	if codes := holders(t, s, begun(first).Number); len(codes) != 2 || codes[0] != yes.Code {
		t.Errorf("%v have it; the open one is %s", codes, yes.Code)
	}
	audit(t, s)
}

func amending(code label.Code, number, subject string) custody.Command {
	return custody.Command{ID: newID(), Kind: custody.Amend, Code: code, Method: custody.ByHand, Reason: "a slip", With: custody.Naming{Number: number, Subject: subject}}
}

// An amendment is asked about as an opening is; once it is decided the number that the
// file had is free, and the new one its own, in whatever order amendments come.
func TestAmendments(t *testing.T) {
	s, d := open(t).store, newDecider()
	first, other := numbered(t, "C/1"), numbered(t, "C/2")
	put(t, s, first, other)
	drain(t, s, d)
	amend := func(c custody.Command) error {
		_, err := s.PutNamed(t.Context(), c, custody.People)
		return err
	}
	var taken custody.NumberTaken
	if err := amend(amending(first.Code, "c / 2", "")); !errors.As(err, &taken) || len(taken.Files) != 1 || taken.Files[0].File.Code != other.Code {
		t.Errorf("%v, %+v", err, taken)
	}
	for i, tt := range []struct {
		name            string
		amends          []custody.Command
		number, subject string
		free            []string
	}{
		{"the subject alone", []custody.Command{amending(first.Code, "", "new")}, "C/1", "new", []string{"C/3"}},
		{"the number alone", []custody.Command{amending(first.Code, "C/3", "")}, "C/3", "new", []string{"C/1"}},
		{"both, twice before one is decided", []custody.Command{amending(first.Code, "C/4", "four"), amending(first.Code, "C/5", "five")}, "C/5", "five", []string{"C/3", "C/4"}},
		{"there and back", []custody.Command{amending(first.Code, "C/6", ""), amending(first.Code, "C/5", "")}, "C/5", "five", []string{"C/6"}},
		{"as it is written", []custody.Command{amending(first.Code, "c/5", "")}, "c/5", "five", nil},
	} {
		for _, c := range tt.amends {
			if err := amend(c); err != nil {
				t.Fatal(tt.name, err)
			}
			if number := numberOf(c); number != "" && len(holders(t, s, number)) != 1 {
				t.Errorf("%s: stored, %v have %s", tt.name, holders(t, s, number), number)
			}
		}
		outs := drain(t, s, d)
		if len(outs) != len(tt.amends) || outs[0].Reason != custody.Amended {
			t.Errorf("%s: %+v", tt.name, outs)
		}
		if row, err := s.File(t.Context(), first.Code); err != nil || row.File.Number != tt.number || row.File.Subject != tt.subject {
			t.Errorf("%s: %+v, %v", tt.name, row.File, err)
		}
		if codes := holders(t, s, tt.number); len(codes) != 1 || codes[0] != first.Code {
			t.Errorf("%s: %v have %s", tt.name, codes, tt.number)
		}
		for _, number := range tt.free {
			if codes := holders(t, s, number); len(codes) != 0 {
				t.Errorf("%s: %v still have %s", tt.name, codes, number)
			}
		}
		for range i { // what was decided claims nothing again
			if err := amend(tt.amends[0]); err != nil {
				t.Error(err)
			}
		}
		audit(t, s)
	}
	yes := amending(other.Code, "C/5", "")
	yes.With = custody.Naming{Number: "C/5", Anyway: true}
	if err := amend(yes); err != nil {
		t.Error(err)
	}
	if outs := drain(t, s, d); len(outs) != 1 || len(holders(t, s, "C/5")) != 2 {
		t.Errorf("%+v", outs)
	}
	stranger := amending(newCode(t), "C/7", "") // of no file
	if err := amend(stranger); err != nil {
		t.Error(err)
	}
	drain(t, s, d)
	if codes := holders(t, s, "C/7"); len(codes) != 0 {
		t.Errorf("a refused amendment: %v", codes)
	}
	audit(t, s)
}

// What a file that is not open to everybody is about stands in no row, and nobody finds
// it by that; the words and the registry have it.
func TestASecretSubjectLeavesTheLedgerAsAWordAlone(t *testing.T) {
	s, d := open(t).store, newDecider()
	c := opening(newCode(t))
	c = entitled(c, begun(c).Number, canary)
	put(t, s, c)
	drain(t, s, d)
	classify := func(class custody.Class) {
		t.Helper()
		put(t, s, custody.Command{ID: newID(), Kind: custody.Classify, Code: c.Code, Method: custody.ByHand, Who: "gul", Reason: "order", With: custody.Classification{Class: class.Name()}})
		if outs := drain(t, s, d); len(outs) != 1 || outs[0].Reason != custody.Classified {
			t.Fatalf("%+v", outs)
		}
	}
	for _, tt := range []struct {
		class custody.Class
		shown bool
	}{{custody.Secret, false}, {custody.Confidential, false}, {custody.Ordinary, true}} {
		classify(tt.class)
		found := map[string]custody.Row{}
		row, err := s.File(t.Context(), c.Code)
		found["file"] = row
		board, seq, boardErr := s.Board(t.Context())
		found["board"] = board[0]
		events, feedErr := s.Feed(t.Context(), seq-1, 1)
		found["feed"] = events[0].Row
		byNumber, numberErr := s.Numbered(t.Context(), begun(c).Number)
		found["number"] = byNumber[0]
		alike, alikeErr := s.Alike(t.Context(), canary, begun(c).Department)
		if err := errors.Join(err, boardErr, feedErr, numberErr, alikeErr); err != nil {
			t.Fatal(err)
		}
		for name, row := range found {
			if row.File.Class != tt.class || (row.File.Subject == canary) != tt.shown || (row.File.Subject == "") == tt.shown {
				t.Errorf("%q in %s: %+v", tt.class, name, row.File)
			}
		}
		if (len(alike) == 1) != tt.shown {
			t.Errorf("%q is found by its subject: %+v", tt.class, alike)
		}
		words, err := s.Words(t.Context(), c.Code)
		if err != nil || words[c.ID][custody.SubjectField].Text != canary {
			t.Errorf("%q: %v, %v", tt.class, words, err)
		}
		audit(t, s)
	}
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
				_, err := stores[clerk%2].PutNamed(t.Context(), c, custody.People)
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
	if _, err := s.PutNamed(t.Context(), first, custody.People); err != nil {
		t.Fatal(err)
	}
	drain(t, s, d)
	for _, number := range []string{"C/2", "C/1"} {
		again := numbered(t, number)
		again.Code = first.Code
		if _, err := s.PutNamed(t.Context(), again, custody.People); err != nil {
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
func TestNumbersOfFilesThatNobodyAskedFor(t *testing.T) {
	s, d := open(t).store, newDecider()
	first, second := numbered(t, "C/7\x00"), numbered(t, "c / 7\u200f")
	put(t, s, first, second)
	drain(t, s, d)
	check := func(when string) {
		t.Helper()
		if codes := holders(t, s, begun(second).Number); len(codes) != 1 || codes[0] != second.Code {
			t.Errorf("%s: %v have it", when, codes)
		}
		if _, err := s.PutNamed(t.Context(), numbered(t, "C/7"), custody.People); !errors.Is(err, custody.ErrNumberTaken) {
			t.Errorf("%s: %v", when, err)
		}
	}
	check("opened")
	alike, err := s.Alike(t.Context(), begun(second).Subject, begun(second).Department)
	if err != nil || len(alike) != 2 {
		t.Errorf("%d of one subject, %v", len(alike), err)
	}
}

func numberOf(c custody.Command) string {
	number, _ := c.Names()
	return number
}
