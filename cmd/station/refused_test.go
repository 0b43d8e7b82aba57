package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"harkara/web/wire"
)

// A refusal that the office lists is told once, whatever else it lists later and after a
// new start; one that comes after a scan was said to be kept is, too.
func TestRefusedAfterItWasKept(t *testing.T) {
	o := newOffice(t)
	at, down := o.serve(t, "")
	data := o.enrolled(t, "http://"+at)
	s := startStation(t, data)
	s.until("ok", func(v statusView) bool { return v.Server == "ok" })
	list := func(numbers ...uint64) {
		var list []string
		for _, n := range numbers {
			list = append(list, fmt.Sprintf(`{"id":"c%d","code":%q,"what":"In another room","at":"10:40"}`, n, file(n)))
		}
		o.mu.Lock()
		o.refused = strings.Join(list, ",")
		o.mu.Unlock()
	}
	told := func() (commands []string) {
		for line := range strings.Lines(s.log.String()) {
			if _, after, is := strings.Cut(line, " command="); is && strings.Contains(line, "refused after it was kept") {
				commands = append(commands, strings.Fields(after)[0])
			}
		}
		return commands
	}
	for _, tt := range []struct {
		listed []uint64
		told   []string
	}{
		{[]uint64{1}, []string{"c1"}},
		{[]uint64{2, 1}, []string{"c1", "c2"}},
		{[]uint64{2}, []string{"c1", "c2"}},
		{[]uint64{4, 3, 2}, []string{"c1", "c2", "c4", "c3"}},
	} {
		list(tt.listed...)
		s.read(file(7)) // an answer has the view asked for anew
		s.until("told of what is listed", func(statusView) bool {
			var view struct{ Refused []wire.Refusal }
			_, raw := s.call(http.MethodGet, "/api/v1/station", "")
			return json.Unmarshal(raw, &view) == nil && len(view.Refused) == len(tt.listed) && slices.Equal(told(), tt.told)
		})
	}
	if code := s.stop(); code != exitOK {
		t.Fatal(code, s.log)
	}
	s = startStation(t, data)
	s.until("listed again", func(statusView) bool {
		var view struct{ Refused []wire.Refusal }
		_, raw := s.call(http.MethodGet, "/api/v1/station", "")
		return json.Unmarshal(raw, &view) == nil && len(view.Refused) == 3
	})
	s.until("ok", func(v statusView) bool { return v.Server == "ok" })
	s.read(file(8))
	if got := told(); len(got) != 0 {
		t.Errorf("told %v again after a new start", got)
	}
	down()
	if line := s.read("FIN/COURIER-9"); !strings.HasPrefix(line, "kept ") {
		t.Error(line)
	}
	o.serve(t, at)
	s.until("delivered", func(v statusView) bool { return v.Waiting == 0 })
	s.until("told of the last", func(statusView) bool { return len(told()) == 1 })
}

// A station whose token was ended says that it must be enrolled again, not that the
// server is away.
func TestRefusedStation(t *testing.T) {
	o := newOffice(t)
	at, _ := o.serve(t, "")
	s := startStation(t, o.enrolled(t, "http://"+at))
	s.until("ok", func(v statusView) bool { return v.Server == "ok" })
	o.set(func() { o.token = "another machine's" })
	for _, text := range []string{file(1), file(2), "courier-77"} {
		if line := s.read(text); !strings.HasPrefix(line, "kept ") || strings.Contains(line, "away") || !strings.Contains(line, "enrol") {
			t.Errorf("%q", line)
		}
	}
	s.until("refused", func(v statusView) bool { return v.Server == "refused" && v.Waiting == 3 })
}
