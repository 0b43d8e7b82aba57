package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"harkara/internal/label"
)

// running is a station in this process.
type running struct {
	t     *testing.T
	in    *io.PipeWriter
	lines chan string // of its output
	url   string
	stop  func() int // and its exit code
	log   *safeBuffer
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func startStation(t *testing.T, data string, more ...string) *running {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	in, to := io.Pipe()
	from, out := io.Pipe()
	r := &running{t: t, in: to, lines: make(chan string, 4096), log: &safeBuffer{}}
	done := make(chan int, 1)
	go func() {
		args := append([]string{"run", "--data", data, "--addr", "127.0.0.1:0", "--stdin", "--lang", "en"}, more...)
		done <- run(ctx, args, in, out, r.log)
		out.Close()
	}()
	go func() {
		defer close(r.lines)
		for lines := bufio.NewScanner(from); lines.Scan(); {
			r.lines <- lines.Text()
		}
	}()
	r.stop = sync.OnceValue(func() int {
		cancel()
		to.Close()
		code := <-done
		for range r.lines {
		}
		return code
	})
	t.Cleanup(func() { r.stop() })
	r.url = strings.TrimPrefix(r.line(), "ready on ")
	return r
}

// line is the next line that the station prints.
func (r *running) line() string {
	r.t.Helper()
	select {
	case line, more := <-r.lines:
		if !more {
			r.t.Fatal("the station ended: ", r.log)
		}
		return line
	case <-time.After(time.Minute):
		r.t.Fatal("the station says nothing: ", r.log)
	}
	return ""
}

// read gives the station a code and returns what it says, without the id.
func (r *running) read(text string) string {
	r.t.Helper()
	if _, err := fmt.Fprintln(r.in, text); err != nil {
		r.t.Fatal(err)
	}
	return r.line()
}

// get asks the station's own API.
func (r *running) call(method, path, body string, headers ...string) (int, []byte) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.url+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if req.Header.Set(headers[i], headers[i+1]); headers[i] == "Host" {
			req.Host = headers[i+1]
		}
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return resp.StatusCode, raw
}

func (r *running) status() (v statusView) {
	r.t.Helper()
	if code, raw := r.call(http.MethodGet, "/api/v1/status", ""); code != http.StatusOK || json.Unmarshal(raw, &v) != nil {
		r.t.Fatal(code, string(raw))
	}
	return v
}

// until asks the station how it is until it is so.
func (r *running) until(what string, f func(statusView) bool) {
	r.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.After(time.Minute); ; {
		v := r.status()
		if f(v) {
			return
		}
		select {
		case <-tick.C:
		case <-end:
			r.t.Fatalf("%s: %+v\n%s", what, v, r.log)
		}
	}
}

func file(n uint64) string { return string(label.New(label.File, n)) }

var desk = label.New(label.Desk, 7)
