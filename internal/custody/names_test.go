package custody

import (
	"reflect"
	"strings"
	"testing"
)

// Every name of an office is cleaned: also of things that are added to it later.
func TestEveryNameIsCleaned(t *testing.T) {
	const typed, want = "\u202eRoom\r\n7\x1b\u200f ", "Room 7"
	names := 0
	var each func(v reflect.Value, see func(Name))
	each = func(v reflect.Value, see func(Name)) {
		switch {
		case v.Type() == reflect.TypeFor[Name]():
			see(v.Interface().(Name))
			if v.CanSet() {
				v.Set(reflect.ValueOf(Name{En: typed, Ur: typed}))
			}
		case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct:
			if v.CanSet() && v.Len() == 0 {
				v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			}
			for i := range v.Len() {
				each(v.Index(i), see)
			}
		case v.Kind() == reflect.Struct:
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() {
					each(v.Field(i), see)
				}
			}
		}
	}
	var o Office
	each(reflect.ValueOf(&o).Elem(), func(Name) {})
	o.Rooms[0].Building = Building{typed, typed}
	o.Clean()
	each(reflect.ValueOf(o), func(n Name) {
		names++
		if n.En != want || n.Ur != want {
			t.Errorf("%+q", n)
		}
	})
	if names < 9 || o.Rooms[0].Building != (Building{want, want}) {
		t.Errorf("%d names, building %+q", names, o.Rooms[0].Building)
	}
}

// An id is refused, not mended: others name it.
func TestIDsAreVisible(t *testing.T) {
	o := Office{Rooms: []Room{{ID: "a\u200f101"}, {ID: "b-1 "}, {ID: "c-1"}}}
	says := o.Validate().Error()
	for id, bad := range map[string]bool{`found "a\u200f101"`: true, `found "b-1 "`: true, `found "c-1"`: false} {
		if strings.Contains(says, id+", expected an id") != bad {
			t.Errorf("%s: %s", id, says)
		}
	}
}
