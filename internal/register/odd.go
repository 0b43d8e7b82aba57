package register

import (
	"fmt"
	"strings"

	"harkara/internal/custody"
)

// enough is how many digits-only texts a column must have before one of them can be
// unlike the others.
const enough = 3

// oddLengths finds numbers and old codes that have lost the zeros in front of them, or
// are of another length than the others. A column's numbers may be of any length where
// none begins with a zero.
func oddLengths(lines []Line) (notes []Note) {
	for column, of := range map[string]func(Line) string{
		"number": func(l Line) string { return string(custody.KeyOf(l.Number)) },
		"old":    func(l Line) string { return string(l.Old) },
	} {
		lengths, zeros := map[int]int{}, map[int]int{}
		all := 0
		for _, l := range lines {
			if text := of(l); digits(text) {
				all++
				lengths[len(text)]++
				if text[0] == '0' {
					zeros[len(text)]++
				}
			}
		}
		usual := 0
		for length, n := range lengths {
			if 2*n > all {
				usual = length
			}
		}
		for _, l := range lines {
			text := of(l)
			if !digits(text) {
				continue
			}
			longer := 0 // digits of those with zeros in front
			for length := range zeros {
				if length > len(text) && (longer == 0 || zeros[length] > zeros[longer]) {
					longer = length
				}
			}
			switch {
			case longer > 0 && text[0] != '0':
				notes = append(notes, Note{l.Row, column, fmt.Sprintf("%s has %d digits, others begin with a zero and have %d: are zeros in front gone?", text, len(text), longer)})
			case column == "old" && all >= enough && usual > len(text):
				notes = append(notes, Note{l.Row, column, fmt.Sprintf("%s has %d digits, most have %d: are zeros in front gone?", text, len(text), usual)})
			case column == "old" && all >= enough && usual > 0 && usual < len(text):
				notes = append(notes, Note{l.Row, column, fmt.Sprintf("%s has %d digits, most have %d", text, len(text), usual)})
			}
		}
	}
	return notes
}

func digits(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }
