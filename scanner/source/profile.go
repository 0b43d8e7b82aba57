package source

import (
	"regexp"
	"strings"

	"harkara/internal/label"
)

// Profile is what a gun is set to put around a code.
type Profile struct {
	Prefix, Suffix string
}

// aim are the AIM identifiers (ISO/IEC 15424) of symbols that may carry a code of
// ours, and how it was read then. Others, among them GS1's, stay: such a label is
// somebody else's and must not pass for ours.
var aim = map[string]string{"]Q0": byQR, "]Q1": byQR, "]Q2": byQR, "]C0": byCode128}

var identifier = regexp.MustCompile(`\][A-Za-z][0-9A-Za-z]`)

// theirs reports whether a text says of itself that it is of a label which is never ours.
func theirs(text string) bool {
	for _, id := range identifier.FindAllString(text, -1) {
		if aim[id] == "" {
			return true
		}
	}
	return false
}

// strip takes off what the gun put around a code. A code of ours may have spaces, as it
// is printed; with hyphens it may be somebody else's.
func (p Profile) strip(text string) Read {
	text = strings.TrimPrefix(text, p.Prefix)
	if p.Suffix != "" {
		text = strings.TrimSuffix(text, p.Suffix)
	}
	method := byWedge
	if len(text) >= 3 {
		if by, ours := aim[text[:3]]; ours {
			text, method = text[3:], by
		}
	}
	text = label.Latin(strings.TrimSpace(text))
	if code, err := label.Check(strings.Join(strings.Fields(text), "")); err == nil {
		text = string(code)
	}
	return Read{Text: text, Method: method}
}

// keyed is strip for a gun that types. With shift held, as by a gun that is set to a
// board where digits need it, a code of ours comes as the signs above its digits: it is
// read all the same. An old cover's signs stay.
func (p Profile) keyed(text string) Read {
	r := p.strip(text)
	if ours(r.Text) {
		return r
	}
	if plain := (Profile{}).strip(unshift.Replace(r.Text)); ours(plain.Text) {
		return plain
	}
	return r
}
