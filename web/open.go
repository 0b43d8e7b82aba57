package web

import (
	"cmp"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/web/gate"
	"harkara/web/wire"
)

type openPage struct {
	layout
	Form        openForm
	Departments []choice
	Desks       []group
	Routes      []group
	Label       string   // of an unassigned label that was scanned, its digits in groups
	Counter     *counter // the station that opens it; nil: an administrator
	Taken       *taken   // who has the number already; nil: nobody
	Limits      struct{ Number, Subject int }
}

// openForm is a form to open a file, as it was sent. ID is drawn with the form, so
// that sending it twice opens one file.
type openForm struct {
	ID                                             custody.CommandID
	Number, Subject, Department, Desk, Route, Code string
	Anyway                                         bool // also where another file has the number
}

func (s *Server) openPage(w http.ResponseWriter, r *http.Request) error {
	form := openForm{ID: custody.CommandID(uuid.NewString()), Code: strings.TrimSpace(r.URL.Query().Get("code"))}
	return s.showForm(w, r, http.StatusOK, form, nil)
}

// problemKey is the key of what is wrong with a form.
type problemKey string

func (k problemKey) Error() string { return string(k) }

// showForm shows the form with what is wrong with it: nil, the key of words, or whose its
// number is.
func (s *Server) showForm(w http.ResponseWriter, r *http.Request, status int, form openForm, wrong error) error {
	p, err := s.speaks(r)
	if err != nil {
		return err
	}
	page := openPage{layout: s.layout(r, "open.title"), Form: form, Departments: p.departments(custody.DepartmentID(form.Department)), Desks: p.groups(), Routes: p.routes()}
	page.Section = "open"
	page.Limits.Number, page.Limits.Subject = custody.MaxNumber, custody.MaxSubject
	if page.Counter = s.counterOf(r, p); page.Counter != nil {
		page.Kiosk = true
	}
	var has custody.NumberTaken
	var key problemKey
	var denied gate.Denied
	switch {
	case errors.As(wrong, &has):
		page.Taken = p.taken(form.opening().Number, holders(form.opening(), has.Files), page.Counter == nil)
	case errors.As(wrong, &denied):
		page.Problem = denied.Words(p.Lang)
	case errors.As(wrong, &key):
		page.Problem = page.T(string(key))
	}
	mark(page.Desks, form.Desk)
	mark(page.Routes, form.Route)
	if code, err := fileCode(form.Code); err == nil {
		page.Label = code.Format()
	}
	return s.site.render(w, status, "open", page)
}

// mark makes one choice the current one.
func mark(groups []group, id string) {
	for _, g := range groups {
		for i := range g.Desks {
			g.Desks[i].Current = g.Desks[i].ID == id
		}
	}
}

// routes are grouped by department, as desks are.
func (p speaker) routes() []group {
	var out []group
	for _, d := range p.office.Departments {
		g := group{Name: p.named(d.Name)}
		for _, route := range p.office.Routes {
			if route.Department == d.ID {
				g.Desks = append(g.Desks, choice{ID: string(route.ID), Name: p.named(route.Name)})
			}
		}
		if len(g.Desks) > 0 {
			out = append(out, g)
		}
	}
	return out
}

// openForm opens a file with a fresh code, or with the label whose code was scanned
// into the form. What is wrong with it is said above the form as it was filled in.
func (s *Server) openForm(w http.ResponseWriter, r *http.Request) error {
	if err := gate.ReadForm(w, r); err != nil {
		return err
	}
	return s.submitted(w, r, openingForm(r), func(code label.Code, _ string) string { return "/files/" + string(code) + "?new" })
}

// openingForm reads the form as it was sent.
func openingForm(r *http.Request) openForm {
	value := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	return openForm{
		ID: custody.CommandID(value("id")), Number: custody.Plain(value("number")), Subject: custody.Prose(value("subject")),
		Department: value("department"), Desk: value("desk"), Route: value("route"), Code: value("code"),
		Anyway: value("anyway") != "" && value("anyway") == string(custody.KeyOf(value("number"))), // the yes was to this number
	}
}

// submitted opens the file of a form and goes to where that says, or shows the form
// again with what is wrong.
func (s *Server) submitted(w http.ResponseWriter, r *http.Request, form openForm, then func(code label.Code, done string) string) error {
	c, err := s.opening(r, form)
	if errors.Is(err, custody.ErrReused) { // somebody went back and filled the form in anew
		form.ID = custody.CommandID(uuid.NewString())
		c, err = s.opening(r, form)
	}
	var out *custody.Outcome
	if err == nil {
		_, out, err = s.decided(r, c, laneOf(r), wire.MaxWait)
	}
	if err != nil {
		status, key := s.gate.Classify(err)
		if status >= http.StatusInternalServerError {
			return err
		}
		if !errors.Is(err, custody.ErrNumberTaken) && !errors.Is(err, gate.ErrForbidden) {
			err = problemKey(key)
		}
		return s.showForm(w, r, status, form, err)
	}
	done := waits
	if out != nil {
		done = string(out.Reason)
	}
	if out != nil && out.Verdict == custody.Refused {
		form.ID = custody.CommandID(uuid.NewString()) // another try is another command
		return s.showForm(w, r, http.StatusConflict, form, problemKey("reason."+string(out.Reason)))
	}
	http.Redirect(w, r, then(c.Code, done), http.StatusSeeOther)
	return nil
}

// opening is what the form asks for.
func (f openForm) opening() custody.Opening {
	return custody.Opening{
		Number: f.Number, Subject: f.Subject, Department: custody.DepartmentID(f.Department), Desk: custody.DeskID(f.Desk), Route: custody.RouteID(f.Route),
		Anyway: f.Anyway,
	}.Clean()
}

// sameAs reports whether the form asks what a command did; a yes that is not needed any
// more, or was needed then, makes no difference.
func (f openForm) sameAs(c custody.Command) bool {
	o, opens := c.With.(custody.Opening)
	if !opens {
		return false
	}
	f.Anyway = o.Anyway
	if o.Clean() != f.opening() {
		return false
	}
	code, err := fileCode(f.Code)
	return f.Code == "" || err == nil && code == c.Code
}

// opening makes the command that opens a file; a form that was sent before gives the
// command of then.
func (s *Server) opening(r *http.Request, form openForm) (custody.Command, error) {
	if first, again, err := s.given(r.Context(), form.ID); again || err != nil {
		if again && !form.sameAs(first) {
			return custody.Command{}, custody.ErrReused
		}
		return first, err
	}
	opening, err := s.checkedOpening(r, form)
	if err != nil {
		return custody.Command{}, err
	}
	code, err := s.codeFor(r, form)
	if err != nil {
		return custody.Command{}, err
	}
	by, err := s.actor(r, "")
	if err != nil {
		return custody.Command{}, err
	}
	c := s.byHand(form.ID, custody.Open, code, by)
	c.Station = gate.Of(r).Station
	c.With = opening
	return c, c.Validate()
}

func (s *Server) codeFor(r *http.Request, form openForm) (label.Code, error) {
	if form.Code != "" {
		return fileCode(form.Code)
	}
	return s.Intake.Mint(r.Context(), label.File)
}

// checkedOpening says what is wrong with a form before anything is stored.
func (s *Server) checkedOpening(r *http.Request, form openForm) (custody.Opening, error) {
	o := form.opening()
	office, err := s.Directory.Office(r.Context(), s.Now())
	if err != nil {
		return o, err
	}
	_, department := office.DepartmentByID(o.Department)
	_, desk := office.DeskByID(o.Desk)
	_, route := office.RouteByID(o.Route)
	if err := cmp.Or(custody.CheckNumber(o.Number), custody.CheckSubject(o.Subject)); err != nil {
		return o, err
	}
	if in := gate.Of(r); in.Station == "" && !in.Sight.Eyes().MayOpen(o.Department, o.Desk) {
		return o, gate.DenyOpening()
	}
	switch {
	case !department, !desk && (o.Desk != "" || gate.Of(r).Station == ""), !route && o.Route != "": // a station has a desk of its own
		return o, errUnknown
	}
	return o, nil
}

// openJSON opens a file for a program: code and id may be left out. With ?dry_run it says
// what that would come to.
func (s *Server) openJSON(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		ID         custody.CommandID `json:"id"`
		Code       string            `json:"code"`
		Number     string            `json:"number"`
		Subject    string            `json:"subject"`
		Department string            `json:"department"`
		Desk       string            `json:"desk"`
		Route      string            `json:"route"`
		Anyway     bool              `json:"anyway"`
	}
	if err := gate.ReadJSON(w, r, &in); err != nil {
		return err
	}
	form := openForm{in.ID, in.Number, in.Subject, in.Department, in.Desk, in.Route, in.Code, in.Anyway}
	if r.URL.Query().Has("dry_run") {
		p, err := s.preview(r, form)
		if err != nil {
			return err
		}
		return gate.WriteJSON(w, http.StatusOK, p)
	}
	c, err := s.opening(r, form)
	if err != nil {
		return err
	}
	out := opened{Code: c.Code, Cover: c.Code, Opened: c.At.Wall}
	again := false
	out.result, again, err = s.answer(r, c)
	var has custody.NumberTaken
	switch {
	case errors.As(err, &has):
		_, key := s.gate.Classify(err)
		return gate.WriteJSON(w, http.StatusConflict, numberTaken{gate.Problem(r, key), holders(form.opening(), has.Files)})
	case err != nil:
		return err
	}
	switch {
	case out.Outcome == nil:
		return gate.WriteJSON(w, http.StatusAccepted, out)
	case out.Outcome.Verdict == custody.Refused:
		if out.Say != nil {
			out.Error = &wire.Problem{Code: out.Say.Reason, Message: out.Say.Headline}
		}
		return gate.WriteJSON(w, http.StatusConflict, out)
	case !again:
		return gate.WriteJSON(w, http.StatusCreated, out)
	}
	file, err := s.Registry.File(r.Context(), c.Code)
	switch {
	case err == nil:
		out.Cover, out.Moved, out.Class, out.Opened = present(file), file.Position.Moved, file.File.Class, file.File.Opened
	case !errors.Is(err, custody.ErrNotFound): // then it is not decided, or was refused
		return err
	}
	return gate.WriteJSON(w, http.StatusOK, out)
}

// opened is the answer to whoever opened a file, now or before: Cover is what its
// cover carries today, and once it has moved in that it is not to be printed again
// without a reason. What is not ordinary is printed without its subject.
type opened struct {
	Code   label.Code    `json:"code"`
	Cover  label.Code    `json:"cover"`
	Moved  bool          `json:"moved"`
	Class  custody.Class `json:"class,omitempty"`
	Opened time.Time     `json:"opened"`
	result
}
