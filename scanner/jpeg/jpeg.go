// Package jpeg unpacks JPEG pictures as cameras and scanners really send them: without
// Huffman tables, without an end, cut short, with rubbish between segments or restart
// markers lost. It mends the stream and leaves the unpacking to image/jpeg, and it
// bounds that work: a few kilobytes of progressive JPEG can ask for minutes.
package jpeg

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
)

// Is reports whether raw begins as a JPEG does.
func Is(raw []byte) bool { return bytes.HasPrefix(raw, []byte{0xff, soi}) }

// ErrFormat means a stream without a picture's header or without any of its data.
var ErrFormat = errors.New("not a JPEG")

// Picture is a JPEG that was taken apart, and not yet unpacked.
type Picture struct{ stream stream }

// Open takes a JPEG apart. Errors: ErrFormat.
func Open(raw []byte) (*Picture, error) {
	p := &Picture{}
	return p, p.stream.dissect(raw)
}

// Size is what the header says, in pixels.
func (p *Picture) Size() (width, height int) { return p.stream.frame.width, p.stream.frame.height }

// tries bounds how often a stream is mended and unpacked again.
const tries = 8

// Decode unpacks the picture as far as its data goes; what is missing is grey or
// rubbish. may is asked before every half kilobyte and before every scan: an error of it ends
// the work and is returned. Scans beyond the work that an honest picture of the size
// needs are passed over. Other errors are image/jpeg's. It may be called once.
func (p *Picture) Decode(may func() error) (image.Image, error) {
	s := &p.stream
	left := s.frame.mostWork()
	for try := 1; ; try++ {
		f := feed{parts: s.parts, may: may, left: left}
		img, err := jpeg.Decode(&f)
		switch {
		case f.ended != nil:
			return nil, f.ended
		case err == nil:
			return s.inked(img), nil
		case try == tries || !s.mend(f.part, f.at):
			return nil, err
		}
		left = f.left
	}
}

// inked turns ink that counts from none upwards, of a picture without Adobe's segment,
// into what image/jpeg took it for, which counts from full downwards.
func (s *stream) inked(img image.Image) image.Image {
	if cmyk, ok := img.(*image.CMYK); ok && !s.adobe {
		for i, v := range cmyk.Pix {
			cmyk.Pix[i] = ^v
		}
	}
	return img
}
