package label

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestForeign(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"register number", "FIN-2019/0123", "FIN-2019/0123"},
		{"white space and small letters", " fin 2019 0123\r\n", "FIN20190123"},
		{"digits", "0012345", "0012345"},
		{"many digits", "123456789012345678", "123456789012345678"},
		{"EAN-13 of a box of staples", "8961234567890", ""},
		{"a code of ours that lost three digits", string(New(File, 1))[:11], ""},
		{"a code of ours that gained three", string(New(File, 1)) + "000", ""},
		{"14 characters that are no digits", "FIN-2019-01234", "FIN-2019-01234"},
		{"longest", strings.Repeat("A", MaxForeign), strings.Repeat("A", MaxForeign)},
		{"too long", strings.Repeat("A", MaxForeign+1), ""},
		{"too short", "A12", ""},
		{"empty", "", ""},
		{"a code of ours", string(New(File, 1)), ""},
		{"a damaged code of ours", "1" + strings.Repeat("0", 13), ""},
		{"grouped", New(File, 1).Format(), ""},
		{"urdu", "فائل۱۲۳۴", ""},
		{"urdu and arabic digits", "FIN-۲۰۱۹/٠١٢٣", "FIN-2019/0123"},
		{"a code of ours in urdu digits", "۱۰۴۷۳۸۲۹۱۱۰۲۲۲", ""},
		{"long s, which is S in upper case", "ſſſſ", ""},
		{"control characters", "ABC\x00D", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Foreign(tt.text)
			if string(got) != tt.want || (err == nil) != (tt.want != "") || err != nil && !errors.Is(err, ErrForeign) {
				t.Errorf("Foreign(%q) = %q, %v; want %q", tt.text, got, err, tt.want)
			}
			if got != "" && (got.Kind() != 0 || got.Format() != tt.want) {
				t.Errorf("kind %v, shown as %s", got.Kind(), got.Format())
			}
		})
	}
}

// No text is both: a foreign code is never taken for one of ours, nor the other way
// round, and its form is the same however often it is made.
func TestForeignIsNeverOurs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[0-9]{12,16}`), rapid.StringMatching(`[ -~]{3,50}`)).Draw(t, "text")
		code, err := Foreign(text)
		if err != nil {
			return
		}
		if _, err := Check(string(code)); err == nil {
			t.Fatalf("%q is one of ours too", code)
		}
		if again, err := Foreign(string(code)); again != code || err != nil {
			t.Fatalf("%q becomes %q, %v", code, again, err)
		}
	})
}

// Whatever an old cover says has one form, which is no code of ours and is shown as it
// is; or none.
func FuzzForeign(f *testing.F) {
	for _, text := range []string{"FIN-2019/0123", " s.o(o&m) 5\t", "0012345", string(New(File, 1)), "\u017f\u017f\u017f\u017f", "\x00\xff"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		code, err := Foreign(text)
		if err != nil {
			if code != "" || !errors.Is(err, ErrForeign) {
				t.Fatalf("%q, %v", code, err)
			}
			return
		}
		again, err := Foreign(string(code))
		if err != nil || again != code || code.Kind() != 0 || code.Format() != string(code) || len(code) < MinForeign || len(code) > MaxForeign {
			t.Fatalf("%q becomes %q, then %q, %v", text, code, again, err)
		}
		if lower, err := Foreign(strings.ToLower(string(code))); err != nil || lower != code {
			t.Fatalf("%q in small letters becomes %q, %v", code, lower, err)
		}
		if _, err := Check(string(code)); err == nil {
			t.Fatalf("%q is one of ours too", code)
		}
	})
}
