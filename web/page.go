package web

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"harkara/internal/custody"
	"harkara/web/lang"
)

//go:embed templates/*.html static/*
var files embed.FS

// frame is what every page has. The language travels in the data, so that a
// template cannot speak another's.
type frame struct {
	Lang   lang.Tag
	Title  string
	Path   string // to come back to after a change of language
	Sample bool
	Office string
	Error  string
	Assets map[string]string // name -> hashed name
}

// T is the words of a key, for templates.
func (f frame) T(key string, args ...any) string { return f.Lang.Text(key, args...) }

// pages holds the parsed templates and the assets under names that carry a hash
// of their content.
type pages struct {
	templates map[string]*template.Template
	assets    map[string]string // name -> hashed name
	content   map[string][]byte // hashed name -> content
}

// pagesOwn are the scripts that pages name and no script imports.
var pagesOwn = map[string]int{"board.js": 1, "kiosk.js": 1}

func loadPages() (*pages, error) {
	p := &pages{templates: map[string]*template.Template{}, assets: map[string]string{}, content: map[string][]byte{}}
	names, err := fs.Glob(files, "templates/*.html")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		page := strings.TrimSuffix(path.Base(name), ".html")
		if page == "frame" || page == "row" {
			continue
		}
		t, err := template.New(page).ParseFS(files, "templates/frame.html", "templates/row.html", name)
		if err != nil {
			return nil, fmt.Errorf("parse page %s: %w", page, err)
		}
		p.templates[page] = t
	}
	assets, err := fs.Glob(files, "static/*")
	if err != nil {
		return nil, err
	}
	// Modules import each other by plain names; what is imported is named first.
	slices.SortStableFunc(assets, func(a, b string) int { return cmp.Compare(pagesOwn[path.Base(a)], pagesOwn[path.Base(b)]) })
	for _, name := range assets {
		raw, err := files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		for plain, hashed := range p.assets {
			raw = bytes.ReplaceAll(raw, []byte(`"./`+plain+`"`), []byte(`"./`+hashed+`"`))
		}
		sum := sha256.Sum256(raw)
		base := path.Base(name)
		ext := path.Ext(base)
		hashed := strings.TrimSuffix(base, ext) + "." + hex.EncodeToString(sum[:6]) + ext
		p.assets[base], p.content[hashed] = hashed, raw
	}
	return p, nil
}

func (p *pages) render(w http.ResponseWriter, _ *http.Request, status int, page string, data any) error {
	var b bytes.Buffer
	if err := p.templates[page].ExecuteTemplate(&b, "frame", data); err != nil {
		return fmt.Errorf("render page %s: %w", page, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, err := w.Write(b.Bytes())
	return err
}

func (s *Server) static(w http.ResponseWriter, r *http.Request) error {
	raw, ok := s.pages.content[r.PathValue("name")]
	if !ok {
		return custody.ErrNotFound
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeContent(w, r, r.PathValue("name"), time.Time{}, bytes.NewReader(raw))
	return nil
}

const languageCookie = "lang"

// language is what the address, the cookie or the browser asks for.
func language(r *http.Request) lang.Tag {
	if q := r.URL.Query().Get("lang"); q != "" {
		return lang.Parse(q)
	}
	if c, err := r.Cookie(languageCookie); err == nil {
		return lang.Parse(c.Value)
	}
	return lang.Parse(r.Header.Get("Accept-Language"))
}

// language keeps the choice and goes back; it changes nothing else.
func (s *Server) language(w http.ResponseWriter, r *http.Request) error {
	http.SetCookie(w, &http.Cookie{
		Name: languageCookie, Value: string(lang.Parse(r.PathValue("tag"))), Path: "/", MaxAge: 365 * 24 * 3600, SameSite: http.SameSiteLaxMode, HttpOnly: true,
	})
	back := r.URL.Query().Get("back")
	if !strings.HasPrefix(back, "/") || strings.HasPrefix(back, "//") || strings.Contains(back, "\\") {
		back = "/"
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
	return nil
}

func (s *Server) frame(r *http.Request, title string) frame {
	tag := language(r)
	f := frame{Lang: tag, Title: tag.Text(title), Path: r.URL.RequestURI(), Assets: s.pages.assets, Office: tag.Text("app.name")}
	if o, err := s.Directory.Office(r.Context(), time.Now()); err == nil {
		f.Sample = o.Sample
		if name := named(tag, o.Name); name != "" {
			f.Office = name
		}
	}
	return f
}

// named picks the language's name, or the other where there is none.
func named(tag lang.Tag, n custody.Name) string {
	if tag == lang.Urdu && n.Ur != "" {
		return n.Ur
	}
	return n.En
}
