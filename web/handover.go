package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/google/uuid"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/web/gate"
	"harkara/web/wire"
)

// Handing over charge of a post: a list of every open file that it holds, to be printed.
// What is scanned in the post's room after the list was begun is produced; so is what is
// ticked by hand. What is not is declared missing, and is a matter for the officer above:
// see attention. Its clocks stay with the post.

// handoverPage is the list.
type handoverPage struct {
	layout
	Post     custody.PostID
	In       inOffice
	Began    string // of the list: what was seen since is produced
	BeganAt  string
	Lines    []handoverLine
	Produced int
	Officers []choice
	Alters   bool
	Above    string // whose matter it is what is not produced
	MaxOrder int
	Done     string
}

// handoverLine is one file of it.
type handoverLine struct {
	Code             label.Code
	Number, Subject  string
	Digits           string
	Since, Seen, Due string
	Late, Produced   bool
}

// handover is what a list is made of.
type handover struct {
	Post     custody.PostID    `json:"post"`
	Officer  custody.OfficerID `json:"officer,omitempty"` // in it now
	Began    time.Time         `json:"began"`
	Produced []label.Code      `json:"produced"`
	Files    []*custody.Row    `json:"files"`
	above    []custody.Person
	seen     map[label.Code]bool
}

// errHandover marks a hand-over that says too little: who takes over, or whose badge is
// not his.
var errHandover = errors.New("charge is not handed over so")

// handover reads the list that a request asks for by when it was begun, as it stands, and
// who speaks to the request.
func (s *Server) handover(r *http.Request, asks url.Values) (p speaker, h handover, err error) {
	began, err := begun(asks, s.Now())
	if err != nil {
		return p, h, err
	}
	if p, err = s.speaks(r); err != nil {
		return p, h, err
	}
	post, ok := p.office.PostByID(custody.PostID(r.PathValue("post")))
	if !ok {
		return p, h, custody.ErrNotFound
	}
	in, _ := p.office.InOffice(post.ID)
	h = handover{Post: post.ID, Officer: in.Officer.ID, Began: began, Produced: []label.Code{}, seen: map[label.Code]bool{}}
	h.above = p.office.Ranks(p.office, post.ID).Receivers(post.ID, []custody.Receiver{{Superior: 1}})
	if h.Files, _, err = s.held(r, post.ID); err != nil {
		return p, h, err
	}
	for _, f := range h.Files {
		if pos := f.Position; !pos.Seen.Before(began) && !pos.Missing && pos.ShownIn == "" {
			h.seen[f.File.Code] = true
			h.Produced = append(h.Produced, f.File.Code)
		}
	}
	return p, h, nil
}

// begun is when a list was begun, as its address says: at the latest now.
func begun(q url.Values, now time.Time) (time.Time, error) {
	text := q.Get("began")
	if text == "" {
		return now.UTC().Truncate(time.Second), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || at.After(now) {
		return at, fmt.Errorf("%w: began=%q", gate.ErrMalformed, text)
	}
	return at, nil
}

func (s *Server) handoverPage(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	if !q.Has("began") { // so that the list has an address, and reading it again shows what was produced since
		at, _ := begun(q, s.Now())
		http.Redirect(w, r, r.URL.Path+"?began="+url.QueryEscape(at.Format(time.RFC3339)), http.StatusSeeOther)
		return nil
	}
	p, h, err := s.handover(r, q)
	if err != nil {
		return err
	}
	page := handoverPage{
		layout: s.layout(r, "handover.title"), Post: h.Post, In: p.in(h.Post), Began: h.Began.Format(time.RFC3339), BeganAt: p.clock(h.Began),
		Produced: len(h.Produced), Officers: p.people(), MaxOrder: custody.MaxReason,
	}
	page.Alters = s.Establishment != nil && page.Keeps
	page.Title = p.T("handover.of", p.post(h.Post))
	for _, person := range h.above {
		page.Above = p.held(person)
	}
	if n := q.Get("missing"); q.Has("done") {
		page.Done = p.T("handover.done", n)
	}
	for _, f := range h.Files {
		pos := f.Position
		due := p.due(f)
		line := handoverLine{
			Code: f.File.Code, Number: f.File.Number, Subject: f.File.Subject, Digits: present(*f).Format(), Since: p.clock(pos.Since), Seen: p.clock(pos.Seen),
			Due: p.clock(pos.Deadline), Late: due.Late, Produced: h.seen[f.File.Code],
		}
		if f.File.Class == custody.Secret {
			line.Number = ""
		}
		page.Lines = append(page.Lines, line)
	}
	return s.site.render(w, http.StatusOK, "handover", page)
}

// handoverJSON is the list for programs.
func (s *Server) handoverJSON(w http.ResponseWriter, r *http.Request) error {
	_, h, err := s.handover(r, r.URL.Query())
	if err != nil {
		return err
	}
	return gate.WriteJSON(w, http.StatusOK, h)
}

// handoverForm ends the list: the post is the officer's who takes over, from this minute,
// and every file that was not produced is declared missing by a command of its own. Both
// confirm by their badges; without that of who leaves, the other assumes charge alone.
// Errors: errHandover, errCharge, others.
func (s *Server) handoverForm(w http.ResponseWriter, r *http.Request) error {
	if err := gate.ReadForm(w, r); err != nil {
		return err
	}
	form := r.PostForm
	p, h, err := s.handover(r, form)
	if err != nil {
		return err
	}
	to, ok := p.office.OfficerByID(custody.OfficerID(form.Get("officer")))
	if !ok || to.ID == h.Officer {
		return fmt.Errorf("%w: nobody takes over", errHandover)
	}
	proved := map[string]string{}
	for name, who := range map[string]custody.OfficerID{"badge_from": h.Officer, "badge_to": to.ID} {
		badge := label.Code(label.Latin(form.Get(name)))
		if badge == "" {
			continue
		}
		if code, err := label.Parse(string(badge)); err == nil {
			badge = code
		}
		if o, known := p.office.OfficerByCode(badge); !known || o.ID != who {
			return fmt.Errorf("%w: %s is another's", errHandover, name)
		}
		proved[name] = p.T("by.badge")
	}
	var lost []label.Code
	for _, f := range h.Files {
		if !h.seen[f.File.Code] && !f.Position.Missing && !slices.Contains(form["produced"], string(f.File.Code)) {
			lost = append(lost, f.File.Code)
		}
	}
	order := custody.Plain(form.Get("order"))
	c := custody.Charge{
		Post: h.Post, As: custody.Posting, Officer: to.ID, Order: order,
		From: custody.Moment(p.now.In(p.zone()).Format("2006-01-02 15:04")),
	}
	said := p.T("handover.not_produced", p.post(h.Post), order)
	if proved["badge_from"] == "" {
		said = p.T("handover.alone", p.post(h.Post), order)
	}
	by, err := s.actor(r, h.Post)
	if err != nil {
		return err
	}
	if proved["badge_to"] != "" {
		by = p.office.Acting(custody.PersonID(to.ID), h.Post)
		by.Post, by.For, by.Proof = h.Post, custody.Person{}, custody.ByBadge
	}
	commands := make([]custody.Command, 0, len(lost))
	for _, code := range lost {
		m := s.byHand(custody.CommandID(uuid.NewString()), custody.Missing, code, by)
		m.Reason = said
		commands = append(commands, m.Clean())
	}
	err = s.charge(r, c, func() error { // asked again after a failure, what is missing by then is no more among them
		for part := range slices.Chunk(commands, wire.MaxCommands) {
			if _, err := s.Intake.Put(r.Context(), part); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	http.Redirect(w, r, fmt.Sprintf("/posts/%s/handover?began=%s&done&missing=%d", url.PathEscape(string(h.Post)), url.QueryEscape(h.Began.Format(time.RFC3339)), len(lost)), http.StatusSeeOther)
	return nil
}
