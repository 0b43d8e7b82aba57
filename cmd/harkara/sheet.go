package main

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/schollz/progressbar/v3"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/paper"
)

// Sheet says on what many labels are printed.
type Sheet struct {
	Output string `short:"o" required:"" help:"The PDF." type:"path"`
	Stock  string `help:"Paper: ${stocks}." default:"${default_stock}"`
	Skip   int    `help:"Labels of the first sheet that were used before."`
	DPI    int    `help:"Dots per inch of the printer: bars are whole dots." default:"300"`
}

// print lays items, about n of them, on the stock and writes the PDF whole or not at
// all.
func (s Sheet) print(w *world, n int, items iter.Seq[paper.Item]) (err error) {
	stock, err := paper.StockNamed(s.Stock)
	if err != nil {
		return err
	}
	fonts, err := paper.MachineFonts()
	if err != nil {
		return err
	}
	bar := progressbar.NewOptions(n, progressbar.OptionSetWriter(orDiscard(terminal(w.err))), progressbar.OptionSetDescription("labels"), progressbar.OptionClearOnFinish())
	laid := 0
	counted := func(yield func(paper.Item) bool) {
		for item := range items {
			_ = bar.Add(1)
			if w.ctx.Err() != nil || !yield(item) {
				return
			}
			laid++
		}
	}
	var pages []*paper.Drawing
	for page, err := range paper.Lay(fonts, stock, s.DPI, s.Skip, counted) {
		if err != nil {
			return err
		}
		pages = append(pages, page)
	}
	if err := w.ctx.Err(); err != nil {
		return err
	}
	if laid == 0 {
		return nil
	}
	if err := writePDF(s.Output, pages); err != nil {
		return err
	}
	fmt.Fprintf(w.out, "%d on %d pages of %s: %s\n", laid, len(pages), stock.Name, s.Output)
	return nil
}

// try lays one item, to know that the stock is one for such items before anything is
// done that is printed on it.
func (s Sheet) try(item paper.Item) error {
	stock, err := paper.StockNamed(s.Stock)
	if err != nil {
		return err
	}
	fonts, err := paper.MachineFonts()
	if err != nil {
		return err
	}
	for _, err := range paper.Lay(fonts, stock, s.DPI, s.Skip, slices.Values([]paper.Item{item})) {
		if err != nil {
			return err
		}
	}
	return nil
}

// writePDF puts the file in its place when all of it is written.
func writePDF(path string, pages []*paper.Drawing) (err error) {
	f, err := os.Create(path + ".part")
	if err != nil {
		return fmt.Errorf("make PDF: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	if err := errors.Join(paper.WritePDF(f, pages...), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// stockNames lists the stocks for the help.
func stockNames() string {
	var names []string
	for _, s := range paper.Stocks {
		names = append(names, s.Name+" ("+s.Use+")")
	}
	return strings.Join(names, ", ")
}

func orDiscard(w io.Writer) io.Writer {
	if w == nil {
		return io.Discard
	}
	return w
}

type labelsCmd struct {
	Remote `embed:""`
	Sheet  `embed:"" set:"default_stock=l7163"`
	Count  int    `arg:"" help:"How many."`
	Kind   string `help:"file: unassigned labels, opened by their first scan; bag: tags of sealed bags." enum:"file,bag" default:"file"`
}

// atOnce is how many codes an office draws for one request.
const atOnce = 500

// Run draws fresh codes and prints them.
func (c *labelsCmd) Run(w *world) error {
	var codes []label.Code
	for left := c.Count; left > 0; left -= atOnce {
		var out struct{ Codes []label.Code }
		if err := c.call(w, http.MethodPost, "/api/v1/labels", map[string]any{"count": min(left, atOnce), "kind": c.Kind}, &out); err != nil {
			return err
		}
		codes = append(codes, out.Codes...)
	}
	if len(codes) == 0 {
		return errors.New("how many labels?")
	}
	return c.print(w, len(codes), func(yield func(paper.Item) bool) {
		for _, code := range codes {
			item := paper.Item(paper.Blank{Code: code})
			if code.Kind() == label.Bag {
				item = paper.Card{Code: code, Name: custody.Name{En: "Bag", Ur: "تھیلا"}}
			}
			if !yield(item) {
				return
			}
		}
	})
}

type cardsCmd struct {
	Remote `embed:""`
	Sheet  `embed:"" set:"default_stock=cards"`
	What   string `arg:"" help:"desks, badges, commands, or destinations (an A4 sheet for each room)." enum:"desks,badges,commands,destinations"`
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
	switch c.What {
	case "desks":
		var cards []paper.Card
		for _, d := range office.Desks {
			cards = append(cards, deskCard(office, d))
		}
		return c.cards(w, cards)
	case "badges":
		var cards []paper.Card
		for _, o := range office.Officers {
			post, _ := office.PostByID(o.Post)
			cards = append(cards, paper.Card{Code: o.Code, Name: o.Name, Detail: post.Name})
		}
		return c.cards(w, cards)
	}
	return c.destinations(w, office)
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

func deskCard(o *custody.Office, d custody.Desk) paper.Card {
	post, _ := o.PostByID(d.Post)
	room, _ := o.RoomByID(d.Room)
	return paper.Card{Code: d.Code, Name: post.Name, Detail: room.Name}
}

// destinations prints a sheet for each room: the desks that routes go to from there
// first, then those of its department.
func (c *cardsCmd) destinations(w *world, o *custody.Office) error {
	fonts, err := paper.MachineFonts()
	if err != nil {
		return err
	}
	var pages []*paper.Drawing
	for _, room := range o.Rooms {
		sheet := paper.Destinations{Room: room.Name, Cards: paper.Commands()}
		for _, d := range goals(o, room) {
			sheet.Desks = append(sheet.Desks, deskCard(o, d))
		}
		page, err := sheet.Draw(fonts, c.DPI)
		if err != nil {
			return err
		}
		pages = append(pages, page)
	}
	if err := writePDF(c.Output, pages); err != nil {
		return err
	}
	fmt.Fprintf(w.out, "%d rooms: %s\n", len(pages), c.Output)
	return nil
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

// office asks the running office for its reference data.
func (r Remote) office(w *world) (*custody.Office, error) {
	var o custody.Office
	if err := r.call(w, http.MethodGet, "/api/v1/reference", nil, &o); err != nil {
		return nil, err
	}
	o.Sort()
	return &o, nil
}
