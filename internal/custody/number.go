package custody

import (
	"errors"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"harkara/internal/label"
)

// NumberKey is a file number as it is compared. Two numbers are one where they differ in
// invisible characters, case, spaces and width alone, in the writing of their digits, in
// which keyboard a letter came from, or in the length of a dash. It is not for people:
// the number itself is shown as it was written. Empty: the text is no number.
type NumberKey string

// KeyOf brings a number into the form in which it is compared.
func KeyOf(number string) NumberKey {
	folded := cases.Fold().String(norm.NFKC.String(strings.ToValidUTF8(number, "")))
	return NumberKey(norm.NFKC.String(strings.Map(alike, folded)))
}

const kashida = '\u0640'

// alike is what stands for a rune in a key; -1: nothing.
func alike(r rune) rune {
	switch {
	case r == kashida, unicode.IsSpace(r), unicode.IsControl(r), unseen(r):
		return -1
	case label.Digit(r) != r:
		return label.Digit(r)
	case unicode.Is(unicode.Dash, r):
		return '-'
	}
	switch r {
	case 'ي', 'ى': // of an Arabic keyboard, as the next ones
		return 'ی'
	case 'ك':
		return 'ک'
	case 'ه':
		return 'ہ'
	case '\u2044', '\u2215': // fraction and division slash
		return '/'
	case '۔':
		return '.'
	case '،', '٫':
		return ','
	}
	return r
}

// ErrNumberTaken: another file has the number already.
var ErrNumberTaken = errors.New("another file has this number")

// NumberTaken says which files have the number. It is ErrNumberTaken.
type NumberTaken struct{ Files []Row }

func (e NumberTaken) Error() string { return ErrNumberTaken.Error() }

// Unwrap makes it ErrNumberTaken.
func (e NumberTaken) Unwrap() error { return ErrNumberTaken }
