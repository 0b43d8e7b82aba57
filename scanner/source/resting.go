package source

import (
	"bytes"
	"io/fs"
	"math"
	"time"

	"harkara/scanner/pdf"
	"harkara/scanner/tiff"
)

// patience is how long a picture rests after it was closed or changed. A scanner may
// close a file and open it again while it grows.
type patience struct {
	whole time.Duration // one that ends as its format does
	torn  time.Duration // one that does not
}

var usual = patience{whole: 2 * time.Second, torn: 10 * time.Second}

// resting knows since when the pictures of a folder have not changed.
type resting struct {
	patience
	pictures map[string]*rest
}

type rest struct {
	info  fs.FileInfo // as it was looked at last; nil: not yet
	since time.Time
	need  time.Duration
}

func newResting(p patience) *resting {
	if p == (patience{}) {
		p = usual
	}
	return &resting{patience: p, pictures: map[string]*rest{}}
}

// touch says that a picture was closed or moved in.
func (r *resting) touch(name string, now time.Time) *rest {
	p := &rest{since: now, need: r.whole}
	r.pictures[name] = p
	return p
}

// rested reports whether a picture has not changed for long enough.
func (r *resting) rested(info fs.FileInfo, now time.Time) bool {
	p := r.pictures[info.Name()]
	if p == nil || p.info != nil && !same(p.info, info) {
		p = r.touch(info.Name(), now)
	}
	p.info = info
	return now.Sub(p.since) >= p.need
}

// tornRested reports whether a picture has rested so long that no more will come, though
// it is torn.
func (r *resting) tornRested(name string, now time.Time) bool {
	p := r.pictures[name]
	p.need = r.torn
	return now.Sub(p.since) >= p.need
}

// next is how long it is until a picture has rested.
func (r *resting) next(now time.Time) time.Duration {
	next := time.Duration(math.MaxInt64)
	for _, p := range r.pictures {
		next = min(next, max(0, p.need-now.Sub(p.since)))
	}
	return next
}

// keep forgets the pictures that are not here any more.
func (r *resting) keep(here map[string]bool) {
	for name := range r.pictures {
		if !here[name] {
			delete(r.pictures, name)
		}
	}
}

func same(a, b fs.FileInfo) bool {
	return a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

// ends are how files begin, and what stands near the end of one that is whole.
var ends = []struct{ begin, end string }{
	{"\xff\xd8", "\xff\xd9"},
	{"\x89PNG", "IEND"},
}

// near is how many bytes from its end a file's mark may stand: some write zeros behind.
const near = 1024

// whole reports whether a file ends as its format does.
func whole(raw []byte) bool {
	tail := raw[max(0, len(raw)-near):]
	switch {
	case pdf.Is(raw):
		return bytes.Contains(tail, []byte("%%EOF"))
	case tiff.Is(raw):
		return tiff.Whole(raw)
	}
	for _, e := range ends {
		if bytes.HasPrefix(raw, []byte(e.begin)) {
			return bytes.Contains(tail, []byte(e.end))
		}
	}
	return false
}
