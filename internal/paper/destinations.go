package paper

import (
	"fmt"

	"harkara/internal/custody"
)

// Most desks and cards of a destination sheet.
const (
	MaxDesks = 12
	MaxCards = 3
)

// Destinations is the sheet that hangs beside a room's station: the desks it sends
// to most and the cards it needs, to be scanned after a file.
type Destinations struct {
	Room  custody.Name
	Desks []Card // at most MaxDesks
	Cards []Card // at most MaxCards, in the bottom row; see Commands
}

// Draw draws the sheet on A4. Errors: ErrFont, where a name is in Urdu only.
func (s Destinations) Draw(fonts *Fonts, dpi int) (*Drawing, error) {
	if len(s.Desks) > MaxDesks || len(s.Cards) > MaxCards {
		return nil, fmt.Errorf("draw destinations of %s: %d desks and %d cards, room for %d and %d",
			s.Room.En, len(s.Desks), len(s.Cards), MaxDesks, MaxCards)
	}
	set := fonts.borrow()
	defer fonts.giveBack(set)
	title, _ := clean(s.Room.En)
	d, err := newDrawing(words.destinations.En+" "+title, 210, 297, dpi)
	if err != nil {
		return nil, fmt.Errorf("draw destinations of %s: %w", s.Room.En, err)
	}
	f := form{Drawing: d, setter: set}
	const (
		margin      = 9.0
		head, small = 20.0, 5.0
		deskH       = 35.0
		cardH       = 40.0
		wide        = 210 - 2*margin
	)
	f.caption(box{margin, margin, wide, small}, words.destinations, 9)
	f.name(box{margin, margin + small, wide, head - small - 2}, s.Room, bold, []float64{22, 20, 18, 16, 14, 12})
	desks, cards := grid{margin, margin + head, wide / 2, deskH, 2}, grid{margin, 297 - margin - cardH, wide / MaxCards, cardH, MaxCards}
	f.table(desks, s.Desks)
	f.table(cards, s.Cards)
	if f.err != nil {
		return nil, fmt.Errorf("draw destinations of %s: %w", s.Room.En, f.err)
	}
	return d, nil
}

// grid is a table of equal cells, in millimetres.
type grid struct {
	x, y, w, h float64 // of the first cell
	columns    int
}

// table draws cards in the cells of a grid with a line around each.
func (f *form) table(g grid, cards []Card) {
	const line = 0.2
	for i, card := range cards {
		cell := box{g.x + float64(i%g.columns)*g.w, g.y + float64(i/g.columns)*g.h, g.w, g.h}
		f.item(card, cell.inset(0.5))
		for _, y := range [...]float64{cell.y, cell.y + cell.h} {
			f.fill(cell.x, y, cell.w+line, line)
		}
		for _, x := range [...]float64{cell.x, cell.x + cell.w} {
			f.fill(x, cell.y, line, cell.h+line)
		}
	}
}
