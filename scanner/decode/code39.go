package decode

import "strings"

// fullASCII returns what the text of a Code 39 means to readers that are set to full
// ASCII, in which $, %, / and + shift the letter after them (ISO/IEC 16388, annex A); false:
// it has no such pairs, or something else that full ASCII does not write.
func fullASCII(text string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		c := text[i]
		if !strings.ContainsRune("$%/+", rune(c)) {
			b.WriteByte(c)
			continue
		}
		i++
		if i == len(text) {
			return "", false
		}
		full, ok := shifted(c, text[i])
		if !ok {
			return "", false
		}
		b.WriteByte(full)
	}
	return b.String(), b.Len() < len(text)
}

func shifted(shift, letter byte) (byte, bool) {
	if letter < 'A' || letter > 'Z' {
		return 0, false
	}
	switch {
	case shift == '$': // control characters
		return letter - 'A' + 1, true
	case shift == '+': // small letters
		return letter - 'A' + 'a', true
	case shift == '/' && letter <= 'O':
		return letter - 'A' + '!', true
	case shift == '/' && letter == 'Z':
		return ':', true
	case shift == '%':
		return "\x1b\x1c\x1d\x1e\x1f;<=>?[\\]^_{|}~\x7f\x00@`\x7f\x7f\x7f"[letter-'A'], true
	}
	return 0, false
}
