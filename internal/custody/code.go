package custody

import "harkara/internal/label"

// Coded is a thing of the office that has a card of its own, with the code on it.
type Coded struct {
	Of   string // what it is, such as "desk"
	ID   string
	Kind label.Kind
	Code *label.Code
}

// Coded lists everything that has a card, to be read and given codes.
func (o *Office) Coded() (list []Coded) {
	for i := range o.Desks {
		list = append(list, Coded{"desk", string(o.Desks[i].ID), label.Desk, &o.Desks[i].Code})
	}
	for i := range o.Officers {
		list = append(list, Coded{"officer", string(o.Officers[i].ID), label.Badge, &o.Officers[i].Code})
	}
	for i := range o.Holds {
		list = append(list, Coded{"hold", string(o.Holds[i].ID), label.Hold, &o.Holds[i].Code})
	}
	for i := range o.Reasons {
		list = append(list, Coded{"reason", string(o.Reasons[i].ID), label.Card, &o.Reasons[i].Code})
	}
	return list
}
