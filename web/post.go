package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"harkara/internal/custody"
	"harkara/web/board"
	"harkara/web/gate"
)

// Establishment changes who is in which post. Alter has one change of the office be in force
// from now on, as ordered; what does not hold together is refused with custody.Problem.
type Establishment interface {
	Alter(ctx context.Context, by custody.Actor, order string, change func(*custody.Office)) error
}

// postPage is a post: who is in it and by what, who was and will be, and what it holds.
type postPage struct {
	layout
	Banner     banner
	Post       custody.PostID
	Department string
	In         inOffice
	Charges    []chargeLine
	Staff      []string
	Officers   []choice
	Ways       []choice
	Today      string
	Alters     bool // charges can be ordered here
	Done       bool
	MaxOrder   int
	Files      table
	Count      int
}

// inOffice is who is in a post, and why.
type inOffice struct {
	ID        custody.OfficerID
	Name, Why string
	Vacant    bool
}

// chargeLine is a charge, worded.
type chargeLine struct {
	What, Officer, From, Until, Order string
	Now                               bool
}

// in words who is in a post at this moment.
func (p speaker) in(post custody.PostID) inOffice {
	in, ok := p.office.InOffice(post)
	line := inOffice{ID: in.Officer.ID, Name: p.named(in.Officer.Name), Vacant: !ok}
	if in.For != "" {
		line.Why = p.T("charge.away", p.officer(in.For))
	}
	if in.Charge != (custody.Charge{}) {
		line.Why = p.T("charge.as_"+string(in.Charge.As), p.officer(in.For), in.Charge.Order)
	}
	return line
}

// charges are those of a post, the newest first.
func (p speaker) charges(post custody.PostID) (list []chargeLine) {
	type dated struct {
		from time.Time
		line chargeLine
	}
	var all []dated
	for _, c := range p.office.Charges {
		if c.Post != post {
			continue
		}
		from, until := p.office.Span(c)
		line := chargeLine{What: p.T("charge.is_" + string(c.As)), Officer: p.T("charge.nobody"), From: p.clock(from), Until: cmp.Or(p.clock(until), p.T("charge.further")), Order: c.Order}
		if c.Officer != "" {
			line.Officer = p.officer(c.Officer)
		}
		line.Now = !p.now.Before(from) && (until.IsZero() || p.now.Before(until))
		all = append(all, dated{from, line})
	}
	slices.SortStableFunc(all, func(a, b dated) int { return b.from.Compare(a.from) })
	for _, d := range all {
		list = append(list, d.line)
	}
	return list
}

// people are the officers who may have a post, for a form.
func (p speaker) people() (list []choice) {
	for _, o := range p.office.Officers {
		if o.Role == custody.RoleOfficer {
			name := p.named(o.Name)
			if posts := p.office.PostsOf(o.ID); len(posts) > 0 {
				name = p.comma(name, p.post(posts[0]))
			}
			list = append(list, choice{ID: string(o.ID), Name: name})
		}
	}
	slices.SortStableFunc(list, func(a, b choice) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

// held are the open files of a post that the reader sees, by number.
func (s *Server) held(r *http.Request, post custody.PostID) (list []*custody.Row, health board.Health, err error) {
	st, err := s.board.Latest(r.Context(), gate.Of(r).Sight)
	if err != nil {
		return nil, health, err
	}
	for f := range st.Rows() {
		if p := f.Position; p.Post == post && p.Phase == custody.Held {
			list = append(list, f)
		}
	}
	slices.SortFunc(list, func(a, b *custody.Row) int { return cmp.Compare(a.File.Number, b.File.Number) })
	return list, st.Health, nil
}

func (s *Server) postPage(w http.ResponseWriter, r *http.Request) error {
	p, err := s.speaks(r)
	if err != nil {
		return err
	}
	post, ok := find(p, custody.PostID(r.PathValue("post")), (*custody.Office).PostByID)
	if !ok {
		return custody.ErrNotFound
	}
	files, health, err := s.held(r, post.ID)
	if err != nil {
		return err
	}
	page := postPage{
		layout: s.layout(r, "post.title"), Banner: p.banner(health), Post: post.ID, Department: p.department(post.Department),
		In: p.in(post.ID), Charges: p.charges(post.ID), Officers: p.people(), Today: p.now.In(p.zone()).Format(time.DateOnly),
		Done: r.URL.Query().Has("done"), MaxOrder: custody.MaxReason,
		Files: table{voice: p.voice, List: "has", Limit: board.ShownRows}, Count: len(files),
	}
	page.Alters = s.Establishment != nil && page.Keeps
	page.Title, page.Path = p.named(post.Name), "/posts/"+url.PathEscape(string(post.ID))
	for _, as := range custody.Ways {
		page.Ways = append(page.Ways, choice{ID: string(as), Name: p.T("charge.is_" + string(as))})
	}
	for _, id := range post.Staff {
		page.Staff = append(page.Staff, p.officer(id))
	}
	for _, f := range files[:min(len(files), board.ShownRows)] {
		page.Files.Rows = append(page.Files.Rows, p.row(f, "has"))
	}
	return s.site.render(w, http.StatusOK, "post", page)
}

// chargeForm orders who is in a post.
func (s *Server) chargeForm(w http.ResponseWriter, r *http.Request) error {
	if err := gate.ReadForm(w, r); err != nil {
		return err
	}
	post := custody.PostID(r.PathValue("post"))
	form := r.PostForm
	c := custody.Charge{
		Post: post, As: custody.As(form.Get("as")), Officer: custody.OfficerID(form.Get("officer")),
		From: custody.Moment(form.Get("from")), Until: custody.Moment(form.Get("until")), Order: custody.Plain(form.Get("order")),
	}
	if err := s.charge(r, c, nil); err != nil {
		return err
	}
	http.Redirect(w, r, "/posts/"+url.PathEscape(string(post))+"?done", http.StatusSeeOther)
	return nil
}

// errCharge marks an order that says too little, or nothing that can be.
var errCharge = errors.New("charge does not hold together")

// charge puts an order in force, after what must be done before. Errors: errCharge,
// custody.ErrNotFound, others.
func (s *Server) charge(r *http.Request, c custody.Charge, before func() error) error {
	if s.Establishment == nil {
		return custody.ErrNotFound
	}
	office, err := s.Directory.Office(r.Context(), s.Now())
	if err != nil {
		return err
	}
	if _, ok := office.PostByID(c.Post); !ok {
		return custody.ErrNotFound
	}
	c.ID = custody.ChargeID("c-" + uuid.NewString()[:18])
	next := *office
	next.Charges = append(slices.Clone(office.Charges), c)
	for _, p := range next.Problems() {
		if strings.HasPrefix(p.At, "charges/"+string(c.ID)+"/") {
			return fmt.Errorf("%w: %w", errCharge, p)
		}
	}
	by, err := s.actor(r, c.Post)
	if err == nil && before != nil {
		err = before()
	}
	if err != nil {
		return err
	}
	return s.Establishment.Alter(r.Context(), by, c.Order, func(o *custody.Office) { o.Charges = append(o.Charges, c) })
}
