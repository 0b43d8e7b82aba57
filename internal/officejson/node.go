package officejson

import (
	"bytes"
	"encoding/json"
	"io"
	"unicode/utf8"
)

// node is a value of the file and where it begins.
type node struct {
	offset int
	token  json.Token // nil: null; a json.Delim: see members and items
	end    int        // of a scalar

	members []member
	items   []*node
}

// member is a key of an object with its value.
type member struct {
	key    string
	offset int
	value  *node
}

func (n *node) is(delim json.Delim) bool { return n.token == json.Token(delim) }

// member returns the value of a key, the first if it is there twice; nil: none.
func (n *node) member(key string) *node {
	for _, m := range n.members {
		if m.key == key {
			return m.value
		}
	}
	return nil
}

// maxDepth is deeper than any office goes.
const maxDepth = 16

// parser makes nodes of a text. It ends at the first thing that is not JSON, which it
// notes: nobody can say how the rest was meant.
type parser struct {
	raw   []byte
	dec   *json.Decoder
	wrong *Note
}

func parse(raw []byte) (*node, *Note) {
	p := &parser{raw: raw, dec: json.NewDecoder(bytes.NewReader(raw))}
	p.dec.UseNumber()
	for i := 0; i < len(raw); {
		r, size := utf8.DecodeRune(raw[i:])
		if r == utf8.RuneError && size == 1 {
			return nil, &Note{offset: i, Found: "a byte that is no text in UTF-8", Expected: "a file that was saved as UTF-8"}
		}
		i += size
	}
	n := p.value("an object {...}, the office", 0)
	if p.wrong == nil {
		if at := p.next(); at < len(raw) {
			p.fail("the end of the file: the office is over")
		}
	}
	return n, p.wrong
}

// next is where the next token begins.
func (p *parser) next() int {
	at := int(p.dec.InputOffset())
	for at < len(p.raw) && bytes.IndexByte([]byte(" \t\r\n,:"), p.raw[at]) >= 0 {
		at++
	}
	return at
}

// fail notes what is there instead of what is expected. A comma or a colon too many is
// found itself.
func (p *parser) fail(expected string) {
	if p.wrong != nil {
		return
	}
	at := int(p.dec.InputOffset())
	for at < len(p.raw) && bytes.IndexByte([]byte(" \t\r\n"), p.raw[at]) >= 0 {
		at++
	}
	if at < len(p.raw) && (p.raw[at] == ',' || p.raw[at] == ':') {
		if after := p.next(); after < len(p.raw) && p.raw[after] != '"' {
			at = after
		}
	}
	p.wrong = &Note{offset: at, Found: p.found(at), Expected: expected}
}

func (p *parser) found(at int) string {
	if at >= len(p.raw) {
		return "the end of the file"
	}
	end := at + 1
	if p.raw[at] == '"' {
		for end < len(p.raw) && p.raw[end] != '"' && p.raw[end] != '\n' {
			end++
		}
		end = min(end+1, len(p.raw))
	} else if word(p.raw[at]) {
		for end < len(p.raw) && word(p.raw[end]) {
			end++
		}
	} else {
		_, size := utf8.DecodeRune(p.raw[at:])
		end = at + size
	}
	return clip(string(p.raw[at:end]))
}

func word(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '.' || b == '-' || b == '_'
}

// token takes the next one; false: there is none, which is noted.
func (p *parser) token(expected string) (json.Token, bool) {
	if p.wrong != nil {
		return nil, false
	}
	t, err := p.dec.Token()
	if err != nil {
		if err == io.EOF {
			expected += ": the file ends too early"
		}
		p.fail(expected)
		return nil, false
	}
	return t, true
}

func (p *parser) value(expected string, depth int) *node {
	n := &node{offset: p.next()}
	t, ok := p.token(expected)
	if !ok {
		return n
	}
	n.token, n.end = t, int(p.dec.InputOffset())
	if depth == maxDepth {
		p.wrong = &Note{offset: n.offset, Found: "a value within 16 others", Expected: "an office, which is not so deep"}
		return n
	}
	switch t {
	case json.Delim('{'):
		p.object(n, depth)
	case json.Delim('['):
		for p.dec.More() && p.wrong == nil {
			n.items = append(n.items, p.value(`a value, or "]" that ends the list`, depth+1))
		}
		p.token(`"," or "]" that ends the list`)
	}
	return n
}

func (p *parser) object(n *node, depth int) {
	for p.dec.More() && p.wrong == nil {
		m := member{offset: p.next()}
		t, ok := p.token(`"," or "}", or a key in quotes`)
		if !ok {
			return
		}
		m.key, _ = t.(string)
		m.value = p.value(`":" and a value, such as a text in quotes`, depth+1)
		n.members = append(n.members, m)
	}
	p.token(`"," or "}" that ends the object`)
}
