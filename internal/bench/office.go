package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/schollz/progressbar/v3"
	"go.temporal.io/sdk/worker"

	"harkara/internal/bench/spent"
	"harkara/internal/custody"
	"harkara/internal/label"
)

// together is how many files travel in one transaction.
const together = 500

// Office measures a station's scan beside what the days of an office bring: many open
// files, a register that is brought in, the storm of what fell due.
type Office struct {
	Site
	Files    int           // open files that are founded
	First    int           // so many first, where scans and sizes are measured too; 0: a quarter
	Visits   int           // scans that each of them has had
	Openings int           // of the register
	Wakes    int           // that fall due within Storm
	Scans    int           // alone, warm and evicted
	Quiet    time.Duration // over which the processor is measured with nothing to do
}

// founded is an office under measurement.
type founded struct {
	Office
	site     *measured
	desk     custody.DeskID      // where files begin
	share    time.Duration       // of that desk's budget until its first rung, on a calendar without nights
	stations []custody.StationID // that visits are at, in order
	files    []label.Code
	turns    map[label.Code]int // scans of each
}

// Run founds, measures and prints.
func (b Office) Run(ctx context.Context) (err error) {
	m, err := b.serve(ctx, 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.close()) }()
	f := &founded{Office: b, site: m, turns: map[label.Code]int{}}
	if err := f.choose(ctx); err != nil {
		return err
	}
	if err := f.found(ctx); err != nil {
		return err
	}
	if b.Openings > 0 {
		if err := f.register(ctx); err != nil {
			return fmt.Errorf("beside a register: %w", err)
		}
	}
	if b.Wakes > 0 {
		if err := f.storm(ctx); err != nil {
			return fmt.Errorf("in a storm: %w", err)
		}
	}
	if b.Quiet > 0 {
		return f.idle(ctx)
	}
	return nil
}

// choose says where files begin and go.
func (f *founded) choose(ctx context.Context) error {
	sample, err := f.site.office.Ledger.Office(ctx, time.Now())
	if err != nil {
		return err
	}
	desk, _ := sample.DeskByID("fin-ri")
	post, _ := sample.PostByID(desk.Post)
	f.desk, f.share = desk.ID, post.Budget.Duration()*time.Duration(sample.Ladders[0].Rungs[0].Percent)/100
	for _, s := range sample.Stations[:3] {
		f.stations = append(f.stations, s.ID)
	}
	return nil
}

// moment is an office at one number of files.
type moment struct {
	files         int
	sizes         []size
	evicted, warm time.Duration // p50 of a scan
}

// found goes on from what an earlier run has opened, to the first number of files and then
// to all: what a file takes is the slope between.
func (f *founded) found(ctx context.Context) error {
	if err := f.settled(ctx, "what waits"); err != nil {
		return err
	}
	opened, err := f.site.opened(ctx)
	if err != nil {
		return fmt.Errorf("look for files: %w", err)
	}
	for code, entries := range opened {
		f.files = append(f.files, code)
		f.turns[code] = entries - 1
	}
	if err := f.visit(ctx, f.files); err != nil {
		return err
	}
	first := f.First
	if first == 0 {
		first = f.Files / 4
	}
	first = max(first, len(f.files))
	var before, after moment
	if before, err = f.grow(ctx, first); err != nil || first >= f.Files {
		return err
	}
	if after, err = f.grow(ctx, f.Files); err != nil {
		return err
	}
	fmt.Fprintf(f.Out, "from %d files to %d: p50 evicted %.2f times, warm %.2f times; one more takes",
		before.files, after.files, float64(after.evicted)/float64(before.evicted), float64(after.warm)/float64(before.warm))
	for i, s := range after.sizes {
		fmt.Fprintf(f.Out, " %.1f KB of %s,", float64(s.Bytes-before.sizes[i].Bytes)/float64(after.files-before.files)/1000, s.Name)
	}
	fmt.Fprintln(f.Out, " with every workflow evicted")
	return nil
}

// grow opens files until there are n, and measures sizes and scans alone.
func (f *founded) grow(ctx context.Context, n int) (m moment, err error) {
	fresh, began := n-len(f.files), time.Now()
	if fresh > 0 {
		codes, err := f.open(ctx, fresh, func(int) time.Time { return time.Now() })
		if err != nil {
			return m, fmt.Errorf("found %d files: %w", fresh, err)
		}
		if err := f.visit(ctx, codes); err != nil {
			return m, fmt.Errorf("scan %d files: %w", fresh, err)
		}
		f.files = append(f.files, codes...)
	}
	if err := f.settled(ctx, "founding"); err != nil {
		return m, err
	}
	if fresh > 0 {
		fmt.Fprintf(f.Out, "%d open files with %d scans each, the last %d at %.0f commands/s\n", n, f.Visits, fresh, float64(fresh*(1+f.Visits))/time.Since(began).Seconds())
	}
	worker.PurgeStickyWorkflowCache()
	m.files = len(f.files)
	if m.sizes, err = f.site.sizes(ctx); err != nil {
		return m, fmt.Errorf("measure sizes: %w", err)
	}
	m.evicted, m.warm, err = f.alone(ctx)
	return m, err
}

// open stores the openings of n files, in the lane of what nobody waits for.
func (f *founded) open(ctx context.Context, n int, at func(i int) time.Time) ([]label.Code, error) {
	codes := make([]label.Code, 0, n)
	for part := range slices.Chunk(make([]custody.Command, n), together) {
		for i := range part {
			code, err := label.Mint(label.File, nil)
			if err != nil {
				return nil, err
			}
			part[i] = custody.Command{
				ID: custody.CommandID(uuid.NewString()), Kind: custody.Open, Code: code, Method: custody.ByHand, At: custody.Stamp{Wall: at(len(codes)).UTC()},
				With: custody.Opening{Number: fmt.Sprintf("bench/%s", code.Format()), Subject: "A file of a benchmark", Department: "fin", Desk: f.desk},
			}
			codes = append(codes, code)
		}
		if _, err := f.site.office.Ledger.PutLater(ctx, part); err != nil {
			return nil, err
		}
	}
	return codes, nil
}

// visit scans files in one room after another, in the same lane, those that an earlier
// run has scanned so often no more.
func (f *founded) visit(ctx context.Context, codes []label.Code) error {
	for i := range f.Visits {
		for part := range slices.Chunk(codes, together) {
			var scans []custody.Command
			for _, code := range part {
				if f.turns[code] > i {
					continue
				}
				f.turns[code]++
				scans = append(scans, custody.Command{
					ID: custody.CommandID(uuid.NewString()), Kind: custody.Scan, Code: code, Method: custody.ByQR,
					Station: f.stations[i%len(f.stations)], At: custody.Stamp{Wall: time.Now().UTC()},
				})
			}
			if len(scans) == 0 {
				continue
			}
			if _, err := f.site.office.Ledger.PutLater(ctx, scans); err != nil {
				return err
			}
		}
	}
	return nil
}

// settled waits until nothing waits to be decided.
func (f *founded) settled(ctx context.Context, what string) error {
	var bar *progressbar.ProgressBar
	for {
		began := time.Now()
		waiting, err := f.site.office.Ledger.Lanes(ctx)
		if err != nil {
			return err
		}
		left := 0
		for _, lane := range waiting {
			left += lane.Commands
		}
		if bar == nil {
			bar = newBar(f.Progress, max(1, left), what)
		}
		_ = bar.Set(max(0, bar.GetMax()-left))
		if left == 0 {
			return bar.Finish()
		}
		select {
		case <-time.After(max(200*time.Millisecond, 50*time.Since(began))): // counting many would be what is measured
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// scan scans a file and returns how long that took.
func (f *founded) scan(ctx context.Context, code label.Code) (time.Duration, error) {
	began := time.Now()
	err := f.site.scan(ctx, code, f.turns[code])
	f.turns[code]++
	return time.Since(began), err
}

func (f *founded) random() label.Code { return f.files[rand.IntN(len(f.files))] }

// alone scans one file at a time, with nothing beside, and returns the middle of what it
// took.
func (f *founded) alone(ctx context.Context) (p50Evicted, p50Warm time.Duration, err error) {
	fmt.Fprintf(f.Out, "\n%-46s %8s %10s %10s %10s\n", fmt.Sprintf("one scan at a time, %d files at random", len(f.files)), "scans", "p50", "p99", "most")
	var warm, evicted []time.Duration
	for range f.Scans {
		code := f.random()
		worker.PurgeStickyWorkflowCache()
		for _, into := range []*[]time.Duration{&evicted, &warm} {
			took, err := f.scan(ctx, code)
			if err != nil {
				return 0, 0, err
			}
			*into = append(*into, took)
		}
	}
	f.row("nothing else, its workflow evicted", evicted)
	f.row("nothing else, warm", warm)
	return quantile(evicted, .5), quantile(warm, .5), nil
}

func (f *founded) row(name string, took []time.Duration) {
	slices.Sort(took)
	if len(took) == 0 {
		fmt.Fprintf(f.Out, "%-46s %8d\n", name, 0)
		return
	}
	fmt.Fprintf(f.Out, "%-46s %8d %7.1f ms %7.1f ms %7.1f ms\n", name, len(took), ms(quantile(took, .5)), ms(quantile(took, .99)), ms(took[len(took)-1]))
}

// pages looks at pages once a second until ctx ends.
func (f *founded) pages(ctx context.Context) map[string][]time.Duration {
	took := map[string][]time.Duration{}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	client := &http.Client{Timeout: 10 * time.Second}
	for {
		for _, path := range pagesShown {
			began := time.Now()
			resp, err := client.Get("http://" + f.site.address + path)
			if err == nil {
				_, err = io.Copy(io.Discard, resp.Body)
				err = errors.Join(err, resp.Body.Close())
				if err == nil && resp.StatusCode != http.StatusOK {
					err = errors.New(resp.Status)
				}
			}
			if err != nil {
				fmt.Fprintf(f.Out, "%s: %v\n", path, err)
			}
			took[path] = append(took[path], time.Since(began))
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return took
		}
	}
}

var pagesShown = []string{"/healthz", "/"}

// beside scans one file at a time, and looks at pages, until done says so.
func (f *founded) beside(ctx context.Context, what string, pick func() label.Code, done func(ctx context.Context) (bool, error)) error {
	looking, stop := context.WithCancel(ctx)
	var pages map[string][]time.Duration
	var looker sync.WaitGroup
	looker.Go(func() { pages = f.pages(looking) })
	defer looker.Wait()
	defer stop()
	var took []time.Duration
	for {
		over, err := done(ctx)
		if err != nil {
			return err
		}
		if over {
			break
		}
		one, err := f.scan(ctx, pick())
		if err != nil {
			return err
		}
		took = append(took, one)
	}
	stop()
	looker.Wait()
	f.row(what, took)
	for _, path := range pagesShown {
		f.row("  the page "+path+" meanwhile", pages[path])
	}
	return nil
}

// register scans beside openings that wait, until a minute is over or they are decided.
func (f *founded) register(ctx context.Context) error {
	if _, err := f.open(ctx, f.Openings, func(int) time.Time { return time.Now() }); err != nil {
		return err
	}
	until, left := time.Now().Add(time.Minute), 0
	began := time.Now()
	err := f.beside(ctx, fmt.Sprintf("beside %d openings that wait", f.Openings), f.random, func(ctx context.Context) (bool, error) {
		waiting, err := f.site.office.Ledger.Lanes(ctx)
		left = waiting[custody.Later].Commands
		return left == 0 || time.Now().After(until), err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(f.Out, "  openings decided meanwhile: %.0f/s\n", float64(f.Openings-left)/time.Since(began).Seconds())
	return f.settled(ctx, "the rest of the register")
}

// idle measures the processor with nothing to do.
func (f *founded) idle(ctx context.Context) error {
	before, err := spent.Processor()
	if err != nil {
		return err
	}
	select {
	case <-time.After(f.Quiet):
	case <-ctx.Done():
		return ctx.Err()
	}
	after, err := spent.Processor()
	if err != nil {
		return err
	}
	fmt.Fprintf(f.Out, "with nothing to do: %.1f %% of a core over %v\n", 100*(after-before).Seconds()/f.Quiet.Seconds(), f.Quiet)
	return nil
}
