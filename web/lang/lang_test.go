package lang

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
)

var placeholder = regexp.MustCompile(`\{\d\}`)

func TestLanguagesSayTheSame(t *testing.T) {
	en, ur := catalogue[English], catalogue[Urdu]
	if len(en) < 100 {
		t.Fatalf("only %d keys", len(en))
	}
	for _, key := range slices.Sorted(maps.Keys(en)) {
		other, ok := ur[key]
		if !ok || other == "" || en[key] == "" {
			t.Errorf("%s: missing or empty", key)
			continue
		}
		a, b := placeholder.FindAllString(en[key], -1), placeholder.FindAllString(other, -1)
		slices.Sort(a)
		slices.Sort(b)
		if !slices.Equal(a, b) {
			t.Errorf("%s: placeholders %v and %v", key, a, b)
		}
		worded := strings.ContainsFunc(placeholder.ReplaceAllString(en[key], ""), unicode.IsLetter)
		if key != "nav.language" && worded && !strings.ContainsFunc(other, func(r rune) bool { return unicode.Is(unicode.Arabic, r) }) {
			t.Errorf("%s is not Urdu: %q", key, other)
		}
		if strings.ContainsAny(en[key]+other, "<>&") {
			t.Errorf("%s holds markup", key)
		}
	}
	for key := range ur {
		if _, ok := en[key]; !ok {
			t.Errorf("%s is not in English", key)
		}
	}
}

// Urdu is in its own letters, but for codes and what is typed as it stands.
func TestUrduIsUrdu(t *testing.T) {
	typed := regexp.MustCompile(`\b(SHA-256|https|harkara [a-z]+)\b`)
	for key, text := range catalogue[Urdu] {
		if latin := regexp.MustCompile(`[A-Za-z]+`).FindString(typed.ReplaceAllString(text, "")); latin != "" && key != "nav.language" {
			t.Errorf("%s says %q: %s", key, latin, text)
		}
	}
}

func TestFilesAreSorted(t *testing.T) {
	for _, tag := range Tags {
		raw, err := files.ReadFile(string(tag) + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var keys []string
		for _, m := range regexp.MustCompile(`(?m)^  "([^"]+)":`).FindAllSubmatch(raw, -1) {
			keys = append(keys, string(m[1]))
		}
		if !slices.IsSorted(keys) || len(keys) != len(catalogue[tag]) {
			t.Errorf("%s.json is not sorted, or has a key twice", tag)
		}
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 s", 59 * time.Second: "59 s", -90 * time.Second: "1 min", 3 * time.Hour: "3 h", 47 * time.Hour: "47 h", 72 * time.Hour: "3 d",
	} {
		if got := English.Span(d); got != want {
			t.Errorf("Span(%v) = %q, want %q", d, got, want)
		}
	}
	if got := Urdu.Ago(time.Unix(0, 0), time.Unix(180, 0)); got != "3 منٹ پہلے" {
		t.Errorf("%q", got)
	}
}
