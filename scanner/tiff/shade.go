package tiff

import "fmt"

// What a page's photometric interpretation says of its samples.
const (
	whiteIsZero = 0
	blackIsZero = 1
	rgb         = 2
	palette     = 3
	cmyk        = 5
	yCbCr       = 6
	cieLab      = 8
	iccLab      = 9
)

// shade is what a sample adds to its pixel's brightness, by its value or, where it has
// more than 8 bits, by its highest 8.
type shade struct {
	adds  [256]int16
	veils bool // instead it is how much of the brightness is seen before white
}

// weights of red, green and blue in brightness, of 1000 (ITU-R BT.601).
var weights = [3]int{299, 587, 114}

// colours makes the shades of a page's samples, and what they are added to.
func (p *page) colours() error {
	absent := blackIsZero
	switch {
	case p.fax():
		absent = whiteIsZero
	case p.samples >= 3:
		absent = rgb
	}
	p.photometric = p.number(tagPhotometric, absent)
	most := 1<<min(p.bits, 8) - 1
	scaled := func(v, weight int) int16 { return int16((v*weight*255/most + 500) / 1000) }
	p.shades = make([]shade, p.samples)
	fill := func(i int, f func(v int) int16) {
		for v := range most + 1 {
			p.shades[i].adds[v] = f(v)
		}
	}
	needs := 1
	switch p.photometric {
	case whiteIsZero:
		fill(0, func(v int) int16 { return 255 - scaled(v, 1000) })
	case blackIsZero, cieLab, iccLab, yCbCr:
		fill(0, func(v int) int16 { return scaled(v, 1000) })
	case palette:
		if err := p.palette(most); err != nil {
			return err
		}
	case rgb, cmyk:
		if needs = 3; p.photometric == cmyk {
			needs = 4
			p.start = 255
		}
		for i := range min(needs, p.samples) {
			fill(i, func(v int) int16 {
				switch {
				case i == 3:
					return -scaled(v, 1000)
				case p.photometric == cmyk:
					return -scaled(v, weights[i])
				}
				return scaled(v, weights[i])
			})
		}
	default:
		return fmt.Errorf("%w: photometric interpretation %d", ErrKind, p.photometric)
	}
	if p.photometric >= yCbCr {
		needs = 3
	}
	format := p.number(tagSampleFormat, 1)
	switch {
	case p.samples < needs:
		return fmt.Errorf("%w: %d samples of photometric interpretation %d", ErrKind, p.samples, p.photometric)
	case format != 1 && format != 4:
		return fmt.Errorf("%w: sample format %d", ErrKind, format)
	case p.photometric == yCbCr && p.compression != packedJPEG && p.compression != packedOldJPEG && !p.wholeColours():
		return fmt.Errorf("%w: fewer colours than pixels", ErrKind)
	}
	if p.samples > needs && !p.jpeg() {
		switch p.number(tagExtraSamples, 0) {
		case 1: // the colours are those before black
			fill(needs, func(v int) int16 { return 255 - scaled(v, 1000) })
		case 2:
			fill(needs, func(v int) int16 { return scaled(v, 1000) })
			p.shades[needs].veils = true
		}
	}
	return nil
}

// wholeColours reports whether every pixel has colours of its own.
func (p *page) wholeColours() bool {
	s := p.directory[tagSubsampling]
	return s.len() == 2 && s.at(0) == 1 && s.at(1) == 1
}

// palette makes shades of the colours that values stand for: 16 bits each, of some
// writers 8.
func (p *page) palette(most int) error {
	m, n := p.directory[tagColorMap], 1<<p.bits
	if p.bits > 8 || m.len() < 3*n {
		return fmt.Errorf("%w: no palette", ErrKind)
	}
	highest := 0
	for i := range 3 * n {
		highest = max(highest, m.at(i))
	}
	unit := 257
	if highest < 256 {
		unit = 1
	}
	for v := range most + 1 {
		sum := 0
		for c, weight := range weights {
			sum += weight * min(m.at(c*n+v)/unit, 255)
		}
		p.shades[0].adds[v] = int16((sum + 500) / 1000)
	}
	return nil
}

// add adds a row's samples of one kind to the pixels' brightness.
func (s *shade) add(row, samples []byte) {
	if s.veils {
		for x, v := range samples {
			seen := int(s.adds[v])
			row[x] = byte((int(row[x])*seen + 255*(255-seen)) / 255)
		}
		return
	}
	for x, v := range samples {
		row[x] = byte(min(max(int16(row[x])+s.adds[v], 0), 255))
	}
}
