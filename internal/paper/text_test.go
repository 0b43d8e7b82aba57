package paper

import (
	"errors"
	"fmt"
	"image"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/go-text/typesetting/font"
	"pgregory.net/rapid"

	"harkara/internal/custody"
	"harkara/internal/label"
)

func TestClean(t *testing.T) {
	for _, tt := range []struct {
		name, text, want string
		cut              bool
	}{
		{"plain", "Repair of a wall", "Repair of a wall", false},
		{"white space", " \tRepair\r\n\n of a\u00a0wall ", "Repair of a wall", false},
		{"control characters", "Re\x00pair\x07\x1b[31m", "Re pair [31m", false},
		{"direction override", "No. \u202e5102\u202c", "No. 5102", false},
		{"direction marks and isolates", "\u2067کو\u2069\u200f", "کو", false},
		{"byte order mark and soft hyphen", "\ufeffsanc\u00adtion", "sanction", false},
		{"joiners of Urdu stay", "می\u200cخواہم", "می\u200cخواہم", false},
		{"marks of Urdu stay", "مُحَمَّد", "مُحَمَّد", false},
		{"heaped marks", "a" + strings.Repeat("\u0301", 50) + "b", "a\u0301\u0301\u0301b", false},
		{"marks around letters", "a\u0488b\u20dd", "ab", false},
		{"not UTF-8", "a\xff\xfeb", "a\ufffd\ufffdb", false},
		{"endless", strings.Repeat("a", 3*maxRunes), strings.Repeat("a", maxRunes), true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, cut := clean(tt.text); got != tt.want || cut != tt.cut {
				t.Errorf("clean(%q) = %q, %v; want %q, %v", tt.text, got, cut, tt.want, tt.cut)
			}
		})
	}
}

func TestDirection(t *testing.T) {
	for text, want := range map[string]bool{
		"": false, "2(5)/2013": false, "Budget بجٹ": false, "بجٹ Budget": true, "12 مارچ": true, "۱۲": false,
	} {
		if got := rightToLeft(text); got != want {
			t.Errorf("rightToLeft(%q) = %v, want %v", text, got, want)
		}
	}
}

// setLines sets a text at its natural width, or wraps it.
func setLines(t *testing.T, text string, width float64, most int) []line {
	t.Helper()
	fonts := machine(t)
	s := fonts.borrow()
	defer fonts.giveBack(s)
	p, err := s.shape(text, regular)
	if err != nil {
		t.Fatal(err)
	}
	return s.wrap(p, width, most)
}

// Nastaliq letters change with their neighbours and descend along the word; a
// shaper that loses either draws them apart, or all on the baseline.
func TestUrduIsShaped(t *testing.T) {
	word := setLines(t, "گورنمنٹ", 100*em, 0)[0]
	apart := 0.0
	for _, r := range "گورنمنٹ" {
		apart += setLines(t, string(r), 100*em, 0)[0].width
	}
	if word.width > 0.9*apart {
		t.Errorf("a word is %.0f wide, its letters apart %.0f: they were not joined", word.width, apart)
	}
	raised := 0
	for _, g := range setLines(t, "نستعلیق", 100*em, 0)[0].glyphs {
		if g.y < 0 {
			raised++
		}
	}
	if raised < 3 {
		t.Errorf("%d glyphs stand above the baseline, want the word to slope", raised)
	}
}

// The words of an Urdu subject run right to left, Latin ones and numbers within
// them left to right.
func TestMixedDirections(t *testing.T) {
	glyphsOf := func(text string) []font.Segment { return setLines(t, text, 100*em, 0)[0].glyphs[0].outline }
	l := setLines(t, "بجٹ AB بابت", 100*em, 0)[0]
	at := map[string]float64{}
	for _, g := range l.glyphs {
		for _, letter := range []string{"A", "B"} {
			if slices.Equal(g.outline, glyphsOf(letter)) {
				at[letter] = g.x
			}
		}
	}
	if len(at) != 2 || at["A"] >= at["B"] {
		t.Errorf("A and B stand at %v, want A left of B", at)
	}
	if first, last := l.glyphs[0].x, l.glyphs[len(l.glyphs)-1].x; at["A"] < first || at["B"] > last {
		t.Errorf("AB stands at %v, outside of %f to %f", at, first, last)
	}
}

// A file number that begins in Urdu is read from the right, as on pages: its letters,
// then its parts, each part from the left. One that begins in English is read from the left.
func TestUrduNumbersAreInOrder(t *testing.T) {
	for number, want := range map[string]string{ // digits from left to right, U for what is between them
		"س او (بجٹ) 7-45/2026": "45U2026U7U",
		"۷-۴۵/۲۰۲۶ س او":       "U۷U۴۵U۲۰۲۶",
		"فائل ۷/۲۰۱۳":          "۷U۲۰۱۳U",
		"ایس او 31":            "31U",
		"SO(B) 7-45/2026":      "U7U45U2026",
	} {
		got := ""
		for _, g := range setLines(t, number, 100*em, 0)[0].glyphs {
			is := "U"
			for _, digit := range number {
				if unicode.IsDigit(digit) && slices.Equal(g.outline, setLines(t, string(digit), 100*em, 0)[0].glyphs[0].outline) {
					is = string(digit)
				}
			}
			if is != "U" || !strings.HasSuffix(got, "U") {
				got += is
			}
		}
		if got != want {
			t.Errorf("%s: %s, want %s", number, got, want)
		}
	}
}

// On a cover such a number stands at the right, under its Urdu caption.
func TestUrduNumbersStandAtTheRight(t *testing.T) {
	fonts := machine(t)
	for number, right := range map[string]bool{"س او ۷": true, "SO 7": false} {
		s := fonts.borrow()
		d, err := newDrawing("number", 100, 20, 300)
		if err != nil {
			t.Fatal(err)
		}
		f := form{Drawing: d, setter: s}
		f.number(box{0, 0, 100, 20}, number, []float64{20})
		if f.err != nil || (extent(d.glyphs[0]).Min.X > d.Width/2) != right {
			t.Errorf("%s stands at %v: %v", number, extent(d.glyphs[0]), f.err)
		}
		fonts.giveBack(s)
	}
}

func TestLongTextsAreCut(t *testing.T) {
	for name, text := range map[string]string{
		"html":     strings.Repeat(`<div class="x"><p>Lorem &amp; ipsum</p></div>`, 1000),
		"urdu":     strings.Repeat(urdu+" ", 100),
		"one word": strings.Repeat("W", 10_000),
	} {
		t.Run(name, func(t *testing.T) {
			lines := setLines(t, text, 20*em, 3)
			if len(lines) != 3 {
				t.Fatalf("%d lines, want 3", len(lines))
			}
			dots := setLines(t, ellipsis, 20*em, 0)[0].glyphs[0].outline
			ended := false
			for _, g := range lines[2].glyphs {
				ended = ended || slices.Equal(g.outline, dots)
			}
			if !ended {
				t.Error("no ellipsis on the last line")
			}
			for i, l := range lines {
				if l.width > 20*em {
					t.Errorf("line %d is %.0f wide, the box %d", i, l.width, 20*em)
				}
			}
		})
	}
}

// Wrapping the same paragraph again gives the same lines: the fitting of sizes
// depends on it.
func TestWrappingChangesNothing(t *testing.T) {
	fonts := machine(t)
	s := fonts.borrow()
	defer fonts.giveBack(s)
	p, err := s.shape(english, regular)
	if err != nil {
		t.Fatal(err)
	}
	before := s.wrap(p, 1000*em, 0)[0].width
	for width := 5.0; width < 30; width++ {
		s.wrap(p, width*em, 0)
	}
	if after := s.wrap(p, 1000*em, 0)[0].width; after != before {
		t.Errorf("the line is %.0f wide, and %.0f after other wraps", before, after)
	}
}

// Without fonts on the machine codes and Latin texts are still printed; an Urdu
// subject is refused with what to install.
func TestWithoutFonts(t *testing.T) {
	fonts, err := FindFonts(t.TempDir(), "/no/such/folder")
	if err != nil {
		t.Fatal(err)
	}
	if fonts.Urdu() {
		t.Fatal("found an Urdu font in an empty folder")
	}
	for _, subject := range []string{"", english} {
		d, err := sample(subject).Draw(fonts, Sheet, 150)
		if err != nil {
			t.Fatal(err)
		}
		checkRead(t, d.Image(), sample("").Code)
	}
	_, err = sample(urdu).Draw(fonts, Label, 150)
	if !errors.Is(err, ErrFont) || !strings.Contains(err.Error(), "fonts-noto-core") {
		t.Errorf("an Urdu subject without fonts: %v", err)
	}
	only := Cover{Code: sample("").Code, Department: custody.Name{Ur: "خزانہ"}}
	if _, err = only.Draw(fonts, Label, 150); !errors.Is(err, ErrFont) {
		t.Errorf("a department named in Urdu only: %v", err)
	}
}

// Whatever is written on a cover, no ink lands on a code's quiet zone or leaves
// the page, so the code is always read.
func TestNoTextReachesTheCodes(t *testing.T) {
	fonts := machine(t)
	words := rapid.OneOf(
		rapid.StringMatching(`[A-Za-z0-9()/&.,-]{1,24}`),
		rapid.SampledFrom(strings.Fields(urdu+" "+mixed+" ﷽ گگگگ کککک ٹھیک\u0650\u0651")),
		rapid.String(),
	)
	text := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(words, 0, 40).Draw(t, "words"), " ")
	})
	rapid.Check(t, func(t *rapid.T) {
		cover := Cover{
			Code: anyCode(t), Number: text.Draw(t, "number"), Subject: text.Draw(t, "subject"),
			Department: custody.Name{En: text.Draw(t, "department"), Ur: text.Draw(t, "محکمہ")}, Opened: sample("").Opened,
		}
		for _, b := range []box{{w: 148, h: 105}, {w: 99.1, h: 67.7}} {
			d, err := draw(fonts, cover, b, 150)
			if err != nil {
				t.Fatal(err)
			}
			if err := unobstructed(d); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// unobstructed reports a glyph outside the page or within the codes' zones.
func unobstructed(d *Drawing) error {
	zones := codeZones(d)
	for _, g := range d.glyphs {
		e := extent(g)
		if e.Min.X < 0 || e.Min.Y < 0 || e.Max.X > d.Width || e.Max.Y > d.Height {
			return fmt.Errorf("a glyph at %v leaves the page of %d x %d", e, d.Width, d.Height)
		}
		for _, zone := range zones {
			if e.Overlaps(zone) {
				return fmt.Errorf("a glyph at %v reaches the code at %v", e, zone)
			}
		}
	}
	return nil
}

// codeZones returns the areas of a drawing's codes with their quiet zones; shapes
// of more than one rectangle are codes.
func codeZones(d *Drawing) []image.Rectangle {
	var zones []image.Rectangle
	for _, s := range d.shapes {
		var area image.Rectangle
		for _, r := range s {
			area = area.Union(image.Rect(r.x, r.y, r.x+r.w, r.y+r.h))
		}
		switch {
		case len(s) == 1:
			continue
		case area.Dx() == area.Dy():
			area = area.Inset(-area.Dx() * qrQuiet / qrModules)
		default:
			quiet := area.Dx() * barQuiet / barModules
			area.Min.X -= quiet
			area.Max.X += quiet
		}
		zones = append(zones, area)
	}
	return zones
}

func FuzzClean(f *testing.F) {
	for _, text := range []string{english, urdu, mixed, "\u202e\x00", string(label.Onward)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, _ := clean(text)
		if again, _ := clean(got); again != got || !utf8.ValidString(got) {
			t.Errorf("clean(%q) = %q, cleaned again %q", text, got, again)
		}
	})
}
