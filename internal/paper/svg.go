package paper

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
)

// WriteSVG writes the drawing as an SVG of its true size whose units are dots.
// Each outline is written once and used wherever its letter stands.
func (d *Drawing) WriteSVG(w io.Writer) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" width="%.2fmm" height="%.2fmm" viewBox="0 0 %d %d">`,
		d.mm(d.Width), d.mm(d.Height), d.Width, d.Height)
	b.WriteString("<title>")
	xml.EscapeText(b, []byte(d.Title))
	b.WriteString("</title>\n")
	fmt.Fprintf(b, `<path fill="#fff" d="M0 0h%dv%dH0z"/>`+"\n", d.Width, d.Height)
	for _, s := range d.shapes {
		b.WriteString(`<path shape-rendering="crispEdges" d="`)
		for _, r := range s {
			fmt.Fprintf(b, "M%d %dh%dv%dh%dz", r.x, r.y, r.w, r.h, -r.w)
		}
		b.WriteString("\"/>\n")
	}
	ids := map[*font.Segment]int{}
	for _, g := range d.glyphs {
		id, known := ids[&g.outline[0]]
		if !known {
			id = len(ids)
			ids[&g.outline[0]] = id
			fmt.Fprintf(b, `<defs><path id="g%d" d="%s"/></defs>`, id, path(g.outline))
		}
		fmt.Fprintf(b, `<use href="#g%d" transform="translate(%.2f %.2f)scale(%.5f %.5f)"/>`+"\n", id, g.x, g.y, g.scale, -g.scale)
	}
	b.WriteString("</svg>\n")
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write %s as SVG: %w", d.Title, err)
	}
	return nil
}

// path is an outline as SVG path data, in font units with y up.
func path(outline []font.Segment) string {
	var b strings.Builder
	for i := range outline {
		switch outline[i].Op {
		case opentype.SegmentOpMoveTo:
			if i > 0 {
				b.WriteByte('z')
			}
			b.WriteByte('M')
		case opentype.SegmentOpLineTo:
			b.WriteByte('L')
		case opentype.SegmentOpQuadTo:
			b.WriteByte('Q')
		case opentype.SegmentOpCubeTo:
			b.WriteByte('C')
		}
		for j, p := range outline[i].ArgsSlice() {
			if j > 0 {
				b.WriteByte(' ')
			}
			fmt.Fprintf(&b, "%g %g", p.X, p.Y)
		}
	}
	b.WriteByte('z')
	return b.String()
}
