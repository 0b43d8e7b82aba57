package web

import (
	"io/fs"
	"net/http"
	"path/filepath"
	"sync"

	"harkara/internal/custody"
	"harkara/internal/paper"
)

// fontFiles are the fonts that browsers without a Nastaliq of their own are given,
// as they lie on this machine; see static/base.css.
var fontFiles = map[string]string{
	"nastaliq.ttf":      "NotoNastaliqUrdu-Regular.ttf",
	"nastaliq-bold.ttf": "NotoNastaliqUrdu-Bold.ttf",
}

// fontPaths looks for them once: name -> path.
var fontPaths = sync.OnceValue(func() map[string]string {
	found := map[string]string{}
	for _, folder := range paper.FontFolders() {
		filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return nil // a folder that is missing or closed to us holds no fonts
			}
			for name, file := range fontFiles {
				if entry.Name() == file && found[name] == "" {
					found[name] = path
				}
			}
			return nil
		})
	}
	return found
})

// font serves a font file of this machine.
func (s *Server) font(w http.ResponseWriter, r *http.Request) error {
	path := fontPaths()[r.PathValue("name")]
	if path == "" {
		return custody.ErrNotFound
	}
	w.Header().Set("Content-Type", "font/ttf")
	w.Header().Set("Cache-Control", "public, max-age=2592000")
	http.ServeFile(w, r, path)
	return nil
}
