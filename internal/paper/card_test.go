package paper

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	stdraw "image/draw"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"harkara/internal/custody"
	"harkara/internal/label"
)

func deskCard(i int) Card {
	return Card{
		Code:   label.New(label.Desk, uint64(i)*7_777_777_777+12_345),
		Name:   custody.Name{En: "Additional Secretary", Ur: "ایڈیشنل سیکرٹری"},
		Detail: custody.Name{En: "Room 203, Block A, first floor", Ur: "کمرہ ۲۰۳، بلاک اے"},
	}
}

// A crop of a sheet shows a gun or camera one card at a time.
func crop(d *Drawing, img *image.Gray, b box) image.Image {
	return img.SubImage(image.Rect(d.dots(b.x), d.dots(b.y), d.dots(b.x+b.w), d.dots(b.bottom())))
}

func TestDestinationsAreReadBack(t *testing.T) {
	sheet := Destinations{Room: custody.Name{En: "Finance 103", Ur: "خزانہ ۱۰۳"}, Cards: append(Commands(), madeCards()...)}
	for i := range MaxDesks {
		sheet.Desks = append(sheet.Desks, deskCard(i))
	}
	pages, err := sheet.Draw(machine(t), 203)
	if err != nil || len(pages) != 2 {
		t.Fatal(len(pages), err)
	}
	d := pages[0]
	if err := unobstructed(d); err != nil {
		t.Error(err)
	}
	img := d.Image()
	for i, card := range sheet.Desks {
		checkCard(t, crop(d, img, sheetCell(i)), card.Code)
	}
	room := RoomForCards(MaxDesks)
	for i, card := range sheet.Cards[:room] {
		checkCard(t, crop(d, img, sheetCell(MaxDesks+i)), card.Code)
	}
	rest := pages[1].Image()
	for i, card := range sheet.Cards[room:] {
		checkCard(t, crop(pages[1], rest, sheetCell(i)), card.Code)
	}

	crowd := Destinations{Room: sheet.Room, Desks: append(sheet.Desks, deskCard(MaxDesks))}
	if _, err := crowd.Draw(machine(t), 203); err == nil {
		t.Error("a desk too many is drawn")
	}
	few := Destinations{Desks: sheet.Desks[:4], Cards: sheet.Cards}
	if pages, err = few.Draw(machine(t), 203); err != nil || len(pages) != 1 {
		t.Fatal(len(pages), err)
	}
	checkCard(t, crop(pages[0], pages[0].Image(), sheetCell(6)), few.Cards[0].Code) // cards begin a row of their own
	if pages, err = (Destinations{Room: sheet.Room}).Draw(machine(t), 203); err != nil || len(pages) != 1 {
		t.Errorf("of a room that sends nowhere: %d pages, %v", len(pages), err)
	}
}

// madeCards are hold and reason cards as offices make them.
func madeCards() []Card {
	return []Card{
		Hold(custody.HoldCard{Code: label.New(label.Hold, 41), Name: custody.Name{En: "Finance Department", Ur: "محکمہ خزانہ"}, Days: 5}),
		Hold(custody.HoldCard{Code: label.New(label.Hold, 43), Name: custody.Name{En: "Law", Ur: "قانون"}, Days: 1}),
		Reason(custody.ReasonCard{Code: label.New(label.Card, 47), Name: custody.Name{En: "Assembly session", Ur: "اسمبلی اجلاس"}}),
	}
}

func checkCard(t *testing.T, img image.Image, want label.Code) {
	t.Helper()
	if qr, bars := read(t, img); len(qr) != 1 || qr[0] != string(want) || bars != string(want) {
		t.Errorf("read QR %q and Code 128 %q, want %s", qr, bars, want)
	}
}

// Whatever a thing is called, on every stock it fits its codes are read.
func TestLabelsOnEveryStock(t *testing.T) {
	fonts := machine(t)
	for _, stock := range Stocks {
		t.Run(stock.Name, func(t *testing.T) {
			items := []Item{sample(mixed), deskCard(1), Blank{label.New(label.File, 77)}, Commands()[1], Commands()[4], madeCards()[0], madeCards()[2]}
			fits := 0
			for _, item := range items {
				d := laid(t, fonts, stock, 203, stock.Columns*stock.Rows-1, item)
				if d == nil {
					continue
				}
				fits++
				img := crop(d, d.Image(), stock.label(stock.Columns*stock.Rows-1))
				if _, ok := item.(Cover); ok {
					checkRead(t, img, item.code())
				} else {
					checkCard(t, img, item.code())
				}
			}
			if fits < len(items)-1 { // covers need more room than the smallest labels have
				t.Errorf("only %d of %d items fit", fits, len(items))
			}
		})
	}
}

// laid lays one item after skip labels; nil if the stock is too small for it.
func laid(t *testing.T, fonts *Fonts, stock Stock, dpi, skip int, item Item) *Drawing {
	t.Helper()
	for d, err := range Lay(fonts, stock, dpi, skip, slices.Values([]Item{item})) {
		if errors.Is(err, errRoom) {
			return nil
		}
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	t.Fatal("no page")
	return nil
}

func TestNoNameReachesTheCodes(t *testing.T) {
	fonts := machine(t)
	text := rapid.OneOf(
		rapid.SampledFrom([]string{english, urdu, mixed, "", "R&I", "گگگگ", "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW", "~\"#ꢶ@=`܉ƻ߇\u2028िौ"}),
		rapid.String(),
	)
	name := rapid.Custom(func(t *rapid.T) custody.Name {
		return custody.Name{En: text.Draw(t, "english"), Ur: text.Draw(t, "urdu")}
	})
	rapid.Check(t, func(t *rapid.T) {
		code := anyCode(t)
		if rapid.Bool().Draw(t, "command") {
			code = label.Undo
		}
		card := Card{Code: code, Name: name.Draw(t, "name"), Detail: name.Draw(t, "detail")}
		for _, b := range []box{{w: cardWidth, h: cardHeight}, {w: 99.1, h: 38.1}, {w: 63.5, h: 38.1}, {w: 100, h: 50}} {
			d, err := draw(fonts, card, b, 203)
			if err != nil {
				t.Fatal(err)
			}
			if err := unobstructed(d); err != nil {
				t.Fatalf("%g x %g mm: %v", b.w, b.h, err)
			}
		}
	})
}

// The labels of a stock lie on its page and do not overlap.
func TestStocksFitTheirPage(t *testing.T) {
	for _, s := range Stocks {
		last := s.label(s.Columns*s.Rows - 1)
		if s.Left < 0 || s.Top < 0 || last.x+last.w > s.Width+0.01 || last.bottom() > s.Height+0.01 {
			t.Errorf("%s: the last label ends at %g, %g on a page of %g x %g", s.Name, last.x+last.w, last.bottom(), s.Width, s.Height)
		}
		if s.Columns > 1 && s.PitchX < s.LabelW || s.Rows > 1 && s.PitchY < s.LabelH {
			t.Errorf("%s: labels overlap", s.Name)
		}
		if got, err := StockNamed(s.Name); err != nil || got != s {
			t.Errorf("StockNamed(%s) = %v, %v", s.Name, got, err)
		}
	}
	if _, err := StockNamed("l9999"); err == nil || !strings.Contains(err.Error(), "l7163") {
		t.Errorf("StockNamed(l9999): %v, want the names there are", err)
	}
}

func TestLayFillsPages(t *testing.T) {
	fonts := machine(t)
	stock, err := StockNamed("l7163")
	if err != nil {
		t.Fatal(err)
	}
	blanks := func(n int) []Item {
		var items []Item
		for i := range n {
			items = append(items, Blank{label.New(label.File, uint64(i))})
		}
		return items
	}
	for _, tt := range []struct{ items, skip, pages int }{{0, 0, 0}, {1, 0, 1}, {14, 0, 1}, {15, 0, 2}, {14, 1, 2}, {1, 13, 1}} {
		pages := 0
		codes := 0
		for d, err := range Lay(fonts, stock, 100, tt.skip, slices.Values(blanks(tt.items))) {
			if err != nil {
				t.Fatal(err)
			}
			pages++
			codes += len(codeZones(d)) / 2
		}
		if pages != tt.pages || codes != tt.items {
			t.Errorf("%d labels after %d: %d codes on %d pages, want %d", tt.items, tt.skip, codes, pages, tt.pages)
		}
	}
	for _, skip := range []int{-1, 14} {
		for d, err := range Lay(fonts, stock, 100, skip, slices.Values(blanks(1))) {
			if err == nil {
				t.Errorf("skipping %d of 14 labels gives %v", skip, d)
			}
		}
	}
	for _, err := range Lay(fonts, stock, 100, 0, slices.Values([]Item{sample("")})) {
		if !errors.Is(err, errRoom) || !strings.Contains(err.Error(), string(sample("").Code)) {
			t.Errorf("a cover on a small label: %v", err)
		}
	}
}

func TestWrite(t *testing.T) {
	d, err := deskCard(1).Draw(machine(t), DefaultDPI)
	if err != nil {
		t.Fatal(err)
	}
	for format, magic := range map[string]string{"pdf": "%PDF-", "png": "\x89PNG", "svg": "<svg "} {
		var first, second strings.Builder
		for _, b := range []*strings.Builder{&first, &second} {
			if err := d.Write(b, format); err != nil {
				t.Fatal(err)
			}
		}
		if !strings.HasPrefix(first.String(), magic) || first.String() != second.String() {
			t.Errorf("%s: begins %q, equal when repeated: %v", format, first.String()[:8], first.String() == second.String())
		}
	}
	if err := d.Write(&strings.Builder{}, "docx"); err == nil || !strings.Contains(err.Error(), "pdf") {
		t.Errorf("write docx: %v", err)
	}
	var pdf strings.Builder
	if err := WritePDF(&pdf, d, d); err != nil || strings.Count(pdf.String(), "/Type /Page\n") != 2 {
		t.Errorf("two pages: %v", err)
	}
	if !strings.Contains(pdf.String(), "/PrintScaling /None") {
		t.Error("the PDF may be scaled when printed")
	}
	if err := WritePDF(&pdf); err == nil {
		t.Error("a PDF without pages is written")
	}
}

// Every stock is printed in whole dots: each label's codes lie within it, all labels of
// a page are equal, one pitch apart to the nearest dot, and the PDF, rendered by
// somebody else, is black where a bar is and nowhere else in its zone.
func TestStocksAreWholeDots(t *testing.T) {
	pdftoppm := renderer(t)
	fonts := machine(t)
	for _, stock := range Stocks {
		for _, dpi := range []int{203, 300} {
			t.Run(fmt.Sprintf("%s at %d", stock.Name, dpi), func(t *testing.T) {
				var items []Item
				for i := range stock.Columns * stock.Rows {
					items = append(items, Blank{label.New(label.File, uint64(i)*1_234_567_891)})
				}
				for d, err := range Lay(fonts, stock, dpi, 0, slices.Values(items)) {
					if err != nil {
						t.Fatal(err)
					}
					checkDots(t, d, stock, rasterise(t, pdftoppm, d))
				}
			})
		}
	}
}

func checkDots(t *testing.T, d *Drawing, stock Stock, printed image.Image) {
	t.Helper()
	// Renderers take one dot more where points and dots differ in the last digit.
	if more := printed.Bounds().Size().Sub(image.Pt(d.Width, d.Height)); d.Width != d.dots(stock.Width) || d.Height != d.dots(stock.Height) || !more.In(image.Rect(0, 0, 2, 2)) {
		t.Errorf("a page of %v dots, drawn as %d x %d", printed.Bounds(), d.Width, d.Height)
	}
	zones := codeZones(d)
	if len(zones) != 2*stock.Columns*stock.Rows {
		t.Fatalf("%d codes", len(zones))
	}
	for i, zone := range zones {
		place := stock.label(i / 2)
		within := image.Rect(d.dots(place.x)-1, d.dots(place.y)-1, d.dots(place.x+place.w)+1, d.dots(place.bottom())+1)
		first := zones[i%2].Sub(image.Pt(d.dots(stock.Left), d.dots(stock.Top)))
		moved := zone.Sub(image.Pt(d.dots(place.x), d.dots(place.y)))
		if off := moved.Min.Sub(first.Min); !zone.In(within) || moved.Size() != first.Size() || max(off.X, -off.X, off.Y, -off.Y) > 1 {
			t.Errorf("label %d: a code at %v, on the first label at %v, of a label of %v", i/2, moved, first, within)
		}
	}
	meant := (&Drawing{Width: d.Width, Height: d.Height, shapes: d.shapes}).Image()
	seen := image.NewGray(meant.Rect)
	stdraw.Draw(seen, seen.Rect, printed, printed.Bounds().Min, stdraw.Src)
	for i, grey := range seen.Pix { // a hundredth of a point makes an edge nearly black
		seen.Pix[i] = grey >> 7 * 0xff
	}
	for _, zone := range zones {
		for y := zone.Min.Y; y < zone.Max.Y; y++ {
			from, to := meant.PixOffset(zone.Min.X, y), meant.PixOffset(zone.Max.X, y)
			if !bytes.Equal(seen.Pix[from:to], meant.Pix[from:to]) {
				t.Fatalf("row %d of the code at %v is not printed in whole dots", y, zone)
			}
		}
	}
}

// A card's picture is drawn as it is written, within its square.
func TestPictures(t *testing.T) {
	for _, g := range label.Commands() {
		outline := outlineOf(g.Picture)
		if g.Picture == "" {
			continue
		}
		if path(outline) != g.Picture {
			t.Errorf("%s: %s is drawn as %s", g.Says, g.Picture, path(outline))
		}
		for _, s := range outline {
			for _, p := range s.ArgsSlice() {
				if min(p.X, p.Y) < 0 || max(p.X, p.Y) > 100 {
					t.Errorf("%s: %v lies outside", g.Says, p)
				}
			}
		}
	}
}

// Two desks are told apart on a sheet: what their names differ in is never cut off.
func TestLongNamesAreBroken(t *testing.T) {
	fonts := machine(t)
	s := fonts.borrow()
	defer fonts.giveBack(s)
	dots, err := s.shape(ellipsis, bold)
	if err != nil {
		t.Fatal(err)
	}
	mark := s.wrap(dots, 20*em, 0)[0].glyphs[0].outline
	desk := Card{
		Code: label.New(label.Desk, 1), Detail: custody.Name{En: "Room 215", Ur: "کمرہ 215"},
		Name: custody.Name{En: "Additional Secretary (School Education)", Ur: "ایڈیشنل سیکرٹری (سکول ایجوکیشن)"},
	}
	long := desk
	long.Name = custody.Name{En: desk.Name.En + ", School Education, Room 215", Ur: desk.Name.Ur + "، سکول ایجوکیشن، کمرہ 215"}
	long.Detail = custody.Name{En: "Committee Room of the Assembly, second floor", Ur: "اسمبلی کا کمیٹی روم، دوسری منزل"}
	for name, card := range map[string]Card{"a desk": desk, "a desk that says more": long, "a reason": Reason(custody.ReasonCard{Code: label.New(label.Card, 1), Name: desk.Name})} {
		cell := sheetCell(0)
		for _, b := range []box{{w: cell.w, h: cell.h}, {w: cardWidth, h: cardHeight}, {w: 99.1, h: 38.1}, {w: 63.5, h: 38.1}} {
			d, err := draw(fonts, card, box{w: b.w, h: b.h}, 300)
			if err != nil {
				t.Fatal(err)
			}
			for _, g := range d.glyphs {
				if slices.Equal(g.outline, mark) {
					t.Errorf("%s on %g x %g mm: a name is cut", name, b.w, b.h)
				}
			}
			if err := unobstructed(d); err != nil {
				t.Errorf("%s on %g x %g mm: %v", name, b.w, b.h, err)
			}
		}
	}
}
