package main

import (
	"errors"
	"strings"
	"testing"

	"harkara/internal/label"
)

// A line that is no code, however long, is answered as such, and the next is heard. Input
// that breaks off is shown as lost; what ended is not.
func TestStandardInput(t *testing.T) {
	o := newOffice(t)
	folder := t.TempDir() // another source: the station outlives its input
	for _, why := range []error{nil, errors.New("input/output error")} {
		s := startStation(t, o.enrolled(t, "http://127.0.0.1:1"), "--folder", folder)
		if line := s.read(strings.Repeat("9", 70_000)); line != "down  No. Not a code of ours: check the digits" {
			t.Errorf("%q", line)
		}
		if line := s.read(label.Code(file(1)).Format()); !strings.HasPrefix(line, "kept ") {
			t.Errorf("%q", line)
		}
		is := func(v statusView) (state string) {
			for _, src := range v.Sources {
				if src.Name == "standard input" {
					state = "there " + src.Lost
				}
			}
			return state
		}
		if state := is(s.status()); state != "there " {
			t.Errorf("%q", state)
		}
		if err := s.in.CloseWithError(why); err != nil {
			t.Fatal(err)
		}
		s.until("ended", func(v statusView) bool {
			return why == nil && is(v) == "" || why != nil && strings.Contains(is(v), why.Error())
		})
		s.stop()
	}
}

// Standard input that ends ends the station, after its answers.
func TestPipeEnds(t *testing.T) {
	o := newOffice(t)
	at, _ := o.serve(t, "")
	var out, log safeBuffer
	code := run(t.Context(), []string{"run", "--data", o.enrolled(t, "http://"+at), "--addr", "127.0.0.1:0", "--stdin"}, strings.NewReader(file(1)+"\n"), &out, &log)
	if code != exitOK || strings.Count(out.String(), "\n") != 2 || !strings.Contains(out.String(), file(1)) {
		t.Error(code, out.String(), log.String())
	}
}
