package uplink

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"harkara/web/wire"
)

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
