package source

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"harkara/internal/label"
)

var code = string(label.New(label.File, 4722))

func TestFraming(t *testing.T) {
	for name, c := range map[string]struct {
		sent string
		want []string
	}{
		"line feed":     {"123\n456\n", []string{"123", "456"}},
		"both":          {"123\r\n456\r\n", []string{"123", "456"}},
		"carriage":      {"123\r", []string{"123"}},
		"tab":           {"123\t", []string{"123"}},
		"STX and ETX":   {"\x02123\x03\x02456\x03", []string{"123", "456"}},
		"no end":        {"123", []string{"123 part"}},
		"empty lines":   {"\r\n\r\n123\r\n\n", []string{"123"}},
		"spaces around": {"  123  \n", []string{"123"}},
		"nothing":       {"\r\n \x02\x03", nil},
		"endless":       {strings.Repeat("9", maxText+3) + "\n123\n", []string{strings.Repeat("9", maxText), "123"}},
	} {
		o := newOctets(Profile{})
		got := told(append(o.take([]byte(c.sent), 0), o.lost()...))
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func urdu(text string) string   { return digitsFrom('۰', text) }
func arabic(text string) string { return digitsFrom('٠', text) }

// digitsFrom is a text with the digits of a writing whose nought is given.
func digitsFrom(nought rune, text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r - '0' + nought
		}
		return r
	}, text)
}

func TestStrip(t *testing.T) {
	for sent, c := range map[string]struct {
		profile Profile
		want    Read
	}{
		code:                {Profile{}, Read{Text: code, Method: byWedge}},
		"]C0" + code:        {Profile{}, Read{Text: code, Method: byCode128}},
		"]Q1" + code:        {Profile{}, Read{Text: code, Method: byQR}},
		"]C1" + code:        {Profile{}, Read{Text: "]C1" + code, Method: byWedge}}, // GS1
		"]Q3" + code:        {Profile{}, Read{Text: "]Q3" + code, Method: byWedge}}, // GS1
		"]d2" + code:        {Profile{}, Read{Text: "]d2" + code, Method: byWedge}}, // GS1
		"]I0" + code:        {Profile{}, Read{Text: "]I0" + code, Method: byWedge}}, // interleaved 2 of 5
		"<" + code + "#":    {Profile{"<", "#"}, Read{Text: code, Method: byWedge}},
		"<]C0" + code + "#": {Profile{"<", "#"}, Read{Text: code, Method: byCode128}},
		"X" + code:          {Profile{"<", "#"}, Read{Text: "X" + code, Method: byWedge}},
		"]C0":               {Profile{}, Read{Method: byCode128}},

		label.Code(code).Format():                               {Profile{}, Read{Text: code, Method: byWedge}}, // as it is printed
		"<]C0" + label.Code(code).Format():                      {Profile{"<", ""}, Read{Text: code, Method: byCode128}},
		strings.ReplaceAll(label.Code(code).Format(), " ", "-"): {Profile{}, Read{Text: strings.ReplaceAll(label.Code(code).Format(), " ", "-"), Method: byWedge}}, // may be somebody else's
		urdu(label.Code(code).Format()):                         {Profile{}, Read{Text: code, Method: byWedge}},
		"<]C0" + arabic(code):                                   {Profile{"<", ""}, Read{Text: code, Method: byCode128}},
		"FIN 2019 0123":                                         {Profile{}, Read{Text: "FIN 2019 0123", Method: byWedge}},
	} {
		if got := c.profile.strip(sent); got != c.want {
			t.Errorf("%q: %+v, want %+v", sent, got, c.want)
		}
	}
}

// However the bytes come in pieces, at the same time: the same reads, nothing lost but
// what ends them and what is too long, no panic. However they come in time: nothing that
// was not sent is read, no digits that are not ours but in one piece, and no code of ours
// is lost that stands alone in its line.
func FuzzFraming(f *testing.F) {
	f.Add([]byte(code+"\r\n]C0"+code+"\t"), uint8(3), uint16(0))
	f.Add([]byte("\x02"+code+"\x03\x00"), uint8(1), uint16(90))
	f.Add([]byte(code), uint8(4), uint16(400))
	f.Add([]byte(code[:5]+"\r"+code[5:]+"\r"), uint8(4), uint16(400))
	f.Add([]byte("0012345"+code+"\r"), uint8(6), uint16(400))
	f.Add(bytes.Repeat([]byte("9"), 600), uint8(7), uint16(1000))
	f.Fuzz(func(t *testing.T, sent []byte, size uint8, pause uint16) {
		whole, pieces := newOctets(Profile{}), newOctets(Profile{})
		want := whole.take(sent, 0)
		var got []Read
		for chunk := range slices.Chunk(sent, int(size)+1) {
			got = append(got, pieces.take(chunk, 0)...)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%q in pieces, %q at once", got, want)
		}
		a, b := whole.lost(), pieces.lost()
		if !slices.Equal(a, b) {
			t.Fatalf("%q and %q are left", a, b)
		}
		texts := ""
		for _, r := range append(got, b...) {
			if len(r.Text) > maxText {
				t.Fatalf("%q is a read", r.Text)
			}
			texts += r.Text
		}
		if long := len(sent) > maxText; ascii(sent) && !long && !strings.Contains(string(sent), "]") && bareOf(texts) != bareOf(string(sent)) {
			t.Fatalf("%q of %q", texts, sent)
		}
		slowly(t, sent, int(size)+1, time.Duration(pause)*time.Millisecond)
	})
}

// slowly sends chunks with pauses between them.
func slowly(t *testing.T, sent []byte, size int, pause time.Duration) {
	t.Helper()
	o, now := newOctets(Profile{}), time.Duration(0)
	var got []Read
	for chunk := range slices.Chunk(sent, size) {
		now += pause
		if at, begun := o.due(); begun && at < now {
			got = append(got, o.still()...)
		}
		got = append(got, o.take(chunk, now)...)
	}
	got = append(got, o.still()...)
	all := bareOf(string(sent))
	for _, r := range got {
		switch {
		case r.Problem != "" || len(sent) > maxText || !ascii(sent):
		case !strings.Contains(all, bareOf(r.Text)):
			t.Fatalf("%+v of %q", r, sent)
		case digits(r.Text) && !ours(r.Text) && pause > 2*slow && len(r.Text) > size:
			t.Fatalf("%+v of %q has a pause within", r, sent)
		}
	}
	if string(sent) == code+"\r" && pause <= hold && !slices.Equal(got, []Read{{Text: code, Method: byWedge}}) {
		t.Fatalf("%+v of a code", got)
	}
}

func bareOf(text string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("\r\n\t\x02\x03\x00 \v\f\u0085\u00a0", r) {
			return -1
		}
		return r
	}, text)
}

func ascii(raw []byte) bool {
	return !slices.ContainsFunc(raw, func(b byte) bool { return b >= 0x80 })
}
