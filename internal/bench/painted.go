package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/schollz/progressbar/v3"

	"harkara/internal/label"
)

// Painted measures the way of a scan to eyes: from the station's request to its
// row painted on an open board, in a real Chromium.
type Painted struct {
	Files int
	Rate  int // scans a second, sent whether or not earlier ones are answered
	For   time.Duration
	Board string // address of the board

	Open func(ctx context.Context, n int) (label.Code, error)
	Scan func(ctx context.Context, code label.Code, n int) error

	Out      io.Writer
	Progress io.Writer
}

// watching notes in the page when rows were painted: the frame after the one that
// a change was made in has been shown when its message is handled.
const watching = `(() => {
	window.painted = [];
	new MutationObserver((changes) => {
		const ids = new Set(changes.flatMap((c) => [...c.addedNodes]).filter((n) => n.tagName === "TR").map((n) => n.id.slice(1)));
		if (!ids.size) return;
		requestAnimationFrame(() => {
			const after = new MessageChannel();
			after.port1.onmessage = () => { const at = performance.timeOrigin + performance.now(); for (const id of ids) window.painted.push({ id, at }); };
			after.port2.postMessage(0);
		});
	}).observe(document.body, { childList: true, subtree: true });
	return true;
})()`

type sentScan struct {
	code    label.Code
	at      time.Time
	decided time.Duration
}

// Run measures and prints a table.
func (b Painted) Run(ctx context.Context) error {
	codes := make([]label.Code, b.Files)
	for i := range codes {
		var err error
		if codes[i], err = b.Open(ctx, i); err != nil {
			return fmt.Errorf("open file %d: %w", i, err)
		}
	}
	tab, end, err := b.browse(ctx)
	if err != nil {
		return err
	}
	defer end()
	sent, err := b.send(ctx, codes)
	if err != nil {
		return err
	}
	// The last row is painted within a moment; what is not by then is counted.
	select {
	case <-time.After(2 * time.Second):
	case <-ctx.Done():
		return ctx.Err()
	}
	type paint struct {
		ID string  `json:"id"`
		At float64 `json:"at"` // ms since 1970
	}
	paints, err := chromedp.Run(tab, chromedp.Evaluate[[]paint]("window.painted"))
	if err != nil {
		return fmt.Errorf("ask what was painted: %w", err)
	}
	shown := map[label.Code][]time.Time{}
	for _, p := range paints {
		shown[label.Code(p.ID)] = append(shown[label.Code(p.ID)], time.UnixMicro(int64(p.At*1000)))
	}
	var decided, painted []time.Duration
	missing := 0
	for _, s := range sent {
		decided = append(decided, s.decided)
		i := slices.IndexFunc(shown[s.code], s.at.Before)
		if i < 0 {
			missing++
			continue
		}
		painted = append(painted, shown[s.code][i].Sub(s.at))
	}
	slices.Sort(decided)
	slices.Sort(painted)
	if len(painted) == 0 {
		return errors.New("nothing was painted")
	}
	fmt.Fprintf(b.Out, "%d scans of %d files at %d/s, one board in Chromium\n\n%-40s %10s %10s %10s\n", len(sent), b.Files, b.Rate, "from the station's request to", "p50", "p99", "most")
	for _, row := range []struct {
		name string
		took []time.Duration
	}{{"decided and committed, answered", decided}, {"its row painted on the board", painted}} {
		fmt.Fprintf(b.Out, "%-40s %7.1f ms %7.1f ms %7.1f ms\n", row.name, ms(quantile(row.took, .5)), ms(quantile(row.took, .99)), ms(row.took[len(row.took)-1]))
	}
	if missing > 0 {
		return fmt.Errorf("%d of %d scans were never painted", missing, len(sent))
	}
	return nil
}

// browse opens the board and watches it.
func (b Painted) browse(ctx context.Context) (tab context.Context, end func(), err error) {
	path, err := browser()
	if err != nil {
		return nil, nil, err
	}
	tab, end = chromedp.NewContext(ctx, chromedp.WithAllocatorOptions(chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU))
	err = chromedp.Do(tab, chromedp.Navigate(b.Board))
	if err == nil {
		_, err = chromedp.Run(tab, chromedp.Poll[bool](`document.body.dataset.painted !== undefined`))
	}
	if err == nil {
		_, err = chromedp.Run(tab, chromedp.Evaluate[bool](watching))
	}
	if err != nil {
		end()
		return nil, nil, fmt.Errorf("open board: %w", err)
	}
	return tab, end, nil
}

// send scans the files in turn at the rate.
func (b Painted) send(ctx context.Context, codes []label.Code) ([]sentScan, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	sent := make([]sentScan, int(b.For.Seconds()*float64(b.Rate)))
	bar := progressbar.NewOptions(len(sent), progressbar.OptionSetWriter(orNothing(b.Progress)), progressbar.OptionSetDescription("scans"), progressbar.OptionClearOnFinish())
	tick := time.NewTicker(time.Second / time.Duration(b.Rate))
	defer tick.Stop()
	var group sync.WaitGroup
	for n := range sent {
		select {
		case <-tick.C:
		case <-ctx.Done():
			group.Wait()
			return nil, context.Cause(ctx)
		}
		group.Go(func() {
			s := &sent[n]
			s.code, s.at = codes[n%len(codes)], time.Now()
			if err := b.Scan(ctx, s.code, n); err != nil {
				cancel(err)
				return
			}
			s.decided = time.Since(s.at)
			_ = bar.Add(1)
		})
	}
	group.Wait()
	return sent, context.Cause(ctx)
}
