package paper

import (
	"bytes"
	"fmt"
	"testing"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// The covers of a register are a file that can be sent and spooled: 600, of subjects in
// both languages and of full length, in under 8 MB. What they share is in it once.
func TestSixHundredCoversAreSmall(t *testing.T) {
	fonts := machine(t)
	stock, err := StockNamed("a6x4")
	if err != nil {
		t.Fatal(err)
	}
	covers := func(yield func(Item) bool) {
		subjects := []string{english, urdu, mixed}
		for i := range 600 {
			c := sample(fmt.Sprintf("%s %d", subjects[i%3], i))
			c.Code, c.Number = label.New(label.File, uint64(i)*16_542_177+3), fmt.Sprintf("س او (بجٹ) %d-۴۵/۲۰۲۶", i)
			if !yield(c) {
				return
			}
		}
	}
	var pages []*Drawing
	for page, err := range Lay(fonts, stock, DefaultDPI, 0, covers) {
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, page)
	}
	var size counter
	if err := WritePDF(&size, pages...); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes on %d pages", size, len(pages))
	if size >= 8_000_000 {
		t.Errorf("%d covers are %d bytes", 600, size)
	}
}

// counter counts what is written.
type counter int

func (c *counter) Write(b []byte) (int, error) {
	*c += counter(len(b))
	return len(b), nil
}

// A renderer of somebody else's shows on a page what the drawing is.
func TestPDFIsTheDrawing(t *testing.T) {
	pdftoppm := renderer(t)
	fonts := machine(t)
	urduCover := sample(urdu)
	urduCover.Number, urduCover.Department = "س او (بجٹ) 7-۴۵/۲۰۲۶", custody.Name{Ur: "خزانہ"}
	for name, cover := range map[string]Cover{"mixed": sample(mixed), "urdu": urduCover} {
		d, err := cover.Draw(fonts, Label, 150)
		if err != nil {
			t.Fatal(err)
		}
		meant, printed := d.Image(), rasterise(t, pdftoppm, d)
		differ, ink := 0, 0
		for y := range d.Height {
			for x := range d.Width {
				grey, _, _, _ := printed.At(x, y).RGBA()
				was := int(meant.GrayAt(x, y).Y)
				if was < 0x80 {
					ink++
				}
				if delta := was - int(grey>>8); delta > 0x80 || delta < -0x80 {
					differ++
				}
			}
		}
		if differ*50 > ink { // of edges of letters
			t.Errorf("%s: %d of %d black dots differ", name, differ, ink)
		}
	}
}

// Titles of any language are in a document's properties.
func TestPDFHasATitle(t *testing.T) {
	d := &Drawing{Title: "بجٹ (1)", Width: 10, Height: 10, DPI: 100}
	var b bytes.Buffer
	if err := WritePDF(&b, d); err != nil || !bytes.Contains(b.Bytes(), []byte("/Title <feff0628062c06790020002800310029>")) {
		t.Error(err, b.String())
	}
}
