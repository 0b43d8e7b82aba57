package officejson

import (
	"unicode/utf8"

	"harkara/internal/label"
)

// latinNumbers is the text of a file with Latin digits in its numbers, which stand outside
// quotes. Everything stays where it was: spaces behind a number make up for its shorter
// digits.
func latinNumbers(raw []byte) []byte {
	out := make([]byte, 0, len(raw))
	quoted := false
	for i := 0; i < len(raw); {
		r, size := utf8.DecodeRune(raw[i:])
		if digit := label.Digit(r); !quoted && digit >= '0' && digit <= '9' {
			out = append(out, byte(digit))
			i += size
			continue
		}
		for len(out) < i {
			out = append(out, ' ')
		}
		if quoted && r == '\\' {
			size = min(2, len(raw)-i)
		}
		quoted = quoted != (r == '"')
		out = append(out, raw[i:i+size]...)
		i += size
	}
	for len(out) < len(raw) {
		out = append(out, ' ')
	}
	return out
}
