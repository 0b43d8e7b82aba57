package custody

import (
	"encoding/json"
	"slices"

	"harkara/internal/label"
)

// reference is a thing of the office that a command names, and how it is looked up. The
// zero value names nothing.
type reference struct {
	id    string     // as it is named; empty: by what is known of the file
	card  label.Kind // id is the code of such a card; 0: an identifier
	local bool       // a station names only what is of its own room
	find  func(look) // says what it comes to, or that it is unknown
}

// named is a reference by an identifier; an empty one names nothing.
func named[ID ~string](id ID, find func(look, ID)) reference {
	if id == "" {
		return reference{}
	}
	return reference{id: string(id), find: func(l look) { find(l, id) }}
}

// onCard is one by the code of a card.
func onCard(of label.Kind, code label.Code, find func(look, label.Code)) reference {
	r := named(code, find)
	r.card = of
	return r
}

// atDesk is where a file shall be from then on, or go next.
func atDesk(id DeskID) reference {
	r := named(id, look.desk)
	r.local = id != ""
	return r
}

// check sees that what is named can be there.
func (r reference) check() error {
	switch {
	case r.id == "":
		return nil
	case r.card == 0 && !identifies(r.id):
		return malformed("an identifier has at most %d bytes and no control characters", maxID)
	case r.card == 0:
		return nil
	}
	if code, err := label.Check(r.id); err != nil {
		return malformed("card: %v", err)
	} else if code.Kind() != r.card {
		return malformed("a %s's code where a %s's belongs", code.Kind(), r.card)
	}
	return nil
}

// refers lists what the command names of the office.
func (c Command) refers() []reference {
	p, _ := saying[referring](c)
	if p == nil {
		return nil
	}
	return p.refers()
}

// local reports whether the command names what a station may name in its own room only.
func (c Command) local() bool {
	return slices.ContainsFunc(c.refers(), func(r reference) bool { return r.local })
}

// finding is a key of Resolved.Found: what references come to beside a desk and a route, as
// a T.
type finding[T any] string

// note keeps what was found.
func (f finding[T]) note(l look, thing T) {
	if l.out.Found == nil {
		l.out.Found = map[string]json.RawMessage{}
	}
	l.out.Found[string(f)] = storedJSON(thing)
}

// of is what was found; ok is false where nothing was.
func (f finding[T]) of(r Resolved) (thing T, ok bool) {
	raw, ok := r.Found[string(f)]
	if !ok || json.Unmarshal(raw, &thing) != nil {
		var none T
		return none, false
	}
	return thing, true
}
