// Package kiosk is the page of a scanning station, the same where the office's
// server serves it and where a station's own agent does.
package kiosk

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"

	"harkara/internal/label"
	"harkara/scanner/gesture"
	"harkara/web/asset"
	"harkara/web/lang"
)

//go:embed kiosk.html static
var files embed.FS

// Where the page's parts are served. The page itself belongs at Path, so that its
// service worker may keep it.
const (
	Path       = "/kiosk"
	AssetPath  = "/kiosk/static/"
	WorkerPath = "/kiosk/worker.js"
)

// Page is what a kiosk shows before its scripts run.
type Page struct {
	Lang     lang.Tag
	Office   string
	East     int // the office's clock, in seconds east of UTC
	Sample   bool
	Home     string   // where the office's pages are; empty: not here
	Agent    bool     // a station's agent serves it: tokens are its own affair
	Done     string   // what a form that led back here came to
	Station  string   // empty: whose the token is
	Token    string   // in the demonstration only
	Stations []Choice // to choose from; empty: this is a station
}

// Choice is a station of the demonstration.
type Choice struct{ ID, Name string }

// T is the words of a key.
func (p Page) T(key string) string { return p.Lang.Text(key) }

// Words are what the scripts say.
func (p Page) Words() map[string]string { return p.Lang.Script("kiosk.") }

// Cards says what each card does.
func (p Page) Cards() []label.Gesture { return label.Gestures }

// Answers says how each read is answered that gives no command.
func (p Page) Answers() map[gesture.Feedback]gesture.Answer { return gesture.Answers }

// Switch is the address of the same kiosk in the other language, from its own on.
func (p Page) Switch() string {
	q := url.Values{"lang": {string(p.Lang.Other())}}
	if p.Station != "" {
		q.Set("station", p.Station)
	}
	return "?" + q.Encode()
}

// Kiosk renders pages and serves what they load. It does not change.
type Kiosk struct {
	page   *template.Template
	assets *asset.Set
	worker []byte
}

// scripts that a page loads: its service worker keeps them all.
var loaded = []string{"kiosk.css", "main.js", "board.js", "burst.js", "camera.js", "clock.js", "events.js", "eye.js", "gesture.js", "grey.js", "kiosk.js", "names.js", "outbox.js", "page.js", "panel.js", "refused.js", "register.js", "setup.js", "sources.js", "told.js", "uplink.js", "wedge.js"}

// New makes it from what is embedded.
func New() (*Kiosk, error) {
	static, err := fs.Sub(files, "static")
	if err != nil {
		return nil, fmt.Errorf("make kiosk: %w", err)
	}
	k := &Kiosk{}
	if k.assets, err = asset.New(AssetPath, static); err != nil {
		return nil, fmt.Errorf("make kiosk: %w", err)
	}
	if k.page, err = template.New("kiosk.html").Funcs(template.FuncMap{"asset": k.assets.Path}).ParseFS(files, "kiosk.html"); err != nil {
		return nil, fmt.Errorf("make kiosk: %w", err)
	}
	if k.worker, err = k.makeWorker(static); err != nil {
		return nil, fmt.Errorf("make kiosk: %w", err)
	}
	return k, nil
}

// makeWorker puts before the service worker what it must keep. Another file or
// another text of its own is another version.
func (k *Kiosk) makeWorker(static fs.FS) ([]byte, error) {
	text, err := fs.ReadFile(static, "worker.js")
	if err != nil {
		return nil, err
	}
	paths := make([]string, len(loaded))
	for i, name := range loaded {
		paths[i] = k.assets.Path(name)
	}
	list, err := json.Marshal(paths)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(append(text, list...))
	return fmt.Appendf(nil, "const VERSION = %q, FILES = %s;\n%s", hex.EncodeToString(sum[:6]), list, text), nil
}

// Render returns a page.
func (k *Kiosk) Render(p Page) ([]byte, error) {
	var b bytes.Buffer
	if err := k.page.Execute(&b, p); err != nil {
		return nil, fmt.Errorf("render kiosk: %w", err)
	}
	return b.Bytes(), nil
}

// Assets serves what lies below AssetPath.
func (k *Kiosk) Assets() http.Handler { return k.assets }

// ServeWorker serves the service worker, which may keep the page at Path.
func (k *Kiosk) ServeWorker(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/javascript; charset=utf-8")
	h.Set("Service-Worker-Allowed", Path)
	h.Set("Cache-Control", "no-cache")
	w.Write(k.worker) // who has gone needs no answer
}
