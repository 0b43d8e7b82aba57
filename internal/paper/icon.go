package paper

import (
	"slices"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"

	"harkara/internal/label"
)

// icons are the pictures of command cards, in a square of 100 units with y up.
var icons = map[label.Code][]font.Segment{
	label.Onward: polygon(0, 36, 52, 36, 52, 12, 100, 50, 52, 88, 52, 64, 0, 64),
	label.Done:   polygon(0, 46, 16, 62, 38, 40, 84, 88, 100, 72, 38, 10),
	label.Undo: append(polygon(0, 66, 38, 100, 38, 80, 58, 80),
		cubicTo(82, 80, 100, 64, 100, 42), cubicTo(100, 20, 82, 4, 58, 4),
		lineTo(20, 4), lineTo(20, 30), lineTo(58, 30),
		cubicTo(66, 30, 72, 35, 72, 42), cubicTo(72, 49, 66, 54, 58, 54),
		lineTo(38, 54), lineTo(38, 32)),

	label.Back: polygon(100, 36, 48, 36, 48, 12, 0, 50, 48, 88, 48, 64, 100, 64),
	// An eye.
	label.Shown: slices.Concat(
		[]font.Segment{{Op: opentype.SegmentOpMoveTo, Args: [3]font.SegmentPoint{{X: 0, Y: 50}}}},
		[]font.Segment{cubicTo(25, 96, 75, 96, 100, 50), cubicTo(75, 4, 25, 4, 0, 50)},
		[]font.Segment{{Op: opentype.SegmentOpMoveTo, Args: [3]font.SegmentPoint{{X: 14, Y: 50}}}},
		[]font.Segment{cubicTo(32, 18, 68, 18, 86, 50), cubicTo(68, 82, 32, 82, 14, 50)},
		polygon(36, 50, 40, 60, 50, 64, 60, 60, 64, 50, 60, 40, 50, 36, 40, 40)),

	label.Join:       slices.Concat(polygon(0, 20, 42, 50, 0, 80), polygon(100, 80, 58, 50, 100, 20), polygon(46, 0, 54, 0, 54, 100, 46, 100)),
	label.SweepStart: slices.Concat(bracket(0, 1), polygon(34, 16, 34, 84, 92, 50)),
	label.SweepEnd:   slices.Concat(polygon(10, 20, 66, 20, 66, 80, 10, 80), bracket(100, -1)),
}

// bracket is a square bracket that opens from x towards side.
func bracket(x, side float32) []font.Segment {
	return polygon(x, 0, x+side*24, 0, x+side*24, 10, x+side*10, 10, x+side*10, 90, x+side*24, 90, x+side*24, 100, x, 100)
}

// polygon returns an outline through points given as x, y, x, y ...
func polygon(xy ...float32) []font.Segment {
	var outline []font.Segment
	for i := 0; i < len(xy); i += 2 {
		outline = append(outline, lineTo(xy[i], xy[i+1]))
	}
	outline[0].Op = opentype.SegmentOpMoveTo
	return outline
}

func lineTo(x, y float32) font.Segment {
	return font.Segment{Op: opentype.SegmentOpLineTo, Args: [3]font.SegmentPoint{{X: x, Y: y}}}
}

func cubicTo(ax, ay, bx, by, x, y float32) font.Segment {
	return font.Segment{Op: opentype.SegmentOpCubeTo, Args: [3]font.SegmentPoint{{X: ax, Y: ay}, {X: bx, Y: by}, {X: x, Y: y}}}
}

// icon draws a picture into a square.
func (f *form) icon(outline []font.Segment, b box) {
	f.glyphs = append(f.glyphs, glyph{outline: outline, x: f.exact(b.x), y: f.exact(b.bottom()), scale: f.exact(b.h) / 100})
}
