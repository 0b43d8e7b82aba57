package demo

import (
	"context"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// detour is what happens to a file beside going on: it waits for somebody, or for nothing,
// goes back for a reason, or is only shown to somebody.
func (l *Life) detour(ctx context.Context, row custody.Row) error {
	pos, o := row.Position, l.cfg.Office
	switch n := l.random.IntN(4); {
	case n == 0 && pos.Consumed == 0: // a second hold on one stay is not a station's to give
		card := o.Holds[l.random.IntN(len(o.Holds))]
		return l.read(ctx, row.File, pos.Room, custody.Hold, custody.Holding{Card: card.Code})
	case n == 1 && pos.From != "":
		return l.read(ctx, row.File, pos.Room, custody.Back, custody.Returning{Why: l.reason("incomplete")})
	case n == 2:
		return l.read(ctx, row.File, pos.Room, custody.LayBy, nil)
	}
	elsewhere := o.Rooms[l.random.IntN(len(o.Rooms))]
	return l.read(ctx, row.File, elsewhere.ID, custody.Shown, nil)
}

// reason is the code of a reason card.
func (l *Life) reason(id custody.ReasonCardID) label.Code {
	card, _ := l.cfg.Office.ReasonByID(id) // a test reads the sample
	return card.Code
}
