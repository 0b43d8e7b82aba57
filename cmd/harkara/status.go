package main

import (
	"fmt"

	"harkara/internal/custody"
)

type statusCmd struct {
	Remote `embed:""`
	Code   string `arg:"" help:"The file: its number, a code on a cover of ours, or on its registered old one."`
}

// Run says where a file is.
func (c *statusCmd) Run(w *world) error {
	code, err := c.named(w, numbered, c.Code)
	if err != nil {
		return err
	}
	row, err := c.file(w, code)
	if err != nil {
		return err
	}
	o, err := c.office(w)
	if err != nil {
		return err
	}
	p := row.Position
	fmt.Fprintf(w.out, "%s  %s\n%s at %s (%s), known by %s, since %s\n", row.File.Code.Format(), row.File.Number, stateWord(p), p.Desk, p.Room, p.Known, w.local(p.Since))
	if by := acted(o, p.By); by != "" {
		fmt.Fprintf(w.out, "by %s\n", by)
	}
	if !p.Wait.Until.IsZero() {
		fmt.Fprintf(w.out, "waits for %s until %s\n", p.Wait.For, w.local(p.Wait.Until))
	}
	if !p.Deadline.IsZero() {
		fmt.Fprintf(w.out, "deadline %s\n", w.local(p.Deadline))
	}
	if row.File.Class != custody.Ordinary {
		fmt.Fprintf(w.out, "class %s\n", row.File.Class)
	}
	if p.Next != "" {
		fmt.Fprintf(w.out, "next %s\n", p.Next)
	}
	if p.Cover != "" {
		fmt.Fprintf(w.out, "cover %s\n", p.Cover.Format())
	}
	for _, old := range row.Codes {
		if old.Kind() == 0 {
			fmt.Fprintf(w.out, "old code %s\n", old)
		}
	}
	return nil
}
