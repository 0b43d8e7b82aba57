package officejson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"harkara/internal/custody"
)

// Read reads an office from the text of its file, and says everything that is wrong with
// it, in the order of the file. Where something is (see Wrong) the office is of no use. What
// has a card may be without its code. Names lose what nobody sees.
func Read(raw []byte) (custody.Office, []Note) {
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	latin := latinNumbers(raw)
	r := &reader{raw: latin, nodes: map[string]*node{}, noted: map[string]bool{}, told: map[string]bool{}}
	root, wrong := parse(latin)
	if wrong != nil {
		return r.office, locate(raw, []Note{*wrong})
	}
	r.read(reflect.ValueOf(&r.office).Elem(), root, "")
	if !root.is('{') {
		return r.office, locate(raw, r.notes)
	}
	r.lengthen()
	r.office.Clean()
	for _, p := range r.office.Problems() {
		r.judged(p, false)
	}
	if !Wrong(r.notes) {
		for _, p := range r.office.Warnings() {
			r.judged(p, true)
		}
	}
	r.office.Sort()
	return r.office, locate(raw, r.notes)
}

type reader struct {
	raw    []byte
	office custody.Office
	nodes  map[string]*node // by place
	noted  map[string]bool  // places of which something is noted
	told   map[string]bool  // places below which it is
	notes  []Note
	days   []days
}

// wrong notes what a place has instead of what is expected.
func (r *reader) wrong(n *node, at, expected string) {
	r.note(n.offset, at, r.text(n), expected)
}

func (r *reader) note(offset int, at, found, expected string) {
	r.notes = append(r.notes, Note{offset: offset, At: at, Found: found, Expected: expected})
	r.noted[at] = true
	for at = above(at); at != ""; at = above(at) {
		r.told[at] = true
	}
}

func above(at string) string { return at[:max(0, strings.LastIndexByte(at, '/'))] }

// text is a value in the words of the file.
func (r *reader) text(n *node) string {
	switch {
	case n.is('{'):
		return "an object {...}"
	case n.is('['):
		return "a list [...]"
	}
	return clip(string(r.raw[n.offset:n.end]))
}

// judged notes what custody says of the office, unless it follows from what was noted.
func (r *reader) judged(p custody.Problem, warning bool) {
	n, there := r.nodes[p.At]
	switch {
	case r.noted[p.At], r.told[p.At] && strings.Count(p.At, "/") > 1, r.follows(p):
		return
	case !there && strings.HasSuffix(p.At, "/code"):
		return // one is made
	}
	for at := p.At; !there; n, there = r.nodes[at] {
		at = above(at)
	}
	found := p.Found
	if !n.is('{') && !n.is('[') {
		found = r.text(n)
	}
	r.notes = append(r.notes, Note{offset: n.offset, At: p.At, Found: found, Expected: p.Expected, Warning: warning})
}

// follows reports whether a thing is missed only because its whole list could not be read.
func (r *reader) follows(p custody.Problem) bool {
	for list, what := range map[string]string{
		"departments": "a department", "rooms": "a room", "posts": "a post", "desks": "a desk", "calendars": "a calendar", "ladders": "a ladder",
	} {
		if r.noted[list] && strings.HasSuffix(p.Expected, "the id of "+what) {
			return true
		}
	}
	return r.noted["desks"] && strings.HasPrefix(p.At, "rooms/") && strings.Count(p.At, "/") == 1
}

// read puts a value where it belongs.
func (r *reader) read(v reflect.Value, n *node, at string) {
	r.nodes[at] = n
	if special, ok := specials[v.Type()]; ok {
		special.read(r, v, n, at)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		r.object(v, n, at)
	case reflect.Slice:
		r.list(v, n, at)
	case reflect.String:
		if text, ok := n.token.(string); ok {
			v.SetString(text)
			return
		}
		r.wrong(n, at, describe(v.Type()))
	case reflect.Bool:
		if is, ok := n.token.(bool); ok {
			v.SetBool(is)
			return
		}
		r.wrong(n, at, describe(v.Type()))
	default:
		number, _ := n.token.(json.Number)
		i, err := strconv.ParseInt(string(number), 10, 64)
		if err != nil || v.OverflowInt(i) {
			r.wrong(n, at, describe(v.Type()))
			return
		}
		v.SetInt(i)
	}
}

func join(at, key string) string { return strings.TrimPrefix(at+"/"+key, "/") }

func (r *reader) object(v reflect.Value, n *node, at string) {
	if !n.is('{') {
		r.wrong(n, at, describe(v.Type()))
		return
	}
	fields := fieldsOf(v.Type())
	var keys []string
	for _, f := range fields {
		keys = append(keys, f.key)
	}
	seen := map[string]bool{}
	for _, m := range n.members {
		i := slices.Index(keys, m.key)
		switch {
		case i < 0:
			r.note(m.offset, at, fmt.Sprintf("the key %q", clip(m.key)), "one of "+strings.Join(keys, ", "))
			continue
		case seen[m.key]:
			r.note(m.offset, join(at, m.key), fmt.Sprintf("the key %q a second time", m.key), "each key once")
			continue
		}
		seen[m.key] = true
		r.read(fields[i].of(v), m.value, join(at, m.key))
	}
	for _, f := range fields {
		if !seen[f.key] && f.needed {
			r.note(n.offset, join(at, f.key), fmt.Sprintf("no %q", f.key), describe(f.of(v).Type()))
		}
	}
}

func (r *reader) list(v reflect.Value, n *node, at string) {
	if !n.is('[') {
		r.wrong(n, at, describe(v.Type()))
		return
	}
	if len(n.items) > 0 {
		v.Set(reflect.MakeSlice(v.Type(), len(n.items), len(n.items)))
	}
	for i, item := range n.items {
		name := strconv.Itoa(i + 1)
		if id := item.member("id"); id != nil {
			if text, _ := id.token.(string); text != "" {
				name = text
			}
		}
		place := join(at, name)
		if r.nodes[place] != nil && name != strconv.Itoa(i+1) {
			r.wrong(item.member("id"), place+"/id", "an id that nothing else in this list has")
			place = join(at, strconv.Itoa(i+1))
		}
		r.read(v.Index(i), item, place)
	}
}
