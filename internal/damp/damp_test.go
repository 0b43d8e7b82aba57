package damp

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"log/slog"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// written is a damped log and what it wrote.
func written(now func() time.Time) (*Log, *bytes.Buffer) {
	var b bytes.Buffer
	return New(slog.New(slog.NewTextHandler(&b, nil)), now), &b
}

func TestACauseIsOneLineAMinute(t *testing.T) {
	at := time.Unix(0, 0)
	l, out := written(func() time.Time { return at })
	lines := func(want ...string) {
		t.Helper()
		got := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
		out.Reset()
		for i, w := range want {
			if len(got) != len(want) || !strings.Contains(got[i]+"\n", w) {
				t.Fatalf("%q, want %q", got, want)
			}
		}
	}
	for range 1900 {
		l.Warn("a", "call refused", "addr", "a")
	}
	l.Error("b", "request failed", "addr", "b")
	lines("level=WARN msg=\"call refused\" addr=a\n", "level=ERROR msg=\"request failed\" addr=b\n")
	at = at.Add(Every - 1)
	l.Warn("a", "call refused", "addr", "a")
	lines("")
	at = at.Add(1)
	l.Warn("a", "call refused", "addr", "a")
	lines("addr=a count=1901\n")
	at = at.Add(-time.Hour) // the clock was set back: nothing falls silent for an hour
	l.Warn("a", "call refused", "addr", "a")
	lines("addr=a\n")
}

// Whatever comes: no more lines than causes have in the time, and every time is told
// by one of them in the end.
func TestNothingIsUntoldAndLinesAreBounded(t *testing.T) {
	number := regexp.MustCompile(`count=(\d+)`)
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(0, 0)
		l, out := written(func() time.Time { return at })
		calls := 0
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			n := rapid.IntRange(1, 2*Most).Draw(t, "callers")
			for i := range n {
				l.Warn(strconv.Itoa(i), "call refused", "addr", i)
			}
			calls += n
			at = at.Add(time.Duration(rapid.IntRange(0, 90).Draw(t, "seconds")) * time.Second)
		}
		if lines, most := strings.Count(out.String(), "\n"), (Most+1)*int(1+at.Sub(time.Unix(0, 0))/Every)*2; lines > most {
			t.Fatalf("%d lines, at most %d", lines, most)
		}
		ended, end := context.WithCancel(context.Background())
		end()
		l.Run(ended)
		told := 0
		for line := range strings.Lines(out.String()) {
			n := 1
			if m := number.FindStringSubmatch(line); m != nil {
				n, _ = strconv.Atoi(m[1])
			}
			told += n
		}
		if told != calls {
			t.Fatalf("%d of %d are told", told, calls)
		}
		if len(l.causes) != 0 {
			t.Fatal("causes are remembered for ever")
		}
	})
}

func TestManyCallersShareALine(t *testing.T) {
	l, out := written(time.Now)
	for i := range 10 * Most {
		l.Warn(fmt.Sprint("caller ", i), "call refused", "addr", i)
	}
	if lines := strings.Count(out.String(), "\n"); lines != Most+1 || len(l.causes) > Most+1 {
		t.Errorf("%d lines, %d causes", lines, len(l.causes))
	}
	if !strings.Contains(out.String(), `of="call refused" addr=`+fmt.Sprint(Most)) {
		t.Error("the line of the rest says nothing of it")
	}
}

func TestWhatStopsIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, out := written(time.Now)
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { l.Run(ctx) })
		text := log.New(l.Writer("http"), "", 0)
		for range 7 {
			text.Print("TLS handshake error from 192.0.2.1")
		}
		time.Sleep(2*Every + time.Second)
		synctest.Wait()
		if got := out.String(); strings.Count(got, "\n") != 2 || !strings.Contains(got, "count=6") || !strings.Contains(got, "192.0.2.1") {
			t.Error(got)
		}
		stop()
		running.Wait()
	})
}
