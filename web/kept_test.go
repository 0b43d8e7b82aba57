package web

import (
	"errors"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"harkara/internal/custody"
	"harkara/internal/people"
	"harkara/web/board"
	"harkara/web/lang"
)

// A page whose rendering panics is an error for everybody who waits for it, never an
// empty page; whoever comes later has it rendered again.
func TestPanicOfAPageIsAnError(t *testing.T) {
	r := open(t, true)
	st, err := r.server.board.Latest(t.Context(), people.Office)
	if err != nil {
		t.Fatal(err)
	}
	k := board.Key{Scope: board.Scope{View: board.OnRooms}, Lang: lang.English}
	ask := func(render func() ([]byte, error)) (w *httptest.ResponseRecorder, err error) {
		w = httptest.NewRecorder()
		defer func() {
			if cause := recover(); cause != nil {
				err = errors.New("panic")
			}
		}()
		return w, r.server.kept(w, r.request("GET", "/rooms", ""), k, st, render)
	}
	rendering, broken := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := ask(func() ([]byte, error) { close(rendering); <-broken; panic("no such room") }); err == nil {
			t.Error("who rendered was answered")
		}
	})
	<-rendering
	answers := make(chan string, 4)
	for range cap(answers) {
		wg.Go(func() { // waits for it, or comes after it and renders
			w, err := ask(func() ([]byte, error) { return []byte("<p>again</p>"), nil })
			if err == nil {
				answers <- w.Body.String()
			}
		})
	}
	close(broken)
	wg.Wait()
	close(answers)
	for text := range answers {
		if text != "<p>again</p>" {
			t.Errorf("answered %q", text)
		}
	}
	if w, err := ask(func() ([]byte, error) { return []byte("<p>whole</p>"), nil }); err != nil || w.Body.Len() == 0 {
		t.Errorf("afterwards: %q, %v", w.Body, err)
	}
}

// Pages that are asked for all the time do not throw each other out, whatever is
// searched for beside them, and a state of the past does not take the newest's place
// for every page.
func TestSearchesDoNotThrowOutTheBoard(t *testing.T) {
	r := open(t, true)
	rendered := 0
	for n := range maxKept - 1 {
		st, err := r.server.board.Latest(t.Context(), people.Office)
		if err != nil {
			t.Fatal(err)
		}
		show := func(sc board.Scope) {
			t.Helper()
			if err := r.server.kept(httptest.NewRecorder(), r.request("GET", "/", ""), board.Key{Scope: sc, Lang: lang.English}, st, func() ([]byte, error) {
				if sc.Search == "" {
					rendered++
				}
				return []byte("page"), nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		show(board.Scope{View: board.OnBoard})
		if n > 0 {
			show(board.Scope{View: board.OnBoard, Search: string(rune('a' + n))})
		}
	}
	if rendered != 1 {
		t.Errorf("the board was rendered %d times while nothing changed", rendered)
	}
}

// What a page shows to who may see more is never another's, nor is its tag.
func TestPagesAreKeptForWhatTheirReadersSee(t *testing.T) {
	r := open(t, true)
	tags, bodies := map[string]bool{}, map[string]bool{}
	for _, sight := range []people.Sight{{}, people.Office, {}, people.Office} {
		st, err := r.server.board.Latest(t.Context(), people.Office)
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		k := board.Key{Scope: board.Scope{View: board.OnBoard}, Lang: lang.English, Sight: sight}
		if err := r.server.kept(w, r.request("GET", "/", ""), k, st, func() ([]byte, error) { return []byte(sight.String()), nil }); err != nil {
			t.Fatal(err)
		}
		if got := w.Body.String(); got != sight.String() {
			t.Errorf("%s is shown %q", sight, got)
		}
		tags[w.Header().Get("ETag")], bodies[w.Body.String()] = true, true
	}
	board := func(headers ...string) string {
		return r.call("GET", "/api/v1/board", "", headers...).Header().Get("ETag")
	}
	if len(tags) != 2 || len(bodies) != 2 || board() == board(bearer(adminToken)...) {
		t.Errorf("%d tags of %d pages", len(tags), len(bodies))
	}
}

// A command that waits is not on the feed, and the board's JSON is another all the same.
func TestBoardJSONTellsOfWhatWaits(t *testing.T) {
	r := open(t, true)
	code := r.file("1/2026", "")
	tag := r.call("GET", "/api/v1/board", "").Header().Get("ETag")
	if w := r.call("GET", "/api/v1/board", "", "If-None-Match", tag); w.Code != 304 {
		t.Fatal(w.Code)
	}
	r.holding = true
	r.scan(code, "a-303", custody.Context{})
	r.clock.wait(time.Minute)
	r.server.board.Follow(t.Context(), true)
	if w := r.call("GET", "/api/v1/board", "", "If-None-Match", tag); w.Code != 200 {
		t.Errorf("the board's JSON is said to be what it was: %d", w.Code)
	}
}
