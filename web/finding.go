package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/people"
	"harkara/web/lang"
)

// Judge says what is wrong with a file first, by everything that is known of it; nil:
// nothing. custody.ErrNotFound where nobody knows of one. Examinations are of the whole
// office, newest first, each with its first findings.
type Judge interface {
	Judge(ctx context.Context, code label.Code) (*Finding, error)
	Examinations(ctx context.Context, limit, findings int) ([]Examination, error)
}

// Finding is something that is not what everything else says that it should be.
type Finding struct {
	File     label.Code `json:"file,omitempty"` // empty: it is about the office
	Kind     string     `json:"kind"`           // pages have words for each
	Place    string     `json:"place"`          // where: a field, an entry, a command
	Stored   string     `json:"stored,omitempty"`
	Computed string     `json:"computed,omitempty"`
}

// Words are what a finding says: what is wrong, and how the one differs from the other.
func (f Finding) Words(tag lang.Tag) (what, values string) {
	what = tag.Text("finding." + f.Kind)
	switch {
	case f.Stored != "" && f.Computed != "":
		values = tag.Text("finding.is", f.Stored, f.Computed)
	case f.Stored != "":
		values = tag.Text("finding.extra", f.Stored)
	case f.Computed != "":
		values = tag.Text("finding.missing", f.Computed)
	}
	return what, values
}

// mute is the kind of a workflow that does not answer: nobody has changed anything.
const mute = "mute"

// Examination is one night's judging of the office.
type Examination struct {
	Began    time.Time     `json:"began"`
	Moved    time.Time     `json:"moved"`          // it came further
	Ended    time.Time     `json:"ended,omitzero"` // zero: it is under way, or waits for the next night
	Files    int           `json:"files"`
	Entries  int           `json:"entries"`
	Of       int           `json:"of"`    // files that there were when it began
	Spent    time.Duration `json:"spent"` // without its rests
	Found    int           `json:"found"`
	Findings []Finding     `json:"findings,omitempty"`
}

// findingLine is a finding, worded.
type findingLine struct {
	Code                label.Code
	Digits              string
	What, Place, Values string
}

func (p speaker) finding(f Finding) findingLine {
	line := findingLine{Code: f.File, Digits: f.File.Format(), Place: f.Place}
	line.What, line.Values = f.Words(p.Lang)
	return line
}

// examinationLine is an examination, worded.
type examinationLine struct {
	What     string
	Bad      bool
	Findings []findingLine
	More     string
}

// examinations words the newest examination, and where that is under way the one before.
func (p speaker) examinations(list []Examination) (lines []examinationLine) {
	for _, x := range list {
		line := examinationLine{Bad: x.Found > 0}
		if x.Ended.IsZero() {
			line.What = p.T("examination.under_way", p.clock(x.Began), x.Files, x.Of, p.ago(x.Moved))
		} else {
			line.What = p.T("examination.ended", p.clock(x.Began), p.span(x.Ended.Sub(x.Began)), p.span(x.Spent), x.Files, x.Entries)
		}
		for _, f := range x.Findings {
			line.Findings = append(line.Findings, p.finding(f))
		}
		if more := x.Found - len(x.Findings); more > 0 {
			line.More = p.N("examination.more", more)
		}
		if lines = append(lines, line); !x.Ended.IsZero() {
			break
		}
	}
	return lines
}

// judged is what the judge says of a file; nil where this server has none, or nothing is
// wrong.
func (s *Server) judged(ctx context.Context, code label.Code) (*Finding, error) {
	if s.Judge == nil {
		return nil, nil
	}
	f, err := s.Judge.Judge(ctx, code)
	if err == nil && f != nil && f.Kind != mute {
		s.noise.Error("a file is not what it was "+string(code), "a file is not what it was", "file", code, "kind", f.Kind, "place", f.Place)
	}
	return f, err
}

type lostPage struct {
	layout
	Digits  string
	Finding findingLine
}

// lost shows what is wrong with a code that the registry has no file of; it returns err
// where nobody knows of one.
func (s *Server) lost(w http.ResponseWriter, r *http.Request, p speaker, code label.Code, err error) error {
	if s.Judge == nil || code.Kind() != label.File || !p.eyes.Has(people.Administrator, people.Auditor) {
		return err
	}
	if _, known := s.Registry.File(r.Context(), code); !errors.Is(known, custody.ErrNotFound) {
		return err // there is one, and it is not for this reader
	}
	f, unknown := s.judged(r.Context(), code)
	if unknown != nil || f == nil {
		return err
	}
	page := lostPage{layout: s.layout(r, "error.not_found"), Digits: code.Format(), Finding: p.finding(*f)}
	page.Problem = page.T("error.not_found")
	return s.site.render(w, http.StatusNotFound, "lost", page)
}
