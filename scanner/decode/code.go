package decode

import (
	"errors"
	"slices"

	"harkara/internal/label"
)

// What keeps a picture from being of one thing.
var (
	ErrNoCode  = errors.New("no code in the picture")
	ErrTooMany = errors.New("several codes in the picture")
)

// Code is what a symbol says to an office: a code of ours, or in label.Foreign's form
// what an old cover carries; false: it can be neither.
func (s Symbol) Code() (label.Code, bool) {
	code, err := label.Check(s.Text)
	if err != nil {
		code, err = label.Foreign(s.Text)
	}
	return code, err == nil
}

// Code is what a picture is of: a file, where none is shown a card or a badge, and
// where nothing of ours is shown an old cover. Errors: ErrNoCode, ErrTooMany.
func (r Result) Code() (label.Code, error) {
	var files, others []label.Code
	for _, s := range r.shown() {
		code, ok := s.Code()
		switch {
		case !ok:
		case code.Kind() == label.File:
			files = append(files, code)
		default:
			others = append(others, code)
		}
	}
	found := files
	if len(found) == 0 {
		found = others
	}
	if len(found) == 0 {
		return "", ErrNoCode
	}
	if slices.ContainsFunc(found, func(c label.Code) bool { return c != found[0] }) {
		return "", ErrTooMany
	}
	return found[0], nil
}

// shown is what a picture is about: labels of ours, or where there are none others'.
func (r Result) shown() []Symbol {
	if len(r.Symbols) > 0 {
		return r.Symbols
	}
	return r.Foreign
}
