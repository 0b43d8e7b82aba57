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

// ErrForeign means that a text is no label of somebody else's that could be
// registered: too short or too long, of unprintable characters, or 14 digits, which
// might be a code of ours that was read wrongly.
var ErrForeign = errors.New("not the text of an old cover")

// Foreign brings the text of somebody else's label, such as the one that an old
// cover still carries, into the form in which it is registered and looked up: ASCII
// without white space, in upper case, because Code 39 has no other and scanners
// follow Caps Lock. Errors: ErrForeign.
func Foreign(text string) (Code, error) {
	joined := strings.Join(strings.Fields(text), "")
	if len(joined) < MinForeign || len(joined) > MaxForeign || ourForm(joined) {
		return "", ErrForeign
	}
	for i := range len(joined) {
		if joined[i] <= ' ' || joined[i] > '~' {
			return "", ErrForeign
		}
	}
	return Code(strings.ToUpper(joined)), nil
}
