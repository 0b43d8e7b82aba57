package decode

import (
	"math"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
)

// rows turns clean rows of bars to text with gozxing. Its Code 39 reader keeps state:
// one set per Reader.
type rows struct {
	code128, code39 oned.RowDecoder
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

// decode returns the text of a clean row in the format, or "".
func (r *rows) decode(row *gozxing.BitArray, f Format) (text string) {
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

// edgesPerCharacter by format; the elements of a character and, of Code 39, the gap.
const (
	edgesOf128 = 6
	edgesOf39  = 10
)

// read tries the bars between edges, in both directions.
func (r *rows) read(bars []edge) (text string, f Format, backwards bool) {
	try := [...]Format{Code128, Code39}
	for _, f := range try {
		if !plausible(len(bars), f) {
			continue
		}
		for _, backwards := range [...]bool{false, true} {
			if text := r.decode(cleanRow(bars, backwards), f); text != "" {
				return text, f, backwards
			}
		}
	}
	return "", "", false
}

// plausible reports whether n edges can be a whole symbol of the format: characters
// of six edges and a stop of eight in Code 128, characters of ten edges in Code 39.
// Asking gozxing about others would only make it allocate errors.
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
