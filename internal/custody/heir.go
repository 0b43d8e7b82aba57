package custody

import (
	"cmp"
	"slices"
)

// Heir says at which desk the files are of one that a change took out, by its order.
type Heir struct {
	Desk DeskID `json:"desk"`
	To   DeskID `json:"to"`
}

// heir is the desk that stands for one, itself while it is there: to which an order gave
// its files, or else the one that has its post, or receives in its room. ok is false where
// nobody can say which.
func (o *Office) heir(id DeskID) (DeskID, bool) {
	for to, again := id, 0; again <= len(o.Heirs); again++ {
		if _, there := o.DeskByID(to); there {
			return to, true
		}
		h, _ := find(o.Heirs, to, func(h Heir) DeskID { return h.Desk })
		to = h.To
	}
	was, ok := o.formerDesk(id)
	if !ok {
		return "", false
	}
	if d, ok := first(o.Desks, func(d Desk) bool { return d.Post == was.Post }); ok {
		return d.ID, true
	}
	d, ok := o.ReceivingDesk(was.Room)
	return d.ID, ok
}

// Refuge is where files of a desk are in any case: with its heir, or else at the nearest
// desk above it, in its department, or anywhere in the office. "" in one without desks.
func (o *Office) Refuge(id DeskID) DeskID {
	if heir, ok := o.heir(id); ok {
		return heir
	}
	was, _ := o.formerDesk(id)
	for post, up := was.Post, 0; post != "" && up <= len(o.Posts); up++ {
		p, ok := o.PostByID(post)
		if !ok && o.Former != nil {
			p, _ = o.Former.PostByID(post)
		}
		post = p.Superior
		if d, ok := first(o.Desks, func(d Desk) bool { return d.Post == post }); ok {
			return d.ID
		}
	}
	room, _ := o.formerRoom(was.Room)
	near, ok := first(o.Desks, func(d Desk) bool {
		in, _ := o.RoomByID(d.Room)
		return d.Receiving && in.Department == room.Department
	})
	if !ok && len(o.Desks) > 0 {
		near = o.Desks[0]
	}
	return near.ID
}

func (o *Office) formerDesk(id DeskID) (Desk, bool) {
	if o.Former == nil {
		return Desk{}, false
	}
	return o.Former.DeskByID(id)
}

// formerRoom is a room, also one that has ended.
func (o *Office) formerRoom(id RoomID) (Room, bool) {
	if r, ok := o.RoomByID(id); ok || o.Former == nil {
		return r, ok
	}
	return o.Former.RoomByID(id)
}

// sortHeirs puts them in order of the desks that ended.
func (o *Office) sortHeirs() {
	slices.SortFunc(o.Heirs, func(a, b Heir) int { return cmp.Compare(a.Desk, b.Desk) })
}

// ended are the desks that the office does not have any more: of what goes back to before.
const ended finding[[]DeskID] = "ended"

func (l look) ended() {
	if f := l.now.Former; f != nil && len(f.Desks) > 0 {
		ids := make([]DeskID, len(f.Desks))
		for i, d := range f.Desks {
			ids[i] = d.ID
		}
		ended.note(l, ids)
	}
}

// since is a desk of then as it is now. What was there then is at it wherever it has moved
// since, and where it has ended at the desk that stands for it; by clocks that were set
// back a command may name one that began after it.
func (l look) since(id DeskID) (p Place, ok bool) {
	then, was := l.office.DeskByID(id)
	now, is := l.now.DeskByID(id)
	_, post := l.now.PostByID(then.Post)
	switch {
	case !was || is && then.Room == now.Room && post:
		if was {
			return l.office.PlaceAt(id, l.contents)
		}
		return l.now.PlaceAt(id, l.contents)
	case !is:
		id = l.now.Refuge(id)
	}
	if p, ok = l.now.PlaceAt(id, l.contents); ok {
		l.out.Moved = true
	}
	return p, ok
}

// kin is a desk that the file has to do with, or the one that stands for it, if nobody
// need guess which.
func (l look) kin(id DeskID) (Place, bool) {
	if p, ok := l.since(id); ok {
		return p, true
	}
	id, ok := l.now.heir(id)
	if !ok {
		return Place{}, false
	}
	l.out.Moved = true
	return l.now.PlaceAt(id, l.contents)
}
