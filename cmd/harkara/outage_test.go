package main

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
)

var outage = flag.Duration("outage", 0, "how long dependencies stay away in TestOutages; 0: 10 s, or where CI is set the minute of the promise")

// While Temporal is away, or nothing can be recorded, scans are stored and the board
// says that decisions wait; afterwards all are applied, once and in order, and so is
// every rung that came due meanwhile.
func TestOutages(t *testing.T) {
	t.Parallel()
	for name, cut := range map[string]func(*apart){
		"temporal refuses":   func(a *apart) { a.line.refuse() },
		"temporal is silent": func(a *apart) { a.line.silence() },
		"record fails":       func(a *apart) { a.exec(`REVOKE INSERT ON entries FROM harkara`) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			outlast(t, name, cut)
		})
	}
}

func outlast(t *testing.T, name string, cut func(*apart)) {
	lasts := *outage
	if lasts == 0 {
		lasts = 10 * time.Second
		if os.Getenv("CI") != "" {
			lasts = time.Minute
		}
	}
	a := setApart(t)
	h := a.hire()
	h.budgets(custody.SecondsOf(lasts) / 5) // a file's rungs come due from 0.3 to 0.8 of the outage after it was opened
	base := h.shown()
	stations, tokens := []custody.StationID{in("a-102"), in("a-103")}, map[custody.StationID]string{}
	for _, s := range stations {
		token, err := h.o.Ledger.Enrol(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		tokens[s] = token
	}
	var codes, idle []label.Code
	for i := range 10 {
		codes = append(codes, h.open(fmt.Sprintf("outage/%d", i)))
	}
	for i := range 2 {
		idle = append(idle, h.open(fmt.Sprintf("outage/idle/%d", i)))
	}

	cut(a)
	began := time.Now()
	defer a.exec(`GRANT INSERT ON entries TO harkara`)
	var all []custody.Command
	said := false
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for until := began.Add(lasts); time.Now().Before(until); <-tick.C {
		n := len(all)
		station := stations[n/len(codes)%2]
		c := newCommand(custody.Scan, codes[n%len(codes)], station)
		if err := keep(t.Context(), base, tokens[station], c); err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
		said = said || h.boardSaysWaiting(base)
	}
	if !said {
		t.Error("the board never said that decisions wait")
	}
	if n, _, err := h.o.Ledger.Backlog(t.Context()); err != nil || n < len(all) {
		t.Errorf("%d of %d wait, %v", n, len(all), err)
	}
	due := func(code label.Code) (n int) {
		for _, e := range h.entries(code) {
			if e.Reason == custody.RungDue && e.At.After(began) {
				n++
			}
		}
		return n
	}
	for _, code := range idle {
		if n := due(code); n > 0 {
			t.Errorf("file %s: %d rungs recorded during the outage", code, n)
		}
	}
	ended := time.Now()
	a.line.heal()
	a.exec(`GRANT INSERT ON entries TO harkara`)
	drained(t, h.o.Ledger)
	applied(t, h.o.Ledger, codes, all)
	rungs := 0
	for _, code := range idle {
		h.met(func() bool { return due(code) > 0 })
		for _, e := range h.entries(code) {
			if e.Reason == custody.RungDue && e.At.After(began) && e.At.Before(ended) {
				rungs++
			}
		}
	}
	if rungs < len(idle) {
		t.Errorf("%d rungs of %d files that came due during the outage", rungs, len(idle))
	}
	h.met(func() bool { return !h.boardSaysWaiting(base) })
	for _, code := range append(codes, idle...) {
		h.do(newCommand(custody.Close, code, ""))
		h.rungsOnce(code)
	}
	verified(t, h.o)
	t.Logf("%s: %d scans stored in %s, all applied %s after; %d rungs came due meanwhile", name, len(all), lasts, time.Since(ended).Round(time.Millisecond), rungs)
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

// rungsOnce checks that no rung of a leg was recorded twice, by itself or as skipped.
func (h *hired) rungsOnce(code label.Code) {
	h.t.Helper()
	if err := rungsOnce(h.entries(code)); err != nil {
		h.t.Errorf("file %s: %v", code, err)
	}
}

func rungsOnce(entries []custody.Entry) error {
	seen := map[int]bool{}
	for _, e := range entries {
		if e.Begins() || e.Reason == custody.Undone {
			clear(seen)
		}
		if e.Reason != custody.RungDue {
			continue
		}
		for _, percent := range append(e.Skipped, e.Rung) {
			if seen[percent] {
				return fmt.Errorf("rung of %d %% twice", percent)
			}
			seen[percent] = true
		}
	}
	return nil
}
