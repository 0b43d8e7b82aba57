package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"

	"harkara/web/board"
	"harkara/web/gate"
)

// keptPages keeps pages of positions rendered and compressed while nothing
// changes: many watchers who come back at once cost one rendering.
type keptPages struct {
	mu    sync.Mutex
	pages map[board.Key]*keptPage
}

// keptPage is rendered by the first who asks for it, while others wait.
type keptPage struct {
	version       string
	once          sync.Once
	plain, zipped []byte
	sum           [sha256.Size]byte
	err           error
}

// maxKept bounds the pages kept: searches are as many as people type.
const maxKept = 64

// freshFor is how long a page may stand in for a new one though nothing moved:
// its relative times are set right by the page's own clock.
const freshFor = 10 // seconds

// errBroken is the error of a page whose rendering panicked.
var errBroken = errors.New("page is not rendered")

// version tells a state of everything that kept pages show from any other.
func (s *Server) version(st board.State) string {
	h := st.Health
	return fmt.Sprintf("%s-%d-%d-%d-%d-%d-%d-%d-%d-%s-%d", s.epoch, st.Seq, st.Edition, s.Now().Unix()/freshFor,
		h.Waiting, h.Oldest.Unix(), h.LedgerAway.Unix(), h.EngineAway.Unix(), st.Stuck, h.Storage.Trouble, h.Backup.Taken.Unix())
}

// kept answers with a page of positions, rendered at most once for the same state of
// them, or with 304 where the browser has it.
func (s *Server) kept(w http.ResponseWriter, r *http.Request, k board.Key, st board.State, render func() ([]byte, error)) error {
	version := s.version(st)
	page := s.pages.page(version, k)
	page.once.Do(func() {
		page.err = errBroken // should it panic: those who wait get no empty page
		defer func() {
			if page.err != nil {
				s.pages.forget(k, page)
			}
		}()
		if page.plain, page.err = render(); page.err != nil {
			return
		}
		var b bytes.Buffer
		z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed) // a known level has no error
		z.Write(page.plain)                             // nor has a buffer
		z.Close()
		page.zipped, page.sum = b.Bytes(), sha256.Sum256(page.plain)
	})
	if page.err != nil {
		return page.err
	}
	tag := fmt.Sprintf(`"%x"`, page.sum[:16]) // of what is shown: it tells of nothing else
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
	return gate.Write(w, content)
}

func (s *keptPages) page(version string, k board.Key) *keptPage {
	s.mu.Lock()
	defer s.mu.Unlock()
	if page := s.pages[k]; page != nil && page.version == version {
		return page
	}
	if s.pages == nil {
		s.pages = map[board.Key]*keptPage{}
	}
	if len(s.pages) >= maxKept { // those of the past first
		maps.DeleteFunc(s.pages, func(_ board.Key, page *keptPage) bool { return page.version != version })
	}
	if len(s.pages) >= maxKept {
		clear(s.pages)
	}
	page := &keptPage{version: version}
	s.pages[k] = page
	return page
}

// forget drops a page that could not be rendered.
func (s *keptPages) forget(k board.Key, page *keptPage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pages[k] == page {
		delete(s.pages, k)
	}
}
