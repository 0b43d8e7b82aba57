package decode

import (
	"slices"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode/decoder"
)

// qrText turns clean modules to text with gozxing, which it asks once where look after
// look gives the same.
type qrText struct {
	decoder   *decoder.Decoder
	codewords codewords
	asked     []bool
	text      string
}

func newQRText() *qrText { return &qrText{decoder: decoder.NewDecoder(), codewords: newCodewords()} }

// decode returns the text of a symbol of size modules a side, or "".
func (t *qrText) decode(dark []bool, size int) string {
	clean := t.codewords.correct(dark, size)
	if clean == nil {
		return ""
	}
	if !slices.Equal(clean, t.asked) {
		t.asked = append(t.asked[:0], clean...)
		t.text = t.ask(clean, size)
	}
	return t.text
}

func (t *qrText) ask(dark []bool, size int) (text string) {
	modules, _ := gozxing.NewSquareBitMatrix(size) // size is at least 21
	for i, is := range dark {
		if is {
			modules.Set(i%size, i/size)
		}
	}
	defer func() {
		if recover() != nil { // gozxing indexes past the bits on some rubbish
			text = ""
		}
	}()
	result, err := t.decoder.Decode(modules, nil)
	if err != nil || result == nil {
		return ""
	}
	return result.GetText()
}

// attempt is one way of making dark and light of grey modules: sharpened by gain, each
// compared with the mean of the modules within reach.
type attempt struct {
	gain  float64
	reach int
}

var attempts = [...]attempt{
	{0, 4}, {0.7, 4}, // all that quick effort tries
	{0, 8}, {0.7, 2}, {1.6, 5},
}

const quickAttempts = 2

// sample reads the modules of a symbol where h puts them, and its text, or "".
func (f *fitter) sample(g *Gray, size int, h *homography, module float64, effort Effort) string {
	if !f.greys(g, size, h, module) {
		return ""
	}
	tries := attempts[:]
	if effort == Quick {
		tries = tries[:quickAttempts]
	}
	for _, a := range tries {
		grey := f.grey
		if a.gain > 0 {
			grey = f.sharpened(size, a.gain)
		}
		if text := f.text.decode(f.threshold(grey, size, a.reach), size); text != "" {
			return text
		}
	}
	return ""
}

// greys samples the middle of each module; where one is over two pixels wide, the mean
// of five points. It reports false where the symbol leaves the picture.
func (f *fitter) greys(g *Gray, size int, h *homography, module float64) bool {
	const spread = 0.18 // modules
	n := size * size
	if cap(f.grey) < n {
		f.grey, f.sharp = make([]float64, n), make([]float64, n)
	}
	f.grey, f.sharp = f.grey[:n], f.sharp[:n]
	for y := range size {
		for x := range size {
			u, v := float64(x)+0.5, float64(y)+0.5
			p := h.at(u, v)
			if !g.inside(p, 2) {
				return false
			}
			grey := g.bilinear(p)
			if module > 2 {
				grey += g.bilinear(h.at(u+spread, v+spread)) + g.bilinear(h.at(u-spread, v+spread)) +
					g.bilinear(h.at(u+spread, v-spread)) + g.bilinear(h.at(u-spread, v-spread))
				grey /= 5
			}
			f.grey[y*size+x] = grey
		}
	}
	return true
}

// sharpened takes from each module gain times what its neighbours are brighter, which
// undoes blur from one to the next. It is valid until the next call.
func (f *fitter) sharpened(size int, gain float64) []float64 {
	for y := range size {
		for x := range size {
			i := y*size + x
			sum, n := 0.0, 0.0
			if x > 0 {
				sum, n = sum+f.grey[i-1], n+1
			}
			if x < size-1 {
				sum, n = sum+f.grey[i+1], n+1
			}
			if y > 0 {
				sum, n = sum+f.grey[i-size], n+1
			}
			if y < size-1 {
				sum, n = sum+f.grey[i+size], n+1
			}
			f.sharp[i] = f.grey[i] + gain*(f.grey[i]-sum/n)
		}
	}
	return f.sharp
}

// threshold makes dark what is darker than the mean of the modules within reach. It is
// valid until the next call.
func (f *fitter) threshold(grey []float64, size, reach int) []bool {
	w := size + 1
	if cap(f.running) < w*w {
		f.running = make([]float64, w*w)
	}
	sums := f.running[:w*w]
	clear(sums[:w])
	for y := range size {
		row := 0.0
		sums[(y+1)*w] = 0
		for x := range size {
			row += grey[y*size+x]
			sums[(y+1)*w+x+1] = sums[y*w+x+1] + row
		}
	}
	if cap(f.dark) < size*size {
		f.dark = make([]bool, size*size)
	}
	f.dark = f.dark[:size*size]
	for y := range size {
		top, bottom := max(0, y-reach), min(size, y+reach+1)
		for x := range size {
			left, right := max(0, x-reach), min(size, x+reach+1)
			total := sums[bottom*w+right] - sums[top*w+right] - sums[bottom*w+left] + sums[top*w+left]
			f.dark[y*size+x] = grey[y*size+x]*float64((right-left)*(bottom-top)) < total
		}
	}
	return f.dark
}
