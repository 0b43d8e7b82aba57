package officejson

import (
	"reflect"
	"slices"
	"strings"

	"harkara/internal/calendar"
	"harkara/internal/custody"
)

// field is a key of an object of the file.
type field struct {
	key    string
	index  int
	needed bool
	blank  bool // left out where it says nothing
}

// optional are keys that the office's stored form always has, and its file may leave out.
var optional = []string{"code", "revision", "stations", "routes", "holds", "reasons"}

// kept are those that an office keeps for itself, and of a calendar those that it adds.
var (
	kept  = []string{"rev", "budget_days", "-"} // a budget has its days in it
	added = []string{"was", "seasons", "shut", "off"}
)

// fieldsOf are the keys of a type, in the order in which they are written.
func fieldsOf(t reflect.Type) (list []field) {
	for i := range t.NumField() {
		key, options, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if slices.Contains(kept, key) || t == calendarType && slices.Contains(added, key) {
			continue
		}
		blank := strings.Contains(options, "omit") || slices.Contains(optional, key)
		f := field{key: key, index: i, needed: !blank, blank: blank}
		if t == calendarType && key == "offset" {
			f.needed, f.blank = true, false
		}
		list = append(list, f)
	}
	return list
}

var (
	calendarType = reflect.TypeFor[calendar.Calendar]()
	nameType     = reflect.TypeFor[custody.Name]()
)

// zone is the offset of a calendar, which is an int like others there.
type zone int

// of is the field of a value, by the type by which it is read and written.
func (f field) of(v reflect.Value) reflect.Value {
	if v.Type() == calendarType && f.key == "offset" {
		return reflect.NewAt(reflect.TypeFor[zone](), v.Field(f.index).Addr().UnsafePointer()).Elem()
	}
	return v.Field(f.index)
}

// describe says what is expected of a type.
func describe(t reflect.Type) string {
	if s, ok := specials[t]; ok {
		return s.expected
	}
	switch t.Kind() {
	case reflect.Struct:
		if t == nameType {
			return `a name, such as {"en": "Finance", "ur": "خزانہ"}`
		}
		return "an object {...}"
	case reflect.Slice:
		return "a list [...]"
	case reflect.String:
		return `a text in quotes "..."`
	case reflect.Bool:
		return "true or false"
	}
	return "a whole number"
}
