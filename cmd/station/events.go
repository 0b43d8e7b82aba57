package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// Limits of event streams.
const (
	eventQueue = 64               // events that a page may be behind; then it is let go and comes again
	eventBeat  = 10 * time.Second // between signs of life on a still stream: after three that are missing its page comes again
	eventWait  = 15 * time.Second // one event may take to be taken by the page
)

// event is what a page on this machine is told. An answer has no name: it is the
// message that the panel shows.
type event struct {
	name string
	data []byte
}

// hub fans events out to pages.
type hub struct {
	mu    sync.Mutex
	pages map[chan event]struct{}
	ended bool
}

// tell sends to every page.
func (h *hub) tell(name string, v any) {
	raw, err := json.Marshal(v)
	if err != nil {
		panic("station: encode event: " + err.Error()) // strings, numbers and JSON that was read
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for page := range h.pages {
		select {
		case page <- event{name, raw}:
		default: // it reads too slowly: it will ask for everything again
			delete(h.pages, page)
			close(page)
		}
	}
}

// join adds a page; leave takes it away. The channel is closed when the page is too
// slow or the station ends.
func (h *hub) join() (events chan event, leave func()) {
	events = make(chan event, eventQueue)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ended {
		close(events)
		return events, func() {}
	}
	if h.pages == nil {
		h.pages = map[chan event]struct{}{}
	}
	h.pages[events] = struct{}{}
	return events, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.pages, events)
	}
}

// end lets every page go.
func (h *hub) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ended = true
	for page := range h.pages {
		delete(h.pages, page)
		close(page)
	}
}

// events streams what happens here, beginning with how things are (server-sent
// events): answers, and read, late, queue, source by name.
func (a *agent) events(w http.ResponseWriter, r *http.Request) {
	a.hearken(r)
	events, leave := a.hub.join()
	defer leave()
	control := http.NewResponseController(w)
	if err := control.SetReadDeadline(time.Time{}); err != nil { // the page says nothing more, for hours
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	send := func(name string, data []byte) bool {
		if err := control.SetWriteDeadline(time.Now().Add(eventWait)); err != nil {
			return false
		}
		if name != "" {
			name = "event: " + name + "\n"
		}
		if _, err := fmt.Fprintf(w, "%sdata: %s\n\n", name, data); err != nil {
			return false
		}
		return control.Flush() == nil
	}
	for _, first := range a.now() {
		if !send(first.name, first.data) {
			return
		}
	}
	beat := time.NewTicker(eventBeat)
	defer beat.Stop()
	for {
		select {
		case <-r.Context().Done():
			return
		case e, more := <-events:
			if !more || !send(e.name, e.data) {
				return
			}
		case <-beat.C:
			if !send("beat", []byte("{}")) {
				return
			}
		}
	}
}
