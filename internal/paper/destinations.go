package paper

import (
	"fmt"

	"harkara/internal/custody"
)

// What a destination sheet has room for. Each desk and card needs a label of 64 by
// 37 mm for bars and QR that a gun and a camera read; a sheet has three by seven.
const (
	MaxDesks  = 12
	sheetCols = 3
	sheetRows = 7
)

// Destinations is the sheet that hangs beside a room's station: the desks it sends
// to most and the cards it needs, to be scanned after a file.
type Destinations struct {
	Room  custody.Name
	Desks []Card // at most MaxDesks
	Cards []Card // below the desks; what has no room there follows on further pages
}

// RoomForCards is how many cards a page with so many desks has room for: each rest
// of a row of desks stays free, so that cards stand apart from desks.
func RoomForCards(desks int) int { return sheetCols * (sheetRows - rowsOf(desks)) }

// pages are the sheet as it is printed, each a sheet of its own that fits its page.
func (s Destinations) pages() (list []Destinations) {
	for len(s.Desks)+len(s.Cards) > 0 || len(list) == 0 {
		n := min(len(s.Cards), RoomForCards(len(s.Desks)))
		list = append(list, Destinations{s.Room, s.Desks, s.Cards[:n]})
		s.Desks, s.Cards = nil, s.Cards[n:]
	}
	return list
}

func rowsOf(cells int) int { return (cells + sheetCols - 1) / sheetCols }

// Draw draws the sheet on pages of A4. Errors: ErrFont, where a name is in Urdu only.
func (s Destinations) Draw(fonts *Fonts, dpi int) (drawn []*Drawing, err error) {
	if len(s.Desks) > MaxDesks {
		return nil, fmt.Errorf("draw destinations of %s: %d desks, room for %d", s.Room.En, len(s.Desks), MaxDesks)
	}
	for _, page := range s.pages() {
		d, err := page.draw(fonts, dpi)
		if err != nil {
			return nil, err
		}
		drawn = append(drawn, d)
	}
	return drawn, nil
}

// draw draws one page.
func (s Destinations) draw(fonts *Fonts, dpi int) (*Drawing, error) {
	set := fonts.borrow()
	defer fonts.giveBack(set)
	title, _ := clean(s.Room.En)
	d, err := newDrawing(words.destinations.En+" "+title, 210, 297, dpi)
	if err != nil {
		return nil, fmt.Errorf("draw destinations of %s: %w", s.Room.En, err)
	}
	f := form{Drawing: d, setter: set}
	const wide = 210 - 2*sheetMargin
	f.caption(box{sheetMargin, sheetMargin, wide, 5}, words.destinations, 9)
	f.name(box{sheetMargin, sheetMargin + 5, wide, sheetHead - 7}, s.Room, bold, []float64{22, 20, 18, 16, 14, 12})
	for i, card := range s.Desks {
		f.cell(sheetCell(i), card)
	}
	for i, card := range s.Cards {
		f.cell(sheetCell(rowsOf(len(s.Desks))*sheetCols+i), card)
	}
	if f.err != nil {
		return nil, fmt.Errorf("draw destinations of %s: %w", s.Room.En, f.err)
	}
	return d, nil
}

// Lengths of the sheet in millimetres.
const (
	sheetMargin = 8.0
	sheetHead   = 20.0
)

// sheetCell is the place of the i-th cell, row by row.
func sheetCell(i int) box {
	const w, h = (210 - 2*sheetMargin) / sheetCols, (297 - 2*sheetMargin - sheetHead) / sheetRows
	return box{sheetMargin + float64(i%sheetCols)*w, sheetMargin + sheetHead + float64(i/sheetCols)*h, w, h}
}

// cell draws a card with a line around it.
func (f *form) cell(b box, card Card) {
	const line = 0.2
	f.item(card, b)
	for _, y := range [...]float64{b.y, b.bottom()} {
		f.fill(b.x, y, b.w+line, line)
	}
	for _, x := range [...]float64{b.x, b.x + b.w} {
		f.fill(x, b.y, line, b.h+line)
	}
}
