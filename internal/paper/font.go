package paper

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/go-text/typesetting/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gomonobold"
	"golang.org/x/image/font/gofont/goregular"
)

// ErrFont says that a text needs an Urdu font and the machine has none.
var ErrFont = errors.New("no Urdu font found: install Debian's package fonts-noto-core, which brings Noto Nastaliq Urdu")

// weight is the cut of a font a text is set in.
type weight int

const (
	regular weight = iota
	bold
	digits // equal widths and a slashed zero, for codes
	weights
)

// Fonts are the fonts texts are set in: Noto where the machine has it, else, for
// Latin only, Go's own, which are part of the program. They are safe for concurrent
// use.
type Fonts struct {
	latin [weights]*font.Font
	urdu  [weights]*font.Font // nil where the machine has none
	idle  chan *setter
}

// FontFolders lists where fonts lie on Linux.
func FontFolders() []string {
	folders := []string{"/usr/local/share/fonts", "/usr/share/fonts"}
	if home, err := os.UserHomeDir(); err == nil {
		folders = append([]string{filepath.Join(home, ".local/share/fonts"), filepath.Join(home, ".fonts")}, folders...)
	}
	return folders
}

// MachineFonts returns the fonts found in FontFolders, looking for them once.
var MachineFonts = sync.OnceValues(func() (*Fonts, error) { return FindFonts(FontFolders()...) })

// Names of font files, the best first.
var (
	urduFiles = [weights][]string{
		regular: {"NotoNastaliqUrdu-Regular.ttf", "NotoNastaliqUrdu[wght].ttf", "NotoNaskhArabic-Regular.ttf"},
		bold:    {"NotoNastaliqUrdu-Bold.ttf", "NotoNaskhArabic-Bold.ttf"},
	}
	latinFiles = [weights][]string{
		regular: {"NotoSans-Regular.ttf"},
		bold:    {"NotoSans-Bold.ttf"},
	}
	latinOwn = [weights][]byte{goregular.TTF, gobold.TTF, gomonobold.TTF}
)

// FindFonts looks for fonts in folders and below them, the first folder first. That
// a machine has no Urdu font is no error here, only where a text needs one.
func FindFonts(folders ...string) (*Fonts, error) {
	f := &Fonts{idle: make(chan *setter, runtime.GOMAXPROCS(0))}
	found := fontFiles(folders)
	var err error
	for w := range weights {
		if f.urdu[w], err = first(found, urduFiles[w]); err != nil {
			return nil, err
		}
		if f.urdu[w] == nil {
			f.urdu[w] = f.urdu[regular]
		}
		if f.latin[w], err = first(found, latinFiles[w]); err != nil {
			return nil, err
		}
		if f.latin[w] == nil {
			if f.latin[w], err = parse(latinOwn[w]); err != nil {
				return nil, fmt.Errorf("parse Go font %d: %w", w, err)
			}
		}
	}
	return f, nil
}

// fontFiles maps names of TrueType files to their paths; the first found wins.
// A folder that is missing or closed to us holds no fonts.
func fontFiles(folders []string) map[string]string {
	found := map[string]string{}
	for _, folder := range folders {
		filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() && found[entry.Name()] == "" {
				found[entry.Name()] = path
			}
			return nil
		})
	}
	return found
}

// first parses the first of names that was found; nil if none was.
func first(found map[string]string, names []string) (*font.Font, error) {
	for _, name := range names {
		path, ok := found[name]
		if !ok {
			continue
		}
		ttf, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read font: %w", err)
		}
		parsed, err := parse(ttf)
		if err != nil {
			return nil, fmt.Errorf("parse font %s: %w", path, err)
		}
		return parsed, nil
	}
	return nil, nil
}

func parse(ttf []byte) (*font.Font, error) {
	face, err := font.ParseTTF(bytes.NewReader(ttf))
	if err != nil {
		return nil, err
	}
	return face.Font, nil
}

// Urdu reports whether Urdu can be set.
func (f *Fonts) Urdu() bool { return f.urdu[regular] != nil }
