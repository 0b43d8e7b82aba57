package people

import (
	"errors"
	"strings"
	"testing"

	"harkara/internal/custody"
)

func TestHash(t *testing.T) {
	h := Hash("correct horse 7")
	if h == Hash("correct horse 7") || strings.Contains(h, "horse") {
		t.Fatal(h)
	}
	s, err := parseHash(h)
	if err != nil || !s.opens("correct horse 7") || s.opens("correct horse 8") || s.opens("") {
		t.Fatal(s, err)
	}
	if !s.opens("correct horse ۷") {
		t.Error("Urdu digits are others")
	}
}

func TestChoices(t *testing.T) {
	p := Person{ID: "gul.muhammad", Name: custody.Name{En: "Gul Muhammad"}}
	for choice, want := range map[string]error{
		"a better horse": nil, "پانچ گھوڑے اور ایک": nil, "864203": nil, "۸۶۴۲۰۳": nil, "91827364": nil,
		"short": ErrShort, "": ErrShort, "12345": ErrShort, "918273645": ErrShort,
		strings.Repeat("ab cd", 50): ErrLong, strings.Repeat("x", 5000): ErrLong,
		"aaaaaaaaaaaa": ErrObvious, "Password-2026": ErrObvious, "Gul Muhammad": ErrObvious, "gul.muhammad": ErrObvious,
		"000000": ErrObvious, "123456": ErrObvious, "654321": ErrObvious,
	} {
		if err := CheckChoice(p, choice); !errors.Is(err, want) {
			t.Errorf("%q: %v", choice, err)
		}
	}
}

func TestOnce(t *testing.T) {
	for range 100 {
		once := DrawOnce()
		for _, typed := range []string{once, strings.ToLower(once), strings.ReplaceAll(once, "-", ""), " " + strings.ReplaceAll(once, "-", " ")} {
			if got := plainOnce(typed); got != once {
				t.Fatalf("%q typed as %q is %q", once, typed, got)
			}
		}
	}
}

func TestGrants(t *testing.T) {
	for _, text := range []string{"administrator", "manager@fin+secret", "officer:fin-so1", "auditor+confidential", "wall@hea", "officer:fin-sec=saima+secret"} {
		if g, err := ParseGrant(text); err != nil || g.String() != text {
			t.Errorf("%q: %+v, %v", text, g, err)
		}
	}
	for text, want := range map[string]error{"cook": ErrRole, "": ErrRole, "officer+top": ErrClass, "@fin": ErrRole} {
		if _, err := ParseGrant(text); !errors.Is(err, want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// Whatever stands in the ledger, what it asks for is bounded.
func FuzzParseHash(f *testing.F) {
	f.Add(kept.Hash)
	f.Add("$argon2id$v=19$m=4294967295,t=1,p=1$AAAAAAAAAAA$AAAA")
	f.Add("$argon2id$v=19$m=8,t=0,p=1$$")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := parseHash(text)
		if err == nil && (s.memory > mostMemory || s.passes > mostPasses || s.lanes == 0 || len(s.key) != keyBytes) {
			t.Errorf("%q: %+v", text, s)
		}
	})
}

func FuzzParseGrant(f *testing.F) {
	f.Add("manager@fin+secret")
	f.Add("officer:fin-so1")
	f.Fuzz(func(t *testing.T, text string) {
		g, err := ParseGrant(text)
		if err != nil {
			return
		}
		if again, err := ParseGrant(g.String()); err != nil || again != g {
			t.Errorf("%q: %+v and %+v, %v", text, g, again, err)
		}
	})
}

func FuzzPlainOnce(f *testing.F) {
	f.Add(DrawOnce())
	f.Fuzz(func(t *testing.T, text string) {
		if once := plainOnce(text); plainOnce(once) != once {
			t.Errorf("%q is %q, and that is %q", text, once, plainOnce(once))
		}
	})
}
