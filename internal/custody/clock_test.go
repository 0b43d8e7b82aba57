package custody

import (
	"slices"
	"testing"
	"time"
)

func TestClocksOfStations(t *testing.T) {
	const ahead, far = "9999-12-31T23:59:59-12:00", "0000-01-01T00:00:00+14:00"
	for _, tt := range []struct {
		name   string
		wall   time.Duration // of the scan in b, against the moment it is received, an hour after opening
		stated string        // instead of wall
		mark   string
		at     time.Duration
		late   bool
	}{
		{"right", 0, "", "", 0, false},
		{"a little ahead", time.Minute, "", "", 0, false},
		{"far ahead", 24 * 365 * time.Hour, "", MarkClockAhead, 0, false},
		{"offline for half an hour", -30 * time.Minute, "", MarkLate, -30 * time.Minute, false},
		{"a little before the opening", -61 * time.Minute, "", MarkClockSkew, -60 * time.Minute, false},
		{"before the opening", -3 * time.Hour, "", MarkLate, 0, true},
		{"1970", -55 * 365 * 24 * time.Hour, "", MarkClockFar, 0, false},
		{"past the last year that is written", 0, ahead, MarkClockAhead, 0, false},
		{"before the first", 0, far, MarkClockFar, 0, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k := newClerk()
			k.open()
			k.wait(time.Hour)
			stated := k.now.Add(tt.wall).Format(time.RFC3339)
			if tt.stated != "" {
				stated = tt.stated
			}
			c, err := ParseCommand([]byte(`{"id":"00000000-0000-0000-0000-000000000009","kind":"scan","code":"` + string(file) +
				`","station":"at-b","method":"qr","at":{"wall":"` + stated + `"}}`))
			if err != nil {
				t.Fatal(err)
			}
			out := k.do(k.resolve(c, place("b"), nil))
			if tt.mark != "" && !slices.Contains(out.Marks, tt.mark) {
				t.Errorf("marks %v lack %s", out.Marks, tt.mark)
			}
			entry := k.entries[len(k.entries)-1]
			want := map[string]time.Time{"": c.At.Wall, ahead: lastStated, far: firstStated}[tt.stated]
			if !entry.Happened.Equal(want) {
				t.Errorf("happened %v, want %v", entry.Happened, want)
			}
			if tt.late {
				if out.Reason != Late || out.Position.Desk != "a" {
					t.Errorf("%s moved the file to %s", out.Reason, out.Position.Desk)
				}
				return
			}
			if want := k.now.Add(tt.at); out.Position.Desk != "b" || !out.Position.Since.Equal(want) {
				t.Errorf("at %s since %v, want b since %v", out.Position.Desk, out.Position.Since, want)
			}
		})
	}
}

// The office's clock ran five hours ahead and was set back: scans and orders move
// the file at once, and what follows counts from where the clock was wrong.
func TestServersClockSetBack(t *testing.T) {
	const ahead = 5 * time.Hour
	for _, tt := range []struct {
		name   string
		act    func(k *clerk) Outcome
		reason Reason
		phase  Phase
		desk   DeskID
	}{
		{"the same room", func(k *clerk) Outcome { return k.scan("b") }, SeenAlready, Held, "b"},
		{"another room", func(k *clerk) Outcome { return k.scan("c") }, Inferred, Held, "c"},
		{"sent on", func(k *clerk) Outcome { return k.send("b", "c") }, Sent, Transit, "b"},
		{"sent on and received", func(k *clerk) Outcome { k.send("b", "c"); return k.wait(time.Minute).scan("c") }, Received, Held, "c"},
		{"received and undone", func(k *clerk) Outcome { k.scan("c"); return k.wait(time.Minute).undo("c") }, Undone, Held, "b"},
		{"an order", func(k *clerk) Outcome { return k.plain(Correct, place("d")) }, Corrected, Held, "d"},
	} {
		k := newClerk()
		k.open()
		k.wait(time.Hour + ahead).scan("b")
		since := k.now
		k.wait(10*time.Minute - ahead)
		out := tt.act(k)
		if p := out.Position; out.Reason != tt.reason || p.Phase != tt.phase || p.Desk != tt.desk || !p.Since.Equal(since) {
			t.Errorf("%s: %s, %s at %s since %v; want %s, %s at %s since %v", tt.name, out.Reason, p.Phase, p.Desk, p.Since, tt.reason, tt.phase, tt.desk, since)
		}
		if !slices.Contains(out.Marks, MarkClockSkew) {
			t.Errorf("%s: marks %v", tt.name, out.Marks)
		}
		if out := k.wait(ahead + time.Hour).scan("e"); out.Reason != Inferred && out.Reason != OffRoute || !out.Position.Since.Equal(k.now) {
			t.Errorf("%s: once the time has come, %s since %v", tt.name, out.Reason, out.Position.Since)
		}
	}
}

// Seen in another room by the clock that ran ahead: that does not outdate what is
// scanned now.
func TestSeenByAServersClockAhead(t *testing.T) {
	k := newClerk()
	k.open()
	k.wait(5 * time.Hour).scan("a")
	out := k.wait(-4 * time.Hour).scan("b")
	if out.Reason != Inferred || !out.Position.Since.Equal(k.now) {
		t.Errorf("%s, at %s since %v", out.Reason, out.Position.Desk, out.Position.Since)
	}
	if out = k.do(k.resolve(Command{Kind: Scan, Method: ByQR, At: Stamp{Wall: k.now.Add(-10 * time.Minute)}}, place("c"), nil)); out.Reason != Late {
		t.Errorf("a scan of before that: %s", out.Reason)
	}
}
