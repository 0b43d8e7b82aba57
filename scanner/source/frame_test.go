package source

import (
	"bytes"
	"slices"
	"strings"
	"testing"

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
		"no end":        {"123", []string{"123"}},
		"empty lines":   {"\r\n\r\n123\r\n\n", []string{"123"}},
		"spaces around": {"  123  \n", []string{"123"}},
		"nothing":       {"\r\n \x02\x03", nil},
		"endless":       {strings.Repeat("9", maxText+3) + "\n", []string{strings.Repeat("9", maxText), "999"}},
	} {
		var o octets
		got := o.take([]byte(c.sent))
		if text, ended := o.end(); ended {
			got = append(got, text)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
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
		"FIN 2019 0123":                                         {Profile{}, Read{Text: "FIN 2019 0123", Method: byWedge}},
	} {
		if got := c.profile.strip(sent); got != c.want {
			t.Errorf("%q: %+v, want %+v", sent, got, c.want)
		}
	}
}

// However the bytes come in pieces: the same reads, nothing lost but what ends
// them, none too long, no panic.
func FuzzFraming(f *testing.F) {
	f.Add([]byte(code+"\r\n]C0"+code+"\t"), uint8(3))
	f.Add([]byte("\x02"+code+"\x03\x00"), uint8(1))
	f.Add(bytes.Repeat([]byte("9"), 600), uint8(7))
	f.Fuzz(func(t *testing.T, sent []byte, size uint8) {
		var whole, pieces octets
		want := whole.take(sent)
		var got []string
		for chunk := range slices.Chunk(sent, int(size)+1) {
			got = append(got, pieces.take(chunk)...)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%q in pieces, %q at once", got, want)
		}
		a, endedA := whole.end()
		b, endedB := pieces.end()
		if a != b || endedA != endedB {
			t.Fatalf("%q and %q are left", a, b)
		}
		kept := func(text string) string {
			return strings.Map(func(r rune) rune {
				if strings.ContainsRune("\r\n\t\x02\x03\x00 \v\f\u0085\u00a0", r) {
					return -1
				}
				return r
			}, text)
		}
		for _, text := range got {
			if len(text) > maxText || text == "" {
				t.Fatalf("%q is a read", text)
			}
			Profile{"<", ">"}.strip(text)
		}
		if ascii(sent) && kept(strings.Join(got, "")+b) != kept(string(sent)) {
			t.Fatalf("%q and %q of %q", got, b, sent)
		}
	})
}

func ascii(raw []byte) bool {
	return !slices.ContainsFunc(raw, func(b byte) bool { return b >= 0x80 })
}
