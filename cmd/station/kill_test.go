package main

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"harkara/internal/label"
	"harkara/scanner/gesture"
	"harkara/web/wire"
)

// What the guns of the kill test read, for ever: a desk card, then files that go to
// that desk; no file twice.
const filesOfACard = 11

func scripted(p int) string {
	if p%(filesOfACard+1) == 0 {
		return string(cardAt(p))
	}
	return file(uint64(p))
}

// cardAt is the card that lies open after the p-th read, if none was lost.
func cardAt(p int) label.Code {
	return label.New(label.Desk, uint64(p-p%(filesOfACard+1)+7))
}

// life is one run of the station from its start to its kill.
type life struct {
	first, written int // reads: the first, and that after the last that it may have had
	last           int // the last that a sound was made for; first-1: none
	heard          map[string]label.Code
}

// card is what lies open after read p of this life; before it one of before did.
func (l life) card(p int, before []label.Code) []label.Code {
	if p < l.first || p-p%(filesOfACard+1) < l.first {
		return before
	}
	return []label.Code{cardAt(p)}
}

// after are the cards of which one lies open when it was killed: nobody knows which of
// the reads that no sound was made for it still had.
func (l life) after(before []label.Code) (open []label.Code) {
	for p := l.last; p < l.written; p++ {
		open = append(open, l.card(p, before)...)
	}
	return open
}

// ahead is how many reads are given before their answers: fewer than lie between two
// cards.
const ahead = 8

// A station is killed again and again, at any moment: after an answer, when it was
// given any byte of a code, or while the office has stored what it sent and not
// answered. The office drops every third answer. Every scan that a sound was made for
// arrives once, with its own card.
func TestKill(t *testing.T) {
	o := newOffice(t)
	at, _ := o.serve(t, "")
	data := o.enrolled(t, "http://"+at)
	rounds := 12
	if testing.Short() {
		rounds = 3
	}
	var lives []life
	next, sounds := 0, 0
	for round := range rounds {
		l := liveAndDie(t, o, data, next, round%3)
		lives = append(lives, l)
		next, sounds = l.written, sounds+len(l.heard)
	}
	o.set(func() { o.fault = unreliable })
	s := startStation(t, data)
	s.until("all delivered", func(v statusView) bool { return v.Waiting == 0 && v.Server == "ok" })

	delivered := o.has()
	got, files := map[string]stored{}, map[label.Code]stored{}
	for i, c := range delivered {
		_, twice := got[c.ID]
		_, again := files[c.Code]
		if twice || again || c.Kind != "scan" || c.At.Seq != int64(i+1) {
			t.Errorf("%+v at place %d", c, i)
		}
		got[c.ID], files[c.Code] = c, c
	}
	var open []label.Code // one of these lies open
	for _, l := range lives {
		for id, code := range l.heard {
			if c, ok := got[id]; !ok || c.Code != code {
				t.Errorf("a sound was made for %s, file %s: the office has %+v", id, code, c)
			}
		}
		for p := l.first; p < l.written; p++ {
			c, there := files[label.Code(scripted(p))]
			if p%(filesOfACard+1) == 0 || !there {
				continue
			}
			want := l.card(p, open)
			if !slices.Contains(want, c.desk()) {
				t.Errorf("read %d, file %s, has card %+v, want %v", p, c.Code, c.With, want)
			}
			if len(want) > 1 {
				open = []label.Code{c.desk()} // it was this one: all until the next card have it
			}
		}
		open = l.after(open)
	}
	if sounds < rounds {
		t.Errorf("only %d sounds", sounds)
	}
	t.Logf("%d kills, %d reads given, %d sounds, %d commands at the office in %d requests", rounds, next, sounds, len(delivered), o.requests)
}

// unreliable drops every third answer.
func unreliable(n int, w http.ResponseWriter) bool {
	switch n % 6 {
	case 2:
		panic(http.ErrAbortHandler)
	case 5:
		w.WriteHeader(http.StatusInternalServerError)
		return false
	}
	return true
}

// liveAndDie runs the station in a process of its own, gives it reads from the first
// on, and kills it.
func liveAndDie(t *testing.T, o *office, data string, first, how int) life {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "run", "--data", data, "--addr", "127.0.0.1:0", "--stdin")
	cmd.Env = append(os.Environ(), asProgram+"=1")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	kill := sync.OnceFunc(func() {
		if err := cmd.Process.Kill(); err != nil {
			t.Error(err)
		}
	})
	const most = 60 // answers, however it is killed
	answers, offset, request := most, 1<<30, 1<<30
	switch how {
	case 0:
		answers = 1 + rand.IntN(most)
	case 1:
		offset = rand.IntN(most * (label.Length + 1))
	case 2:
		request = 1 + rand.IntN(20)
	}
	o.set(func() {
		begun := o.requests
		o.fault = func(n int, w http.ResponseWriter) bool {
			if n-begun == request {
				kill()
				panic(http.ErrAbortHandler)
			}
			return unreliable(n, w)
		}
	})
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	l := life{first: first, written: first, last: first - 1, heard: map[string]label.Code{}}
	window, ended := make(chan struct{}, ahead), make(chan struct{})
	var writing sync.WaitGroup
	writing.Go(func() {
		for ; ; l.written++ {
			select {
			case window <- struct{}{}:
			case <-ended:
				return
			}
			line := scripted(l.written) + "\n"
			if offset < len(line) { // in the middle of a code
				_, _ = io.WriteString(in, line[:offset]) // it may be dead already
				kill()
				return
			}
			offset -= len(line)
			if _, err := io.WriteString(in, line); err != nil {
				return
			}
		}
	})
	place := map[string]int{}
	for p := first; p < first+2*most; p++ {
		place[scripted(p)] = p
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		words := strings.SplitN(lines.Text(), " ", 4)
		if len(words) < 4 || words[0] == "ready" {
			continue
		}
		if tones := []string{wire.ToneUp, wire.ToneKept, wire.ToneSoft, string(gesture.Open)}; !slices.Contains(tones, words[0]) {
			t.Error("it says: ", lines.Text())
		}
		code := words[1]
		if len(code) != label.Length {
			code = words[2]
			l.heard[words[1]] = label.Code(code)
		}
		p, given := place[code]
		if !given {
			t.Errorf("%s was not given in this life", fmt.Sprint(words))
		}
		l.last = max(l.last, p)
		select {
		case <-window:
		default:
			t.Error("more answers than reads: ", lines.Text())
		}
		if answers--; answers == 0 {
			kill()
		}
	}
	close(ended)
	writing.Wait()
	_ = cmd.Wait() // killed
	return l
}
