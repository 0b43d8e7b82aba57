package paper

import (
	"fmt"
	"iter"
	"slices"
	"strings"
)

// Stock is the paper labels are printed on: a sheet of equal labels, or a roll,
// whose page is one label. Lengths are millimetres.
type Stock struct {
	Name           string
	Use            string // what it is for
	Width, Height  float64
	Columns, Rows  int
	Left, Top      float64 // of the first label
	LabelW, LabelH float64
	PitchX, PitchY float64 // from one label to the next
	Cut            bool    // plain paper: lines to cut along are printed
}

// Stocks are the papers an office can buy; sizes of sheets are the maker's.
var Stocks = []Stock{
	{Name: "a6x4", Use: "four covers on plain A4", Width: 297, Height: 210, Columns: 2, Rows: 2, LabelW: 148.5, LabelH: 105, PitchX: 148.5, PitchY: 105, Cut: true},
	{Name: "l7165", Use: "small covers on Avery L7165, 2 x 4", Width: 210, Height: 297, Columns: 2, Rows: 4, Left: 4.65, Top: 13.1, LabelW: 99.1, LabelH: 67.7, PitchX: 101.6, PitchY: 67.7},
	{Name: "l7163", Use: "labels and cards on Avery L7163, 2 x 7", Width: 210, Height: 297, Columns: 2, Rows: 7, Left: 4.65, Top: 15.15, LabelW: 99.1, LabelH: 38.1, PitchX: 101.6, PitchY: 38.1},
	{Name: "l7160", Use: "labels on Avery L7160, 3 x 7", Width: 210, Height: 297, Columns: 3, Rows: 7, Left: 7.21, Top: 15.15, LabelW: 63.5, LabelH: 38.1, PitchX: 66.04, PitchY: 38.1},
	{Name: "cards", Use: "ten cards and badges on plain A4, to laminate", Width: 210, Height: 297, Columns: 2, Rows: 5, Left: 16.9, Top: 9.5, LabelW: cardWidth, LabelH: cardHeight, PitchX: 90.6, PitchY: 56, Cut: true},
	{Name: "roll-148x105", Use: "covers on a roll", Width: 148, Height: 105, Columns: 1, Rows: 1, LabelW: 148, LabelH: 105},
	{Name: "roll-100x50", Use: "labels and cards on a roll", Width: 100, Height: 50, Columns: 1, Rows: 1, LabelW: 100, LabelH: 50},
}

// StockNamed returns the stock of a name; the error lists those there are.
func StockNamed(name string) (Stock, error) {
	i := slices.IndexFunc(Stocks, func(s Stock) bool { return s.Name == name })
	if i >= 0 {
		return Stocks[i], nil
	}
	var names []string
	for _, s := range Stocks {
		names = append(names, s.Name)
	}
	return Stock{}, fmt.Errorf("no stock %q, only %s", name, strings.Join(names, ", "))
}

// label returns the place of the i-th label of a page, row by row.
func (s Stock) label(i int) box {
	return box{s.Left + float64(i%s.Columns)*s.PitchX, s.Top + float64(i/s.Columns)*s.PitchY, s.LabelW, s.LabelH}
}

// Lay lays items on pages of stock, a page at a time, for a device of dpi dots per
// inch, leaving out the first skip labels of the first page, which were used before.
// It ends at the first error: ErrFont, or an item too large for the stock.
func Lay(fonts *Fonts, on Stock, dpi, skip int, items iter.Seq[Item]) iter.Seq2[*Drawing, error] {
	return func(yield func(*Drawing, error) bool) {
		perPage := on.Columns * on.Rows
		if skip < 0 || skip >= perPage {
			yield(nil, fmt.Errorf("lay labels on %s: cannot skip %d of %d", on.Name, skip, perPage))
			return
		}
		s := fonts.borrow()
		defer fonts.giveBack(s)
		var f *form
		at := skip
		for it := range items {
			if f == nil {
				d, err := newDrawing(on.Name+" "+it.title(), on.Width, on.Height, dpi)
				if err != nil {
					yield(nil, err)
					return
				}
				f = &form{Drawing: d, setter: s}
			}
			place := on.label(at)
			f.item(it, place)
			if on.Cut {
				f.corners(place)
			}
			if f.err != nil {
				yield(nil, fmt.Errorf("lay labels on %s: %w", on.Name, f.err))
				return
			}
			if at++; at == perPage {
				if !yield(f.Drawing, nil) {
					return
				}
				f, at = nil, 0
			}
		}
		if f != nil {
			yield(f.Drawing, nil)
		}
	}
}

// corners marks the corners of a label that is cut out of plain paper.
func (f *form) corners(b box) {
	const arm, line = 3.0, 0.15
	for _, y := range [...]float64{b.y, b.bottom() - line} {
		f.fill(b.x, y, arm, line)
		f.fill(b.x+b.w-arm, y, arm, line)
	}
	for _, x := range [...]float64{b.x, b.x + b.w - line} {
		f.fill(x, b.y, line, arm)
		f.fill(x, b.bottom()-arm, line, arm)
	}
}
