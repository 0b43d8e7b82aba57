package main

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/paper"
)

type coverCmd struct {
	Code       string `arg:"" help:"The file's code: 14 digits, spaces allowed."`
	Output     string `short:"o" required:"" help:"cover.pdf, cover.png or cover.svg." type:"path"`
	Server     string `help:"Address of a running office that knows the file: what is printed comes from there." env:"HARKARA_SERVER"`
	Credential `embed:""`
	Number     string     `help:"File number, verbatim. Without an office what is not said is not printed."`
	Subject    string     `help:"Subject, in English, Urdu or both."`
	Department string     `help:"Department, as printed."`
	Size       paper.Size `help:"label (A6, stuck on) or a4 (front sheet)." enum:"label,a4" default:"label"`
	DPI        int        `help:"Dots per inch of the printer: bars are whole dots." default:"300"`
}

// drawn are the ways of writing a cover, by the end of its name.
var drawn = map[string]func(io.Writer, *paper.Drawing) error{
	".pdf": func(w io.Writer, d *paper.Drawing) error { return paper.WritePDF(w, d) },
	".png": func(w io.Writer, d *paper.Drawing) error { return d.WritePNG(w) },
	".svg": func(w io.Writer, d *paper.Drawing) error { return d.WriteSVG(w) },
}

// Run draws a cover: of a file that a running office knows, or of what is said here.
func (c *coverCmd) Run(w *world) error {
	code, err := label.Parse(c.Code)
	if err != nil {
		return fmt.Errorf("code %q: %w", c.Code, err)
	}
	write, ok := drawn[filepath.Ext(c.Output)]
	if !ok {
		return fmt.Errorf("cover %s: end the name in .pdf, .png or .svg", c.Output)
	}
	cover := paper.Cover{Code: code}
	if c.Server != "" || c.given() {
		if cover, err = c.known(w, code); err != nil {
			return err
		}
	}
	cover.Number, cover.Subject = cmp.Or(c.Number, cover.Number), cmp.Or(c.Subject, cover.Subject)
	if c.Department != "" {
		cover.Department = custody.Name{En: c.Department}
	}
	fonts, err := paper.MachineFonts()
	if err != nil {
		return err
	}
	drawing, err := cover.Draw(fonts, c.Size, c.DPI)
	if err != nil {
		return err
	}
	return writeWhole(c.Output, func(f io.Writer) error { return write(f, drawing) })
}

// known is the present cover of a file, as a running office has it.
func (c *coverCmd) known(w *world, code label.Code) (paper.Cover, error) {
	office := Remote{Server: cmp.Or(c.Server, defaultServer), Credential: c.Credential}
	var file custody.Row
	if err := office.call(w, http.MethodGet, "/api/v1/files/"+string(code), nil, &file); err != nil {
		return paper.Cover{}, err
	}
	var in custody.Office
	if err := office.call(w, http.MethodGet, "/api/v1/reference", nil, &in); err != nil {
		return paper.Cover{}, err
	}
	w.inZone(&in)
	cover := w.coverOf(&in, file)
	if cover.Code != code {
		return paper.Cover{}, fmt.Errorf("%s is an old cover of this file: draw %s", code.Format(), cover.Code.Format())
	}
	return cover, nil
}

// coverOf is the present cover of a file. What a secret one is about is on no cover, for
// that lies on desks.
func (w *world) coverOf(office *custody.Office, row custody.Row) paper.Cover {
	f := row.File
	department, _ := office.DepartmentByID(f.Department)
	cover := paper.Cover{Code: cmp.Or(row.Position.Cover, f.Code), Number: f.Number, Department: department.Name, Opened: w.zoned(f.Opened)}
	if f.Class == custody.Ordinary {
		cover.Subject = f.Subject
	}
	return cover
}

// writeWhole puts a file in its place when all of it is written.
func writeWhole(path string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".cover-*")
	if err != nil {
		return fmt.Errorf("make cover: %w", err)
	}
	defer os.Remove(f.Name()) // gone where it was renamed
	err = write(f)
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Chmod(f.Name(), 0o644)
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write cover %s: %w", path, err)
	}
	return nil
}
