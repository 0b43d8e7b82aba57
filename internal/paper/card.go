package paper

import (
	"fmt"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/web/lang"
)

// Card is a code people scan besides covers: a desk's card, a badge, a command, a
// hold, a bag's tag.
type Card struct {
	Code   label.Code
	Name   custody.Name // of the post, officer, command or bag
	Detail custody.Name // the room, the officer's post, what the command does
	Kind   custody.Name // what it is; zero: what the code's kind is called
}

// Draw draws the card alone, in the size of a bank card (ISO/IEC 7810 ID-1). Errors:
// ErrFont, where a name is in Urdu only.
func (c Card) Draw(fonts *Fonts, dpi int) (*Drawing, error) {
	return draw(fonts, c, box{w: cardWidth, h: cardHeight}, dpi)
}

// Size of a card of ISO/IEC 7810 ID-1, in millimetres.
const cardWidth, cardHeight = 85.6, 54.0

// Commands are the command cards, in the order they are printed.
func Commands() (cards []Card) {
	for _, g := range label.Commands() {
		cards = append(cards, Card{Code: g.Code, Name: said("card." + g.Says), Detail: said("card." + g.Says + ".does")})
	}
	return cards
}

// said is the words of a key in both languages.
func said(key string) custody.Name {
	return custody.Name{En: lang.English.Text(key), Ur: lang.Urdu.Text(key)}
}

// Hold is the card of a hold: why, and for how long.
func Hold(h custody.HoldCard) Card {
	days := custody.Name{En: fmt.Sprintf("%d working days", h.Days), Ur: fmt.Sprintf("%d ایام کار", h.Days)}
	if h.Days == 1 {
		days = custody.Name{En: "1 working day", Ur: "1 یوم کار"}
	}
	return Card{Code: h.Code, Name: h.Name, Detail: days, Kind: words.hold}
}

// Reason is the card of a reason. The card that asks for one is read before it.
func Reason(r custody.ReasonCard) Card {
	return Card{Code: r.Code, Name: r.Name, Detail: words.afterCard, Kind: words.reason}
}

func (c Card) code() label.Code { return c.Code }
func (c Card) kind() string     { return "card" }
func (c Card) title() string    { return c.Code.Format() }

func (c Card) draw(f *form, b box) {
	text := f.tag(c.Code, b)
	kind := c.Kind
	if kind == (custody.Name{}) {
		kind = kinds[c.Code.Kind()]
	}
	const head, foot, smallest = 4.2, 5.2, 6
	f.caption(box{text.x, text.y, text.w, head}, kind, 7)
	body := box{text.x, text.y + head, text.w, text.h - head - foot}
	below := box{text.x, text.bottom() - foot, text.w, foot}
	details := []float64{7.5, 7, 6.5, smallest}
	if f.aside(below, c.Detail, regular, details) == 0 { // too wide for one line
		body.h -= 2
		below.y, below.h = below.y-2, below.h+2
		f.stack(below, c.Detail, regular, append(details, tiny...))
	} else {
		f.name(below, c.Detail, regular, details)
	}
	if icon := icons[c.Code]; icon != nil {
		side := min(body.h, 11)
		f.icon(icon, box{body.x, body.y + (body.h-side)/2, side, side})
		body.x, body.w = body.x+side+2, body.w-side-2
	}
	points := []float64{17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6.5, smallest}
	const stacked = 15 // height that two lines, one a language, read better in
	if body.h < stacked && body.w > 40 && f.aside(body, c.Name, bold, points[:9]) > 0 {
		f.name(body, c.Name, bold, points)
		return
	}
	f.stack(body, c.Name, bold, append(points, tiny...))
}

// tiny are the sizes of type that are better than a name of which the end is missing.
var tiny = []float64{5.5, 5, 4.5, 4}

// Blank is a label for a file that is not opened yet: its first scan opens the form
// with the number in it. It has a line to write the file number on.
type Blank struct{ Code label.Code }

func (l Blank) code() label.Code { return l.Code }
func (l Blank) kind() string     { return "blank label" }
func (l Blank) title() string    { return l.Code.Format() }

func (l Blank) draw(f *form, b box) {
	text := f.tag(l.Code, b)
	f.caption(box{text.x, text.y, text.w, 4.2}, words.number, 7)
	f.fill(text.x, text.bottom()-1, text.w, 0.2)
}
