package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"harkara/internal/custody"
	"harkara/web/board"
)

// That nothing is stored is said by health and board while it is so, with the reason,
// and no longer.
func TestThatNothingIsStoredIsSaid(t *testing.T) {
	r := open(t, true)
	free, known := int64(1<<40), true
	r.server.storing.room = func() (int64, bool) { return free, known }
	says := func(step string, status int, reason, banner string) {
		t.Helper()
		var h struct{ Status, Reason string }
		w := r.call("GET", "/healthz", "")
		if err := json.Unmarshal(w.Body.Bytes(), &h); err != nil || w.Code != status || h.Reason != reason {
			t.Errorf("%s: %d %s", step, w.Code, w.Body)
		}
		r.server.board.Follow(t.Context(), true)
		for _, path := range []string{"/", "/rooms"} {
			text := r.call("GET", path, "").Body.String()
			if !strings.Contains(text, banner) || banner == "" && !strings.Contains(text, `role="alert" hidden`) {
				t.Errorf("%s: %s does not say %q", step, path, banner)
			}
		}
	}
	scan := func(full error) {
		t.Helper()
		r.mu.Lock()
		r.full = full
		r.mu.Unlock()
		want := http.StatusOK
		if full != nil {
			want = http.StatusServiceUnavailable
		}
		if w := r.call("POST", "/api/v1/scans", `{"nonsense":1}`, bearer(doorToken)...); w.Code != want {
			t.Errorf("a scan: %d", w.Code)
		}
	}
	const full, low, refuse = "No scan can be stored: the disk", "The disk of the records is nearly full: 100 MB", "No scan can be stored since"
	room := fmt.Errorf("%w: %w", custody.ErrFull, errors.New("53100"))

	says("all is well", 200, "", "")
	free = 100 << 20
	says("little room", 200, "", low)
	free = 10 << 20
	says("no room, and nothing scanned", 503, board.DiskFull, full)
	free = 100 << 20
	scan(room)
	says("refused for want of room", 503, board.DiskFull, full)
	free = 200 << 20
	says("somebody made room", 200, "", "nearly full: 200 MB")
	free = 1 << 40
	scan(room)
	says("no room though the disk has some", 503, board.DiskFull, full)
	r.clock.wait(refusedFresh - time.Second)
	says("a while ago", 503, board.DiskFull, full)
	r.clock.wait(time.Second)
	says("long ago", 200, "", "")
	known = false
	scan(errors.New("refused"))
	says("refused", 503, board.NotStored, refuse)
	scan(nil)
	says("stored", 200, "", "")
	scan(room)
	says("the disk elsewhere is full", 503, board.DiskFull, full)
	scan(nil)
	says("it stores again", 200, "", "")
	for _, line := range []string{"scans are not stored", "disk is nearly full", "scans are stored again"} {
		if !strings.Contains(r.log.String(), line) {
			t.Errorf("the log does not say %q", line)
		}
	}
}

// Who leaves before his scan is stored says nothing of the ledger.
func TestALeaverIsNoRefusal(t *testing.T) {
	r := open(t, true)
	r.full = errors.New("cut off")
	req := r.request("POST", "/api/v1/scans", `{"nonsense":1}`, bearer(doorToken)...)
	ctx, leave := context.WithCancel(req.Context())
	leave()
	r.serve(req.WithContext(ctx))
	if s := r.server.storing.state(); s.Fails() {
		t.Errorf("%+v", s)
	}
}
