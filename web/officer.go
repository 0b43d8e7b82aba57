package web

import (
	"context"
	"net/http"
	"slices"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/web/board"
	"harkara/web/gate"
	"harkara/web/wire"
)

// officerPage is one person: what he has, and what he was told. A runner has no post,
// so that no room's page is his.
type officerPage struct {
	layout
	Banner banner
	What   string   // that he carries files, where he is in no post
	Posts  []choice // in which he is
	Files  table
	Count  int
	Told   toldList
}

func (s *Server) officerPage(w http.ResponseWriter, r *http.Request) error {
	p, err := s.speaks(r)
	if err != nil {
		return err
	}
	officer, ok := find(p, custody.OfficerID(r.PathValue("officer")), (*custody.Office).OfficerByID)
	if !ok {
		return custody.ErrNotFound
	}
	st, err := s.board.Latest(r.Context(), gate.Of(r).Sight)
	if err != nil {
		return err
	}
	page := officerPage{layout: s.layout(r, "officer.title"), Banner: p.banner(st.Health), Files: table{voice: p.voice, List: "has", Limit: board.ShownRows}}
	page.Title, page.What = p.named(officer.Name), p.T("role."+string(officer.Role))
	posts := p.office.PostsOf(officer.ID)
	if len(posts) > 0 {
		page.What = ""
	}
	for _, id := range posts {
		page.Posts = append(page.Posts, choice{ID: string(id), Name: p.post(id)})
	}
	for f := range st.Rows() { // of what the reader sees
		if f.Position.Runner == officer.ID || f.Position.Runner == "" && slices.Contains(posts, f.Position.Post) {
			if page.Count++; page.Count <= board.ShownRows {
				page.Files.Rows = append(page.Files.Rows, p.row(f, "has"))
			}
		}
	}
	if page.Told, err = s.toldTo(r.Context(), p, officer.ID); err != nil {
		return err
	}
	return s.site.render(w, http.StatusOK, "officer", page)
}

// toldTo reads what an officer was told.
func (s *Server) toldTo(ctx context.Context, p speaker, officer custody.OfficerID) (toldList, error) {
	list := toldList{voice: p.voice, Title: p.T("officer.told"), None: p.T("officer.told_none")}
	if s.Notices == nil {
		return list, nil
	}
	told, err := s.Notices.ToldTo(ctx, []custody.OfficerID{officer}, shownItems)
	if err == nil {
		told, err = s.discreet(p.eyes).told(ctx, told)
	}
	if err != nil {
		return list, err
	}
	list.Lines, err = s.toldLines(ctx, p, told)
	return list, err
}

// toldByBadge reads what runners were told. An officer with a post has his room's list.
func (s *Server) toldByBadge(ctx context.Context, p speaker) (map[label.Code]wire.Badge, error) {
	badges := map[label.Code]wire.Badge{}
	var runners []custody.OfficerID
	for _, o := range p.office.Officers {
		if o.Role == custody.RoleRunner {
			runners = append(runners, o.ID)
		}
	}
	if s.Notices == nil || len(runners) == 0 {
		return badges, nil
	}
	told, err := s.Notices.ToldTo(ctx, runners, shownItems)
	if err != nil {
		return nil, err
	}
	lines, err := s.toldLines(ctx, p, told)
	if err != nil {
		return nil, err
	}
	for i, n := range told {
		o, _ := p.office.OfficerByID(n.Notice.Officer)
		his := badges[o.Code]
		his.Title = p.T("kiosk.told_to", p.named(o.Name))
		his.Told = append(his.Told, lines[i].wire())
		badges[o.Code] = his
	}
	return badges, nil
}
