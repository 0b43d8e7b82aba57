package uplink

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"harkara/web/wire"
)

func TestEverythingArrivesInOrderOnce(t *testing.T) {
	for name, fault := range map[string]func(n int, ids []string, w http.ResponseWriter) (int, bool){
		"no fault": nil,
		"every third is refused": func(n int, ids []string, w http.ResponseWriter) (int, bool) {
			if n%3 == 0 {
				w.WriteHeader(http.StatusInternalServerError)
				return 0, false
			}
			return len(ids), true
		},
		"every third is done but reported failed": func(n int, ids []string, _ http.ResponseWriter) (int, bool) {
			if n%3 == 0 {
				panic(http.ErrAbortHandler)
			}
			return len(ids), true
		},
		"stored, then the line breaks within the answer": func(n int, ids []string, w http.ResponseWriter) (int, bool) {
			if n%2 == 1 {
				fmt.Fprint(w, `{"results":[{"id":`)
				return len(ids), false
			}
			return len(ids), true
		},
		"stored in part": func(n int, ids []string, _ http.ResponseWriter) (int, bool) {
			return min(len(ids), rand.IntN(3)), true
		},
		"slow": func(n int, ids []string, _ http.ResponseWriter) (int, bool) {
			if n%4 == 0 {
				time.Sleep(time.Minute)
			}
			return len(ids), true
		},
		"a proxy's page": func(n int, ids []string, w http.ResponseWriter) (int, bool) {
			if n%2 == 1 {
				w.WriteHeader(http.StatusBadRequest)
				fmt.Fprint(w, "<h1>Bad request</h1>")
				return 0, false
			}
			return len(ids), true
		},
		"an answer to something else": func(n int, ids []string, w http.ResponseWriter) (int, bool) {
			if n%2 == 1 {
				fmt.Fprint(w, `{"results":[{"id":"command-9999","stored":true}]}`)
				return 0, false
			}
			return len(ids), true
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, d *double, w *network) {
				d.fault = fault
				w.serve(t, office1, d)
				s := start(t, d, w, nil)
				var want []string
				for range 8 {
					want = append(want, s.queue.add(1+rand.IntN(4))...)
					s.Wake()
					time.Sleep(rand.N(2 * time.Second))
				}
				within(t, 20*time.Minute, "all delivered", func() bool { return s.queue.left() == 0 })
				if got := d.has(); !slices.Equal(got, want) {
					t.Errorf("got  %v\nwant %v", got, want)
				}
				if len(s.queue.drawn) > 0 {
					t.Error("thrown into the drawer: ", s.queue.drawn)
				}
			})
		})
	}
}

func TestWhatTheOfficeCanNeverTakeIsDrawn(t *testing.T) {
	bubble(t, func(t *testing.T, d *double, w *network) {
		d.fault = func(n int, ids []string, w http.ResponseWriter) (int, bool) {
			if slices.Contains(ids, "command-0007") {
				d.refuse(w, http.StatusRequestEntityTooLarge, "too_large")
				return 0, false
			}
			return len(ids), true
		}
		d.drawer["command-0011"] = true
		d.foreign = map[string]bool{"command-0013": true} // a parcel's label
		w.serve(t, office1, d)
		s := start(t, d, w, nil)
		s.queue.add(20)
		answer, forget := s.Expect("command-0007")
		defer forget()
		s.Wake()
		within(t, time.Minute, "all gone through", func() bool { return s.queue.left() == 0 })
		if len(s.queue.drawn) != 2 || s.queue.drawn[7] != "too_large" || s.queue.drawn[11] != "forbidden" || len(d.has()) != 19 {
			t.Error(s.queue.drawn, len(d.has()))
		}
		var r wire.Result
		if err := json.Unmarshal(<-answer, &r); err != nil || r.Error == nil || r.Error.Code != "too_large" {
			t.Error(r, err)
		}
	})
}

func TestWhoWaitsIsAnswered(t *testing.T) {
	bubble(t, func(t *testing.T, d *double, w *network) {
		w.serve(t, office1, d)
		s := start(t, d, w, nil)
		within(t, time.Second, "ok", func() bool { return s.State().Status == OK })
		answer, forget := s.Expect("command-0001")
		other, leave := s.Expect("command-0002")
		leave()
		defer forget()
		s.queue.add(2)
		s.Wake()
		var got struct{ Say struct{ Tone string } }
		if err := json.Unmarshal(<-answer, &got); err != nil || got.Say.Tone != "up" {
			t.Error(got, err)
		}
		synctest.Wait()
		if len(other) != 0 {
			t.Error("told though nobody listens")
		}
		again, leave := s.Expect("command-0001")
		defer leave()
		if len(again) != 1 {
			t.Error("who asks again is not told")
		}
		s.queue.add(2 * remembered)
		s.Wake()
		within(t, time.Minute, "delivered", func() bool { return s.queue.left() == 0 })
		if late, leave := s.Expect("command-0001"); len(late) != 0 || len(s.recent) != remembered {
			t.Error("results are kept for ever: ", len(s.recent))
			leave()
		}
	})
}
