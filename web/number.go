package web

import (
	"fmt"
	"net/http"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/web/gate"
	"harkara/web/wire"
)

// holder is a file that has the number of one that is to be opened.
type holder struct {
	custody.Row
	Changed []string `json:"changed,omitempty"` // what the two say otherwise: number (as it is written), subject, department
}

func holders(o custody.Opening, rows []custody.Row) []holder {
	out := make([]holder, len(rows))
	for i, row := range rows {
		out[i].Row = row
		for _, part := range []struct {
			name string
			same bool
		}{{"number", o.Number == row.File.Number}, {"subject", row.File.Class != custody.Ordinary || o.Subject == custody.Prose(row.File.Subject)}, {"department", o.Department == row.File.Department}} {
			if !part.same {
				out[i].Changed = append(out[i].Changed, part.name)
			}
		}
	}
	return out
}

// namesakes are the files that have a number which a command gives to another.
func namesakes(c custody.Command, rows []custody.Row) []holder {
	number, _ := c.Names()
	out := make([]holder, len(rows))
	for i, row := range rows {
		if out[i].Row = row; number != row.File.Number {
			out[i].Changed = []string{"number"}
		}
	}
	return out
}

// numberTaken is the answer to a program whose file was not opened, or amended, because
// others have its number: with anyway it is.
type numberTaken struct {
	Error *wire.Problem `json:"error"`
	Files []holder      `json:"files"`
}

// What opening a file would come to.
const (
	wouldOpen    = "open"
	wouldNothing = "nothing" // it was opened before, by the same id
	wouldAsk     = "ask"     // other files have its number
)

// preview is what opening a file would come to.
type preview struct {
	Would string        `json:"would"`
	Code  label.Code    `json:"code,omitempty"`  // of the file that was opened before
	Files []holder      `json:"files,omitempty"` // that have its number
	Alike []custody.Row `json:"alike,omitempty"` // of the same subject and department, with other numbers
}

// preview looks at an opening as opening does, and stores nothing.
func (s *Server) preview(r *http.Request, form openForm) (preview, error) {
	if first, again, err := s.given(r.Context(), form.ID); again || err != nil {
		if again && !form.sameAs(first) {
			return preview{}, custody.ErrReused
		}
		return preview{Would: wouldNothing, Code: first.Code}, err
	}
	o, err := s.checkedOpening(r, form)
	if err != nil {
		return preview{}, err
	}
	var own label.Code
	if form.Code != "" {
		if own, err = fileCode(form.Code); err != nil {
			return preview{}, err
		}
	}
	p := preview{Would: wouldOpen}
	numbered, err := s.Commands.Numbered(r.Context(), o.Number)
	if err != nil {
		return p, fmt.Errorf("preview file: %w", err)
	}
	eyes := gate.Of(r).Sight.Eyes()
	for _, h := range holders(o, seen(eyes, numbered)) {
		if h.File.Code != own {
			p.Files = append(p.Files, h)
		}
	}
	if len(p.Files) > 0 && !form.Anyway {
		p.Would = wouldAsk
	}
	if o.Subject == "" {
		return p, nil
	}
	alike, err := s.Commands.Alike(r.Context(), o.Subject, o.Department)
	if err != nil {
		return p, fmt.Errorf("preview file: %w", err)
	}
	for _, row := range seen(eyes, alike) {
		if custody.KeyOf(row.File.Number) != custody.KeyOf(o.Number) {
			p.Alike = append(p.Alike, row)
		}
	}
	return p, nil
}

// taken is whose a form's number is, in words.
type taken struct {
	voice
	Files []takenBy
	Yes   string // what a yes to this number says
}

type takenBy struct {
	Code    label.Code
	Digits  string
	Number  string
	Subject string // none at a station: it stands where visitors do
	Where   string
	Changed []string
	Link    bool
}

func (p speaker) taken(number string, has []holder, administrator bool) *taken {
	t := taken{voice: p.voice, Yes: string(custody.KeyOf(number))}
	for _, h := range has {
		by := takenBy{Code: h.File.Code, Digits: h.File.Code.Format(), Number: h.File.Number, Where: p.whereabouts(h.Position)}
		if by.Link = administrator && h.Position.Revision > 0; administrator {
			by.Subject = h.File.Subject
		}
		for _, part := range h.Changed {
			by.Changed = append(by.Changed, p.T("open.other_"+part))
		}
		t.Files = append(t.Files, by)
	}
	return &t
}

// whereabouts says in a few words where a file is.
func (p speaker) whereabouts(pos custody.Position) string {
	switch {
	case pos.Revision == 0:
		return p.T("open.taken_stored")
	case pos.Phase == custody.Ended:
		return p.T("phase.closed")
	case pos.Phase == custody.Transit && pos.ToRoom != "":
		return p.T("leg.to", p.T("entry.at", p.desk(pos.To), p.room(pos.ToRoom)))
	}
	return p.T("entry.at", p.desk(pos.Desk), p.room(pos.Room))
}
