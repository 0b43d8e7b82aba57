package officejson

import (
	"bytes"
	"encoding/json"
	"io"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"harkara/internal/custody"
)

// Write writes an office as its file. Read reads the same office from it.
func Write(to io.Writer, o custody.Office) error {
	w := &writer{days: inDays(&o)}
	_, err := io.WriteString(to, w.value(reflect.ValueOf(&o).Elem())+"\n")
	return err
}

type writer struct {
	days  map[*custody.Seconds]*int // beside spans that may have some
	depth int                       // of what is written
}

// value is a value as JSON. What is short stands on one line, but for lists of things.
func (w *writer) value(v reflect.Value) string {
	if s, ok := specials[v.Type()]; ok {
		return s.write(w, v)
	}
	switch v.Kind() {
	case reflect.Struct:
		w.depth++
		var parts []string
		for _, f := range fieldsOf(v.Type()) {
			if of := f.of(v); !f.blank || !of.IsZero() {
				parts = append(parts, quote(f.key)+": "+w.value(of))
			}
		}
		w.depth--
		return w.wrap("{", parts, "}")
	case reflect.Slice:
		w.depth++
		var parts []string
		for i := range v.Len() {
			parts = append(parts, w.value(v.Index(i)))
		}
		w.depth--
		return w.wrap("[", parts, "]")
	case reflect.String:
		return quote(v.String())
	}
	raw, _ := json.Marshal(v.Interface()) // a number, or true or false
	return string(raw)
}

const width = 100 // of a line, in characters

// wrap puts parts on one line where they fit, else each on its own. The office and its
// lists are always long.
func (w *writer) wrap(begin string, parts []string, end string) string {
	line := begin + strings.Join(parts, ", ") + end
	long := utf8.RuneCountInString(line)+2*w.depth > width || slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(p, "\n") })
	if len(parts) == 0 || !long && !(w.depth == 0 || w.depth == 1 && begin == "[") {
		return line
	}
	tab := "\n" + strings.Repeat("  ", w.depth+1)
	return begin + tab + strings.Join(parts, ","+tab) + "\n" + strings.Repeat("  ", w.depth) + end
}

func quote(text string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(text) // a text is always written
	return strings.TrimSpace(b.String())
}
