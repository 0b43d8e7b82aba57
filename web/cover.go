package web

import (
	"bytes"
	"net/http"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/paper"
)

// cover draws a file's cover as cover.pdf, cover.png or cover.svg: the label, or
// with ?size=a4 the front sheet.
func (s *Server) cover(w http.ResponseWriter, r *http.Request) error {
	code, err := label.Parse(r.PathValue("code"))
	if err != nil {
		return err
	}
	file, err := s.Registry.File(r.Context(), code)
	if err != nil {
		return err
	}
	office, err := s.Directory.Office(r.Context(), time.Now())
	if err != nil {
		return err
	}
	department, _ := office.DepartmentByID(file.File.Department)
	fonts, err := paper.MachineFonts()
	if err != nil {
		return err
	}
	size := paper.Label
	if r.URL.Query().Get("size") == string(paper.Sheet) {
		size = paper.Sheet
	}
	c := paper.Cover{Code: code, Number: file.File.Number, Subject: file.File.Subject, Department: department.Name, Opened: file.File.Opened}
	drawing, err := c.Draw(fonts, size, paper.DefaultDPI)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	kind := ""
	switch r.PathValue("cover") {
	case "cover.pdf":
		kind, err = "application/pdf", paper.WritePDF(&b, drawing)
	case "cover.png":
		kind, err = "image/png", drawing.WritePNG(&b)
	case "cover.svg":
		kind, err = "image/svg+xml", drawing.WriteSVG(&b)
	default:
		return custody.ErrNotFound
	}
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", kind)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b.Bytes()))
	return nil
}
