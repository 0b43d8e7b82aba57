package main

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/scanner/gesture"
	"harkara/web/lang"
)

type scanCmd struct {
	Remote `embed:""`
	Code   string   `arg:"" help:"The file: its code or its number, at the station whose token is given."`
	Method string   `help:"How it was read: typed digits only receive what is on its way here, elsewhere they ask. A scanner's program says ${enum}." enum:"typed,wedge,qr,code128" default:"typed"`
	Cards  []string `name:"card" placeholder:"CARD" sep:"none" help:"With a card that is read before it: ${cards}; or the code of a desk's card, a runner's badge, a hold or reason card. Give it again for the reason card that another asks for."`
	Onward bool     `help:"The same as --card onward."`
	Desk   string   `help:"The same as --card with a destination desk's code."`
}

// Run scans as the token's station.
func (c *scanCmd) Run(w *world) error {
	code, err := c.named(w, numberedAtDoor, c.Code)
	if err != nil {
		return err
	}
	given, err := c.read(code)
	if err != nil {
		return err
	}
	scan := map[string]any{"id": given.ID, "kind": given.Kind, "code": code, "method": c.Method, "at": custody.Stamp{Wall: time.Now().UTC()}}
	if given.With != "" {
		scan["with"] = given.With
	}
	var out struct{ Results []decided }
	if err := c.call(w, http.MethodPost, "/api/v1/scans?wait=5s", scan, &out); err != nil {
		return err
	}
	if len(out.Results) != 1 {
		return fmt.Errorf("read the office's answer: %d results of one scan", len(out.Results))
	}
	return out.Results[0].print(w)
}

// read is the command that a station makes of the cards and the cover, in this order.
func (c *scanCmd) read(code label.Code) (gesture.Command, error) {
	cards := c.Cards
	if c.Onward {
		cards = append(cards, "onward")
	}
	if c.Desk != "" {
		cards = append(cards, c.Desk)
	}
	var s gesture.State
	for _, name := range cards {
		card, err := cardNamed(name)
		if err != nil {
			return gesture.Command{}, err
		}
		var says gesture.Feedback
		if s, _, says = gesture.Step(s, gesture.Read{Text: string(card)}); gesture.Answers[says].Tone == gesture.Down {
			return gesture.Command{}, fmt.Errorf("card %s: %s", name, lang.English.Text("kiosk."+gesture.Answers[says].Words))
		}
	}
	_, commands, says := gesture.Step(s, gesture.Read{ID: string(newID()), Text: string(code)})
	if len(commands) == 0 {
		return gesture.Command{}, errors.New(lang.English.Text("kiosk." + gesture.Answers[says].Words))
	}
	return commands[0], nil
}

// cardNamed is the card of a name that stations give it, or of a code.
func cardNamed(name string) (label.Code, error) {
	all := label.Commands()
	if i := slices.IndexFunc(all, func(g label.Gesture) bool { return g.Says == name }); i >= 0 {
		return all[i].Code, nil
	}
	code, err := label.Parse(name)
	if err != nil {
		return "", fmt.Errorf("card %q is none of %s, and no code: %w", name, cardNames(), err)
	}
	return code, nil
}

// cardNames lists the cards that do something with a file.
func cardNames() string {
	var names []string
	for _, g := range label.Commands() {
		if g.Kind != "" && !g.Undo {
			names = append(names, g.Says)
		}
	}
	return strings.Join(names, ", ")
}
