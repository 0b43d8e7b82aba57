package asset

import (
	"compress/gzip"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func folder(files map[string]string) fstest.MapFS {
	out := fstest.MapFS{}
	for name, text := range files {
		out[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

func get(t *testing.T, s *Set, path, encoding string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest("GET", path, nil)
	r.Header.Set("Accept-Encoding", encoding)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// A change deep down changes the names of everything above it.
func TestNamesFollowContent(t *testing.T) {
	files := map[string]string{"a.js": `import "./b.js";`, "b.js": `import { x } from "./c.js";`, "c.js": `export const x = 1;`}
	before, err := New("/static/", folder(files))
	if err != nil {
		t.Fatal(err)
	}
	if got := get(t, before, before.Path("a.js"), "").Body.String(); got != `import "./`+strings.TrimPrefix(before.Path("b.js"), "/static/")+`";` {
		t.Errorf("a.js is %s", got)
	}
	files["c.js"] = `export const x = 2;`
	after, err := New("/static/", folder(files))
	if err != nil {
		t.Fatal(err)
	}
	for name := range files {
		if before.Path(name) == after.Path(name) {
			t.Errorf("%s keeps its name over a change below it", name)
		}
	}
}

func TestServing(t *testing.T) {
	text := strings.Repeat("body { margin: 0 } ", 100)
	s, err := New("/static/", folder(map[string]string{"s.css": text, "tiny.svg": "<svg/>"}))
	if err != nil {
		t.Fatal(err)
	}
	plain := get(t, s, s.Path("s.css"), "")
	if plain.Body.String() != text || !strings.HasPrefix(plain.Header().Get("Content-Type"), "text/css") || !strings.Contains(plain.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("%d %v", plain.Code, plain.Header())
	}
	zipped := get(t, s, s.Path("s.css"), "br, gzip")
	z, err := gzip.NewReader(zipped.Body)
	if err != nil {
		t.Fatal(err)
	}
	if raw, err := io.ReadAll(z); err != nil || string(raw) != text {
		t.Errorf("%d bytes, %v", len(raw), err)
	}
	if tiny := get(t, s, s.Path("tiny.svg"), "gzip"); tiny.Header().Get("Content-Encoding") != "" {
		t.Error("a few bytes were compressed into more")
	}
	for _, path := range []string{"/static/s.css", "/static/", "/static/../asset.go"} {
		if w := get(t, s, path, ""); w.Code != 404 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func TestRefusals(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"a ring":    {"a.js": `import "./b.js";`, "b.js": `import "./a.js";`},
		"not there": {"a.js": `import "./b.js";`},
	} {
		if _, err := New("/", folder(files)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
