package label

import "strings"

// Digit is the Latin digit of an Urdu (U+06F0) or Arabic-Indic one (U+0660); any other
// rune is itself.
func Digit(r rune) rune {
	switch {
	case r >= '٠' && r <= '٩':
		return r - '٠' + '0'
	case r >= '۰' && r <= '۹':
		return r - '۰' + '0'
	}
	return r
}

// Latin is a text with its digits as Latin ones. Wherever people or guns give digits, they
// may write them in any of the three.
func Latin(text string) string { return strings.Map(Digit, text) }
