package main

import (
	"fmt"
	"os"
	"path/filepath"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/paper"
)

type coverCmd struct {
	Code       string     `arg:"" help:"The file's code: 14 digits, spaces allowed."`
	Output     string     `short:"o" required:"" help:"cover.pdf, cover.png or cover.svg." type:"path"`
	Number     string     `help:"File number, verbatim."`
	Subject    string     `help:"Subject, in English, Urdu or both."`
	Department string     `help:"Department, as printed."`
	Size       paper.Size `help:"label (A6, stuck on) or a4 (front sheet)." enum:"label,a4" default:"label"`
	DPI        int        `help:"Dots per inch of the printer: bars are whole dots." default:"300"`
}

// Run draws a cover without an office: what is printed on it is said here.
func (c *coverCmd) Run(w *world) error {
	code, err := label.Parse(c.Code)
	if err != nil {
		return fmt.Errorf("code %q: %w", c.Code, err)
	}
	fonts, err := paper.MachineFonts()
	if err != nil {
		return err
	}
	cover := paper.Cover{Code: code, Number: c.Number, Subject: c.Subject, Department: custody.Name{En: c.Department}}
	drawing, err := cover.Draw(fonts, c.Size, c.DPI)
	if err != nil {
		return err
	}
	f, err := os.Create(c.Output)
	if err != nil {
		return fmt.Errorf("make cover: %w", err)
	}
	switch filepath.Ext(c.Output) {
	case ".pdf":
		err = paper.WritePDF(f, drawing)
	case ".png":
		err = drawing.WritePNG(f)
	case ".svg":
		err = drawing.WriteSVG(f)
	default:
		err = fmt.Errorf("cover %s: end the name in .pdf, .png or .svg", c.Output)
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	return err
}
