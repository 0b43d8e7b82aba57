package decode

import (
	"math"
	"slices"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
)

// rows turns clean rows of bars to text with gozxing, which it asks only about what is
// a symbol by its characters, and once where line after line has the same. gozxing's
// Code 39 reader keeps state: one set per Reader.
type rows struct {
	code128, code39 oned.RowDecoder

	codes []int // characters of the line being read
	asked []int // of the line before, and
	text  string
	of    Format
}

func newRows() *rows {
	return &rows{
		code128: oned.NewCode128Reader().(oned.RowDecoder),
		code39:  oned.NewCode39Reader().(oned.RowDecoder),
	}
}

// shortest text of bars that is taken for one: gozxing reads empty Code 128 and
// one-letter Code 39 where there is none.
const shortest = 3

// decode returns the text of the characters in codes, or "". It draws the row only
// where they are not those of the line before.
func (r *rows) decode(f Format, row func() *gozxing.BitArray) string {
	if f != r.of || !slices.Equal(r.codes, r.asked) {
		r.of, r.asked = f, append(r.asked[:0], r.codes...)
		r.text = r.ask(f, row())
	}
	return r.text
}

func (r *rows) ask(f Format, row *gozxing.BitArray) (text string) {
	defer func() {
		if recover() != nil { // gozxing indexes past the row on some rubbish
			text = ""
		}
	}()
	reader := r.code128
	if f == Code39 {
		reader = r.code39
	}
	result, err := reader.DecodeRow(0, row, nil)
	if err != nil || len(result.GetText()) < shortest {
		return ""
	}
	return result.GetText()
}

// Edges of a character by format; the elements of a character and, of Code 39, the gap.
const (
	edgesOf128 = 6
	edgesOf39  = 10
)

// read tries the bars between edges, in both directions.
func (r *rows) read(bars []edge) (text string, f Format, backwards bool) {
	for _, backwards := range [...]bool{false, true} {
		text := ""
		switch {
		case plausible(len(bars), Code128) && r.codes128(bars, backwards):
			f, text = Code128, r.text128()
		case plausible(len(bars), Code39) && r.codes39(bars, backwards):
			f, text = Code39, r.decode(Code39, func() *gozxing.BitArray { return cleanRow(bars, backwards) })
		}
		if text != "" {
			return text, f, backwards
		}
	}
	return "", "", false
}

// text128 returns the text of the Code 128 characters in codes, or "".
func (r *rows) text128() string {
	return r.decode(Code128, func() *gozxing.BitArray { return row128(r.codes) })
}

// plausible reports whether n edges can be a whole symbol of the format: characters
// of six edges and a stop of eight in Code 128, characters of ten edges in Code 39.
func plausible(n int, f Format) bool {
	if f == Code128 {
		return n >= 4*edgesOf128+8 && (n-8)%edgesOf128 == 0
	}
	return n >= (shortest+2)*edgesOf39 && n%edgesOf39 == 0
}

// dotsPerEdge is the resolution of a clean row: fine enough that rounding an edge to
// a dot moves it by under a twentieth of a module.
const dotsPerEdge = 12

// cleanRow draws the bars between alternate edges (dark at even ones) as dots, with a
// quiet zone on either side.
func cleanRow(bars []edge, backwards bool) *gozxing.BitArray {
	first, last := bars[0].at, bars[len(bars)-1].at
	width := len(bars) * dotsPerEdge
	quiet := width / 8
	row := gozxing.NewBitArray(width + 2*quiet)
	perSample := float64(width) / (last - first)
	for i := 0; i+1 < len(bars); i += 2 {
		from, to := (bars[i].at-first)*perSample, (bars[i+1].at-first)*perSample
		if backwards {
			from, to = float64(width)-to, float64(width)-from
		}
		a, b := int(math.Round(from)), int(math.Round(to))
		_ = row.SetRange(quiet+a, quiet+max(b, a+1)) // within the row by construction
	}
	return row
}
