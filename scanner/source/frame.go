package source

import (
	"bytes"
	"strings"

	"harkara/internal/label"
)

// maxText bounds one read: a longer one ends there, and is no code.
const maxText = 256

// framer cuts what a gun sends into reads. A read ends with CR, LF, tab or ETX, or
// when nothing came for a while; STX and NUL are no part of it.
type framer struct{ text []byte }

// push takes one byte and returns the read that ends with it, if one does.
func (f *framer) push(b byte) (text string, ended bool) {
	switch b {
	case '\r', '\n', '\t', 3:
		return f.end()
	case 0, 2:
		return "", false
	}
	f.text = append(f.text, b)
	if len(f.text) == maxText {
		return f.end()
	}
	return "", false
}

// end ends what was begun.
func (f *framer) end() (text string, ended bool) {
	whole := string(bytes.TrimSpace(f.text))
	f.text = f.text[:0]
	return whole, whole != ""
}

// drop forgets what was begun.
func (f *framer) drop() { f.text = f.text[:0] }

// Profile is what a gun is set to put around a code.
type Profile struct {
	Prefix, Suffix string
}

// aim are the AIM identifiers (ISO/IEC 15424) of symbols that may carry a code of
// ours, and how it was read then. Others, among them GS1's, stay: such a label is
// somebody else's and must not pass for ours.
var aim = map[string]string{"]Q0": byQR, "]Q1": byQR, "]Q2": byQR, "]C0": byCode128}

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
	text = strings.TrimSpace(text)
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
	if _, err := label.Check(r.Text); err == nil {
		return r
	}
	plain := Profile{}.strip(unshift.Replace(r.Text))
	if _, err := label.Check(plain.Text); err == nil {
		return plain
	}
	return r
}
