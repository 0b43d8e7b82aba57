package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/people"
	"harkara/web/board"
	"harkara/web/gate"
)

type filePage struct {
	layout
	Scope  liveScopeOf
	Banner banner
	Story  story
	New    bool   // just opened
	Done   string // what the act that led here came to
	Bad    bool   // it was refused
}

// codeOf reads the code in a request's path: a file's, on any of its covers.
func codeOf(r *http.Request) (label.Code, error) {
	text := custody.Plain(r.PathValue("code"))
	code, err := fileCode(text)
	if old, foreign := label.Foreign(text); err != nil && !errors.Is(err, errNotAFile) && foreign == nil {
		return old, nil
	}
	return code, err
}

// fileCode reads the code of a file's cover.
func fileCode(text string) (label.Code, error) {
	code, err := label.Parse(custody.Plain(text))
	if err == nil && code.Kind() != label.File {
		err = fmt.Errorf("%w: a %s's", errNotAFile, code.Kind())
	}
	return code, err
}

func (s *Server) filePage(w http.ResponseWriter, r *http.Request) error {
	return s.showFile(w, r, http.StatusOK, nil)
}

// showFile shows the page of the file in a request's path; with an amendment that is to
// be asked about, its form again.
func (s *Server) showFile(w http.ResponseWriter, r *http.Request, status int, again func(speaker, *story)) error {
	code, err := codeOf(r)
	if err != nil {
		return err
	}
	st, err := s.board.Latest(r.Context(), gate.Of(r).Sight) // before the story: what is later comes over the socket
	if err != nil {
		return err
	}
	p, err := s.speaks(r)
	if err != nil {
		return err
	}
	story, err := s.story(r.Context(), p, code)
	if errors.Is(err, custody.ErrNotFound) {
		return s.lost(w, r, p, code, err)
	}
	if err != nil {
		return err
	}
	if again != nil {
		again(p, &story)
	}
	if first := story.Row.Code; first != code && again == nil { // a later cover's, or an old one's
		http.Redirect(w, r, "/files/"+string(first), http.StatusSeeOther)
		return nil
	}
	page := filePage{
		layout: s.layout(r, "board.file"), Scope: s.liveScopeOf(board.Scope{View: board.OnFile, Code: story.Row.Code}, st), Banner: p.banner(st.Health),
		Story: story, New: r.URL.Query().Has("new"),
	}
	page.Title, page.Path = story.Row.Number, "/files/"+string(story.Row.Code)
	done := r.URL.Query().Get("done")
	page.Story.Print = page.New || done == string(custody.Reprinted) || done == string(custody.Relabelled)
	if done != "" {
		key := "reason." + done
		if done == waits {
			key = "file.waits"
		}
		if text := p.T(key, 0); text != key { // not any text that an address brings
			page.Done, page.Bad = text, r.URL.Query().Has("refused")
		}
	}
	return s.site.render(w, status, "file", page)
}

func (s *Server) fileJSON(w http.ResponseWriter, r *http.Request) error {
	code, err := codeOf(r)
	if err != nil {
		return err
	}
	file, err := s.file(r.Context(), gate.Of(r).Sight.Eyes(), code)
	if err == nil {
		file, err = s.disclose(r.Context(), file)
	}
	if err != nil {
		return err
	}
	return gate.WriteJSON(w, http.StatusOK, file)
}

// numberedJSON is the files that have a number, however it is written, the open ones first.
func (s *Server) numberedJSON(w http.ResponseWriter, r *http.Request) error {
	files, err := s.numbered(r)
	if err != nil {
		return err
	}
	return gate.WriteJSON(w, http.StatusOK, map[string]any{"files": seen(gate.Of(r).Sight.Eyes(), files)})
}

// numbered is the files that have a request's number; empty, never nil. Errors:
// gate.ErrMalformed.
func (s *Server) numbered(r *http.Request) ([]custody.Row, error) {
	number := r.URL.Query().Get("number")
	if custody.KeyOf(number) == "" {
		return nil, fmt.Errorf("%w: number=%q", gate.ErrMalformed, number)
	}
	files, err := s.Commands.Numbered(r.Context(), number)
	if files == nil {
		files = []custody.Row{}
	}
	return files, err
}

// numberedAtDoor is the same for a station, which is told as much where it opens a file: no
// subjects, which stand where visitors do.
func (s *Server) numberedAtDoor(w http.ResponseWriter, r *http.Request) error {
	files, err := s.numbered(r)
	if err != nil {
		return err
	}
	eyes := gate.Of(r).Sight.Eyes()
	files = slices.DeleteFunc(files, func(f custody.Row) bool { return f.File.Class != custody.Ordinary && eyes.See(&f) != people.Whole })
	for i := range files {
		files[i].File.Subject = ""
	}
	return gate.WriteJSON(w, http.StatusOK, map[string]any{"files": files})
}

// entriesJSON is a file's chain of custody as it is stored, byte for byte, with
// what the judge says of the file.
func (s *Server) entriesJSON(w http.ResponseWriter, r *http.Request) error {
	code, err := codeOf(r)
	if err != nil {
		return err
	}
	file, err := s.file(r.Context(), gate.Of(r).Sight.Eyes(), code)
	if err != nil {
		return err
	}
	code = file.File.Code
	stored, err := s.Registry.Entries(r.Context(), code)
	if err != nil {
		return err
	}
	head, _, broken := custody.Chain(custody.Head{}, code, stored)
	found, err := s.judged(r.Context(), code)
	if err != nil {
		return err
	}
	raw, err := json.Marshal(head)
	if err != nil {
		return err
	}
	var b strings.Builder // not through an encoder: it would change the entries' bytes
	fmt.Fprintf(&b, `{"head":%s,"whole":%t,"entries":[`, raw, broken == nil && (found == nil || found.Kind == mute))
	for i, e := range stored {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
		b.Write(e)
	}
	b.WriteString("\n]}\n")
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	return gate.Write(w, []byte(b.String()))
}
