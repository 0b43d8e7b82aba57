package decode

import (
	"strings"
	"testing"

	"harkara/internal/label"
)

// The digits of a Code 39 at the picture's edge may be what is left of a longer one: they
// are no code until there is quiet beside them, but for a label of ours. However a Code 39
// is cut, no part of it is read.
func TestCutAtTheEdge(t *testing.T) {
	reader := New()
	texts := func(g *Gray) (list []string) {
		r := reader.Decode(g, Options{Effort: Quick, All: true})
		for _, s := range append(r.Foreign, r.Symbols...) {
			list = append(list, s.Text)
		}
		return list
	}
	ours := string(label.New(label.File, 40_718_265_933))
	for text, needs := range map[string]bool{"0012345": true, "2019-0123": false, "2019X0123": false, "2019.0123": false, ours: false} {
		whole := frameOf(t, patch{format: Code39, text: text, x: 100, y: 100})
		first, last := whole.W, 0
		for x, v := range whole.row(130) {
			if v < 128 {
				first, last = min(first, x), x
			}
		}
		for cut := (first + last) / 2; cut < last+40; cut += 3 {
			right := &Gray{Pix: whole.Pix, Stride: whole.Stride, W: cut, H: whole.H}
			from := first + last - cut
			left := &Gray{Pix: whole.Pix[from:], Stride: whole.Stride, W: whole.W - from, H: whole.H}
			for side, g := range map[string]*Gray{"right": right, "left": left} {
				switch got := strings.Join(texts(g), " "); {
				case got == text && (cut > last+3 || !needs), got == "" && cut < last+20:
				default:
					t.Errorf("%s cut at the %s, %d pixels beyond its bars: %q", text, side, cut-last, got)
				}
			}
		}
	}
}
