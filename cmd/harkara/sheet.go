package main

import (
	"errors"
	"fmt"
	"iter"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"harkara/internal/custody"
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
	bar := w.progress(n, "labels")
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
	fmt.Fprintf(w.out, "%d on %s of %s: %s\n", laid, some(len(pages), "page"), stock.Name, s.Output)
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

// office asks the running office for its reference data.
func (r Remote) office(w *world) (*custody.Office, error) {
	var o custody.Office
	if err := r.call(w, http.MethodGet, "/api/v1/reference", nil, &o); err != nil {
		return nil, err
	}
	o.Sort()
	o.AsOf(time.Now())
	w.inZone(&o)
	return &o, nil
}
