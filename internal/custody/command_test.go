package custody

import (
	"errors"
	"reflect"
	"testing"

	"harkara/internal/label"
)

func TestValidateWhatIsKept(t *testing.T) {
	good := Command{ID: "00000000-0000-0000-0000-000000000001", Kind: Scan, Code: file, Station: "s"}
	for _, tt := range []struct {
		name string
		with func(c *Command)
		ok   bool
	}{
		{"every method", func(c *Command) { c.Method = ByWedge }, true},
		{"an unknown method", func(c *Command) { c.Method = "pdf417" }, false},
		{"a method that is a NUL", func(c *Command) { c.Method = "\x00" }, false},
		{"a station with a NUL", func(c *Command) { c.Station = "s\x00" }, false},
		{"who with a line break", func(c *Command) { c.Who = "a\nb" }, false},
		{"who in Urdu", func(c *Command) { c.Who = "گل محمد" }, true},
		{"a boot with an escape", func(c *Command) { c.At.Boot = "\x1b[2J" }, false},
		{"no UTF-8", func(c *Command) { c.Who = "\xff" }, false},
		{"a desk with a NUL", func(c *Command) { c.Kind, c.With, c.Reason = Correct, Correction{Desk: "d\x00"}, "r" }, false},
		{"a reason with a NUL is kept", func(c *Command) { c.Kind, c.Reason = Close, "a\x00b" }, true},
		{"a department with a NUL", func(c *Command) { c.Kind, c.With = Open, Opening{Number: "1", Department: "\x00"} }, false},
		{"a scan with an opening", func(c *Command) { c.With = Opening{Number: "1", Department: "fin"} }, false},
		{"an opening with a card", func(c *Command) { c.Kind, c.With = Open, Context{Onward: true} }, false},
		{"a scan with two cards", func(c *Command) { c.With = Context{Onward: true, Runner: label.New(label.Badge, 1)} }, false},
		{"a scan with a badge for a desk card", func(c *Command) { c.With = Context{Desk: label.New(label.Badge, 1)} }, false},
		{"undo of a UUID", func(c *Command) { c.Kind, c.With = Undo, Undoes{good.ID} }, true},
		{"undo of a page", func(c *Command) { c.Kind, c.With = Undo, Undoes{"page"} }, false},
	} {
		c := good
		tt.with(&c)
		if err := c.Validate(); (err == nil) != tt.ok || err != nil && !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// Whatever codes a command brings may be written with Urdu or Arabic-Indic digits, of its
// file and of every card; it is kept with Latin ones.
func TestCodesOfEveryWritingAreKeptAsOne(t *testing.T) {
	const written, kept = "FIN-۲۰۱۹/٠١", "FIN-2019/01"
	for _, kind := range Kinds() {
		if kind.By.Has(TheOffice) {
			continue
		}
		c := Command{Kind: kind.Name, Code: written}
		if with := example(kind); with != nil && !kind.Draws {
			v := reflect.New(reflect.TypeOf(with)).Elem()
			v.Set(reflect.ValueOf(with))
			for i := range v.NumField() {
				if f := v.Field(i); f.Type() == reflect.TypeFor[label.Code]() {
					f.SetString(written)
				}
			}
			c.With = v.Interface().(Payload)
		}
		c = c.Clean()
		if c.Code != kept {
			t.Errorf("%s of %s", kind.Name, c.Code)
		}
		v := reflect.ValueOf(c.With)
		for i := 0; c.With != nil && !kind.Draws && i < v.NumField(); i++ {
			if f := v.Field(i); f.Type() == reflect.TypeFor[label.Code]() && f.String() != kept {
				t.Errorf("%s with %s %s", kind.Name, v.Type().Field(i).Name, f)
			}
		}
	}
	if got := (Command{Kind: Hold, With: Holding{Until: "۲۰۲۶-۱۲-۰۱"}}).Clean().With; got != (Holding{Until: "2026-12-01"}) {
		t.Errorf("a hold until %+v", got)
	}
}
