package paper

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/bidi"
)

// maxRunes caps what is shaped of one text; more than any box shows.
const maxRunes = 2000

// maxMarks caps the combining marks kept on one letter; Urdu needs two.
const maxMarks = 3

// clean makes a text harmless to set on one paragraph: white space becomes single
// spaces, control and invisible formatting characters go (a direction override
// could show a file number backwards), but those that join Urdu letters stay, heaps
// of combining marks are cut, marks around letters go, and what is not UTF-8 is replaced.
func clean(text string) (_ string, cut bool) {
	var b strings.Builder
	space, marks, runes := false, 0, 0
	for _, r := range text {
		switch {
		case unicode.IsSpace(r), unicode.IsControl(r):
			space = b.Len() > 0
			continue
		case r == '\u200c', r == '\u200d': // zero width non-joiner and joiner
		case unicode.Is(unicode.Me, r), unicode.Is(unicode.Cf, r) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r), unicode.Is(unicode.Variation_Selector, r):
			continue
		}
		if unicode.Is(unicode.M, r) {
			if marks++; marks > maxMarks {
				continue
			}
		} else {
			marks = 0
		}
		if space {
			b.WriteByte(' ')
			runes++
		}
		space = false
		b.WriteRune(r)
		if runes++; runes >= maxRunes {
			return b.String(), true
		}
	}
	return b.String(), false
}

// rightToLeft reports whether the first letter with a direction runs right to left.
func rightToLeft(text string) bool {
	for _, r := range text {
		switch p, _ := bidi.LookupRune(r); p.Class() {
		case bidi.L:
			return false
		case bidi.R, bidi.AL:
			return true
		}
	}
	return false
}
