package jpeg

import (
	"bytes"
	"image"
	"testing"

	"harkara/scanner/decode/hostile"
)

// However little a stream sends, what is unpacked of it is bounded by its size in
// pixels: the work of the scans that are given is no more, over all tries.
func TestWorkIsBoundedByTheSize(t *testing.T) {
	for name, raw := range hostile.JPEG() {
		p, err := Open(raw)
		if err != nil {
			continue // refused before anything is done
		}
		s := &p.stream
		f := feed{parts: s.parts, may: free, left: s.frame.mostWork()}
		scans, buffer := 0, make([]byte, 4096)
		for last := -1; ; {
			n, err := f.Read(buffer)
			if err != nil {
				break
			}
			if f.part != last && s.parts[f.part].opens != nil {
				scans++
			}
			if last = f.part; f.part == len(s.parts)-1 && !bytes.Equal(buffer[:n], []byte{0xff, eoi}) {
				t.Errorf("%s ends with %x", name, buffer[:n])
			}
		}
		sent := bytes.Count(raw, []byte{0xff, sos})
		done := s.frame.mostWork() - max(0, f.left)
		t.Logf("%s: %d of %d scans are given, %d million coefficients", name, scans, sent, done/1e6)
		if scans == sent || done > s.frame.blocks()*coefficients*mostScans {
			t.Errorf("%s: %d of %d scans, %d coefficients of a picture of %d", name, scans, sent, done, s.frame.blocks()*coefficients)
		}
	}
}

// mostWork leaves an honest picture whole: what image/jpeg writes of noise, the most
// that a baseline picture can ask for.
func TestHonestPicturesAreUnpackedWhole(t *testing.T) {
	for _, coloured := range []bool{false, true} {
		want, raw := page(t, coloured)
		p, err := Open(raw)
		if err != nil {
			t.Fatal(err)
		}
		work := 0
		for _, part := range p.stream.parts {
			if part.opens != nil {
				work += part.opens.work(len(raw))
			}
		}
		if most := p.stream.frame.mostWork(); work*3 > most {
			t.Errorf("%d of %d", work, most)
		}
		img, err := p.Decode(free)
		if err != nil || img.Bounds() != want.Rect || alike(img, want) < 1 {
			t.Errorf("%v", err)
		}
	}
}

// Whatever comes, a stream is refused or gives a picture of the size that it says, and
// nothing asks for more than mostWork and some tries.
func FuzzDecode(f *testing.F) {
	_, grey := page(f, false)
	_, coloured := page(f, true)
	_, restarts := flat(8, func(m int) bool { return m == 3 })
	f.Add(grey)
	f.Add(coloured[:len(coloured)*2/3])
	f.Add(restarts)
	f.Add([]byte{0xff, soi, 0xff, sos})
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := Open(raw)
		if err != nil {
			return
		}
		w, h := p.Size()
		if w*h > 1<<18 {
			return // large ones are right, but slow to fuzz
		}
		img, err := p.Decode(free)
		if err == nil && img.Bounds() != image.Rect(0, 0, w, h) {
			t.Fatalf("%v of %d x %d", img.Bounds(), w, h)
		}
	})
}
