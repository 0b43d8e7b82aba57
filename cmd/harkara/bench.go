package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"go.temporal.io/sdk/worker"
	"golang.org/x/sync/errgroup"

	"harkara/internal/audit"
	"harkara/internal/bench"
	"harkara/internal/custody"
	"harkara/internal/demo"
	"harkara/internal/engine"
	"harkara/internal/label"
	"harkara/internal/ledger"
	"harkara/internal/office"
	"harkara/internal/paper"
	"harkara/web"
)

type benchCmd struct {
	Scans   benchScansCmd   `cmd:"" help:"Full scans against bare workflow updates, on one engine in one run."`
	Office  benchOfficeCmd  `cmd:"" help:"A station's scan in an office of many files, beside a register and in a storm of what fell due."`
	Painted benchPaintedCmd `cmd:"" help:"From a station's request to the row painted on a board in Chromium."`
	Camera  benchCameraCmd  `cmd:"" help:"From a camera's frame to the answer painted on a kiosk in Chromium."`
	Decode  benchDecodeCmd  `cmd:"" help:"Reading pictures, beside gozxing by itself."`
	Rebuild benchRebuildCmd `cmd:"" help:"Making the workflows of an office again from its ledger, beside bare starts of workflows."`
}

type benchDecodeCmd struct {
	Dir string `arg:"" help:"Folder of pictures with manifest.csv: file, text, format, grade." type:"existingdir"`
}

// Run reads every picture each way.
func (c *benchDecodeCmd) Run(w *world) error {
	return bench.Decode{Dir: c.Dir, Out: w.out, Progress: terminal(w.err)}.Run()
}

type benchScansCmd struct {
	Postgres string `help:"Folder of PostgreSQL's programs." type:"path" env:"HARKARA_POSTGRES"`
	Files    int    `help:"Files that are scanned." default:"100"`
	Scans    int    `help:"Scans of each kind." default:"2000"`
	Rounds   int    `help:"Rounds; bare and full alternate." default:"4"`
	AtOnce   int    `help:"Scans under way at once." default:"32"`
	Cold     bool   `help:"Evict workflows from memory before every scan."`
}

// Run measures on an office of its own in a temporary folder, with fsync on.
func (c *benchScansCmd) Run(w *world) error {
	return benchOffice(w, c.Postgres, func(ctx context.Context, o *office.Office, s scanning) error {
		s.client.Transport = &http.Transport{MaxIdleConnsPerHost: c.AtOnce}
		b := bench.Scans{
			Temporal: o.Engine.Temporal(), Files: c.Files, Scans: c.Scans, Rounds: c.Rounds, AtOnce: c.AtOnce, Out: w.out, Progress: terminal(w.err),
			Open: s.open,
			Scan: func(ctx context.Context, code label.Code, n int) error { return s.scan(ctx, code, n) },
		}
		if c.Cold {
			b.Cold = worker.PurgeStickyWorkflowCache
		}
		return b.Run(ctx)
	})
}

type benchOfficeCmd struct {
	Postgres string        `help:"Folder of PostgreSQL's programs." type:"path" env:"HARKARA_POSTGRES"`
	Data     string        `help:"Folder of the office, which is kept: a later run goes on with its files. None: a temporary one." type:"path"`
	Files    int           `help:"Open files that are founded." default:"3000"`
	First    int           `help:"So many are founded first, and measured; 0: a quarter."`
	Visits   int           `help:"Scans that each of them has had." default:"0"`
	Openings int           `help:"Openings of a register that is brought in; 0: none." default:"3000"`
	Wakes    int           `help:"Rungs that fall due within 20 seconds; 0: none." default:"3000"`
	Scans    int           `help:"Scans alone, warm and evicted." default:"300"`
	Quiet    time.Duration `help:"How long the processor is measured with nothing to do." default:"30s"`
}

// Run measures on an office of its own, with fsync on.
func (c *benchOfficeCmd) Run(w *world) error {
	inOffice := inTemporaryOffice
	if c.Data != "" {
		inOffice = inKeptOffice(c.Data)
	}
	return inOffice(w, c.Postgres, office.Roles{Worker: true, Dispatch: true}, func(o *office.Office, data string) error {
		return benchOn(w, o, data, c.measure(w))
	})
}

func (c *benchOfficeCmd) measure(w *world) func(context.Context, *office.Office, scanning) error {
	return func(ctx context.Context, o *office.Office, s scanning) error {
		sample, err := o.Ledger.Office(ctx, time.Now())
		if err != nil {
			return err
		}
		desk, _ := sample.DeskByID("fin-ri")
		post, _ := sample.PostByID(desk.Post)
		var stations []custody.StationID
		for _, s := range sample.Stations[:3] {
			stations = append(stations, s.ID)
		}
		return bench.Office{
			Stations: stations, Files: c.Files, First: c.First, Visits: c.Visits, Openings: c.Openings, Wakes: c.Wakes, Scans: c.Scans, Quiet: c.Quiet,
			Ledger: o.Ledger, Desk: desk.ID, Share: post.Budget.Duration() * time.Duration(sample.Ladders[0].Rungs[0].Percent) / 100,
			Scan: s.scan, Evict: worker.PurgeStickyWorkflowCache, Address: s.address,
			Sizes:  func(ctx context.Context) ([]bench.Size, error) { return sizesOf(ctx, o, s.data) },
			Opened: func(ctx context.Context) (map[label.Code]int, error) { return openedIn(ctx, o.Ledger) },
			Out:    w.out, Progress: terminal(w.err),
		}.Run(ctx)
	}
}

// openedIn are the open files of a ledger, with how many entries each has.
func openedIn(ctx context.Context, store *ledger.Store) (map[label.Code]int, error) {
	opened := map[label.Code]int{}
	for after := label.Code(""); ; {
		files, err := store.Files(ctx, after, 1000)
		if err != nil || len(files) == 0 {
			return opened, err
		}
		for _, f := range files {
			after = f.Code
			if f.Final == nil {
				opened[f.Code] = int(f.Head.Revision)
			}
		}
	}
}

type benchRebuildCmd struct {
	Postgres string `help:"Folder of PostgreSQL's programs." type:"path" env:"HARKARA_POSTGRES"`
	Files    int    `help:"Open files." default:"2000"`
	Bare     int    `help:"Bare workflows that are started, one half before and one after." default:"2000"`
	AtOnce   int    `help:"Workflows that are made, or started, at once." default:"24"`
}

// Run measures on an office of its own in a temporary folder, with fsync on. Its ledger is
// filled without Temporal.
func (c *benchRebuildCmd) Run(w *world) error {
	return inTemporaryOffice(w, c.Postgres, office.Roles{}, func(o *office.Office, _ string) error {
		if err := errors.Join(o.Engine.Ready(w.ctx), o.Ledger.SetOffice(w.ctx, demo.Sample(3600), "bench", "set up")); err != nil {
			return err
		}
		return bench.Rebuild{
			Temporal: o.Engine.Temporal(), Ledger: o.Ledger, Files: c.Files, Bare: c.Bare, AtOnce: c.AtOnce, Out: w.out,
			Rebuild: func(ctx context.Context) (int, error) {
				progress, end := w.counted("files")
				defer end()
				r, err := o.Rebuild(ctx, audit.Rebuild{AtOnce: c.AtOnce}, progress)
				if err == nil && r.Found > 0 {
					err = fmt.Errorf("%d findings, the first: %v", r.Found, r.Findings[0])
				}
				return r.Made, err
			},
		}.Run(w.ctx)
	})
}

// sizesOf are of the databases below a data folder, of this program's heap, and of its and
// PostgreSQL's memory.
func sizesOf(ctx context.Context, o *office.Office, data string) ([]bench.Size, error) {
	conn, err := pgx.Connect(ctx, o.Engine.OwnerURL())
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	rows, err := conn.Query(ctx, `SELECT datname, oid::bigint FROM pg_database WHERE datname IN ('harkara', 'temporal', 'temporal_visibility') ORDER BY datname`)
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[bench.Size])
	if err != nil {
		return nil, err
	}
	for i, db := range list {
		files, err := os.ReadDir(filepath.Join(data, "postgres", "data", "base", fmt.Sprint(db.Bytes)))
		if err != nil {
			return nil, err
		}
		list[i].Bytes = 0
		for _, f := range files {
			if info, err := f.Info(); err == nil { // else it is dropped
				list[i].Bytes += info.Size()
			}
		}
	}
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	held, err := bench.Held()
	return append(list, bench.Size{Name: "heap", Bytes: int64(m.HeapAlloc)}, bench.Size{Name: "memory, PostgreSQL's too", Bytes: held}), err
}

type benchPaintedCmd struct {
	Postgres string        `help:"Folder of PostgreSQL's programs." type:"path" env:"HARKARA_POSTGRES"`
	Files    int           `help:"Files that are scanned." default:"100"`
	Rate     int           `help:"Scans a second." default:"10"`
	For      time.Duration `help:"How long." default:"30s"`
}

// Run measures on an office of its own in a temporary folder, with fsync on.
func (c *benchPaintedCmd) Run(w *world) error {
	return benchOffice(w, c.Postgres, func(ctx context.Context, _ *office.Office, s scanning) error {
		return bench.Painted{
			Files: c.Files, Rate: c.Rate, For: c.For, Board: "http://" + s.address + "/", Out: w.out, Progress: terminal(w.err),
			Open: s.open,
			Scan: func(ctx context.Context, code label.Code, n int) error { return s.scan(ctx, code, n/c.Files) },
		}.Run(ctx)
	})
}

type benchCameraCmd struct {
	Postgres string `help:"Folder of PostgreSQL's programs." type:"path" env:"HARKARA_POSTGRES"`
	Covers   int    `help:"Covers on the film, one a second." default:"300"`
}

// Run measures on an office of its own in a temporary folder, with fsync on.
func (c *benchCameraCmd) Run(w *world) error {
	return benchOffice(w, c.Postgres, func(ctx context.Context, _ *office.Office, s scanning) error {
		return bench.Camera{
			Covers: c.Covers, Kiosk: "http://" + s.address + "/kiosk?station=" + string(s.stations[1]), Out: w.out, Open: s.open,
			Cover: func(code label.Code) (*image.Gray, error) {
				return paper.Cover{Code: code, Number: "bench/1", Subject: "A cover before a camera"}.Image(120)
			},
		}.Run(ctx)
	})
}

// scanning is what stations do in a benchmark.
type scanning struct {
	data     string // folder
	address  string
	client   *http.Client
	ledger   *ledger.Store
	stations []custody.StationID
	tokens   map[custody.StationID]string
}

func (s scanning) open(ctx context.Context, n int) (label.Code, error) {
	code, err := s.ledger.Mint(ctx, label.File)
	if err != nil {
		return "", err
	}
	open := custody.Command{Kind: custody.Open, Code: code, With: custody.Opening{Number: fmt.Sprintf("bench/%d", n), Department: "fin"}}
	_, err = post(ctx, s.client, s.address, s.tokens[s.stations[0]], open)
	return code, err
}

// scan scans a file at the station of its turn; the next turn is another room's.
func (s scanning) scan(ctx context.Context, code label.Code, turn int) error {
	scan := custody.Command{Kind: custody.Scan, Code: code, Method: custody.ByQR}
	out, err := post(ctx, s.client, s.address, s.tokens[s.stations[(turn+1)%len(s.stations)]], scan)
	if err == nil && out.Verdict != custody.Accepted {
		err = fmt.Errorf("scan of %s moved nothing: %s", code, out.Reason)
	}
	return err
}

// benchOffice runs a benchmark on an office that is served, and removed after it.
func benchOffice(w *world, binaries string, run func(context.Context, *office.Office, scanning) error) error {
	return inTemporaryOffice(w, binaries, office.Roles{Worker: true, Dispatch: true}, func(o *office.Office, data string) error { return benchOn(w, o, data, run) })
}

// inTemporaryOffice runs something on an office that is removed after it.
func inTemporaryOffice(w *world, binaries string, r office.Roles, run func(o *office.Office, data string) error) (err error) {
	data, err := os.MkdirTemp("", "harkara-bench")
	if err != nil {
		return fmt.Errorf("make temporary folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(data)) }()
	if err := os.Chmod(data, 0o711); err != nil {
		return err
	}
	return inKeptOffice(data)(w, binaries, r, run)
}

// inKeptOffice runs something on the office of a folder.
func inKeptOffice(data string) func(w *world, binaries string, r office.Roles, run func(o *office.Office, data string) error) error {
	return func(w *world, binaries string, r office.Roles, run func(o *office.Office, data string) error) error {
		began := time.Now()
		o, err := office.Open(w.ctx, engine.Config{Dir: data, Binaries: binaries, Log: w.log, NoSync: noSync}, r)
		if err != nil {
			return err
		}
		if err := o.Engine.Ready(w.ctx); err != nil {
			return errors.Join(err, o.Close())
		}
		fmt.Fprintf(w.out, "ready after %.1f s\n", time.Since(began).Seconds())
		return errors.Join(run(o, data), o.Close())
	}
}

func benchOn(w *world, o *office.Office, data string, run func(context.Context, *office.Office, scanning) error) error {
	sample := demo.Sample(3600)
	if err := o.Ledger.SetOffice(w.ctx, sample, "bench", "set up"); err != nil {
		return err
	}
	s := scanning{data: data, client: &http.Client{Timeout: 30 * time.Second}, ledger: o.Ledger, stations: bench.Stations(sample, "fin"), tokens: map[custody.StationID]string{}}
	for _, station := range s.stations {
		var err error
		if s.tokens[station], err = o.Ledger.Enrol(w.ctx, station); err != nil {
			return err
		}
	}
	ctx, stop := context.WithCancel(w.ctx)
	defer stop()
	group, ctx := errgroup.WithContext(ctx)
	at := make(chan string, 1)
	group.Go(func() error {
		cfg := web.Config{Open: true, StationToken: func(id custody.StationID) string { return s.tokens[id] }}
		return o.Pages(ctx, "127.0.0.1:0", cfg, func(address string) { at <- address })
	})
	group.Go(func() error {
		defer stop()
		select {
		case s.address = <-at:
			return run(ctx, o, s)
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	if err := group.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return w.ctx.Err()
}

// patienceOf is how long a benchmark's station sends a scan again until it is decided.
const patienceOf = time.Minute

// post sends a command as a station does, and waits until it is decided and committed:
// again and again, as a station does while it has no answer.
func post(ctx context.Context, client *http.Client, address, token string, c custody.Command) (out custody.Outcome, err error) {
	c.ID, c.At.Wall = custody.CommandID(uuid.NewString()), time.Now().UTC()
	for until := time.Now().Add(patienceOf); ; {
		answered, raw, err := send(ctx, client, address, token, c)
		switch {
		case err != nil:
			return out, err
		case answered != nil:
			return *answered, nil
		case time.Now().After(until):
			return out, fmt.Errorf("scan of %s is not decided: %s", c.Code, raw)
		}
	}
}

// send posts a command once; no outcome: it is stored and not decided yet.
func send(ctx context.Context, client *http.Client, address, token string, c custody.Command) (out *custody.Outcome, raw []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+"/api/v1/scans?wait=5s", bytes.NewReader(c.Bytes()))
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := client.Do(req)
	if err != nil {
		return nil, nil, fmt.Errorf("post scan: %w", err)
	}
	defer resp.Body.Close()
	if raw, err = io.ReadAll(resp.Body); err != nil {
		return nil, nil, fmt.Errorf("read answer: %w", err)
	}
	var answer struct {
		Results []struct {
			Stored  bool
			Outcome *custody.Outcome
		}
	}
	if err := json.Unmarshal(raw, &answer); err != nil || len(answer.Results) != 1 || !answer.Results[0].Stored {
		return nil, raw, fmt.Errorf("scan of %s is not stored: %s: %s", c.Code, resp.Status, raw)
	}
	return answer.Results[0].Outcome, raw, nil
}
