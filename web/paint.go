package web

import (
	"context"
	"fmt"

	"harkara/internal/custody"
	"harkara/internal/people"
	"harkara/web/board"
)

// painter words pages for the live feed as their first paint does.
type painter struct{ server *Server }

// Page implements board.Pages.
func (p painter) Page(ctx context.Context, k board.Key) (board.Page, error) {
	s, err := p.server.speaker(ctx, k.Lang, k.Sight)
	return painted{p.server, s, k}, err
}

// painted is one page, at one moment.
type painted struct {
	server  *Server
	speaker speaker
	key     board.Key
}

// Row implements board.Page.
func (p painted) Row(r *custody.Row, list string) (string, error) {
	row := p.speaker.row(r, list)
	row.Due.Order = p.key.Order(r)
	return p.server.site.part("row", row)
}

// Cells implements board.Page. Of a room that is no more, and has no files any more, the
// square is taken away.
func (p painted) Cells(crowds map[custody.RoomID]board.Crowd, only map[custody.RoomID]bool) ([]board.Part, error) {
	var out []board.Part
	for _, id := range p.speaker.vanished(crowds) {
		if only == nil || only[id] {
			out = append(out, board.Part{ID: "r-" + string(id)})
		}
	}
	for _, c := range p.speaker.cells(crowds) {
		if only != nil && !only[c.Room] {
			continue
		}
		html, err := p.server.site.part("cell", c)
		if err != nil {
			return nil, err
		}
		out = append(out, board.Part{ID: "r-" + string(c.Room), HTML: html})
	}
	return out, nil
}

// Parts implements board.Page: of a file its story only if something of it has moved, what
// a room was told only with the beat.
func (p painted) Parts(ctx context.Context, n board.News) ([]board.Part, error) {
	var out []board.Part
	add := func(id, template string, data any) error {
		html, err := p.server.site.part(template, data)
		out = append(out, board.Part{ID: id, HTML: html})
		return err
	}
	if err := add("health", "health", p.speaker.banner(n.Health)); err != nil {
		return nil, err
	}
	if p.speaker.eyes.Has(people.Administrator, people.Auditor) {
		if err := add("attention", "attention", summons{p.speaker.voice, n.Stuck, false}); err != nil {
			return nil, err
		}
	}
	if err := p.greys(n, add); err != nil {
		return nil, err
	}
	switch sc := p.key.Scope; {
	case sc.View == board.OnBoard:
		totals := p.speaker.totals(sc, n.Totals)
		for _, t := range totals {
			if err := add("n-"+t.Name, "total", t); err != nil {
				return nil, err
			}
		}
		if p.speaker.eyes.Has(people.Administrator) {
			if err := add("backup", "backup", p.speaker.backup(n.Health.Backup)); err != nil {
				return nil, err
			}
		}
		return out, add("more", "more", p.speaker.more(sc, totals))
	case sc.View == board.OnRoom:
		for _, t := range p.speaker.tallies(n.Crowds()[sc.Room]) {
			if err := add("t-"+t.List, "tally", t); err != nil {
				return nil, err
			}
		}
		if !n.Beat {
			return out, nil
		}
		told, err := p.server.toldIn(ctx, p.speaker, sc.Room)
		if err != nil {
			return nil, err
		}
		return out, add("told", "told", told)
	case sc.View == board.OnFile && n.Moved:
		story, err := p.server.story(ctx, p.speaker, sc.Code)
		if err != nil {
			return nil, fmt.Errorf("tell story of %s: %w", sc.Code, err)
		}
		for _, name := range []string{"name", "story", "cover", "acts"} {
			if err := add(name, name, story); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// greys adds to each list of the page what is told of files that are not shown, where
// there may be any.
func (p painted) greys(n board.News, add func(id, template string, data any) error) error {
	if p.speaker.eyes.Everything() {
		return nil
	}
	for _, list := range p.key.Lists() {
		t := table{voice: p.speaker.voice, List: list, Greys: p.speaker.greys(p.key.Scope, n.Outlook, list)}
		if err := add("grey-"+list, "greys", t); err != nil {
			return err
		}
	}
	return nil
}
