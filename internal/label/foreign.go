package label

import (
	"errors"
	"strings"
)

// Length of a foreign code, in characters.
const (
	MinForeign = 4
	MaxForeign = 36 // a UUID
)

// maimed is how many digits a bad read of one of our codes may have lost or gained.
const maimed = 3

// ErrForeign means that a text is no label of somebody else's that could be
// registered: too short or too long, of unprintable characters, or nothing but
// about 14 digits, which may well be a code of ours that was read badly.
var ErrForeign = errors.New("not the text of an old cover")

// Foreign brings the text of somebody else's label, such as the one that an old
// cover still carries, into the form in which it is registered and looked up: ASCII
// without white space, in upper case, because Code 39 has no other and scanners
// follow Caps Lock. Errors: ErrForeign.
func Foreign(text string) (Code, error) {
	joined := strings.Join(strings.Fields(Latin(text)), "")
	if len(joined) < MinForeign || len(joined) > MaxForeign {
		return "", ErrForeign
	}
	if off := len(joined) - Length; off >= -maimed && off <= maimed && strings.Trim(joined, "0123456789") == "" {
		return "", ErrForeign
	}
	for i := range len(joined) {
		if joined[i] <= ' ' || joined[i] > '~' {
			return "", ErrForeign
		}
	}
	return Code(strings.ToUpper(joined)), nil
}
