package main

import (
	"errors"
	"net/http"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/paper"
)

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
	bar := w.progress(c.Count, "codes")
	for left := c.Count; left > 0; left -= atOnce {
		var out struct{ Codes []label.Code }
		if err := c.call(w, http.MethodPost, "/api/v1/labels", map[string]any{"count": min(left, atOnce), "kind": c.Kind}, &out); err != nil {
			return err
		}
		codes = append(codes, out.Codes...)
		_ = bar.Add(len(out.Codes)) // only shown
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
