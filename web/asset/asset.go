// Package asset serves embedded scripts, styles and pictures under names that
// carry a hash of their content, so that browsers keep them for ever and never
// show an old one.
package asset

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"strings"
	"time"
)

// Set is the files of one folder. It does not change and is safe for concurrent
// use.
type Set struct {
	prefix string
	names  map[string]string // plain name -> hashed name
	files  map[string]file   // hashed name -> content
}

type file struct{ plain, zipped []byte } // zipped is nil where it gains nothing

// New reads the files at the top of a folder, to be served below prefix, such as
// "/static/". Where a script or a style names another of them as "./name", the
// hashed name is put in its place.
func New(prefix string, folder fs.FS) (*Set, error) {
	s := &Set{prefix: prefix, names: map[string]string{}, files: map[string]file{}}
	entries, err := fs.ReadDir(folder, ".")
	if err != nil {
		return nil, fmt.Errorf("read assets: %w", err)
	}
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		if err := s.add(folder, e.Name(), nil); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// named finds what a script imports or a style loads.
var named = regexp.MustCompile(`"\./([A-Za-z0-9_.-]+)"`)

// add takes in a file after everything that it names. within are the names that
// led to it: two files that name each other have no hash.
func (s *Set) add(folder fs.FS, name string, within []string) error {
	if _, done := s.names[name]; done {
		return nil
	}
	for _, w := range within {
		if w == name {
			return fmt.Errorf("read assets: %s names itself through %s", name, strings.Join(within, ", "))
		}
	}
	raw, err := fs.ReadFile(folder, name)
	if err != nil {
		return fmt.Errorf("read asset %s: %w", name, err)
	}
	if ext := path.Ext(name); ext == ".js" || ext == ".css" {
		for _, m := range named.FindAllSubmatch(raw, -1) {
			if err := s.add(folder, string(m[1]), append(within, name)); err != nil {
				return err
			}
		}
		raw = named.ReplaceAllFunc(raw, func(m []byte) []byte {
			return []byte(`"./` + s.names[string(m[3:len(m)-1])] + `"`)
		})
	}
	sum := sha256.Sum256(raw)
	ext := path.Ext(name)
	hashed := strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
	s.names[name], s.files[hashed] = hashed, file{raw, squeeze(raw)}
	return nil
}

// squeeze compresses what becomes clearly smaller by it.
func squeeze(raw []byte) []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // a known level has no error
	z.Write(raw)                                          // nor has a buffer
	z.Close()
	if b.Len() > len(raw)*9/10 {
		return nil
	}
	return b.Bytes()
}

// Path returns where a file is served. It panics on a name that is not in the
// set: names are constants of the program.
func (s *Set) Path(name string) string {
	hashed, ok := s.names[name]
	if !ok {
		panic("asset: no file " + name)
	}
	return s.prefix + hashed
}

// ServeHTTP serves a file by its hashed name.
func (s *Set) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, s.prefix)
	f, ok := s.files[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	content := f.plain
	if f.zipped != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		content = f.zipped
	}
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(content))
}
