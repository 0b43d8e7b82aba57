package web

import (
	"context"
	"fmt"
	"slices"

	"harkara/internal/custody"
	"harkara/web/lang"
)

// parts is everything of a scope's page that is not a row: on a board those rooms
// alone that the list touches, of a file its story only if the list changes it, what
// a room was told only with the beat. The beat, and a page that joins, have every room.
func (l *liveFeed) parts(ctx context.Context, p speaker, k key, counted counts, list []moved, beat bool) ([]delta, error) {
	sc := k.scope
	var out []delta
	add := func(id, template string, data any) error {
		html, err := l.server.site.part(template, data)
		out = append(out, delta{Seq: l.shown.seq, ID: id, HTML: html})
		return err
	}
	if err := add("health", "health", p.banner(l.vitals.known())); err != nil {
		return nil, err
	}
	if err := add("attention", "attention", summons{p.voice, int(l.stuck.Load()), false}); err != nil {
		return nil, err
	}
	switch sc.view {
	case onBoard, onRooms:
		cells, err := l.cells(p, list, beat)
		if err != nil {
			return nil, err
		}
		out = append(out, cells...)
		if sc.view == onRooms {
			return out, nil
		}
		totals := p.totals(sc, counted)
		for _, n := range totals {
			if err := add("n-"+n.Name, "total", n); err != nil {
				return nil, err
			}
		}
		return out, add("more", "more", p.more(totals))
	case onRoom:
		for _, t := range p.tallies(l.shown.crowds[sc.room]) {
			if err := add("t-"+t.List, "tally", t); err != nil {
				return nil, err
			}
		}
		if !beat {
			return out, nil
		}
		told, err := l.server.toldIn(ctx, p, sc.room)
		if err != nil {
			return nil, err
		}
		return out, add("told", "told", told)
	case onFile:
		if !slices.ContainsFunc(list, func(m moved) bool { return m.code == sc.code }) {
			return out, nil
		}
		story, err := l.server.story(ctx, p, sc.code, k.sight.Secrets)
		if err != nil {
			return nil, fmt.Errorf("tell story of %s: %w", sc.code, err)
		}
		if err := add("name", "name", story); err != nil {
			return nil, err
		}
		if err := add("story", "story", story); err != nil {
			return nil, err
		}
		if err := add("cover", "cover", story); err != nil {
			return nil, err
		}
		return out, add("acts", "acts", story)
	}
	return out, nil
}

// cells is the squares of the rooms that a list touches, or of every room. Those of
// one language are rendered once, whoever watches.
func (l *liveFeed) cells(p speaker, list []moved, every bool) ([]delta, error) {
	if out, ok := l.plans[plan{p.Lang, every}]; ok {
		return out, nil
	}
	touched := map[custody.RoomID]bool{}
	for _, m := range list {
		for _, f := range [...]*standing{m.before, m.after} {
			if f != nil {
				touched[f.Position.Room], touched[f.Position.ToRoom] = true, true
			}
		}
	}
	var out []delta
	for _, c := range p.cells(l.shown.crowds) {
		if !every && !touched[c.Room] {
			continue
		}
		html, err := l.server.site.part("cell", c)
		if err != nil {
			return nil, err
		}
		out = append(out, delta{Seq: l.shown.seq, ID: "r-" + string(c.Room), HTML: html})
	}
	l.plans[plan{p.Lang, every}] = out
	return out, nil
}

// plan is which cells of the rooms' plan were rendered in which language.
type plan struct {
	lang  lang.Tag
	every bool
}
