package board

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/people"
	"harkara/web/gate"
	"harkara/web/lang"
)

// View names a page that lives.
type View string

// The views.
const (
	OnBoard View = "board"
	OnRooms View = "rooms"
	OnRoom  View = "room"
	OnFile  View = "file"
)

// Scope is what a page shows.
type Scope struct {
	View       View
	Show       string // board: one of filters
	Department custody.DepartmentID
	Search     string // board: part of a file number or subject
	Page       int    // board: of its list, from the second on; else 0
	Closed     int    // board: of the closed files that a search finds, the same
	Room       custody.RoomID
	Code       label.Code
}

// Key is what a page or a live message is made for: nobody gets what was made for another
// language, or for who sees more.
type Key struct {
	Scope
	Lang  lang.Tag
	Sight people.Sight
}

// KeyOf is the key of what a request's principal sees of a scope.
func KeyOf(r *http.Request, sc Scope) Key { return Key{sc, gate.Language(r), gate.Of(r).Sight} }

const (
	maxSearch = 100 // characters
	maxPage   = 100_000
)

// BoardScope reads the board's filters from an address.
func BoardScope(q url.Values) (Scope, error) {
	sc := Scope{View: OnBoard, Show: "all", Department: custody.DepartmentID(q.Get("department")), Search: strings.TrimSpace(q.Get("q"))}
	if show := q.Get("show"); show != "" {
		sc.Show = show
	}
	for name, into := range map[string]*int{"page": &sc.Page, "closed": &sc.Closed} {
		page := q.Get(name)
		if page == "" {
			continue
		}
		n, err := strconv.Atoi(label.Latin(page))
		if err != nil || n < 1 || n > maxPage {
			return sc, fmt.Errorf("%w: %s=%q", gate.ErrMalformed, name, page)
		}
		if n > 1 {
			*into = n
		}
	}
	if sc.filter() < 0 {
		return sc, fmt.Errorf("%w: show=%q", gate.ErrMalformed, sc.Show)
	}
	if utf8.RuneCountInString(sc.Search) > maxSearch || len(sc.Department) > maxSearch {
		return sc, custody.TooLong
	}
	return sc, nil
}

// LiveScope reads the scope of a socket.
func LiveScope(r *http.Request) (Scope, error) {
	q := r.URL.Query()
	switch v := View(q.Get("scope")); v {
	case OnBoard, "":
		return BoardScope(q)
	case OnRooms:
		return Scope{View: v}, nil
	case OnRoom:
		return Scope{View: v, Room: custody.RoomID(q.Get("room"))}, nil
	case OnFile:
		code, err := label.Parse(q.Get("code"))
		return Scope{View: v, Code: code}, err
	default:
		return Scope{}, fmt.Errorf("%w: scope=%q", gate.ErrMalformed, v)
	}
}

// query is the scope as the parameters of an address. It leaves out what is as
// usual.
func (sc Scope) query() string {
	q := url.Values{}
	for _, v := range []struct{ name, value string }{
		{"show", sc.Show}, {"department", string(sc.Department)}, {"q", sc.Search}, {"room", string(sc.Room)}, {"code", string(sc.Code)},
	} {
		if v.value != "" && (v.name != "show" || v.value != "all") {
			q.Set(v.name, v.value)
		}
	}
	for name, n := range map[string]int{"page": sc.Page, "closed": sc.Closed} {
		if n > 0 {
			q.Set(name, strconv.Itoa(n))
		}
	}
	return q.Encode()
}

// At is the scope with another page of its list, of which the first is 1.
func (sc Scope) At(page int) Scope {
	if sc.Page = page; page == 1 {
		sc.Page = 0
	}
	return sc
}

// ClosedAt is the scope with another page of the closed files, of which the first is 1.
func (sc Scope) ClosedAt(page int) Scope {
	if sc.Closed = page; page == 1 {
		sc.Closed = 0
	}
	return sc
}

// Address is the address of the board with these filters.
func (sc Scope) Address() string {
	if q := sc.query(); q != "" {
		return "/?" + q
	}
	return "/"
}

// Socket is the address of the scope's live feed.
func (sc Scope) Socket() string {
	q := "scope=" + string(sc.View)
	if rest := sc.query(); rest != "" {
		q += "&" + rest
	}
	return "/api/v1/live?" + q
}

func (sc Scope) filter() int {
	for i, f := range filters {
		if f.name == sc.Show {
			return i
		}
	}
	return -1
}

// question is which files the numbers on a scope's page count.
func (sc Scope) question() question { return ask(sc.Department, sc.Search) }

// Lists names the lists of files on the scope's page.
func (sc Scope) Lists() []string {
	switch sc.View {
	case OnRoom:
		return RoomLists
	case OnBoard:
		return []string{"rows"}
	}
	return nil
}

// list names the list of the scope's page that a file belongs to; empty: none. q is
// the scope's question.
func (sc Scope) list(q question, f *standing) string {
	if f == nil {
		return ""
	}
	pos := f.Position
	switch sc.View {
	case OnBoard:
		if sc.Page > 0 { // it stands as it was loaded: what moves changes what is before it
			return ""
		}
		if filters[sc.filter()].fits(f) && q.fits(f) {
			return "rows"
		}
	case OnRoom:
		return sc.inRoom(pos.Phase == custody.Transit, pos.Room, pos.ToRoom)
	}
	return ""
}

// inRoom names the list of a room's page for what is somewhere; empty: none.
func (sc Scope) inRoom(transit bool, room, to custody.RoomID) string {
	switch {
	case transit && to == sc.Room:
		return "coming"
	case transit && room == sc.Room:
		return "leaving"
	case !transit && room == sc.Room:
		return "here"
	}
	return ""
}

// listsGreys reports whether a board's page counts files of which no more is seen.
func (sc Scope) listsGreys() bool { return sc.Department == "" && sc.Search == "" && sc.Page == 0 }

// RoomLists names the lists of a room's page.
var RoomLists = []string{"here", "coming", "leaving"}
