package web

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/paper"
	"harkara/web/gate"
)

// forms are the ways a cover can be drawn, by the last part of its address.
var forms = map[string]struct {
	kind  string
	write func(io.Writer, *paper.Drawing) error
}{
	"cover.pdf": {"application/pdf", func(w io.Writer, d *paper.Drawing) error { return paper.WritePDF(w, d) }},
	"cover.png": {"image/png", func(w io.Writer, d *paper.Drawing) error { return d.WritePNG(w) }},
	"cover.svg": {"image/svg+xml", func(w io.Writer, d *paper.Drawing) error { return d.WriteSVG(w) }},
}

// present is the code on a file's cover.
func present(r custody.Row) label.Code {
	if r.Position.Cover != "" {
		return r.Position.Cover
	}
	return r.File.Code
}

// cover draws a file's present cover: the label, or with ?size=a4 the front sheet.
// Once the file has moved in it there is one on the paper already, and only a reprint,
// which records a reason and gives another code, leads to another. errMoved.
func (s *Server) cover(w http.ResponseWriter, r *http.Request) error {
	code, err := codeOf(r)
	if err != nil {
		return err
	}
	form, ok := forms[r.PathValue("cover")]
	if !ok {
		return custody.ErrNotFound
	}
	size := paper.Label
	switch asked := paper.Size(r.URL.Query().Get("size")); asked {
	case "", paper.Label:
	case paper.Sheet:
		size = asked
	default:
		return fmt.Errorf("%w: size=%q", gate.ErrMalformed, asked)
	}
	file, err := s.file(r.Context(), gate.Of(r).Sight.Eyes(), code)
	if err != nil {
		return err
	}
	if file.Position.Moved {
		return errMoved
	}
	office, err := s.Directory.Office(r.Context(), s.Now())
	if err != nil {
		return err
	}
	department, _ := office.DepartmentByID(file.File.Department)
	fonts, err := paper.MachineFonts()
	if err != nil {
		return err
	}
	c := paper.Cover{Code: present(file), Number: file.File.Number, Subject: file.File.Subject, Department: department.Name, Opened: file.File.Opened.In(speaker{office: office}.zone())}
	drawing, err := c.Draw(fonts, size, paper.DefaultDPI)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := form.write(&b, drawing); err != nil {
		return fmt.Errorf("draw cover of %s: %w", code, err)
	}
	sum := sha256.Sum256(b.Bytes())
	h := w.Header()
	h.Set("Content-Type", form.kind)
	h.Set("Content-Disposition", fmt.Sprintf(`inline; filename="%s-%s"`, c.Code, r.PathValue("cover")))
	h.Set("Cache-Control", "private, no-cache")
	h.Set("ETag", fmt.Sprintf(`"%x"`, sum[:8]))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b.Bytes()))
	return nil
}
