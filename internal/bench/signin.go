package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"harkara/internal/bench/spent"
	"harkara/internal/label"
	"harkara/internal/people"
)

// SignIn measures what it costs to let people in, beside scans and beside guessing.
type SignIn struct {
	Site
	Files     int           // that are scanned in turn, one at a time
	For       time.Duration // of each part
	Addresses int           // that guess
	Guesses   int           // a second, of all of them
	AtOnce    int           // honest ones together
}

const signInPassword = "a horse of the bench 7"

// entering is an office under measurement, and who comes in.
type entering struct {
	SignIn
	site   *measured
	files  []label.Code
	turns  int
	honest *http.Client
	strays []*http.Client // each from an address of its own
}

// Run measures and prints.
func (b SignIn) Run(ctx context.Context) (err error) {
	m, err := b.serve(ctx, 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.close()) }()
	e := &entering{SignIn: b, site: m, honest: from("127.0.0.1")}
	for n := range b.Addresses {
		e.strays = append(e.strays, from(fmt.Sprintf("127.0.1.%d", n+1)))
	}
	door := m.office.People()
	for n := range b.AtOnce {
		if err := door.Equip(ctx, people.Person{ID: name(n)}, signInPassword, "bench"); err != nil {
			return err
		}
	}
	for n := range b.Files {
		code, err := m.open(ctx, n)
		if err != nil {
			return err
		}
		e.files = append(e.files, code)
	}
	if err := e.price(ctx); err != nil {
		return err
	}
	fmt.Fprintf(b.Out, "\n%-46s %8s %10s %10s %10s\n", "", "count", "p50", "p99", "longest")
	for _, part := range []struct {
		name            string
		guessing, eight bool
	}{{"nothing else", false, false}, {fmt.Sprintf("%d guesses a second from %d addresses", b.Guesses, b.Addresses), true, false}, {fmt.Sprintf("%d sign-ins at once, again and again", b.AtOnce), false, true}} {
		if err := e.part(ctx, part.name, part.guessing, part.eight); err != nil {
			return fmt.Errorf("beside %s: %w", part.name, err)
		}
	}
	return nil
}

func name(n int) people.ID { return people.ID(fmt.Sprint("bench-", n)) }

// from is a client with an address of this machine, of which Linux has many.
func from(address string) *http.Client {
	dial := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	return &http.Client{
		Timeout: 30 * time.Second, Transport: &http.Transport{DialContext: dial.DialContext, MaxIdleConnsPerHost: 16},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// enter tries to sign in and returns the status of the answer.
func (e *entering) enter(ctx context.Context, c *http.Client, who people.ID, secret string) (int, error) {
	form := url.Values{"name": {string(who)}, "secret": {secret}}.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+e.site.address+"/login", strings.NewReader(form))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := c.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, err
}

// honestly signs in and must come in.
func (e *entering) honestly(ctx context.Context, who people.ID) (time.Duration, error) {
	began := time.Now()
	status, err := e.enter(ctx, e.honest, who, signInPassword)
	if err == nil && status != http.StatusSeeOther {
		err = fmt.Errorf("%s is not let in: %d", who, status)
	}
	return time.Since(began), err
}

// price measures the processor's time of sign-ins one after another, with that of the
// office at rest taken off.
func (e *entering) price(ctx context.Context) error {
	const n = 20
	at := func(do func() error) (processor, wall time.Duration, err error) {
		before, err := spent.Processor()
		began := time.Now()
		if err == nil {
			err = do()
		}
		wall = time.Since(began)
		after, fault := spent.Processor()
		return after - before, wall, errors.Join(err, fault)
	}
	busy, wall, err := at(func() error {
		for i := range n {
			if _, err := e.honestly(ctx, name(i%e.AtOnce)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	rest, quiet, err := at(func() error {
		select {
		case <-time.After(wall):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	each := (busy - time.Duration(float64(rest)*float64(wall)/float64(max(quiet, 1)))) / n
	fmt.Fprintf(e.Out, "a sign-in takes %.0f ms of the processor, and %.0f ms by the clock, one at a time\n", ms(each), ms(wall/n))
	return err
}

// part scans one file at a time, signs one in every half second, and does what is beside.
func (e *entering) part(ctx context.Context, what string, guessing, eight bool) error {
	ctx, cancel := context.WithTimeout(ctx, 10*e.For)
	defer cancel()
	until := time.Now().Add(e.For)
	var all sync.WaitGroup
	var mu sync.Mutex
	var scans, singles, together []time.Duration
	answers := map[int]int{}
	var faults error
	note := func(list *[]time.Duration, took time.Duration, err error) {
		mu.Lock()
		defer mu.Unlock()
		*list, faults = append(*list, took), errors.Join(faults, err)
	}
	all.Go(func() {
		for time.Now().Before(until) {
			began := time.Now()
			err := e.site.scan(ctx, e.files[e.turns%len(e.files)], e.turns/len(e.files))
			e.turns++
			if note(&scans, time.Since(began), err); err != nil {
				return
			}
		}
	})
	all.Go(func() {
		for time.Now().Before(until) {
			took, err := e.honestly(ctx, name(0))
			note(&singles, took, err)
			time.Sleep(500 * time.Millisecond)
		}
	})
	if guessing {
		pause := time.Second * time.Duration(e.Addresses) / time.Duration(e.Guesses)
		for n, stray := range e.strays {
			all.Go(func() {
				time.Sleep(pause * time.Duration(n) / time.Duration(e.Addresses))
				for tick := time.NewTicker(pause); time.Now().Before(until); <-tick.C {
					all.Go(func() {
						status, err := e.enter(ctx, stray, name(0), "a guess of the bench")
						mu.Lock()
						defer mu.Unlock()
						answers[status]++
						faults = errors.Join(faults, err)
					})
				}
			})
		}
	}
	if eight {
		for n := range e.AtOnce {
			all.Go(func() {
				for time.Now().Before(until) {
					took, err := e.honestly(ctx, name(n))
					note(&together, took, err)
				}
			})
		}
	}
	all.Wait()
	e.row("a scan beside "+what, scans)
	e.row("  a sign-in meanwhile", singles)
	if eight {
		e.row("  one of them", together)
	}
	for status, n := range answers {
		fmt.Fprintf(e.Out, "  guesses answered with %d: %d\n", status, n)
	}
	return faults
}

func (e *entering) row(what string, took []time.Duration) {
	slices.Sort(took)
	if len(took) == 0 {
		return
	}
	fmt.Fprintf(e.Out, "%-46s %8d %7.1f ms %7.1f ms %7.1f ms\n", what, len(took), ms(quantile(took, .5)), ms(quantile(took, .99)), ms(took[len(took)-1]))
}
