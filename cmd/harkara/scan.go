package main

import (
	"fmt"
	"net/http"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
)

type scanCmd struct {
	Remote `embed:""`
	Code   string `arg:"" help:"The file's code, at the station whose token is given."`
	Method string `help:"How it was read: typed digits only receive what is on its way here, elsewhere they ask. A scanner's program says ${enum}." enum:"typed,wedge,qr,code128" default:"typed"`
	Onward bool   `help:"With the onward card: send to the next stop."`
	Desk   string `help:"With this destination desk's card: its code."`
}

// Run scans as the token's station.
func (c *scanCmd) Run(w *world) error {
	code, err := coverCode(c.Code)
	if err != nil {
		return err
	}
	context := custody.Context{Onward: c.Onward}
	if c.Desk != "" {
		if context.Desk, err = label.Parse(c.Desk); err != nil {
			return fmt.Errorf("desk card %q: %w", c.Desk, err)
		}
	}
	var out struct{ Results []decided }
	scan := map[string]any{"id": newID(), "kind": custody.Scan, "code": code, "method": c.Method, "at": custody.Stamp{Wall: time.Now().UTC()}, "with": context}
	if err := c.call(w, http.MethodPost, "/api/v1/scans?wait=5s", scan, &out); err != nil {
		return err
	}
	if len(out.Results) != 1 {
		return fmt.Errorf("read the office's answer: %d results of one scan", len(out.Results))
	}
	return out.Results[0].print(w)
}
