package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"

	"harkara/web/asset"
	"harkara/web/gate"
)

//go:embed templates/*.html static/*
var files embed.FS

// shared are the templates that every page has; every other is a page.
var shared = []string{"layout.html", "icon.html", "row.html", "parts.html", "story.html"}

// site is the parsed templates and the assets. It does not change.
type site struct {
	pages  map[string]*template.Template // each with the shared ones
	pieces *template.Template            // the shared ones alone
	assets *asset.Set
}

func newSite() (*site, error) {
	static, err := fs.Sub(files, "static")
	if err != nil {
		return nil, err
	}
	s := &site{pages: map[string]*template.Template{}}
	if s.assets, err = asset.New("/static/", static); err != nil {
		return nil, err
	}
	s.pieces = template.New("").Funcs(template.FuncMap{"asset": s.assets.Path})
	for _, name := range shared {
		if s.pieces, err = s.pieces.ParseFS(files, "templates/"+name); err != nil {
			return nil, fmt.Errorf("parse templates: %w", err)
		}
	}
	names, err := fs.Glob(files, "templates/*.html")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if slices.Contains(shared, path.Base(name)) {
			continue
		}
		page, err := s.pieces.Clone()
		if err == nil {
			page, err = page.ParseFS(files, name)
		}
		if err != nil {
			return nil, fmt.Errorf("parse templates: %w", err)
		}
		s.pages[strings.TrimSuffix(path.Base(name), ".html")] = page
	}
	return s, nil
}

// page renders a whole page.
func (s *site) page(name string, data any) ([]byte, error) {
	var b bytes.Buffer
	if err := s.pages[name].ExecuteTemplate(&b, "layout", data); err != nil {
		return nil, fmt.Errorf("render page %s: %w", name, err)
	}
	return b.Bytes(), nil
}

// part renders a shared template alone, as it stands in the first paint.
func (s *site) part(name string, data any) (string, error) {
	var b strings.Builder
	if err := s.pieces.ExecuteTemplate(&b, name, data); err != nil {
		return "", fmt.Errorf("render %s: %w", name, err)
	}
	return b.String(), nil
}

// render answers with a page that is not kept by anybody.
func (s *site) render(w http.ResponseWriter, status int, name string, data any) error {
	html, err := s.page(name, data)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	return gate.Write(w, html)
}
