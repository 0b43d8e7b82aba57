package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"harkara/web/wire"
)

// What a station says names the file and the card, as far as the office told it, with the
// office away too. A file for another room is its own answer, on the line, the lamp and the
// beeper, also where it was scanned with the office away.
func TestAnswersNameThings(t *testing.T) {
	o := newOffice(t)
	o.cards = fmt.Sprintf(`%q:"Section Officer, Room 9"`, desk)
	o.expected = fmt.Sprintf(`{"code":%q,"codes":[%q,"FIN-2018/77"],"number":"SO(B) 2-1/2026","from":"Room 9"}`, file(2), file(22))
	o.say = func(c stored) wire.Say {
		if string(c.Code) == file(1) || string(c.Code) == file(3) {
			return wire.Say{Tone: wire.ToneAstray, Word: "Not for this room", Number: "SO(B) 1-1/2026", Next: "Give to Saima Baloch, Section Officer, Room 9"}
		}
		return wire.Say{Tone: wire.ToneUp, Word: "Yes", Number: "SO(B) 7/2026", Headline: "Received"}
	}
	at, down := o.serve(t, "")
	dir := t.TempDir()
	played, script := filepath.Join(dir, "played"), filepath.Join(dir, "play")
	if err := os.WriteFile(script, []byte("#!/bin/sh\necho $1 $2 >> "+played+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	s := startStation(t, o.enrolled(t, "http://"+at), "--beeper", script+" beeper", "--lamp", script+" lamp")
	plays := func(what string, times int) {
		t.Helper()
		s.until(what, func(statusView) bool {
			raw, _ := os.ReadFile(played) // nothing was played yet
			return strings.Count(string(raw), what+"\n") == times
		})
	}
	s.until("ok", func(v statusView) bool { return v.Server == "ok" })
	ends := func(text, tone, want string) {
		t.Helper()
		if line := s.read(text); !strings.HasPrefix(line, tone+" ") || !strings.HasSuffix(line, want) {
			t.Errorf("%q, want %s ... %q", line, tone, want)
		}
	}
	ends(file(1), "astray", file(1)+" Not for this room. SO(B) 1-1/2026. Give to Saima Baloch, Section Officer, Room 9")
	plays("beeper astray", 1)
	plays("lamp astray", 1)
	ends(file(7), "up", file(7)+" Yes. SO(B) 7/2026. Received")
	ends(string(desk), "up", "Received") // the file before it
	ends(string(desk), "open", "Desk card: scan the files. Section Officer, Room 9")
	ends("12345678901234", "down", "check the digits")
	down()
	for _, code := range []string{file(2), file(22), "FIN-2018/77"} { // by its first cover, a later one and a registered old one
		ends(code, "kept", "Kept here. SO(B) 2-1/2026. The server is away. It is sent when the server is back; nothing is lost.")
	}
	ends(file(3), "kept", "Kept here. The server is away. It is sent when the server is back; nothing is lost.")
	o.serve(t, at)
	plays("beeper astray", 2) // what was kept, and lies in the wrong room
}
