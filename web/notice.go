package web

import (
	"context"

	"harkara/internal/custody"
)

// toldList is what the posts of a room, or one officer, were told, newest first.
type toldList struct {
	voice
	Title, None string
	Lines       []toldLine
}

// toldIn reads what the posts of a room were told.
func (s *Server) toldIn(ctx context.Context, p speaker, room custody.RoomID) (toldList, error) {
	list := toldList{voice: p.voice, Title: p.T("room.told"), None: p.T("room.told_none")}
	var posts []custody.PostID
	for _, d := range p.office.Desks {
		if d.Room == room {
			posts = append(posts, d.Post)
		}
	}
	if s.Notices == nil || len(posts) == 0 {
		return list, nil
	}
	told, err := s.Notices.Told(ctx, posts, shownItems)
	if err != nil {
		return list, err
	}
	for _, n := range told {
		list.Lines = append(list.Lines, p.told(n))
	}
	return list, nil
}
