package custody

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Zero width non-joiner and joiner shape Urdu letters: they are a part of writing.
const (
	nonJoiner = '\u200c'
	joiner    = '\u200d'
)

// Plain is a number or a name as it is kept: letters as they were written, a space for
// line breaks and tabs, and nothing that cannot be seen: no control characters, direction
// marks, soft hyphens or bytes that are no text.
func Plain(text string) string {
	return clean(text, func(r rune) bool {
		return unseen(r) && r != nonJoiner && r != joiner || unicode.IsControl(r)
	})
}

// Prose is a subject or a reason as it is kept: as Plain, but direction marks within it
// stand, for a text of two writings may need them.
func Prose(text string) string {
	return clean(text, unicode.IsControl)
}

// clean drops what is dropped, makes one space of line breaks and other control
// characters in a row, and takes what cannot be seen off both ends.
func clean(text string, dropped func(rune) bool) string {
	var b strings.Builder
	broken := false
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		bad := r == utf8.RuneError && size == 1
		text = text[size:]
		switch {
		case breaks(r):
			if !broken {
				b.WriteByte(' ')
			}
			broken = true
			continue
		case bad, dropped(r):
			continue
		}
		broken = false
		b.WriteRune(r)
	}
	return strings.TrimFunc(b.String(), func(r rune) bool {
		return unicode.IsSpace(r) || unseen(r)
	})
}

// breaks reports whether a rune ends a line or moves the hand of a typewriter.
func breaks(r rune) bool {
	return r >= '\t' && r <= '\r' || r == '\u0085' || r == '\u2028' || r == '\u2029'
}

// unseen reports whether a rune shows nothing although it is no space: format characters
// but for those that stand before a number, as Urdu's year sign does, and Unicode's other
// Default_Ignorable_Code_Points.
func unseen(r rune) bool {
	return unicode.Is(unicode.Cf, r) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r) ||
		unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}
