package main

import (
	"slices"

	"harkara/internal/custody"
	"harkara/internal/paper"
)

// deskCards are the cards of an office's desks, in their order. No two have the same name
// in either language: what would be alike says its department too, then its room, then
// the id of the desk.
func deskCards(o *custody.Office) []paper.Card {
	cards := make([]paper.Card, len(o.Desks))
	for i, d := range o.Desks {
		post, _ := o.PostByID(d.Post)
		cards[i] = paper.Card{Code: d.Code, Name: post.Name, Detail: roomNamed(o, d.Room)}
	}
	for _, more := range []func(custody.Desk) custody.Name{
		func(d custody.Desk) custody.Name {
			post, _ := o.PostByID(d.Post)
			department, _ := o.DepartmentByID(post.Department)
			return department.Name
		},
		func(d custody.Desk) custody.Name { return roomNamed(o, d.Room) },
		func(d custody.Desk) custody.Name { return custody.Name{En: string(d.ID), Ur: string(d.ID)} },
	} {
		said := slices.Clone(cards)
		for i, d := range o.Desks {
			for j, other := range o.Desks {
				if i != j && alike(said[i].Name, said[j].Name) && !alike(more(d), more(other)) {
					cards[i].Name = joined(said[i].Name, more(d))
				}
			}
		}
	}
	return cards
}

// roomNamed is the name of a room, with its building where another has that name.
func roomNamed(o *custody.Office, id custody.RoomID) custody.Name {
	room, _ := o.RoomByID(id)
	for _, r := range o.Rooms {
		if r.ID != id && alike(r.Name, room.Name) {
			return joined(room.Name, custody.Name(room.Building))
		}
	}
	return room.Name
}

// alike reports whether two names look the same in a language.
func alike(a, b custody.Name) bool {
	same := func(a, b string) bool { return a != "" && custody.KeyOf(a) == custody.KeyOf(b) }
	return same(a.En, b.En) || same(a.Ur, b.Ur)
}

// joined says one name and then another.
func joined(a, b custody.Name) custody.Name {
	if a.En != "" && b.En != "" {
		a.En += ", " + b.En
	}
	if a.Ur != "" && b.Ur != "" {
		a.Ur += "، " + b.Ur
	}
	return a
}
