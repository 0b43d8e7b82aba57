package main

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/ledger"
)

// This program and a next one, which decides by other figures and adds to what it stores,
// run on one office while stations scan and rungs come due. Each is killed while the other
// goes on: nothing diverges, is dropped or quarantined, and what one has decided the other
// leaves as it is.
func TestTwoBuilds(t *testing.T) {
	a := setApart(t)
	next := filepath.Join(t.TempDir(), "harkara")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-tags=next", "-o", next, ".").CombinedOutput(); err != nil {
		t.Fatalf("build the next program: %v\n%s", err, out)
	}
	builds := map[string]string{"this": "", "next": next}
	programs := map[string]*program{}
	for _, name := range []string{"this", "next"} {
		programs[name] = &program{t: t, exe: builds[name], args: append([]string{"serve", "--addr", freeAddress(t)}, a.flags()...)}
		programs[name].start()
	}
	k := a.staffed(3, programs["this"], programs["next"]) // a unit of its budgets is three seconds
	store, s := k.store, k.spool
	const files, late, scans, senders = 12, 4, 360, 3
	codes, left := k.open(files), k.open(late)
	lists, all := make([][]custody.Command, senders), []custody.Command(nil)
	for i := range scans {
		c := newCommand(custody.Scan, codes[i%files], in(killRooms[(i/files+i)%len(killRooms)]))
		lists[i%files%senders] = append(lists[i%files%senders], c)
		all = append(all, c)
	}
	began := time.Now()
	turns, stored := make(chan struct{}, scans), make(chan struct{}, scans)
	var sending sync.WaitGroup
	for _, list := range lists {
		sending.Go(func() {
			for turn, c := range list {
				<-turns
				c.At.Wall = time.Now().UTC()
				s.send(c, turn)
				stored <- struct{}{}
			}
		})
	}
	send := func(n int) {
		for range n {
			turns <- struct{}{}
		}
		for range n {
			<-stored
		}
	}
	everything := append(codes[:files:files], left...)
	for _, name := range []string{"this", "next"} { // dies, and comes back once the other has decided
		send(scans / 4)
		programs[name].end(syscall.SIGKILL)
		other := name == "this" // it is the next one that is left
		before := decidedBy(t, store, everything)[other]
		send(scans / 8)
		moves(t, store, func() bool { return decidedBy(t, store, everything)[other] > before })
		programs[name].start()
	}
	send(scans / 4)
	sending.Wait()
	drained(t, store)
	t.Logf("%d scans in %s, sent again %d times", scans, time.Since(began).Round(time.Millisecond), s.again.Load())
	applied(t, store, codes, all)
	if stuck, err := store.Quarantined(t.Context()); err != nil || len(stuck) > 0 {
		t.Errorf("quarantined: %+v, %v", stuck, err)
	}
	by, rungs := decidedBy(t, store, everything), 0
	for _, code := range everything {
		entries, err := store.Entries(t.Context(), code)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if bytes.Contains(e, []byte(`"reason":"rung"`)) {
				rungs++
			}
		}
	}
	t.Logf("%d entries of this program, %d of the next one, %d rungs", by[false], by[true], rungs)
	if by[false] == 0 || by[true] == 0 || rungs == 0 {
		t.Error("one of them decided nothing, or nothing fell due")
	}
	if code, out := harkara(t, append([]string{"verify"}, a.flags()...)...); code != exitOK {
		t.Errorf("verify: %d\n%s", code, out)
	}
	for _, p := range programs {
		p.end(syscall.SIGTERM)
	}
}

// decidedBy counts the entries of files that the next program decided, and those that this
// one did.
func decidedBy(t *testing.T, store *ledger.Store, codes []label.Code) map[bool]int {
	t.Helper()
	by := map[bool]int{}
	for _, code := range codes {
		entries, err := store.Entries(t.Context(), code)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			by[bytes.Contains(e, []byte(`"weather":`))]++
		}
	}
	return by
}

// moves waits until what is so, as long as anything changes in the ledger.
func moves(t *testing.T, store *ledger.Store, what func() bool) {
	t.Helper()
	changed, stop := store.Watch()
	defer stop()
	for !what() {
		select {
		case <-changed:
		case <-time.After(still):
			t.Fatal("nothing moves")
		}
	}
}
