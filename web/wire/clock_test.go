package wire

import (
	"strings"
	"testing"
	"time"
)

// What an agent says to its office, a page to its office and a page to its agent.
func TestParseClock(t *testing.T) {
	const unknown = time.Duration(-1)
	agent := Clock{Wall: time.Date(2026, 1, 12, 9, 30, 0, 5, time.FixedZone("PKT", 5*3600)), Boot: "b8e3", Monotonic: 90 * time.Second}
	for _, tt := range []struct {
		name, header string
		boot         string
		monotonic    time.Duration
	}{
		{"an agent", agent.String(), "b8e3", 90 * time.Second},
		{"an agent of before its clock answered", Clock{Boot: "b8e3"}.String(), "b8e3", 0},
		{"a page", "boot=5f3a;monotonic=5000000000", "5f3a", 5 * time.Second},
		{"a page that has just begun", "boot=5f3a;monotonic=0", "5f3a", 0},
		{"spaces, as a proxy writes them", "boot=5f3a; monotonic=5000000000 ; wall=x", "5f3a", 5 * time.Second},
		{"another order", "wall=1970-01-01T00:01:30Z;monotonic=7;boot=5f3a", "5f3a", 7},
		{"the most there is", "boot=5f3a;monotonic=9223372036854775807", "5f3a", 1<<63 - 1},
		{"nothing", "", "", unknown},
		{"a boot alone", "boot=5f3a", "5f3a", unknown},
		{"a word", "boot=5f3a;monotonic=soon", "5f3a", unknown},
		{"a part of one", "boot=5f3a;monotonic=5s", "5f3a", unknown},
		{"a fraction", "boot=5f3a;monotonic=5.5", "5f3a", unknown},
		{"before the boot", "boot=5f3a;monotonic=-4", "5f3a", -4},
		{"more than there is", "boot=5f3a;monotonic=99999999999999999999", "5f3a", unknown},
		{"no boot", ";;;=;monotonic=3", "", 3},
		{"other names", "boots=5f3a;monotonics=3", "", unknown},
		{"a value with a sign in it", "boot=a=b;monotonic=3", "a=b", 3},
	} {
		if m := ParseClock(tt.header); m.Boot != tt.boot || m.Monotonic != tt.monotonic || !m.Wall.IsZero() {
			t.Errorf("%s: %q is %+v", tt.name, tt.header, m)
		}
	}
}

// Whatever is sent is read as it was meant, or not at all.
func FuzzParseClock(f *testing.F) {
	f.Add("boot=5f3a;monotonic=5000000000")
	f.Add("boot=5f3a; monotonic=-1")
	f.Fuzz(func(t *testing.T, header string) {
		m := ParseClock(header)
		if strings.ContainsRune(m.Boot, ';') {
			t.Errorf("%q is %+v", header, m)
		}
		if m.Monotonic >= 0 {
			if again := ParseClock(m.String()); again.Boot != m.Boot || again.Monotonic != m.Monotonic {
				t.Errorf("%+v is %+v", m, again)
			}
		}
	})
}
