package web

import (
	"fmt"
	"testing"
	"time"

	"harkara/internal/custody"
	"harkara/web/wire"
)

// What a station's clocks show as it sends says how old its scans are.
func TestAgeByTheClockOfTheSender(t *testing.T) {
	r := open(t, false)
	code := r.file("SO(Dev) 1/2026", "Water supply")
	for _, tt := range []struct {
		header string
		want   custody.Age
	}{
		{"boot=b1;monotonic=90000000000;wall=1970-01-01T00:01:30Z", custody.Age{Span: time.Minute, Exact: true, Known: true}},
		{"boot=b2; monotonic=5000000000", custody.Age{Span: 5 * time.Second, Known: true}},
		{"", custody.Age{}},
		{"boot=b1", custody.Age{}},
		{"boot=b1;monotonic=soon", custody.Age{}},
		{"boot=b1;monotonic=-4", custody.Age{}},
		{";;;=;monotonic=99999999999999999999", custody.Age{}},
	} {
		id := newID()
		body := fmt.Sprintf(`{"id":%q,"kind":"scan","code":%q,"method":"qr","at":{"wall":"1970-01-01T00:00:30Z","boot":"b1","monotonic":30000000000,"seq":1}}`, id, code)
		r.call("POST", "/api/v1/scans?wait=5s", body, append(bearer(doorToken), wire.ClockHeader, tt.header)...)
		r.mu.Lock()
		got := r.bodies[custody.CommandID(id)].Command.Age
		r.mu.Unlock()
		if got != tt.want {
			t.Errorf("%q: %+v, want %+v", tt.header, got, tt.want)
		}
	}
}
