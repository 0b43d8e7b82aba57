package jpeg

import "io"

// Bytes that are given at once, and so how exactly the place of damage is known.
const piece = 512

var nothing [piece]byte

// feed gives a stream part by part, never two parts at once: image/jpeg asks for the
// next when it has used up the one before.
type feed struct {
	parts []part
	may   func() error
	left  int // work

	part, at int // what was given last: its part, and where it begins there
	next     int // where the next begins
	ended    error
}

// Read gives the next piece.
func (f *feed) Read(p []byte) (int, error) {
	if f.ended = f.may(); f.ended != nil {
		return 0, f.ended
	}
	for f.part < len(f.parts) && f.next >= f.parts[f.part].size() {
		f.part, f.next = f.part+1, 0
		f.begin()
	}
	if f.part >= len(f.parts) {
		return 0, io.EOF
	}
	now := &f.parts[f.part]
	f.at = f.next
	p = p[:min(len(p), piece)]
	var n int
	if now.bytes != nil {
		n = copy(p, now.bytes[f.at:])
	} else {
		n = copy(p, nothing[:min(piece, now.zeros-f.at)])
	}
	f.next += n
	return n, nil
}

func (p *part) size() int { return max(len(p.bytes), p.zeros) }

// begin pays for a scan that is to be given; with the work used up it goes to the end.
func (f *feed) begin() {
	if f.part >= len(f.parts) || f.parts[f.part].opens == nil {
		return
	}
	s, data := f.parts[f.part].opens, 0
	for _, p := range f.parts[f.part+1:] {
		if p.scan != s {
			break
		}
		data += p.size()
	}
	if f.left -= s.work(data); f.left < 0 {
		f.part = len(f.parts) - 1
	}
}
