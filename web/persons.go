package web

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"harkara/internal/custody"
	"harkara/internal/people"
	"harkara/web/gate"
)

// personsPage is who may sign in, and what was done to them.
type personsPage struct {
	layout
	Persons  []person
	Officers []choice // who are none yet
	Roles    []choice
	Within   []choice // departments
	Classes  []choice
	Events   []personEvent
	Slip     *slip
}

// person is one of them in words.
type person struct {
	ID      people.ID
	Name    string
	What    string // his post; empty: no officer
	Grants  []grant
	Opens   string // what he signs in by
	Waits   string // until when a one-time secret waits for him
	Seen    string
	Ended   bool
	Current bool // who reads
}

type grant struct{ Text, Words string }

// slip is a one-time secret, which is shown once.
type slip struct {
	voice
	Name, Secret string
}

type personEvent struct{ At, Act, Name, By, Detail string }

// personPage is one of them, with what may be done.
type personPage struct {
	layout
	Person   person
	Roles    []choice
	Within   []choice
	Classes  []choice
	Sessions []session
	Done     string
	Slip     *slip
}

const shownEvents = 200

// persons is the list of them, where there is one.
func (s *Server) persons() (*people.Door, error) {
	if s.door == nil {
		return nil, custody.ErrNotFound
	}
	return s.door, nil
}

func (s *Server) personsPage(w http.ResponseWriter, r *http.Request) error {
	return s.showPersons(w, r, http.StatusOK, nil, "")
}

func (s *Server) showPersons(w http.ResponseWriter, r *http.Request, status int, shown *slip, problem string) error {
	door, err := s.persons()
	if err != nil {
		return err
	}
	p, err := s.speaks(r)
	if err != nil {
		return err
	}
	list, err := door.Persons(r.Context())
	if err != nil {
		return err
	}
	events, err := door.Events(r.Context(), shownEvents)
	if err != nil {
		return err
	}
	page := personsPage{layout: s.layout(r, "person.title"), Slip: shown}
	page.Section = "persons"
	page.Roles, page.Within, page.Classes = p.grantChoices()
	if problem != "" {
		page.Problem = page.T(problem)
	}
	here := map[custody.OfficerID]bool{}
	for _, l := range list {
		here[l.Officer] = true
		page.Persons = append(page.Persons, p.listed(l, gate.SignedOf(r)))
	}
	for _, o := range p.office.Officers {
		if !here[o.ID] {
			page.Officers = append(page.Officers, choice{ID: string(o.ID), Name: p.comma(p.named(o.Name), p.officerPost(o))})
		}
	}
	slices.SortFunc(page.Officers, func(a, b choice) int { return cmp.Compare(a.Name, b.Name) })
	for _, e := range events {
		page.Events = append(page.Events, personEvent{p.clock(e.At), p.T("person.act_" + string(e.Act)), p.named(e.Name), e.By, p.eventDetail(e)})
	}
	return s.site.render(w, status, "persons", page)
}

// eventDetail words what an event says beside its act.
func (p speaker) eventDetail(e people.Event) string {
	var words []string
	for _, part := range strings.Fields(e.Detail) {
		if g, err := people.ParseGrant(part); err == nil {
			part = p.grant(g)
		} else if e.Act == people.Chosen || e.Act == people.Reset {
			part = p.T("person.opens_" + part)
		}
		words = append(words, part)
	}
	return p.comma(words...)
}

func (p speaker) officerPost(o custody.Officer) string {
	if o.Post == "" {
		return p.T("role." + string(o.Role))
	}
	return p.post(o.Post)
}

// grant words a role with where it counts.
func (p speaker) grant(g people.Grant) string {
	words := p.T("people." + string(g.Role))
	switch {
	case g.Department != "":
		words = p.comma(words, p.department(g.Department))
	case g.Post != "":
		words = p.comma(words, p.post(g.Post))
	}
	if g.Clearance != custody.Ordinary {
		words = p.comma(words, p.T(g.Clearance.Key()))
	}
	return words
}

// grantChoices are what a role is put together of.
func (p speaker) grantChoices() (roles, within, classes []choice) {
	for _, r := range people.Roles() {
		roles = append(roles, choice{ID: string(r), Name: p.T("people." + string(r)), Current: r == people.Officer})
	}
	for _, c := range custody.Classes {
		classes = append(classes, choice{ID: string(c.Name()), Name: p.T(c.Key())})
	}
	return roles, p.departments(""), classes
}

func (p speaker) listed(l people.Listed, who gate.Signed) person {
	is := person{ID: l.ID, Name: p.named(l.Name), Ended: !l.In(p.now), Current: l.ID == who.Person.ID, Seen: p.clock(l.Seen)}
	if l.Officer != "" {
		if o, ok := p.office.OfficerByID(l.Officer); ok {
			is.What = p.officerPost(o)
		}
	}
	for _, g := range l.Grants {
		is.Grants = append(is.Grants, grant{g.String(), p.grant(g)})
	}
	var opens []string
	for _, k := range l.Opens {
		opens = append(opens, p.T("person.opens_"+string(k)))
	}
	is.Opens = p.comma(opens...)
	if !l.Until.IsZero() {
		is.Waits = p.clock(l.Until)
	}
	return is
}

// chosenGrant reads a role from a form. gate.ErrMalformed.
func chosenGrant(r *http.Request) (people.Grant, error) {
	class, known := custody.ClassName(cmp.Or(r.PostForm.Get("clearance"), string(custody.Ordinary.Name()))).Class()
	g := people.Grant{Role: people.Role(r.PostForm.Get("role")), Department: custody.DepartmentID(r.PostForm.Get("department")), Clearance: class}
	if !known || !slices.Contains(people.Roles(), g.Role) {
		return g, gate.ErrMalformed
	}
	return g, nil
}

// addPerson adds an officer, or one who is none, and shows his one-time secret.
func (s *Server) addPerson(w http.ResponseWriter, r *http.Request) error {
	if err := gate.ReadForm(w, r); err != nil {
		return err
	}
	door, err := s.persons()
	if err != nil {
		return err
	}
	o, err := s.Directory.Office(r.Context(), s.Now())
	if err != nil {
		return err
	}
	g, err := chosenGrant(r)
	if err != nil {
		return err
	}
	p := people.Person{Grants: []people.Grant{g}}
	if officer, ok := o.OfficerByID(custody.OfficerID(r.PostForm.Get("officer"))); ok {
		p.ID, p.Officer, p.Name = people.ID(officer.ID), officer.ID, officer.Name
	} else {
		p.ID, p.Name.En, p.Name.Ur = people.ID(strings.TrimSpace(r.PostForm.Get("id"))), custody.Plain(r.PostForm.Get("name")), custody.Plain(r.PostForm.Get("name_ur"))
		if _, taken := o.OfficerByID(custody.OfficerID(p.ID)); taken || p.Name.En == "" {
			return s.showPersons(w, r, http.StatusUnprocessableEntity, nil, "person.id_taken")
		}
	}
	once, err := door.Add(r.Context(), p, s.by(r))
	if errors.Is(err, people.ErrID) {
		return s.showPersons(w, r, http.StatusUnprocessableEntity, nil, "error.person_id")
	}
	if err != nil {
		return err
	}
	return s.showPersons(w, r, http.StatusOK, &slip{voice{gate.Language(r)}, string(p.ID), once}, "")
}

// by is in whose name persons are changed.
func (s *Server) by(r *http.Request) string {
	if id := gate.SignedOf(r).Person.ID; id != "" {
		return string(id)
	}
	return string(gate.Of(r).ID)
}

func (s *Server) personPage(w http.ResponseWriter, r *http.Request) error {
	done := ""
	if key := personDone[r.URL.Query().Get("done")]; key != "" {
		done = key
	}
	return s.showPerson(w, r, http.StatusOK, done, nil, "")
}

// personDone are the words for what was done.
var personDone = map[string]string{"grant": "person.granted", "withdraw": "person.granted", "end": "person.ended", "resume": "person.resumed", "session": "settings.session_done"}

func (s *Server) showPerson(w http.ResponseWriter, r *http.Request, status int, done string, shown *slip, problem string) error {
	door, err := s.persons()
	if err != nil {
		return err
	}
	p, err := s.speaks(r)
	if err != nil {
		return err
	}
	l, err := door.Listed(r.Context(), people.ID(r.PathValue("person")))
	if err != nil {
		return err
	}
	open, err := door.Open(r.Context(), l.ID)
	if err != nil {
		return err
	}
	page := personPage{layout: s.layout(r, "person.title"), Person: p.listed(l, gate.SignedOf(r)), Sessions: p.sessions(open, gate.SignedOf(r).Session.ID), Slip: shown}
	page.Section, page.Title = "persons", page.Person.Name
	page.Roles, page.Within, page.Classes = p.grantChoices()
	if done != "" {
		page.Done = page.T(done)
	}
	if problem != "" {
		page.Problem = page.T(problem)
	}
	return s.site.render(w, status, "person", page)
}

// alterPerson does one thing to a person.
func (s *Server) alterPerson(w http.ResponseWriter, r *http.Request) error {
	if err := gate.ReadForm(w, r); err != nil {
		return err
	}
	door, err := s.persons()
	if err != nil {
		return err
	}
	ctx, id, act, by := r.Context(), people.ID(r.PathValue("person")), r.PathValue("act"), s.by(r)
	l, err := door.Listed(ctx, id)
	if err != nil {
		return err
	}
	switch act {
	case "grant":
		g, bad := chosenGrant(r)
		if bad != nil {
			return bad
		}
		same := func(o people.Grant) bool { return o.Role == g.Role && o.Department == g.Department && o.Post == g.Post }
		err = door.Grant(ctx, id, append(slices.DeleteFunc(slices.Clone(l.Grants), same), g), by)
	case "withdraw":
		text := r.PostForm.Get("grant")
		err = door.Grant(ctx, id, slices.DeleteFunc(slices.Clone(l.Grants), func(g people.Grant) bool { return g.String() == text }), by)
	case "end":
		err = door.End(ctx, id, s.Now(), by)
	case "resume":
		err = door.End(ctx, id, time.Time{}, by)
	case "reset":
		var once string
		if once, err = door.Reset(ctx, id, by); err == nil {
			return s.showPerson(w, r, http.StatusOK, "", &slip{voice{gate.Language(r)}, string(id), once}, "")
		}
	case "session":
		session, bad := strconv.ParseInt(r.PostForm.Get("session"), 10, 64)
		if bad != nil || session <= 0 {
			return gate.ErrMalformed
		}
		if err = door.Revoke(ctx, id, session, 0); errors.Is(err, custody.ErrNotFound) {
			err = nil
		}
	default:
		return custody.ErrNotFound
	}
	if errors.Is(err, people.ErrLast) {
		return s.showPerson(w, r, http.StatusConflict, "", nil, "error.last_administrator")
	}
	if err == nil {
		http.Redirect(w, r, "/persons/"+string(id)+"?done="+act, http.StatusSeeOther)
	}
	return err
}
