package uplink

import (
	"context"
	"fmt"
	"net"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

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
