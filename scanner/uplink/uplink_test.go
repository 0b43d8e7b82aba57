package uplink

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"harkara/web/wire"
)

// station is an uplink in a bubble, with its queue and the wire it hangs on.
type station struct {
	*Uplink
	queue *memory
	wire  *network
	began time.Time
}

const (
	office1 = "office:80"
	office2 = "spare:80"
)

func start(t *testing.T, d *double, w *network, change func(*Config)) *station {
	t.Helper()
	s := &station{queue: &memory{}, wire: w, began: time.Now()}
	c := Config{
		Addresses: []string{"http://office", "http://spare"}, Key: d.key.Public().(ed25519.PublicKey), Token: d.token, Queue: s.queue, Dial: w.dial,
		Clock: func() Moment {
			return Moment{Wall: time.Now(), Boot: "boot", Monotonic: time.Since(s.began)}
		},
	}
	if change != nil {
		change(&c)
	}
	u, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	s.Uplink = u
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); u.Run(ctx) }()
	t.Cleanup(func() { stop(); <-done })
	return s
}

// bubble runs a test with a clock that skips what nobody does anything in.
func bubble(t *testing.T, f func(t *testing.T, d *double, w *network)) {
	synctest.Test(t, func(t *testing.T) { f(t, newDouble(), &network{}) })
}

// within waits until f, and fails when it takes longer.
func within(t *testing.T, d time.Duration, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(d); ; time.Sleep(50 * time.Millisecond) { // the bubble's clock
		synctest.Wait()
		if f() {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", d, what)
		}
	}
}

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

func TestAnOfficeThatIsAwayComesBack(t *testing.T) {
	bubble(t, func(t *testing.T, d *double, w *network) {
		stop := w.serve(t, office1, d)
		s := start(t, d, w, nil)
		within(t, time.Second, "ok", func() bool { return s.State().Status == OK })
		if v := string(s.State().View); v != `{"room":"7"}` {
			t.Error("view: ", v)
		}
		stop()
		ids := s.queue.add(1200)
		s.Wake()
		within(t, time.Second, "away", func() bool { return s.State().Status == Away })
		time.Sleep(time.Hour)
		w.serve(t, office1, d)
		within(t, longPause+time.Second, "all delivered", func() bool { return s.queue.left() == 0 && s.State().Status == OK })
		if !slices.Equal(d.has(), ids) || d.requests != 3 {
			t.Errorf("%d commands in %d requests", len(d.has()), d.requests)
		}
	})
}

// An impostor at the office's address learns a challenge and nothing else; the
// office's other address is used, and its own again when the impostor is gone.
func TestNothingIsSentToAnImpostor(t *testing.T) {
	bubble(t, func(t *testing.T, d *double, w *network) {
		impostor := newDouble()
		impostor.token = d.token
		stop := w.serve(t, office1, impostor)
		spare := w.serve(t, office2, d)
		s := start(t, d, w, nil)
		s.queue.add(3)
		s.Wake()
		within(t, time.Minute, "delivered at the other address", func() bool { return s.queue.left() == 0 })
		if s.State().Address != "http://spare" {
			t.Error("at ", s.State().Address)
		}
		spare()
		s.queue.add(3)
		s.Wake()
		time.Sleep(10 * time.Minute)
		if st := s.State(); st.Status != Away || !strings.Contains(st.Why, errNotOffice.Error()) || s.queue.left() != 3 {
			t.Errorf("%+v", st)
		}
		stop()
		w.serve(t, office1, d)
		within(t, longPause+time.Second, "delivered at the first address", func() bool { return s.queue.left() == 0 })
		for _, h := range impostor.heard {
			if h.Get("Authorization") != "" || h.Get(wire.ClockHeader) != "" {
				t.Error("the impostor was told ", h)
			}
		}
		if len(impostor.heard) == 0 || len(impostor.has()) > 0 {
			t.Error("the impostor got ", impostor.has())
		}
	})
}

// A relay passes the challenge on to the office under its own name: the office's
// signature is for the name that was dialled.
func TestAnotherOfficesNameProvesNothing(t *testing.T) {
	bubble(t, func(t *testing.T, d *double, w *network) {
		w.serve(t, office1, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			r.Host = "real.office"
			d.ServeHTTP(rw, r)
		}))
		s := start(t, d, w, nil)
		s.queue.add(1)
		s.Wake()
		time.Sleep(time.Minute)
		if len(d.has()) > 0 || s.State().Status != Away {
			t.Error(d.has(), s.State())
		}
	})
}

func TestARefusedTokenKeepsEverything(t *testing.T) {
	bubble(t, func(t *testing.T, d *double, w *network) {
		w.serve(t, office1, d)
		s := start(t, d, w, nil)
		within(t, time.Second, "ok", func() bool { return s.State().Status == OK })
		d.set(func() { d.token = "another" })
		s.queue.add(2)
		s.Wake()
		within(t, time.Minute, "refused", func() bool { return s.State().Status == Refused })
		time.Sleep(time.Hour)
		if s.queue.left() != 2 || s.State().Status != Refused {
			t.Error(s.queue.left(), s.State())
		}
		d.set(func() { d.token = "a token" })
		within(t, refusedTime+time.Second, "delivered", func() bool { return s.queue.left() == 0 && s.State().Status == OK })
	})
}

// A restored office has forgotten what it was told: it is told again, whether the
// restore broke the connection or not.
func TestARestoredOfficeIsToldAgain(t *testing.T) {
	for _, broken := range []bool{false, true} {
		t.Run(fmt.Sprint("broken ", broken), func(t *testing.T) {
			bubble(t, func(t *testing.T, d *double, w *network) {
				stop := w.serve(t, office1, d)
				s := start(t, d, w, nil)
				ids := s.queue.add(700)
				s.Wake()
				within(t, time.Second, "delivered", func() bool { return s.queue.left() == 0 })
				d.set(func() { d.epoch, d.order, d.sent = "second", nil, map[string]int{} })
				if broken {
					stop()
					w.serve(t, office1, d)
				}
				ids = append(ids, s.queue.add(1)...)
				s.Wake()
				within(t, time.Minute, "all told again", func() bool { return len(d.has()) >= len(ids) })
				slices.Sort(ids)
				got := d.has()
				slices.Sort(got)
				if !slices.Equal(got, ids) || s.State().Epoch != "second" {
					t.Errorf("%d commands, want %d", len(got), len(ids))
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

// The office's clock is known in this boot however wrong the station's is, and
// every request says what the station's clocks show.
func TestClock(t *testing.T) {
	bubble(t, func(t *testing.T, d *double, w *network) {
		d.ahead = 3 * time.Hour
		w.serve(t, office1, d)
		const wrong = -20 * 365 * 24 * time.Hour
		s := start(t, d, w, func(c *Config) {
			right := c.Clock
			c.Clock = func() Moment { m := right(); m.Wall = m.Wall.Add(wrong); return m }
		})
		s.queue.add(1)
		s.Wake()
		within(t, time.Minute, "delivered", func() bool { return s.queue.left() == 0 })
		time.Sleep(beatEvery)
		synctest.Wait()
		if c := s.State().Clock; c.Boot != "boot" || (c.Ahead-d.ahead+wrong).Abs() > c.Within+time.Millisecond {
			t.Errorf("%+v", c)
		}
		if s.queue.at.Sub(time.Now().Add(d.ahead)).Abs() > time.Minute {
			t.Error("delivered at ", s.queue.at)
		}
		last := d.heard[len(d.heard)-1].Get(wire.ClockHeader)
		if !strings.HasPrefix(last, "boot=boot;monotonic=") || !strings.Contains(last, ";wall=198") {
			t.Error(last)
		}
	})
}

func TestBackoff(t *testing.T) {
	for n := range 100 {
		longest := min(firstPause<<min(n, 20), longPause)
		for range 50 {
			if d := backoff(errAnswer, n); d <= 0 || d > longest+time.Millisecond {
				t.Fatalf("pause %v after %d failures", d, n)
			}
		}
		if d := backoff(errRefused, n); d <= 0 || d > refusedTime+time.Millisecond {
			t.Fatal(d)
		}
	}
}

func TestAddresses(t *testing.T) {
	for text, good := range map[string]bool{
		"http://10.1.1.5:8470": true, "https://office.gov.pk": true, "http://office/": true,
		"": false, "office": false, "ftp://office": false, "http://office/path": false, "http://a:b@office": false, "http://office?x": false, "http://": false,
	} {
		if _, err := ParseAddress(text); (err == nil) != good {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// A redirect is no way to another machine.
func TestARedirectIsNotFollowed(t *testing.T) {
	bubble(t, func(t *testing.T, d *double, w *network) {
		elsewhere := newDouble()
		elsewhere.token = d.token
		w.serve(t, "elsewhere:80", elsewhere)
		w.serve(t, office1, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/api/v1/office" {
				d.ServeHTTP(rw, r)
				return
			}
			http.Redirect(rw, r, "http://elsewhere"+r.URL.Path, http.StatusTemporaryRedirect)
		}))
		s := start(t, d, w, nil)
		s.queue.add(1)
		s.Wake()
		time.Sleep(time.Minute)
		if len(elsewhere.heard) > 0 || s.State().Status != Away || s.queue.left() != 1 {
			t.Error(elsewhere.heard, s.State())
		}
	})
}

// Over https certificate and key are both asked for: a wrong name or an unknown
// authority learns nothing at all.
func TestTLS(t *testing.T) {
	d := newDouble()
	server := httptest.NewTLSServer(d)
	defer server.Close()
	known := x509.NewCertPool()
	known.AddCert(server.Certificate())
	for _, c := range []struct {
		roots *x509.CertPool
		want  Status
	}{{known, OK}, {x509.NewCertPool(), Away}} {
		changed := make(chan struct{}, 99)
		q := &memory{}
		q.add(2)
		u, err := New(Config{
			Addresses: []string{server.URL}, Key: d.key.Public().(ed25519.PublicKey), Token: d.token, Queue: q, Roots: c.roots,
			Clock: func() Moment { return Moment{Wall: time.Now(), Boot: "boot"} }, Changed: func() { changed <- struct{}{} },
		})
		if err != nil {
			t.Fatal(err)
		}
		before := len(d.has())
		ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
		done := make(chan struct{})
		go func() { defer close(done); u.Run(ctx) }()
		for u.State().Status != c.want || u.State().Why == "not yet asked" || c.want == OK && q.left() > 0 {
			select {
			case <-changed:
			case <-ctx.Done():
				t.Fatalf("%+v", u.State())
			}
		}
		stop()
		<-done
		if c.want != OK && (q.left() != 2 || len(d.has()) != before || !strings.Contains(u.State().Why, "certificate")) {
			t.Errorf("%+v, %d sent", u.State(), len(d.has())-before)
		}
	}
}

// mute is a connection that can fall silent: it stays open, takes what is written, and
// nothing more comes of it until a deadline or its end.
type mute struct {
	net.Conn
	silent *atomic.Bool
}

func (m mute) Read(b []byte) (int, error) {
	for {
		n, err := m.Conn.Read(b)
		if err != nil || !m.silent.Load() {
			return n, err
		}
	}
}

func (m mute) Write(b []byte) (int, error) {
	if m.silent.Load() {
		return len(b), nil
	}
	return m.Conn.Write(b)
}

// A line that fell silent without an end is given up within a beat and an answer's time,
// whatever it was in the middle of, and what waits goes by another.
func TestASilentLineIsGivenUp(t *testing.T) {
	bubble(t, func(t *testing.T, d *double, w *network) {
		defer w.serve(t, office1, d)()
		var lines []*atomic.Bool
		s := start(t, d, w, func(c *Config) {
			c.Dial = func(ctx context.Context, network, name string) (net.Conn, error) {
				conn, err := w.dial(ctx, network, name)
				if err != nil {
					return nil, err
				}
				lines = append(lines, &atomic.Bool{})
				return mute{conn, lines[len(lines)-1]}, nil
			}
		})
		ok := func() bool { return s.State().Status == OK }
		within(t, time.Minute, "the office answers", ok)
		for _, busy := range []bool{false, true} {
			lines[len(lines)-1].Store(true)
			if busy {
				s.queue.add(1)
				s.Wake()
			}
			within(t, beatEvery+answerTime+time.Second, "that it is silent is known", func() bool { return !ok() })
			within(t, longPause+time.Second, "the office answers by another line", ok)
		}
		within(t, time.Minute, "what waited is there", func() bool { return s.queue.left() == 0 })
	})
}
