package web

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/web/board"
)

// stalled is a part of the ledger that answers nobody until it is let go.
type stalled struct {
	*memory
	asked, free chan struct{}
	once        sync.Once
	answers     atomic.Bool // still
}

func stall(m *memory) *stalled {
	return &stalled{memory: m, asked: make(chan struct{}), free: make(chan struct{})}
}

func (s *stalled) wait(ctx context.Context) {
	if s.answers.Load() {
		return
	}
	s.once.Do(func() { close(s.asked) })
	select {
	case <-s.free:
	case <-ctx.Done():
	}
}

func (s *stalled) Told(ctx context.Context, posts []custody.PostID, limit int) ([]Told, error) {
	s.wait(ctx)
	return s.memory.Told(ctx, posts, limit)
}

func (s *stalled) Feed(ctx context.Context, after int64, limit int) ([]custody.Event, error) {
	s.wait(ctx)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return s.memory.Feed(ctx, after, limit)
}

// A room whose page waits for the ledger makes nobody else's page wait.
func TestSlowRoomMakesNobodyWait(t *testing.T) {
	r := open(t, true)
	r.file("1/2026", "")
	slow := stall(r.memory)
	r.server.Notices = slow
	url := r.follow()
	defer close(slow.free)
	_, seq, _ := r.Board(t.Context())
	dialled := make(chan struct{})
	go func() { // its first message waits for what the room was told
		defer close(dialled)
		watch(t, url+"/api/v1/live?scope=room&room=a-303&after="+strconv.FormatInt(seq, 10), nil)
	}()
	<-dialled
	<-slow.asked
	code := r.file("2/2026", "Water supply")
	for _, page := range []string{"/", "/?q=water", "/rooms", "/healthz", "/api/v1/board", "/files/" + string(code)} {
		w := r.call("GET", page, "")
		if w.Code != http.StatusOK || page == "/?q=water" && !strings.Contains(w.Body.String(), "2/2026") {
			t.Errorf("%s: %d", page, w.Code)
		}
	}
}

// While the feed cannot be read pages show what was last known, and the health is
// answered from what was last examined.
func TestPagesDoNotWaitForTheFeed(t *testing.T) {
	var slow *stalled
	r := open(t, true, func(c *Config) {
		slow = stall(c.Feed.(*memory))
		slow.answers.Store(true)
		c.Feed = slow
	})
	r.file("1/2026", "")
	if w := r.call("GET", "/", ""); w.Code != http.StatusOK {
		t.Fatal(w.Code)
	}
	slow.answers.Store(false)
	reading := make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { defer close(reading); r.server.board.Follow(ctx, false) }()
	<-slow.asked
	for _, page := range []string{"/healthz", "/", "/healthz"} { // the page waits for another who reads: that is no outage
		if w := r.call("GET", page, ""); w.Code != http.StatusOK {
			t.Errorf("%s: %d %s", page, w.Code, w.Body)
		}
	}
	cancel()
	<-reading
}

// A change of more files than a page shows costs what a page shows: it gets the files
// that it should have, and every other is taken away.
func TestFloodIsOnePageful(t *testing.T) {
	r, url := following(t, true)
	const all = board.ShownRows + 50
	var codes []label.Code
	for n := range all {
		codes = append(codes, r.file(fmt.Sprintf("%d/2026", n), ""))
		if n%2 == 0 {
			r.clock.wait(time.Second)
		}
	}
	_, seq, _ := r.Board(t.Context())
	conn := watch(t, url+"/api/v1/live?show=overdue&after="+strconv.FormatInt(seq, 10), nil)
	updateOf(t, conn)
	r.clock.wait(48 * time.Hour)
	for {
		m := updateOf(t, conn)
		rows, gone := 0, 0
		for _, d := range m.Deltas {
			switch {
			case !strings.HasPrefix(d.ID, "f"):
			case d.HTML == "":
				gone++
			default:
				rows++
			}
		}
		if rows+gone == 0 {
			continue // a beat before it
		}
		if rows != board.ShownRows || gone > all-board.ShownRows {
			t.Errorf("%d rows, %d taken away", rows, gone)
		}
		for _, d := range m.Deltas {
			if d.ID == "f"+string(codes[0]) && d.HTML == "" {
				t.Error("the one that is overdue longest is not shown")
			}
		}
		break
	}
	if n := strings.Count(r.call("GET", "/?show=overdue", "").Body.String(), `data-list="rows"`); n != board.ShownRows {
		t.Errorf("the page has %d rows", n)
	}
}
