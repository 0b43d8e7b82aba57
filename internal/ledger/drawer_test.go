package ledger

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"harkara/internal/custody"
	"harkara/internal/engine/postgres"
)

func drawer(t testing.TB, s *Store) []Drawn {
	t.Helper()
	list, err := s.Drawer(context.Background(), 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func overdrawn(t testing.TB, s *Store, station custody.StationID) []Overdrawn {
	t.Helper()
	list, err := s.Overdrawn(context.Background(), station, 10)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// A station that sends rubbish without end is never refused, and fills no disk: beyond
// its quota length, digest and beginning are kept, and beyond that the number.
func TestDrawerHasAQuota(t *testing.T) {
	s := open(t).store
	rubbish := func(n int) []byte { return fmt.Appendf(nil, `{"n":%d,"x":%q}`, n, strings.Repeat("x", 400)) }
	const counted = 7
	for n := range drawerWhole + drawerShort + counted {
		whole, err := s.ToDrawer(t.Context(), "s1", rubbish(n), "nonsense")
		if err != nil || whole != (n < drawerWhole) {
			t.Fatal(n, whole, err)
		}
	}
	if whole, err := s.ToDrawer(t.Context(), "s2", rubbish(0), "nonsense"); err != nil || !whole {
		t.Error("another station's record is not whole: ", err)
	}
	list := drawer(t, s)
	if len(list) != drawerWhole+drawerShort+1 {
		t.Fatal(len(list), " rows")
	}
	short, raw := list[1], rubbish(drawerWhole+drawerShort-1)
	digest := sha256.Sum256(raw)
	if !bytes.Equal(short.Body, raw[:drawerHead]) || short.Length != int64(len(raw)) || !bytes.Equal(short.Digest, digest[:]) {
		t.Errorf("%+v", short)
	}
	over := overdrawn(t, s, "")
	if len(over) != 1 || over[0].Station != "s1" || over[0].Whole != drawerWhole || over[0].Short != drawerShort || over[0].Counted != counted || over[0].Last.IsZero() || over[0].Day.IsZero() {
		t.Errorf("%+v", over)
	}
	if len(overdrawn(t, s, "s1")) != 1 || len(overdrawn(t, s, "s2")) != 0 {
		t.Error("a station is told of another's")
	}
}

// One record of a megabyte is room for many small ones.
func TestALargeRecordLeavesRoomForSmallOnes(t *testing.T) {
	s := open(t).store
	for _, c := range []struct {
		size  int
		whole bool
	}{{drawerBytes, true}, {1, true}, {drawerHead, true}, {drawerHead + 1, false}, {0, true}} {
		if whole, err := s.ToDrawer(t.Context(), "s1", make([]byte, c.size), "nonsense"); err != nil || whole != c.whole {
			t.Errorf("%d bytes: whole %v, %v", c.size, whole, err)
		}
	}
	for _, d := range drawer(t, s) {
		if int64(len(d.Body)) != min(d.Length, max(drawerHead, int64(len(d.Body)))) {
			t.Errorf("%d of %d bytes", len(d.Body), d.Length)
		}
	}
}

// The quota is of a day, and a record that comes again is one, also where it is short.
func TestQuotaOfTheNextDay(t *testing.T) {
	o := open(t)
	s := o.store
	first := put(t, s, scanning(newCode(t)))
	again := scanning(newCode(t))
	again.ID = first[0].ID
	again.Station = custody.StationID(strings.Repeat("s", 60))
	for range drawerWhole {
		if _, err := s.ToDrawer(t.Context(), again.Station, []byte("x"), "nonsense"); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		put(t, s, again)
	}
	if list := drawer(t, s); len(list) != drawerWhole+1 || list[0].Length <= drawerHead || len(list[0].Body) != drawerHead {
		t.Errorf("%d rows, the newest %+v", len(list), list[0])
	}
	if over := overdrawn(t, s, again.Station); len(over) != 1 || over[0].Short != 1 {
		t.Errorf("sent again it counts again: %+v", over)
	}
	if _, err := raw(t, o.url(postgres.Owner)).Exec(t.Context(), `UPDATE drawer_days SET day = day - 1`); err != nil {
		t.Fatal(err)
	}
	if whole, err := s.ToDrawer(t.Context(), again.Station, []byte("x"), "nonsense"); err != nil || !whole {
		t.Error("the next day: ", whole, err)
	}
}

// Many at once are counted one by one.
func TestQuotaIsExactUnderMany(t *testing.T) {
	s := open(t).store
	const each, callers = 30, 10
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			for range each {
				if _, err := s.ToDrawer(t.Context(), "s1", []byte("x"), "nonsense"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if over := overdrawn(t, s, "s1"); len(over) != 1 || over[0].Whole != drawerWhole || over[0].Short != each*callers-drawerWhole || over[0].Bytes != each*callers {
		t.Errorf("%+v", over)
	}
}

// Whatever a station sends is taken, with whatever reason.
func TestAnythingIsTaken(t *testing.T) {
	s := open(t).store
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.SliceOfN(rapid.Byte(), 0, 3*drawerHead).Draw(t, "raw")
		reason := string(rapid.SliceOfN(rapid.Byte(), 0, 2*maxReason).Draw(t, "reason"))
		if _, err := s.ToDrawer(context.Background(), "s1", raw, reason); err != nil {
			t.Fatal(err)
		}
		list, err := s.Drawer(context.Background(), 1)
		digest := sha256.Sum256(raw)
		if err != nil || len(list) != 1 || list[0].Length != int64(len(raw)) || hex.EncodeToString(list[0].Digest) != hex.EncodeToString(digest[:]) || !bytes.HasPrefix(raw, list[0].Body) {
			t.Fatalf("%+v, %v", list, err)
		}
	})
}
