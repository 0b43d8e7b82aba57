package web

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"harkara/internal/custody"
	"harkara/internal/label"
)

type filePage struct {
	frame
	Row        row
	Digits     string
	Department string
	Opened     string
	SinceText  string
	Due        string
	NextText   string
	Wake       string
	Closed     bool
	Missing    bool
	Pending    int
	Stuck      bool
	Good       bool
	Count      int
	Entries    []entryLine
	Legs       []legLine
	New        bool
}

type entryLine struct {
	Revision          int64
	When, What, Where string
	Who, Marks, Note  string
	Refused           bool
}

type legLine struct {
	Holder, From, Until string
	Worked, Budget      string
	Over                bool
}

func (s *Server) filePage(w http.ResponseWriter, r *http.Request) error {
	code, err := label.Parse(r.PathValue("code"))
	if err != nil {
		return err
	}
	file, err := s.Registry.File(r.Context(), code)
	if err != nil {
		return err
	}
	p, err := s.speaker(r)
	if err != nil {
		return err
	}
	stored, err := s.Registry.Entries(r.Context(), code)
	if err != nil {
		return err
	}
	head, entries, broken := custody.Chain(custody.Head{}, code, stored)
	pos := file.Position
	page := filePage{
		frame: s.frame(r, "board.file"), Row: p.row(file), Digits: code.Format(), Department: p.department(file.File.Department),
		Opened: p.clock(file.File.Opened), SinceText: p.clock(pos.Since), Due: p.clock(pos.Deadline), Wake: p.clock(pos.Wake), NextText: p.next(pos),
		Closed: pos.Phase == custody.Ended, Missing: pos.Missing, Pending: file.Pending, Stuck: file.Quarantined,
		Good: broken == nil && head.Revision == pos.Revision, Count: len(entries), New: r.URL.Query().Has("new"),
	}
	page.Title = file.File.Number
	for _, e := range slices.Backward(entries) {
		page.Entries = append(page.Entries, p.entry(e))
	}
	for _, span := range custody.Fold(entries, p.office.Calendars, p.now) {
		page.Legs = append(page.Legs, p.leg(span))
	}
	return s.pages.render(w, r, http.StatusOK, "file", page)
}

func (p speaker) entry(e custody.Entry) entryLine {
	line := entryLine{
		Revision: e.Revision, When: p.clock(e.At), What: p.tag.Text("reason."+string(e.Reason), e.Rung), Who: e.Who, Note: e.Note, Refused: e.Refused,
	}
	switch {
	case e.Leg != nil && e.Leg.To != nil:
		line.Where = p.room(e.Leg.Place.Room) + " → " + p.desk(e.Leg.To.Desk)
	case e.Leg != nil:
		line.Where = p.desk(e.Leg.Place.Desk)
	case e.Seen != "":
		line.Where = p.room(e.Seen)
	}
	for _, told := range e.Told {
		if line.Who != "" {
			line.Who += ", "
		}
		line.Who += p.post(told.Post)
	}
	for _, m := range e.Marks {
		if line.Marks != "" {
			line.Marks += ", "
		}
		line.Marks += p.tag.Text("mark." + m)
	}
	return line
}

func (p speaker) leg(span custody.Span) legLine {
	line := legLine{
		Holder: p.desk(span.Place.Desk), From: p.clock(span.Since), Until: p.tag.Text("leg.now"),
		Worked: p.tag.Span(span.Worked.Duration()), Over: span.Budget > 0 && span.Consumed+span.Worked > span.Budget,
	}
	if span.Runner != "" {
		line.Holder = p.officer(span.Runner)
	}
	if span.Phase != custody.Held {
		line.Holder += " (" + p.tag.Text("phase."+string(span.Phase)) + ")"
	}
	if !span.End.IsZero() {
		line.Until = p.clock(span.End)
	}
	if span.Budget > 0 {
		line.Budget = p.tag.Span((span.Budget - span.Consumed).Duration())
	}
	return line
}

func (s *Server) fileJSON(w http.ResponseWriter, r *http.Request) error {
	code, err := label.Parse(r.PathValue("code"))
	if err != nil {
		return err
	}
	file, err := s.Registry.File(r.Context(), code)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, file)
}

func (s *Server) entriesJSON(w http.ResponseWriter, r *http.Request) error {
	code, err := label.Parse(r.PathValue("code"))
	if err != nil {
		return err
	}
	if _, err := s.Registry.File(r.Context(), code); err != nil {
		return err
	}
	stored, err := s.Registry.Entries(r.Context(), code)
	if err != nil {
		return err
	}
	head, _, broken := custody.Chain(custody.Head{}, code, stored)
	raw := make([]json.RawMessage, len(stored))
	for i, e := range stored {
		raw[i] = e
	}
	return writeJSON(w, http.StatusOK, map[string]any{"head": head, "whole": broken == nil, "entries": raw})
}

// act is a button of the file page.
func (s *Server) act(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	code, err := label.Parse(r.PathValue("code"))
	if err != nil {
		return err
	}
	kind := custody.CommandKind(r.PathValue("act"))
	switch kind {
	case custody.Close, custody.Reopen, custody.Missing, custody.Found, custody.Correct, custody.Mark:
	default:
		return custody.ErrNotFound
	}
	c := s.byHand(kind, code)
	c.Reason, c.Desk, c.Route = r.PostFormValue("reason"), custody.DeskID(r.PostFormValue("desk")), custody.RouteID(r.PostFormValue("route"))
	if _, err := s.decided(r, c); err != nil {
		return err
	}
	http.Redirect(w, r, "/files/"+string(code), http.StatusSeeOther)
	return nil
}

func (s *Server) byHand(kind custody.CommandKind, code label.Code) custody.Command {
	return custody.Command{
		ID: custody.CommandID(uuid.NewString()), Kind: kind, Code: code, Method: custody.ByHand, Who: "administrator",
		At: custody.Stamp{Wall: time.Now().UTC()},
	}
}

// decided stores a command and waits a moment for what it comes to; that it is
// not known yet is no error.
func (s *Server) decided(r *http.Request, c custody.Command) (*custody.Outcome, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if _, err := s.Intake.Put(r.Context(), []custody.Command{c}); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), maxWait)
	defer cancel()
	out, err := s.Intake.Await(ctx, c.ID)
	if err != nil {
		return nil, nil // stored: it will be decided later
	}
	return &out, nil
}
