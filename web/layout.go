package web

import (
	"net/http"
	"time"

	"harkara/web/gate"
	"harkara/web/lang"
)

// layout is what every page has.
type layout struct {
	voice
	Title   string
	Path    string // to come back to after a change of language
	Section string // of the navigation
	Office  string
	Printed string // when it was made, for paper: with the year and the zone
	East    int    // the office's clock, in seconds east of UTC
	Brisk   bool   // seconds matter here
	Sample  bool
	Opens   bool   // he may open files
	Attends bool   // he is told what waits for a person
	Keeps   bool   // he adds persons
	Wall    bool   // a screen: it leads nowhere
	Mine    bool   // who reads is signed in
	Guest   bool   // who reads may be, and need not: his browser knows
	Stuck   int    // commands that wait for an administrator
	Kiosk   bool   // a station's page: nothing of an administrator's
	Search  string // what was searched for
	Problem string // what went wrong, in words
	Words   map[string]string
}

// pageWords are the words that a page's own scripts say.
var pageWords = []string{"live.", "time.", "lock.", "board.new", "board.pause", "board.resume"}

func (s *Server) layout(r *http.Request, title string) layout {
	tag := gate.Language(r)
	f := layout{voice: voice{tag}, Title: tag.Text(title), Path: r.URL.RequestURI(), Mine: gate.SignedOf(r).Person.ID != "" || s.Open, Guest: s.Open, Stuck: s.board.Summoned(), Words: tag.Script(pageWords...)}
	eyes := gate.Of(r).Sight.Eyes()
	f.Opens, f.Attends, f.Keeps, f.Wall = eyes.Has(openers.Roles...), eyes.Has(examiners.Roles...), eyes.Has(keepers.Roles...), eyes.Wall
	if !f.Attends {
		f.Stuck = 0
	}
	if r.Method != http.MethodGet {
		f.Path = "/"
	}
	f.Office, f.Printed = f.T("app.name"), printed(s.Now(), 0)
	if o, err := s.Directory.Office(r.Context(), s.Now()); err == nil {
		f.Sample, f.East, f.Brisk = o.Sample, east(o), brisk(o)
		f.Printed = printed(s.Now(), f.East)
		if name := f.named(o.Name); name != "" {
			f.Office = name
		}
	}
	return f
}

// printed is an instant for paper, which is read on another day and elsewhere.
func printed(at time.Time, east int) string {
	return at.In(time.FixedZone("", east)).Format("2006-01-02 15:04 UTC-07:00")
}

// summons is the link to what waits for an administrator, with how much that is.
type summons struct {
	voice
	Count   int
	Current bool
}

// Attention is the way to what waits for an administrator.
func (f layout) Attention() summons {
	return summons{f.voice, f.Stuck, f.Section == "attention"}
}

// Other is the language to switch to.
func (f layout) Other() lang.Tag { return f.Lang.Other() }
