package main

import (
	"fmt"
	"io"
	"sync"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// printable is where commands print: text of people and files goes through it, and
// nothing that a terminal obeys. Control characters but for line ends and tabs, direction
// marks and what else shows nothing come out as JSON writes them, \u001b, so that JSON
// says the same as before; bytes that are no UTF-8 as U+FFFD. It is safe for concurrent
// use.
type printable struct {
	mu   sync.Mutex
	to   io.Writer
	rest []byte // the beginning of a character that was cut
}

func (p *printable) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	in := append(p.rest, text...)
	out := make([]byte, 0, len(in))
	for len(in) > 0 && utf8.FullRune(in) {
		r, size := utf8.DecodeRune(in)
		in = in[size:]
		out = appendVisible(out, r)
	}
	p.rest = append([]byte(nil), in...)
	if _, err := p.to.Write(out); err != nil {
		return 0, err
	}
	return len(text), nil
}

// end prints what was begun and not ended.
func (p *printable) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.rest) > 0 {
		_, _ = io.WriteString(p.to, string(utf8.RuneError)) // nobody is left to be told
		p.rest = nil
	}
}

// appendVisible adds a rune to text, one that is obeyed as JSON writes it.
func appendVisible(text []byte, r rune) []byte {
	switch {
	case !obeyed(r):
		return utf8.AppendRune(text, r)
	case r > 0xffff:
		high, low := utf16.EncodeRune(r)
		return fmt.Appendf(text, `\u%04x\u%04x`, high, low)
	}
	return fmt.Appendf(text, `\u%04x`, r)
}

// visible is a text as printable prints it.
func visible(text string) string {
	var out []byte
	for _, r := range text {
		out = appendVisible(out, r)
	}
	return string(out)
}

// obeyed reports whether a terminal does something else with a rune than to show it.
func obeyed(r rune) bool {
	switch r {
	case '\n', '\t', '\u200c', '\u200d': // joiners shape Urdu
		return false
	case '\u2028', '\u2029':
		return true
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && !unicode.Is(unicode.Prepended_Concatenation_Mark, r)
}
