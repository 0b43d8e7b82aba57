package paper

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"

	"harkara/internal/label"
)

// icons are the pictures of command cards, in a square of 100 units with y up.
var icons = func() map[label.Code][]font.Segment {
	all := map[label.Code][]font.Segment{}
	for _, g := range label.Commands() {
		all[g.Code] = outlineOf(g.Picture)
	}
	return all
}()

var (
	pathOps = map[byte]opentype.SegmentOp{'M': opentype.SegmentOpMoveTo, 'L': opentype.SegmentOpLineTo, 'C': opentype.SegmentOpCubeTo}
	pathOp  = regexp.MustCompile(`[MLC][^MLC]*`)
)

// outlineOf is SVG path data as an outline: see path, which is the other way.
func outlineOf(data string) (outline []font.Segment) {
	for _, op := range pathOp.FindAllString(data, -1) {
		s := font.Segment{Op: pathOps[op[0]]}
		var xy []float32
		for _, number := range strings.Fields(strings.TrimSuffix(op[1:], "z")) {
			var v float32
			_, _ = fmt.Sscan(number, &v) // a test reads every picture
			xy = append(xy, v)
		}
		for i := 0; i+1 < min(len(xy), 2*len(s.Args)); i += 2 {
			s.Args[i/2] = font.SegmentPoint{X: xy[i], Y: xy[i+1]}
		}
		outline = append(outline, s)
	}
	return outline
}

// icon draws a picture into a square.
func (f *form) icon(outline []font.Segment, b box) {
	f.glyphs = append(f.glyphs, glyph{outline: outline, x: f.exact(b.x), y: f.exact(b.bottom()), scale: f.exact(b.h) / 100})
}
