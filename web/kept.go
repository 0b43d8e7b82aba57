package web

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"strings"
	"sync"
)

// snapshots keeps pages of positions rendered and compressed while nothing
// changes: many watchers who come back at once cost one rendering.
type snapshots struct {
	mu      sync.Mutex
	version string // of all that is kept
	pages   map[key]*keptPage
}

// keptPage is rendered by the first who asks for it, while others wait.
type keptPage struct {
	once          sync.Once
	plain, zipped []byte
	err           error
}

// maxKept bounds the pages kept: searches are as many as people type.
const maxKept = 64

// freshFor is how long a page may stand in for a new one though nothing moved:
// its relative times are set right by the page's own clock.
const freshFor = 10 // seconds

// kept answers with a page of positions, rendered at most once for the same feed
// number, or with 304 where the browser has it.
func (s *Server) kept(w http.ResponseWriter, r *http.Request, k key, st state, render func() ([]byte, error)) error {
	now := st.health
	version := fmt.Sprintf("%s-%d-%d-%d-%d-%d-%d-%s", s.epoch, st.seq, s.Now().Unix()/freshFor, now.waiting, now.ledgerAway.Unix(), now.engineAway.Unix(), s.live.stuck.Load(), now.storage.trouble)
	page := s.snapshots.page(version, k)
	page.once.Do(func() {
		if page.plain, page.err = render(); page.err != nil {
			return
		}
		var b bytes.Buffer
		z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed) // a known level has no error
		z.Write(page.plain)                             // nor has a buffer
		z.Close()
		page.zipped = b.Bytes()
	})
	if page.err != nil {
		s.snapshots.forget(k, page)
		return page.err
	}
	tag := fmt.Sprintf(`"%s-%s-%x"`, version, k.lang, len(page.plain))
	h := w.Header()
	h.Set("ETag", tag)
	h.Set("Cache-Control", "private, no-cache")
	h.Set("Vary", "Accept-Language, Cookie, Accept-Encoding")
	h.Set("Content-Type", "text/html; charset=utf-8")
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	content := page.plain
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		content = page.zipped
	}
	return write(w, content)
}

func (s *snapshots) page(version string, k key) *keptPage {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.version != version || len(s.pages) >= maxKept || s.pages == nil {
		s.version, s.pages = version, map[key]*keptPage{}
	}
	if s.pages[k] == nil {
		s.pages[k] = &keptPage{}
	}
	return s.pages[k]
}

// forget drops a page that could not be rendered.
func (s *snapshots) forget(k key, page *keptPage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pages[k] == page {
		delete(s.pages, k)
	}
}
