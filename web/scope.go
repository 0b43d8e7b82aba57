package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/web/gate"
	"harkara/web/lang"
)

// view names a page that lives.
type view string

const (
	onBoard view = "board"
	onRooms view = "rooms"
	onRoom  view = "room"
	onFile  view = "file"
)

// scope is what a page shows: whoever has the same scope and language gets the
// same messages.
type scope struct {
	view       view
	show       string // board: one of filters
	department custody.DepartmentID
	search     string // board: part of a file number or subject
	room       custody.RoomID
	code       label.Code
}

// key is what a page or a live message is made for: nobody gets what was made for another
// language, or for who sees more.
type key struct {
	scope
	lang  lang.Tag
	sight gate.Sight
}

// keyOf is the key of what a request's principal sees of a scope.
func keyOf(r *http.Request, sc scope) key { return key{sc, gate.Language(r), gate.Of(r).Sight} }

const maxSearch = 100 // characters

// boardScope reads the board's filters from an address.
func boardScope(q url.Values) (scope, error) {
	sc := scope{view: onBoard, show: "all", department: custody.DepartmentID(q.Get("department")), search: strings.TrimSpace(q.Get("q"))}
	if show := q.Get("show"); show != "" {
		sc.show = show
	}
	if sc.filter() < 0 {
		return sc, fmt.Errorf("%w: show=%q", gate.ErrMalformed, sc.show)
	}
	if utf8.RuneCountInString(sc.search) > maxSearch || len(sc.department) > maxSearch {
		return sc, custody.TooLong
	}
	return sc, nil
}

// liveScope reads the scope of a socket.
func liveScope(r *http.Request) (scope, error) {
	q := r.URL.Query()
	switch v := view(q.Get("scope")); v {
	case onBoard, "":
		return boardScope(q)
	case onRooms:
		return scope{view: v}, nil
	case onRoom:
		return scope{view: v, room: custody.RoomID(q.Get("room"))}, nil
	case onFile:
		code, err := label.Parse(q.Get("code"))
		return scope{view: v, code: code}, err
	default:
		return scope{}, fmt.Errorf("%w: scope=%q", gate.ErrMalformed, v)
	}
}

// query is the scope as the parameters of an address. It leaves out what is as
// usual.
func (sc scope) query() string {
	q := url.Values{}
	for _, v := range []struct{ name, value string }{
		{"show", sc.show}, {"department", string(sc.department)}, {"q", sc.search}, {"room", string(sc.room)}, {"code", string(sc.code)},
	} {
		if v.value != "" && (v.name != "show" || v.value != "all") {
			q.Set(v.name, v.value)
		}
	}
	return q.Encode()
}

// board is the address of the board with these filters.
func (sc scope) board() string {
	if q := sc.query(); q != "" {
		return "/?" + q
	}
	return "/"
}

// socket is the address of the scope's live feed.
func (sc scope) socket() string {
	q := "scope=" + string(sc.view)
	if rest := sc.query(); rest != "" {
		q += "&" + rest
	}
	return "/api/v1/live?" + q
}

func (sc scope) filter() int {
	for i, f := range filters {
		if f.name == sc.show {
			return i
		}
	}
	return -1
}

// question is which files the numbers on a scope's page count.
func (sc scope) question() question { return ask(sc.department, sc.search) }

// lists names the lists of the scope's page.
func (sc scope) lists() []string {
	if sc.view == onRoom {
		return roomLists
	}
	return []string{"rows"}
}

// list names the list of the scope's page that a file belongs to; empty: none. q is
// the scope's question.
func (sc scope) list(q question, f *standing) string {
	if f == nil {
		return ""
	}
	pos := f.Position
	switch sc.view {
	case onBoard:
		if filters[sc.filter()].fits(f) && q.fits(f) {
			return "rows"
		}
	case onRoom:
		switch {
		case pos.Phase == custody.Transit && pos.ToRoom == sc.room:
			return "coming"
		case pos.Phase == custody.Transit && pos.Room == sc.room:
			return "leaving"
		case pos.Phase != custody.Transit && pos.Room == sc.room:
			return "here"
		}
	}
	return ""
}
