package people

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// fixed is a store of one person with a password, and of who is known where.
type fixed struct {
	Store
	known map[string]bool // networks and digests of devices
}

var kept = Secret{Kind: Password, Hash: Hash("correct horse 7")}

func (f fixed) Claimant(_ context.Context, id ID, _ label.Code, from From, _ time.Time) (Claimant, error) {
	if id != "boss" && id != "of-1" {
		return Claimant{}, custody.ErrNotFound
	}
	return Claimant{Person: Person{ID: id}, Secrets: []Secret{kept}, Device: f.known[from.Device], Network: f.known[from.Network]}, nil
}

func (fixed) Begin(context.Context, string, string, Session) (int64, error) { return 1, nil }

// price is what a guess costs in a bubble of virtual time.
const price = 60 * time.Millisecond

// guarded is a door whose guesses take price each and open for the right one.
func guarded(known ...string) (d *Door, judged *int) {
	f := fixed{known: map[string]bool{}}
	for _, k := range known {
		f.known[k] = true
	}
	d, judged = NewDoor(f, time.Now), new(int)
	d.stretched = func(s stretched, secret string) bool {
		*judged++
		time.Sleep(price)
		return secret == "correct horse 7"
	}
	return d, judged
}

// Guessing at 100 tries a second from 50 addresses, for a minute: next to nothing of it is
// judged, and who signs in beside it is in within a second, from where he has been before
// also as the one who is guessed at.
func TestGuessingBesideHonestSignIns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, judged := guarded("home", Digest("browser"))
		guesses, wrong := 0, 0
		var all sync.WaitGroup
		var mu sync.Mutex
		end := time.Now().Add(time.Minute)
		for n := range 50 {
			all.Go(func() {
				time.Sleep(time.Duration(n) * 10 * time.Millisecond)
				for ; time.Now().Before(end); time.Sleep(500 * time.Millisecond) {
					all.Go(func() {
						_, err := d.SignIn(t.Context(), Attempt{Name: "boss", Secret: "a guess", From: From{Network: fmt.Sprint("strange-", n)}})
						mu.Lock()
						defer mu.Unlock()
						guesses++
						if errors.Is(err, ErrWrong) {
							wrong++
						} else if !errors.Is(err, ErrTooOften) {
							t.Error(err)
						}
					})
				}
			})
		}
		for time.Now().Before(end) {
			time.Sleep(700 * time.Millisecond)
			for _, a := range []Attempt{
				{Name: "boss", Secret: "correct horse 7", From: From{Network: "home"}},
				{Name: "boss", Secret: "correct horse 7", From: From{Network: "anywhere", Device: "browser"}},
				{Name: "of-1", Secret: "correct horse 7", From: From{Network: "a new room"}},
			} {
				began := time.Now()
				if _, err := d.SignIn(t.Context(), a); err != nil {
					t.Errorf("%+v: %v", a, err)
				}
				if took := time.Since(began); took > time.Second {
					t.Errorf("%+v: %v", a, took)
				}
			}
		}
		all.Wait()
		if guesses < 5900 || wrong > 60 {
			t.Errorf("%d guesses, %d judged, %d altogether", guesses, wrong, *judged)
		}
	})
}

// Nobody shuts a person out from everywhere: a browser he has used, and a network he has
// been in, have counts of their own.
func TestNobodyIsShutOutFromEverywhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, _ := guarded("office", Digest("browser"))
		try := func(secret string, f From) error {
			_, err := d.SignIn(t.Context(), Attempt{Name: "boss", Secret: secret, From: f})
			return err
		}
		for n := range 40 { // from everywhere, and from the office's own network
			try("a guess", From{Network: fmt.Sprint("strange-", n)})
			try("a guess", From{Network: "office"})
		}
		if err := try("correct horse 7", From{Network: "a new place"}); !errors.Is(err, ErrTooOften) {
			t.Error("guessing is not slowed: ", err)
		}
		if err := try("correct horse 7", From{Network: "office"}); !errors.Is(err, ErrTooOften) {
			t.Error("guessing in the office is not slowed: ", err)
		}
		if err := try("correct horse 7", From{Network: "office", Device: "browser"}); err != nil {
			t.Error("his own browser: ", err)
		}
		time.Sleep(ofAccount.every)
		if err := try("correct horse 7", From{Network: "office"}); err != nil {
			t.Error("after a while: ", err)
		}
	})
}

// What is known of nobody is counted as anybody's, and costs the same judging.
func TestWhoIsNotThereCostsTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, name := range []string{"boss", "nobody", "39999999999999"} {
			d, judged := guarded()
			began := time.Now()
			for n := range 12 {
				_, err := d.SignIn(t.Context(), Attempt{Name: name, Secret: "a guess", From: From{Network: "x"}})
				if want := map[bool]error{true: ErrWrong, false: ErrTooOften}[n < int(ofAccount.most)]; !errors.Is(err, want) {
					t.Errorf("%s, try %d: %v", name, n, err)
				}
			}
			if *judged != int(ofAccount.most) || time.Since(began) != ofAccountPrice {
				t.Errorf("%s: %d judged in %v", name, *judged, time.Since(began))
			}
		}
	})
}

const ofAccountPrice = 5 * price

// Right tries cost nothing, however many come through one address; and eight at once take
// turns.
func TestRightTriesCostNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, _ := guarded()
		began := time.Now()
		for range 25 {
			var all sync.WaitGroup
			for range 8 {
				all.Go(func() {
					_, err := d.SignIn(t.Context(), Attempt{Name: "of-1", Secret: "correct horse 7", From: From{Network: "proxy"}})
					if err != nil && !errors.Is(err, ErrTooOften) {
						t.Error(err)
					}
				})
			}
			all.Wait()
		}
		if took := time.Since(began); took < 25*price {
			t.Errorf("took %v", took)
		}
		if _, err := d.SignIn(t.Context(), Attempt{Name: "of-1", Secret: "correct horse 7", From: From{Network: "proxy"}}); err != nil {
			t.Error(err)
		}
	})
}

// Who waits and goes away leaves his turn to the next.
func TestTurnsAreNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		line := newTurns()
		if err := line.take(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		var order []float64
		var all sync.WaitGroup
		ctx, cancel := context.WithCancel(t.Context())
		all.Go(func() {
			if err := line.take(ctx, 1); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
		for _, suspect := range []float64{3, -1, 2} {
			all.Go(func() {
				if err := line.take(t.Context(), suspect); err != nil {
					t.Error(err)
					return
				}
				order = append(order, suspect)
				line.give()
			})
		}
		synctest.Wait()
		cancel()
		synctest.Wait()
		line.give()
		all.Wait()
		if len(order) != 3 || order[0] != -1 || order[1] != 2 || order[2] != 3 || line.free != judgedAtOnce {
			t.Errorf("%v, %d free", order, line.free)
		}
	})
}

// Whoever comes under ever new names fills no memory.
func TestTriesAreBounded(t *testing.T) {
	var count tries
	now := time.Unix(0, 0)
	for n := range 2 * mostCounted {
		now = now.Add(time.Millisecond)
		count.begin(claim{account: fmt.Sprint("?", n), from: From{Network: fmt.Sprint(n)}}, now)
	}
	if len(count.used) > mostCounted {
		t.Errorf("%d are remembered", len(count.used))
	}
}
