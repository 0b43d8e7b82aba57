package paper

// box is a rectangle on the drawing, in millimetres.
type box struct{ x, y, w, h float64 }

const (
	pointsPerInch = 72
	mmPerPoint    = mmPerInch / pointsPerInch
)

// side is the side of its box a line stands at.
type side int

const (
	start  side = iota // left for a text read from the left, right for Urdu
	left               // whatever the direction
	right              //
	centre             //
)

// setting says how a text is set in its box.
type setting struct {
	weight  weight
	points  []float64 // sizes to try, the largest first
	lines   int       // at most; 0 for as many as fit
	side    side
	upright bool // in the middle of the box's height, else at its top
}

// text sets a text in a box at the largest of its sizes at which it fits; at the
// smallest it is cut and ends in an ellipsis. Errors: ErrFont.
func (d *Drawing) text(s *setter, b box, text string, how setting) error {
	p, err := s.shape(text, how.weight)
	if err != nil {
		return err
	}
	d.place(s, b, p, how)
	return nil
}

// place sets a shaped paragraph in a box.
func (d *Drawing) place(s *setter, b box, p *paragraph, how setting) {
	lines, size := s.fit(p, b, how)
	scale := size * float64(d.DPI) / pointsPerInch / em // dots per unit of em
	y := d.exact(b.y)
	if how.upright {
		y += (d.exact(b.h) - height(lines)*scale) / 2
	}
	for _, l := range lines {
		y += l.ascent * scale
		x := d.exact(b.x)
		room := d.exact(b.w) - l.width*scale
		switch {
		case how.side == centre:
			x += room / 2
		case how.side == right, how.side == start && p.rightToLeft:
			x += room
		}
		// Letters that reach over the ends of their line stay within the box.
		x = min(x, d.exact(b.x+b.w)-l.inkRight*scale)
		x = max(x, d.exact(b.x)-l.inkLeft*scale)
		for _, g := range l.glyphs {
			d.glyphs = append(d.glyphs, glyph{
				outline: g.outline, x: x + g.x*scale, y: y + g.y*scale, scale: g.scale * scale,
			})
		}
		y += l.descent * scale
	}
}

// span is the width and height of a paragraph on one line, in units of em.
func (s *setter) span(p *paragraph) (width, tall float64) {
	for _, l := range s.wrap(p, maxRunes*em, 0) {
		width, tall = max(width, l.needs()), tall+l.ascent+l.descent
	}
	return width, tall
}

// fit wraps a paragraph at the largest size at which it fits the box.
func (s *setter) fit(p *paragraph, b box, how setting) ([]line, float64) {
	for _, size := range how.points {
		unit := size * mmPerPoint / em // millimetres per unit of em
		lines := s.wrap(p, b.w/unit, 0)
		if !p.cut && height(lines)*unit <= b.h && (how.lines == 0 || len(lines) <= how.lines) {
			return lines, size
		}
	}
	size := how.points[len(how.points)-1]
	unit := size * mmPerPoint / em
	lines := s.wrap(p, b.w/unit, 0)
	most := 0
	for tall := 0.0; most < len(lines) && (how.lines == 0 || most < how.lines); most++ {
		if tall += lines[most].ascent + lines[most].descent; most > 0 && tall*unit > b.h {
			break
		}
	}
	return s.wrap(p, b.w/unit, most), size
}

// height is the height of lines in units of em.
func height(lines []line) float64 {
	tall := 0.0
	for _, l := range lines {
		tall += l.ascent + l.descent
	}
	return tall
}

// inset returns the box without a margin all around.
func (b box) inset(margin float64) box {
	return box{b.x + margin, b.y + margin, b.w - 2*margin, b.h - 2*margin}
}

func (b box) bottom() float64 { return b.y + b.h }
