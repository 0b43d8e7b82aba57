package ledger

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
	"harkara/internal/label"
)

const (
	// Open files that have to do with a desk, room or post that is none of the office, at
	// one end of their way or the other, and of which nothing is waiting to be decided that
	// may say otherwise. What nobody has seen may be nowhere that is known, and who takes a
	// file need not say whither.
	selectNowhere = `
SELECT f.code, e.way, e.desk, e.room, e.post FROM files f JOIN queues q USING (code), LATERAL (VALUES
    (CASE position->>'phase' WHEN 'transit' THEN 'leaving' ELSE '' END, COALESCE(position->>'desk', ''), COALESCE(position->>'room', ''), COALESCE(position->>'post', '')),
    ('coming', COALESCE(position->>'to', ''), COALESCE(position->>'to_room', ''), NULL)) e (way, desk, room, post)
WHERE f.revision > 0 AND f.final IS NULL AND q.last - q.done <= q.wakes
    AND (e.way <> 'coming' OR position->>'phase' = 'transit' AND e.desk <> '') AND (position->>'phase' <> 'unseen' OR e.desk <> '')
    AND (e.desk <> ALL ($1) OR e.room <> ALL ($2) OR e.post <> ALL ($3)) ORDER BY f.code, e.way LIMIT $4`
	// The change that said last what a thing is.
	selectOrder = `SELECT c.id, c.who, c.reason FROM reference r JOIN changes c ON c.id = r.revision WHERE r.kind = $1 AND r.id = $2 ORDER BY r.revision DESC LIMIT 1`
)

// Nowhere is an open file that has to do with a place that the office does not have: it is
// there, or on its way there or from there.
type Nowhere struct {
	File label.Code
	Way  Way
	Desk custody.DeskID
	Room custody.RoomID

	post *custody.PostID // nil: it is not said
}

// Missing is the thing of that place that the office does not have.
func (n Nowhere) Missing(o *custody.Office) (kind, id string) {
	if _, ok := o.DeskByID(n.Desk); !ok {
		return "desk", string(n.Desk)
	}
	if _, ok := o.RoomByID(n.Room); !ok {
		return "room", string(n.Room)
	}
	return "post", string(*n.post)
}

// Nowhere returns the first of them, by code, and the office that does not have it.
func (s *Store) Nowhere(ctx context.Context, limit int) ([]Nowhere, *custody.Office, error) {
	o, err := s.Office(ctx, Newest)
	if err != nil {
		return nil, nil, err
	}
	desks, rooms, posts := make([]string, len(o.Desks)), make([]string, len(o.Rooms)), make([]string, len(o.Posts))
	for i, d := range o.Desks {
		desks[i] = string(d.ID)
	}
	for i, r := range o.Rooms {
		rooms[i] = string(r.ID)
	}
	for i, p := range o.Posts {
		posts[i] = string(p.ID)
	}
	list, err := collect(ctx, s, func(r pgx.CollectableRow) (n Nowhere, err error) {
		return n, r.Scan(&n.File, &n.Way, &n.Desk, &n.Room, &n.post)
	}, selectNowhere, desks, rooms, posts, limit)
	if err != nil {
		return nil, nil, fmt.Errorf("look for files in no place: %w", err)
	}
	return list, o, nil
}

// Rehouse has up to so many of those files go where their place's are since, each by a
// command of its own under the order that took that out; it returns how many. What was
// being decided while the office was changed is found so, and what is found twice comes to
// the same.
func (s *Store) Rehouse(ctx context.Context, limit int) (int, error) {
	list, o, err := s.Nowhere(ctx, limit)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	moves := make([]custody.Command, 0, len(list))
	for _, n := range list {
		to := n.Desk
		if _, there := o.DeskByID(to); !there {
			to = o.Refuge(to)
		}
		if to == "" {
			continue
		}
		by, err := s.orderOf(ctx, n, o)
		if err != nil {
			return 0, fmt.Errorf("rehouse file %s: %w", n.File, err)
		}
		moves = append(moves, by.rehousing(n.File, n.Desk, to, time.Now()))
	}
	if _, err := s.PutLater(ctx, moves); err != nil {
		return 0, fmt.Errorf("rehouse files: %w", err)
	}
	return len(moves), nil
}

// orderOf is the order of the change that took a file's place out.
func (s *Store) orderOf(ctx context.Context, n Nowhere, o *custody.Office) (by Order, err error) {
	type row struct {
		Revision    int64
		Who, Reason string
	}
	kind, id := n.Missing(o)
	list, err := collect(ctx, s, pgx.RowToStructByPos[row], selectOrder, kind, id)
	if err != nil {
		return by, err
	}
	by.Who, by.Reason = "administrator", kind+" "+id // which the office never had
	if len(list) > 0 {
		by.Who, by.Reason = cmp.Or(list[0].Who, by.Who), cmp.Or(list[0].Reason, fmt.Sprintf("change %d: %s %s", list[0].Revision, kind, id))
	}
	return by, nil
}

// rehousing is the command by which a desk stands for another from an instant on, for what
// a file has to do with that.
func (by Order) rehousing(file label.Code, from, to custody.DeskID, at time.Time) custody.Command {
	return custody.Command{
		ID: custody.CommandID(uuid.NewString()), Kind: custody.Correct, Code: file, With: custody.Correction{Desk: to, For: from},
		Who: by.Who, Reason: by.Reason, At: custody.Stamp{Wall: at.UTC()},
	}
}
