package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"os"
	"strings"

	"github.com/google/uuid"

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

// print lays items on the stock and writes the PDF whole or not at all.
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
	counted := func(yield func(paper.Item) bool) {
		for item := range items {
			_ = bar.Add(1)
			if w.ctx.Err() != nil || !yield(item) {
				return
			}
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
	if err := writePDF(s.Output, pages); err != nil {
		return err
	}
	fmt.Fprintf(w.out, "%d on %d pages of %s: %s\n", n, len(pages), stock.Name, s.Output)
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

type coversCmd struct {
	Remote `embed:""`
	Sheet  `embed:"" set:"default_stock=a6x4"`
	From   string `required:"" help:"CSV of files to open, with a line of names: number, subject, department, desk, route, code (of a label already on the file). The last two may be left out." type:"existingfile"`
}

// registered is a line of the CSV.
type registered struct {
	ID         string `json:"id"`
	Number     string `json:"number"`
	Subject    string `json:"subject"`
	Department string `json:"department"`
	Desk       string `json:"desk"`
	Route      string `json:"route"`
	Code       string `json:"code"`
}

// Run opens every file in the running office and prints its cover. Run again with
// the same lines it opens nothing twice, and prints the same codes.
func (c *coversCmd) Run(w *world) error {
	f, err := os.Open(c.From)
	if err != nil {
		return fmt.Errorf("open register: %w", err)
	}
	defer f.Close()
	lines, err := readRegister(f)
	if err != nil {
		return fmt.Errorf("read register %s: %w", c.From, err)
	}
	office, err := c.office(w)
	if err != nil {
		return err
	}
	var failed error
	items := func(yield func(paper.Item) bool) {
		for i, line := range lines {
			var out struct{ Code label.Code }
			if err := c.call(w, http.MethodPost, "/api/v1/files?wait=5s", line, &out); err != nil {
				failed = fmt.Errorf("line %d, %s: %w", i+2, line.Number, err)
				return
			}
			department, _ := office.DepartmentByID(custody.DepartmentID(line.Department))
			if !yield(paper.Cover{Code: out.Code, Number: line.Number, Subject: line.Subject, Department: department.Name}) {
				return
			}
		}
	}
	err = c.print(w, len(lines), items)
	return errors.Join(failed, err)
}

// lineSpace makes the ids of commands that open the files of a register.
var lineSpace = uuid.MustParse("5b0c1a56-2a52-4f0e-9a5d-6c1d8a0f4a11")

// readRegister reads the CSV; its columns are known by their names.
func readRegister(r io.Reader) ([]registered, error) {
	rows, err := csv.NewReader(r).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(rows) < 2 {
		return nil, errors.New("no lines under the names of columns")
	}
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	for _, name := range []string{"number", "subject", "department", "desk"} {
		if _, ok := column[name]; !ok {
			return nil, fmt.Errorf("no column %s", name)
		}
	}
	var lines []registered
	for _, row := range rows[1:] {
		of := func(name string) string {
			if i, ok := column[name]; ok {
				return row[i]
			}
			return ""
		}
		l := registered{Number: of("number"), Subject: of("subject"), Department: of("department"), Desk: of("desk"), Route: of("route"), Code: of("code")}
		raw, err := json.Marshal(l)
		if err != nil {
			return nil, err
		}
		l.ID = uuid.NewSHA1(lineSpace, raw).String()
		lines = append(lines, l)
	}
	return lines, nil
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
