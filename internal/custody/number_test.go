package custody

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

// One number has one key, however it was typed; two numbers have two.
func TestKeyOf(t *testing.T) {
	for _, same := range [][]string{
		{"C/14", "C/14\u200f", "c / 14", "\u202bC/14\u202c", "C/\u00ad14", "C/14\u00a0", "Ｃ／１４", "C/14\ufeff", "C\u200b/14", "C/۱۴", "C/١٤", "C/1\u034f4", "C/14\ufe0f", "C/14\x00", "C/14\x85"},
		{"S.O-(O&M) 2(5)/2013", "S.O\u2013(O&M)2(5)/2013", "s.o\u2011(o&m) 2(5)/2013", "S.O\u2212(O&M) 2(5)/2013"},
		{"فائل ۱۲۳/ب", "فائل 123/ب", "فا\u0640\u0640ئل ١٢٣/ب", "فائل\u200c١٢٣/ب", "فاي\u0654ل 123/ب"},
		{"کمیٹی ۱۔۲", "كميٹي 1.2"},
		{"ہوم/۵", "هوم/5"},
		{"STRASSE 1", "straße 1"},
		{"Σ 1", "ς1"},
	} {
		for _, number := range same[1:] {
			if KeyOf(number) != KeyOf(same[0]) {
				t.Errorf("%+q has key %+q, %+q has %+q", number, KeyOf(number), same[0], KeyOf(same[0]))
			}
		}
	}
	all := map[NumberKey]string{}
	for _, number := range []string{"C/14", "C/41", "C-14", "C/1/4", "C.14", "C/14(1)", "C/14-A", "014", "14", "ب/۱", "پ/۱", "ت/1", "؁۲۰۲۶", "2026"} {
		if other, ok := all[KeyOf(number)]; ok {
			t.Errorf("%q and %q are one number", number, other)
		}
		all[KeyOf(number)] = number
	}
	for _, none := range []string{"", " \u200f\u00a0\t", "\u0640", "\xff"} {
		if KeyOf(none) != "" {
			t.Errorf("%+q is a number, %+q", none, KeyOf(none))
		}
	}
}

// What a person cannot see makes no other number, wherever it stands.
func TestInvisibleCharactersMakeNoOtherNumber(t *testing.T) {
	unseen := []rune{' ', '\t', '\n', '\r', 0xa0, 0xad, 0x61c, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x202a, 0x202e, 0x2066, 0x2069, 0xfeff, 0xfe0f, 0x3000, 0x640}
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.StringOf(rapid.RuneFrom([]rune("SO(B)/-.0123456789 فائلبجٹ۰۱۲۳"))).Draw(t, "number")
		var b strings.Builder
		for _, r := range number {
			b.WriteString(string(rapid.SliceOfN(rapid.SampledFrom(unseen), 0, 2).Draw(t, "unseen")))
			b.WriteRune(r)
		}
		if a, b := KeyOf(number), KeyOf(b.String()); a != b {
			t.Fatalf("%+q is not %+q", a, b)
		}
	})
}

func TestPlainAndProse(t *testing.T) {
	for _, c := range []struct{ text, plain, prose string }{
		{"C/14\u200f", "C/14", "C/14"},
		{" \u202bS/1\u202c ", "S/1", "S/1"},
		{"Line one\r\nline two\n", "Line one line two", "Line one line two"},
		{"one\u2028two\ttwo", "one two two", "one two two"},
		{"a\x00b\x1b[31mc\x07", "ab[31mc", "ab[31mc"},
		{"a\u009b31mb", "a31mb", "a31mb"},
		{"Budget \u200fبجٹ\u200e (2)", "Budget بجٹ (2)", "Budget \u200fبجٹ\u200e (2)"},
		{"نمبر\u200cها \u200c", "نمبر\u200cها", "نمبر\u200cها"},
		{"؁۲۰۲۶", "؁۲۰۲۶", "؁۲۰۲۶"},
		{"soft\u00adhyphen", "softhyphen", "soft\u00adhyphen"},
		{"No.S.O-(O&M)  2(5)/2013", "No.S.O-(O&M)  2(5)/2013", "No.S.O-(O&M)  2(5)/2013"},
		{"été\xff", "été", "été"},
		{"\u00a0\ufeff\u200b", "", ""},
	} {
		if got := Plain(c.text); got != c.plain {
			t.Errorf("Plain(%+q) = %+q, want %+q", c.text, got, c.plain)
		}
		if got := Prose(c.text); got != c.prose {
			t.Errorf("Prose(%+q) = %+q, want %+q", c.text, got, c.prose)
		}
	}
}

// Whatever was typed, what is kept is text without what a terminal or a line obeys, once
// for all; its key is the key of what was typed.
func FuzzNumber(f *testing.F) {
	for _, text := range []string{"C/14\u200f", "é\r\n\x1b[2J", "\u202eabc\u202c", "۱۲ ك\u0640", "\xff\xc3\x28", "\u1e9e\u0130", "\ufdfa\u00bd"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for name, cleaned := range map[string]string{"Plain": Plain(text), "Prose": Prose(text)} {
			switch {
			case !utf8.ValidString(cleaned), strings.ContainsFunc(cleaned, unicode.IsControl), strings.TrimSpace(cleaned) != cleaned:
				t.Fatalf("%s(%+q) = %+q", name, text, cleaned)
			case KeyOf(cleaned) != KeyOf(text):
				t.Fatalf("%s(%+q) is number %+q, not %+q", name, text, KeyOf(cleaned), KeyOf(text))
			}
		}
		if plain := Plain(text); Plain(plain) != plain {
			t.Fatalf("Plain(%+q) = %+q, then %+q", text, plain, Plain(plain))
		}
		if prose := Prose(text); Prose(prose) != prose {
			t.Fatalf("Prose(%+q) = %+q, then %+q", text, prose, Prose(prose))
		}
		key := KeyOf(text)
		if KeyOf(string(key)) != key || !norm.NFKC.IsNormalString(string(key)) {
			t.Fatalf("the key of %+q is %+q, then %+q", text, key, KeyOf(string(key)))
		}
	})
}
