package custody

import "sync"

// Shelf remembers contents by their digests: what a digest names never changes, so that
// it need come only once. Of more than it has room for, what nobody asked for longest is
// forgotten. The zero value is ready.
type Shelf struct {
	mu         sync.Mutex
	young, old Contents
}

const shelved = 1024 // things in each of two generations

// Keep remembers contents. Those that are not what their digests name are left out.
func (s *Shelf) Keep(contents Contents) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for d, content := range contents {
		if content.is(d) {
			s.put(d, content)
		}
	}
}

// Of returns what is remembered of some digests.
func (s *Shelf) Of(digests []Digest) Contents {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := make(Contents, len(digests))
	for _, d := range digests {
		content, ok := s.young[d]
		if !ok {
			if content, ok = s.old[d]; ok {
				s.put(d, content)
			}
		}
		if ok {
			found[d] = content
		}
	}
	return found
}

func (s *Shelf) put(d Digest, content *Content) {
	if _, there := s.young[d]; !there && len(s.young) >= shelved || s.young == nil {
		s.old, s.young = s.young, make(Contents, shelved)
	}
	s.young[d] = content
}
