package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"harkara/internal/custody"
	"harkara/internal/intake"
	"harkara/internal/label"
	"harkara/internal/ledger"
	"harkara/workflows"
)

var outage = flag.Duration("outage", 8*time.Second, "how long dependencies stay away in TestOutages")

// cuts are ways between the parts of an office that can be cut.
type cuts struct{ temporal, record atomic.Bool }

// cutFiles is the way to Temporal.
type cutFiles struct {
	intake.Files
	cuts *cuts
}

func (f cutFiles) Send(ctx context.Context, d workflows.Delivery, start *custody.State) (custody.Outcome, error) {
	if f.cuts.temporal.Load() {
		return custody.Outcome{}, fmt.Errorf("%w: %w", intake.ErrAway, errCut)
	}
	return f.Files.Send(ctx, d, start)
}

// cutBook is the way of decisions to the ledger, of the dispatcher's and of the
// workflows'.
type cutBook struct {
	*ledger.Store
	cuts *cuts
}

var errCut = errors.New("cut by the test")

func (b cutBook) Commit(ctx context.Context, outcomes []custody.Outcome) ([]error, error) {
	if b.cuts.record.Load() {
		return nil, errCut
	}
	return b.Store.Commit(ctx, outcomes)
}

func (b cutBook) Record(ctx context.Context, o custody.Outcome) error {
	if b.cuts.record.Load() {
		return errCut
	}
	return b.Store.Record(ctx, o)
}

// While Temporal is away, or nothing can be recorded, scans are stored and the board
// says that decisions wait; afterwards all are applied, once and in order, and so is
// every rung that came due. With -outage=1m it lasts as long as the promise says.
func TestOutages(t *testing.T) {
	for _, tt := range []struct {
		name string
		cut  func(*cuts) *atomic.Bool
	}{
		{"temporal", func(c *cuts) *atomic.Bool { return &c.temporal }},
		{"record", func(c *cuts) *atomic.Bool { return &c.record }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := hire(t, workflows.Files{Book: custody.Book})
			h.budgets(2)
			base := h.shown()
			token, err := h.o.store.Enrol(t.Context(), in("a-102"))
			if err != nil {
				t.Fatal(err)
			}
			other, err := h.o.store.Enrol(t.Context(), in("a-103"))
			if err != nil {
				t.Fatal(err)
			}
			var codes []label.Code
			for i := range 10 {
				codes = append(codes, h.open(fmt.Sprintf("outage/%s/%d", tt.name, i)))
			}
			gate := tt.cut(&h.cuts)
			gate.Store(true)
			defer gate.Store(false)

			var all []custody.Command
			said := false
			tick := time.NewTicker(200 * time.Millisecond)
			defer tick.Stop()
			for until := time.Now().Add(*outage); time.Now().Before(until); <-tick.C {
				n := len(all)
				station, key := in("a-102"), token
				if n/len(codes)%2 == 1 {
					station, key = in("a-103"), other
				}
				c := newCommand(custody.Scan, codes[n%len(codes)], station)
				h.stored(base, key, c)
				all = append(all, c)
				said = said || h.boardSaysWaiting(base)
			}
			if !said {
				t.Error("the board never said that decisions wait")
			}
			if n, _, err := h.o.store.Backlog(t.Context()); err != nil || n < len(all) && tt.name == "temporal" {
				t.Errorf("%d of %d wait, %v", n, len(all), err)
			}
			gate.Store(false)
			drained(t, h.o.store)
			applied(t, h.o.store, codes, all)
			for _, code := range codes {
				h.rungsOnce(code)
			}
			h.met(func() bool { return !h.boardSaysWaiting(base) })
			for _, code := range codes {
				h.do(newCommand(custody.Close, code, ""))
			}
			verified(t, h.o)
			t.Logf("%d scans stored in %s", len(all), *outage)
		})
	}
}

// stored posts a scan and demands the promise.
func (h *hired) stored(base, token string, c custody.Command) {
	h.t.Helper()
	req, err := http.NewRequestWithContext(h.t.Context(), http.MethodPost, base+"/api/v1/scans", strings.NewReader(string(c.Bytes())))
	if err != nil {
		h.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct{ Results []struct{ Stored bool } }
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || len(answer.Results) != 1 || !answer.Results[0].Stored {
		h.t.Fatalf("%s: %+v, %v", resp.Status, answer, err)
	}
}

// boardSaysWaiting reports whether the board warns its readers.
func (h *hired) boardSaysWaiting(base string) bool {
	h.t.Helper()
	resp, err := http.Get(base + "/")
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	_, after, found := strings.Cut(string(page), `<p id="health"`)
	tag, _, _ := strings.Cut(after, ">")
	return found && !strings.Contains(tag, "hidden")
}

// rungsOnce checks that no rung of a leg was recorded twice.
func (h *hired) rungsOnce(code label.Code) {
	h.t.Helper()
	leg, seen := 0, map[[2]int]bool{}
	for _, e := range h.entries(code) {
		if e.Reason != custody.RungDue {
			leg++
			clear(seen)
			continue
		}
		if k := [2]int{leg, e.Rung}; seen[k] && e.Rung < 200 { // the last repeats
			h.t.Errorf("file %s: rung of %d %% twice", code, e.Rung)
		} else {
			seen[k] = true
		}
	}
}
