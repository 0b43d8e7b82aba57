package spool

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"harkara/internal/label"
	"harkara/scanner/gesture"
)

// clock is a station's clock that is moved by hand.
type clock struct{ Moment }

func (c *clock) now() Moment { return c.Moment }

func (c *clock) wait(d time.Duration) {
	c.Wall, c.Monotonic = c.Wall.Add(d), c.Monotonic+d
}

func newClock() *clock {
	return &clock{Moment{Wall: time.Date(2026, 1, 12, 4, 0, 0, 0, time.UTC), Boot: "first", Monotonic: time.Minute}}
}

func at(t interface{ Fatal(...any) }, path string, c *clock) *Spool {
	s, err := Open(path, c.now, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func fresh(t *testing.T) (*Spool, *clock, string) {
	t.Helper()
	path, c := filepath.Join(t.TempDir(), "spool.db"), newClock()
	s := at(t, path, c)
	t.Cleanup(func() { _ = s.Close() }) // a test may have closed it
	return s, c, path
}

func file(n uint64) string { return string(label.New(label.File, n)) }

func read(text string) gesture.Read {
	return gesture.Read{ID: uuid.NewString(), Text: text, Method: "wedge"}
}

// sent is a command as the office gets it.
type sent struct {
	ID   string       `json:"id"`
	Kind string       `json:"kind"`
	Code label.Code   `json:"code"`
	With gesture.With `json:"with"`
	At   stamp        `json:"at"`
}

// card is what a scan says beside with a desk's card.
func card(desk string) gesture.With {
	if desk == "" {
		return ""
	}
	return gesture.With(fmt.Sprintf(`{"desk":%q}`, desk))
}

func waiting(t interface{ Fatal(...any) }, s *Spool) (list []sent) {
	items, err := s.Next(10_000)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range items {
		var c sent
		if err := json.Unmarshal(i.Body, &c); err != nil {
			t.Fatal(err)
		}
		list = append(list, c)
	}
	return list
}

func TestReadsAreKeptInOrderWithTheirTime(t *testing.T) {
	s, c, path := fresh(t)
	desk := string(label.New(label.Desk, 7))
	for i, text := range []string{file(1), desk, desk, file(2), "123", file(3)} {
		c.wait(time.Second)
		if _, _, err := s.Read(read(text)); err != nil {
			t.Fatal(i, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = at(t, path, c)
	defer s.Close()
	list := waiting(t, s)
	if len(list) != 4 {
		t.Fatalf("%d commands, want 4", len(list))
	}
	for i, want := range []struct {
		code string
		desk string
		at   time.Duration
	}{{file(1), "", 1}, {file(1), desk, 2}, {file(2), desk, 4}, {file(3), desk, 6}} {
		got := list[i]
		if string(got.Code) != want.code || got.With != card(want.desk) || got.At.Seq != int64(i+1) ||
			got.At.Monotonic != time.Minute+want.at*time.Second || got.At.Boot != "first" || got.At.Wall.IsZero() {
			t.Errorf("%d: %+v, want %+v", i, got, want)
		}
	}
	if s.State().Context.With != card(desk) {
		t.Error("the open card is forgotten with the program")
	}
	c.Boot = "second"
	if s.State() != (gesture.State{}) {
		t.Error("a card is open across a boot")
	}
}

func TestPut(t *testing.T) {
	s, c, _ := fresh(t)
	id := uuid.NewString()
	wall := c.Wall.Add(-time.Hour)
	body := fmt.Sprintf(`{"id":%q,"kind":"open","opening":{"number":"<1>"},"at":{"wall":%q,"boot":"a page","seq":77,"monotonic":5}}`, id, wall.Format(time.RFC3339))
	for range 2 { // a page that got no answer says it again
		got, err := s.Put([]byte(body), Moment{})
		if err != nil || got != id {
			t.Fatal(got, err)
		}
		c.wait(time.Second)
	}
	list := waiting(t, s)
	want := stamp{Wall: wall, Seq: 1} // when that was by the station's clock nobody can tell
	if len(list) != 1 || list[0].Kind != "open" || list[0].At != want {
		t.Fatalf("%+v, want one with %+v", list, want)
	}
	for _, bad := range []string{"", "5", `{"id":5}`, `{"id":"short"}`, `[{}]`} {
		if _, err := s.Put([]byte(bad), Moment{}); !errors.Is(err, ErrForm) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	drawer, err := s.Drawer()
	if err != nil || len(drawer) != 5 || string(drawer[1].Body) != "5" || len(waiting(t, s)) != 1 {
		t.Errorf("%+v, %v", drawer, err)
	}
}

// A command that grows as it is kept, for "<" takes six bytes, does not stand in the way of
// others.
func TestPutOfWhatGrows(t *testing.T) {
	s, _, _ := fresh(t)
	big := fmt.Sprintf(`{"id":%q,"kind":"open","subject":%q}`, uuid.NewString(), strings.Repeat("<", maxPayload/2-200))
	if _, err := s.Put([]byte(big), Moment{}); !errors.Is(err, ErrForm) {
		t.Error(err)
	}
	if _, err := s.Put(fmt.Appendf(nil, `{"id":%q,"kind":"scan","code":%q}`, uuid.NewString(), file(1)), Moment{}); err != nil {
		t.Error(err)
	}
	if list := waiting(t, s); len(list) != 1 || list[0].Kind != "scan" {
		t.Errorf("%d wait", len(list))
	}
	if drawn, err := s.Drawer(); err != nil || len(drawn) != 1 {
		t.Error(len(drawn), err)
	}
}

func TestReadWithTheSameIDIsOne(t *testing.T) {
	s, _, _ := fresh(t)
	r := read(file(1))
	for range 2 {
		if _, _, err := s.Read(r); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := s.Waiting(); n != 1 || err != nil {
		t.Error(n, err)
	}
}

func TestDeliveredIsKeptForDaysOfTheOffice(t *testing.T) {
	s, c, _ := fresh(t)
	office := time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC) // weeks from the station's clock
	deliver := func(text string) {
		t.Helper()
		if _, _, err := s.Read(read(text)); err != nil {
			t.Fatal(err)
		}
		items, err := s.Next(10)
		if err != nil || len(items) != 1 {
			t.Fatal(items, err)
		}
		if err := s.Delivered(items[0].Key, office); err != nil {
			t.Fatal(err)
		}
	}
	again := func(epoch string) int {
		t.Helper()
		n, err := s.Epoch(epoch)
		if err != nil || n != len(waiting(t, s)) {
			t.Fatal(n, len(waiting(t, s)), err)
		}
		return n
	}
	if again("a") != 0 {
		t.Error("the first office is a restored one")
	}
	deliver(file(1))
	office = office.Add(Kept - time.Hour)
	c.Wall = c.Wall.Add(-30 * 365 * 24 * time.Hour) // its battery is flat
	deliver(file(2))
	if n := again("b"); n != 2 {
		t.Errorf("%d wait again within the days, want 2", n)
	}
	if n, err := s.Epoch("b"); n != 0 || err != nil {
		t.Error("the same epoch changed something", n, err)
	}
	for _, i := range must(s.Next(10))(t) {
		if err := s.Delivered(i.Key, office); err != nil {
			t.Fatal(err)
		}
	}
	office = office.Add(4 * time.Hour)
	deliver(file(3))
	if n := again("c"); n != 3 {
		t.Errorf("%d wait again: what was delivered to the restored office is as old as that", n)
	}
	for _, i := range must(s.Next(10))(t) {
		if err := s.Delivered(i.Key, office); err != nil {
			t.Fatal(err)
		}
	}
	office = office.Add(Kept + 3*time.Hour)
	deliver(file(4))
	if n := again("d"); n != 1 {
		t.Errorf("%d are kept after the days, want 1", n)
	}
	if _, err := s.Put([]byte(`{"id":"`+uuid.NewString()+`"}`), Moment{}); err != nil {
		t.Fatal(err)
	}
	if list := waiting(t, s); list[len(list)-1].At.Seq != 5 {
		t.Errorf("seq %d after what was let go, want 5", list[len(list)-1].At.Seq)
	}
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestRefusedGoesToTheDrawerAndTheQueueMovesOn(t *testing.T) {
	s, _, path := fresh(t)
	for n := range uint64(3) {
		if _, _, err := s.Read(read(file(n))); err != nil {
			t.Fatal(err)
		}
	}
	items := must(s.Next(1))(t)
	if err := s.Refuse(items[0].Key, "too_large"); err != nil {
		t.Fatal(err)
	}
	if list := waiting(t, s); len(list) != 2 || string(list[0].Code) != file(1) {
		t.Errorf("%+v", list)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = at(t, path, newClock())
	defer s.Close()
	if d := must(s.Drawer())(t); len(d) != 1 || d[0].Reason != "too_large" || !bytes.Equal(d[0].Body, items[0].Body) {
		t.Errorf("%+v", d)
	}
}

func TestNextStopsAtSize(t *testing.T) {
	s, _, _ := fresh(t)
	for range 3 {
		if _, err := s.Put(fmt.Appendf(nil, `{"id":%q,"reason":%q}`, uuid.NewString(), bytes.Repeat([]byte("x"), maxBatch/2)), Moment{}); err != nil {
			t.Fatal(err)
		}
	}
	if items := must(s.Next(10))(t); len(items) != 1 {
		t.Errorf("%d at once", len(items))
	}
}

func TestOneProgramAtATime(t *testing.T) {
	_, c, path := fresh(t)
	if _, err := Open(path, c.now, nil); !errors.Is(err, ErrBusy) {
		t.Error(err)
	}
}

// The machine's clock goes on while a program does not.
func TestMachine(t *testing.T) {
	c, err := Machine()
	if err != nil {
		t.Fatal(err)
	}
	again, err := Machine()
	if err != nil {
		t.Fatal(err)
	}
	a, b := c(), again()
	if a.Boot != b.Boot || len(a.Boot) != 36 || b.Monotonic < a.Monotonic || a.Monotonic <= 0 {
		t.Error(a, b)
	}
}

// Whatever is done and wherever the power goes: what was kept is there, in order
// and once; what is delivered is not sent again but after a restore; seq has no
// gap; the reducer's state is the one that belongs to the commands.
func TestSpoolProperties(t *testing.T) {
	root := t.TempDir()
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		path, c := filepath.Join(root, fmt.Sprint(n)), newClock()
		s := at(t, path, c)
		defer func() { _ = s.Close() }()
		var all []string // ids, in order
		var state gesture.State
		delivered, epoch := 0, 0
		if _, err := s.Epoch("0"); err != nil {
			t.Fatal(err)
		}
		texts := []string{file(1), file(2), file(3), string(label.New(label.Desk, 1)), string(label.Onward), string(label.Undo), string(label.Done), "rubbish"}
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			c.wait(time.Duration(rapid.Int64Range(0, int64(15*time.Second)).Draw(t, "gap")))
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			default:
				r := read(rapid.SampledFrom(texts).Draw(t, "text"))
				commands, _, err := s.Read(r)
				if err != nil {
					t.Fatal(err)
				}
				r.At, r.Boot = c.Monotonic, c.Boot
				var want []gesture.Command
				state, want, _ = gesture.Step(state, r)
				if !slices.Equal(commands, want) {
					t.Fatalf("%+v, want %+v", commands, want)
				}
				for _, c := range commands {
					all = append(all, c.ID)
				}
			case 6:
				items, err := s.Next(rapid.IntRange(1, 5).Draw(t, "batch"))
				if err != nil {
					t.Fatal(err)
				}
				if len(items) > 0 {
					delivered += len(items)
					if err := s.Delivered(items[len(items)-1].Key, c.Wall); err != nil {
						t.Fatal(err)
					}
				}
			case 7:
				epoch, delivered = epoch+1, 0
				if _, err := s.Epoch(fmt.Sprint(epoch)); err != nil {
					t.Fatal(err)
				}
			case 8, 9: // the power goes: what is on the disk is all there is
				raw, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				n++
				path = filepath.Join(root, fmt.Sprint(n))
				if err := os.WriteFile(path, raw, 0o600); err != nil {
					t.Fatal(err)
				}
				s = at(t, path, c)
			}
			list := waiting(t, s)
			if len(list) != len(all)-delivered {
				t.Fatalf("%d wait, want %d", len(list), len(all)-delivered)
			}
			for i, got := range list {
				if got.ID != all[delivered+i] || got.At.Seq != int64(delivered+i+1) {
					t.Fatalf("%d waits: %+v", i, got)
				}
			}
			if s.State() != state.At(c.Monotonic) {
				t.Fatalf("state %+v, want %+v", s.State(), state)
			}
		}
	})
}

func logTo(b *bytes.Buffer) *slog.Logger { return slog.New(slog.NewTextHandler(b, nil)) }

// What a page has held for long keeps its own time, told by the station's clock where
// the page's tells how old it is.
func TestPutKeepsWhenItHappened(t *testing.T) {
	s, c, _ := fresh(t)
	c.Boot, c.Monotonic = "kernel", 3*time.Hour
	for _, tt := range []struct {
		name string
		page Moment
		boot string
		want time.Duration
	}{
		{"an hour ago", Moment{Boot: "page", Monotonic: 90 * time.Minute}, "kernel", 2 * time.Hour},
		{"just now", Moment{Boot: "page", Monotonic: 30 * time.Minute}, "kernel", 3 * time.Hour},
		{"in an earlier life of the page", Moment{Boot: "other", Monotonic: 90 * time.Minute}, "", 0},
		{"before this machine started", Moment{Boot: "page", Monotonic: 5 * time.Hour}, "", 0},
		{"from the page's future", Moment{Boot: "page", Monotonic: time.Minute}, "", 0},
		{"by a page without a clock", Moment{}, "", 0},
	} {
		id := uuid.NewString()
		if _, err := s.Put(fmt.Appendf(nil, `{"id":%q,"at":{"wall":"2026-01-12T03:00:00Z","boot":"page","monotonic":%d,"seq":7}}`, id, 30*time.Minute), tt.page); err != nil {
			t.Fatal(err)
		}
		list := waiting(t, s)
		kept := list[len(list)-1]
		if kept.At.Boot != tt.boot || kept.At.Monotonic != tt.want || kept.At.Wall.Hour() != 3 || kept.At.Seq != int64(len(list)) {
			t.Errorf("%s: %+v", tt.name, kept.At)
		}
	}
}
