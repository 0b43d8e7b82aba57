package bench

import (
	"context"
	"fmt"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/ledger"
)

// Storm is the time within which the wakes fall due. The program spreads their timers
// over half a minute more.
const Storm = 20 * time.Second

const spreadOver = 30 * time.Second

// storm opens files whose first rungs fall due within Storm, and scans from then on
// until each is told, a tenth of the scans on these files.
func (f *founded) storm(ctx context.Context) error {
	rate, err := f.pace(ctx)
	if err != nil {
		return err
	}
	due := time.Now().Add(time.Duration(float64(f.Wakes)/rate*1.5)*time.Second + 20*time.Second)
	codes, err := f.open(ctx, f.Wakes, func(i int) time.Time {
		return due.Add(-f.share + Storm*time.Duration(i)/time.Duration(f.Wakes))
	})
	if err != nil {
		return err
	}
	if err := f.settled(ctx, "files for the storm"); err != nil {
		return err
	}
	if late := time.Since(due); late > 0 {
		return fmt.Errorf("the files were opened %v after their rungs fell due", late.Round(time.Second))
	}
	select {
	case <-time.After(time.Until(due)):
	case <-ctx.Done():
		return ctx.Err()
	}
	t := &telling{ledger: f.site.office.Ledger, waits: map[label.Code]bool{}}
	for _, code := range codes {
		t.waits[code] = true
	}
	if err := t.skip(ctx); err != nil {
		return err
	}
	moved, picked := map[label.Code]bool{}, 0
	last := due.Add(Storm + spreadOver)
	pick := func() label.Code {
		if picked++; picked%10 == 0 {
			for code := range t.waits {
				moved[code] = true
				delete(t.waits, code)
				return code
			}
		}
		return f.random()
	}
	if err := f.beside(ctx, fmt.Sprintf("while %d wakes fall due in %v", f.Wakes, Storm), pick, func(ctx context.Context) (bool, error) {
		return len(t.waits) == 0 && time.Now().After(last), t.read(ctx)
	}); err != nil {
		return err
	}
	fmt.Fprintf(f.Out, "  %d of %d rungs recorded and on screens, %d overtaken by a scan; the last %.1f s after the last timer, %.0f/s; twice %d\n",
		t.told, f.Wakes, f.Wakes-t.told, t.last.Sub(last).Seconds(), float64(t.told)/t.last.Sub(due).Seconds(), t.twice)
	if t.twice > 0 {
		return fmt.Errorf("%d rungs were told twice", t.twice)
	}
	return nil
}

// pace opens a few files to see how many a second are opened.
func (f *founded) pace(ctx context.Context) (float64, error) {
	n := min(500, f.Wakes)
	began := time.Now()
	if _, err := f.open(ctx, n, func(int) time.Time { return time.Now() }); err != nil {
		return 0, err
	}
	if err := f.settled(ctx, "pace"); err != nil {
		return 0, err
	}
	return float64(n) / time.Since(began).Seconds(), nil
}

// telling follows the feed for rungs.
type telling struct {
	ledger *ledger.Store
	after  int64
	waits  map[label.Code]bool // files whose rung is not told
	once   map[label.Code]bool
	told   int
	twice  int
	last   time.Time
}

// skip passes over what is on the feed already.
func (t *telling) skip(ctx context.Context) error {
	t.once = map[label.Code]bool{}
	for step := int64(1 << 40); step > 0; step /= 2 {
		events, err := t.ledger.Feed(ctx, t.after+step, 1)
		if err != nil {
			return err
		}
		if len(events) > 0 {
			t.after += step
		}
	}
	return nil
}

func (t *telling) read(ctx context.Context) error {
	for {
		events, err := t.ledger.Feed(ctx, t.after, together)
		if err != nil {
			return err
		}
		for _, e := range events {
			t.after = e.Seq
			if e.Reason != custody.RungDue {
				continue
			}
			if code := e.Row.File.Code; t.once[code] {
				t.twice++
			} else {
				t.once[code] = true
				delete(t.waits, code)
				t.told, t.last = t.told+1, time.Now()
			}
		}
		if len(events) < together {
			return nil
		}
	}
}
