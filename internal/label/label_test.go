package label

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func anyCode(t *rapid.T) Code {
	kind := rapid.SampledFrom(Kinds[:]).Draw(t, "kind")
	return New(kind, rapid.Uint64Range(0, serials-1).Draw(t, "serial"))
}

func TestParse(t *testing.T) {
	good := New(File, 4738291102)
	for _, tt := range []struct {
		name, text string
		want       Code
		err        error
	}{
		{"plain", string(good), good, nil},
		{"grouped", good.Format(), good, nil},
		{"hyphens and white space", "\t" + strings.ReplaceAll(good.Format(), " ", "-") + "\r\n", good, nil},
		{"urdu digits", strings.Map(func(r rune) rune { return r - '0' + '۰' }, string(good)), good, nil},
		{"arabic digits", strings.Map(func(r rune) rune { return r - '0' + '٠' }, string(good)), good, nil},
		{"empty", "", "", ErrLength},
		{"short", string(good[:13]), "", ErrLength},
		{"long", string(good) + "0", "", ErrLength},
		{"letters", "1047382911o222", "", ErrDigit},
		{"urdu layout garbage", "ًٌٍ", "", ErrDigit},
		{"kind 0", "0" + string(good[1:]), "", ErrKind},
		{"kind 9", "9" + string(good[1:]), "", ErrKind},
		{"check", string(good[:12]) + "99", "", ErrCheck},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Parse(tt.text)
			if got != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("Parse(%q) = %q, %v; want %q, %v", tt.text, got, err, tt.want, tt.err)
			}
		})
	}
}

// A symbol never carries spaces or Urdu digits; what does is another label.
func TestCheckTakesExactDigitsOnly(t *testing.T) {
	good := New(Bag, 1)
	if got, err := Check(string(good)); got != good || err != nil {
		t.Fatalf("Check(%q) = %q, %v", good, got, err)
	}
	for _, text := range []string{good.Format(), " " + string(good), "۱" + string(good[1:])} {
		if _, err := Check(text); !errors.Is(err, ErrDigit) {
			t.Errorf("Check(%q) = %v, want %v", text, err, ErrDigit)
		}
	}
}

func TestKnownCheckDigits(t *testing.T) {
	// 98 - (100 * body mod 97), worked by hand for the smallest bodies.
	for body, want := range map[string]string{"000000000000": "98", "000000000001": "95", "000000000096": "04"} {
		if got := checkDigits(body); string(got[:]) != want {
			t.Errorf("checkDigits(%s) = %s, want %s", body, got, want)
		}
	}
}

func TestEverySingleDigitErrorIsCaught(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := anyCode(t)
		for i := range Length {
			for d := byte('0'); d <= '9'; d++ {
				if d == code[i] {
					continue
				}
				wrong := string(code[:i]) + string(d) + string(code[i+1:])
				if got, err := Check(wrong); err == nil {
					t.Fatalf("%s with digit %d changed passes as %s", code, i, got)
				}
			}
		}
	})
}

func TestEveryAdjacentTranspositionIsCaught(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := []byte(anyCode(t))
		for i := range Length - 1 {
			if code[i] == code[i+1] {
				continue
			}
			wrong := append([]byte(nil), code...)
			wrong[i], wrong[i+1] = wrong[i+1], wrong[i]
			if _, err := Check(string(wrong)); err == nil {
				t.Fatalf("%s with digits %d and %d swapped passes", code, i, i+1)
			}
		}
	})
}

func TestMintedCodesParse(t *testing.T) {
	seen := map[Code]bool{}
	for _, kind := range Kinds {
		for range 200 {
			code, err := Mint(kind, nil)
			if err != nil {
				t.Fatal(err)
			}
			back, err := Parse(code.Format())
			if err != nil || back != code || code.Kind() != kind {
				t.Fatalf("minted %q parses to %q, %v", code, back, err)
			}
			if seen[code] {
				t.Fatalf("minted %s twice", code)
			}
			seen[code] = true
		}
	}
	if _, err := Mint('8', nil); !errors.Is(err, ErrKind) {
		t.Errorf("Mint of kind 8: %v", err)
	}
	if _, err := Mint(File, strings.NewReader("")); err == nil {
		t.Error("Mint without randomness succeeded")
	}
}

func FuzzParse(f *testing.F) {
	f.Add("1047 3829 1102 22")
	f.Add("۱۲۳")
	f.Fuzz(func(t *testing.T, text string) {
		code, err := Parse(text)
		if err != nil {
			return
		}
		again, err := Check(string(code))
		if err != nil || again != code {
			t.Fatalf("Parse(%q) gave %q, which Check refuses: %v", text, code, err)
		}
	})
}
