package main

import (
	"errors"
	"fmt"
	"slices"

	"harkara/internal/custody"
	"harkara/internal/paper"
)

type cardsCmd struct {
	Remote `embed:""`
	Sheet  `embed:"" set:"default_stock=cards"`
	What   string `arg:"" help:"desks, badges, commands, holds, reasons, or destinations (an A4 sheet for each room)." enum:"desks,badges,commands,holds,reasons,destinations"`
}

// Run prints the cards of the running office.
func (c *cardsCmd) Run(w *world) error {
	if c.What == "commands" {
		return c.cards(w, paper.Commands())
	}
	office, err := c.office(w)
	if err != nil {
		return err
	}
	if c.What == "destinations" {
		return c.destinations(w, office)
	}
	cards := cardsOf(office, c.What)
	if len(cards) == 0 {
		return fmt.Errorf("this office has no %s", c.What)
	}
	return c.cards(w, cards)
}

// cardsOf are the cards of one kind that an office has.
func cardsOf(o *custody.Office, what string) (cards []paper.Card) {
	switch what {
	case "desks":
		cards = deskCards(o)
	case "badges":
		for _, p := range o.Officers {
			post, _ := o.PostByID(p.Post)
			cards = append(cards, paper.Card{Code: p.Code, Name: p.Name, Detail: post.Name})
		}
	case "holds":
		for _, h := range o.Holds {
			cards = append(cards, paper.Hold(h))
		}
	case "reasons":
		for _, r := range o.Reasons {
			cards = append(cards, paper.Reason(r))
		}
	}
	return cards
}

func (c *cardsCmd) cards(w *world, cards []paper.Card) error {
	return c.print(w, len(cards), func(yield func(paper.Item) bool) {
		for _, card := range cards {
			if !yield(card) {
				return
			}
		}
	})
}

// destinations prints a sheet for each room: the desks that routes go to from there
// first, then those of its department.
func (c *cardsCmd) destinations(w *world, o *custody.Office) error {
	fonts, err := paper.MachineFonts()
	if err != nil {
		return err
	}
	needed, desks := needed(o), deskCards(o)
	var pages []*paper.Drawing
	bar := w.progress(len(o.Rooms), "rooms")
	for _, room := range o.Rooms {
		sheet := paper.Destinations{Room: room.Name, Cards: needed}
		for _, d := range goals(o, room) {
			sheet.Desks = append(sheet.Desks, desks[slices.IndexFunc(o.Desks, func(of custody.Desk) bool { return of.ID == d.ID })])
		}
		drawn, err := sheet.Draw(fonts, c.DPI)
		if err := errors.Join(err, w.ctx.Err()); err != nil {
			return err
		}
		pages = append(pages, drawn...)
		_ = bar.Add(1) // only shown
	}
	if err := writePDF(c.Output, pages); err != nil {
		return err
	}
	fmt.Fprintf(w.out, "%s on %s: %s\n", some(len(o.Rooms), "room"), some(len(pages), "page"), c.Output)
	return nil
}

// needed are the cards that a room uses, the most used first: those of every day, the
// office's holds and reasons in turn, then those of rare days.
func needed(o *custody.Office) []paper.Card {
	const daily = 3 // onward, undo, done
	commands := paper.Commands()
	cards := slices.Clone(commands[:daily])
	holds, reasons := cardsOf(o, "holds"), cardsOf(o, "reasons")
	for i := range max(len(holds), len(reasons)) {
		for _, list := range [][]paper.Card{holds, reasons} {
			if i < len(list) {
				cards = append(cards, list[i])
			}
		}
	}
	return append(cards, commands[daily:]...)
}

// goals are the desks outside a room that files go to from it, the likeliest first.
func goals(o *custody.Office, room custody.Room) []custody.Desk {
	var list []custody.Desk
	add := func(d custody.Desk) {
		if d.Room != room.ID && len(list) < paper.MaxDesks && !slices.ContainsFunc(list, func(l custody.Desk) bool { return l.ID == d.ID }) {
			list = append(list, d)
		}
	}
	for _, r := range o.Routes {
		for i, stop := range r.Stops[:max(0, len(r.Stops)-1)] {
			if here, _ := o.DeskByID(stop.Desk); here.Room != room.ID {
				continue
			}
			if next, ok := o.DeskByID(r.Stops[i+1].Desk); ok {
				add(next)
			}
		}
	}
	for _, d := range o.Desks {
		if there, _ := o.RoomByID(d.Room); there.Department == room.Department && d.Receiving {
			add(d)
		}
	}
	return list
}
