package custody

// Dest is a desk that a file goes to.
type Dest struct {
	Desk DeskID `json:"desk"`
	Room RoomID `json:"room"`
	Post PostID `json:"post"`
}

// dest is a place as what a file goes to.
func (p Place) dest() Dest { return Dest{Desk: p.Desk, Room: p.Room, Post: p.Post} }

// Planned is a stop of a route as it was at one moment.
type Planned struct {
	Dest
	Budget     Seconds `json:"budget"`
	BudgetDays int     `json:"budget_days,omitempty"` // see Post
}

// Path is how far a file has come on its route.
type Path struct {
	Route  RouteID `json:"route,omitempty"`
	Stop   int     `json:"stop,omitempty"`    // of the route, from 1, that it has come to
	At     DeskID  `json:"at,omitempty"`      // of that stop, by which it is found on a route that was changed
	Next   Dest    `json:"next,omitzero"`     // where it should go once it is held
	ByHand bool    `json:"by_hand,omitempty"` // Next was set by hand, before the route's

	Returns Returns `json:"returns,omitempty"` // between whom it was sent back
}

// follow is the path on its route as that is now.
func (p Path) follow(stops []Planned) Path {
	if p.Stop > 0 {
		if n := nearest(stops, p.At, p.Stop); n > 0 {
			p.Stop = n
		}
	}
	return p.to(p.Stop, stops)
}

// to is the path with so many stops behind it.
func (p Path) to(stop int, stops []Planned) Path {
	stop = min(stop, len(stops))
	p.Stop, p.At = stop, ""
	if stop > 0 {
		p.At = stops[stop-1].Desk
	}
	if !p.ByHand {
		p.Next = Dest{}
		if stop < len(stops) {
			p.Next = stops[stop].Dest
		}
	}
	return p
}

// reach moves the path on when a desk is its next stop, or a later one where the file
// has not been, and returns which stop the desk is, from 1; 0 off the route. A desk
// that the route visits again is at its earlier stop until the file has come to the
// later one.
func (p Path) reach(stops []Planned, desk DeskID) (Path, int) {
	if p.ByHand && p.Next.Desk == desk {
		p.ByHand = false
	}
	if len(stops) == 0 {
		if p.Next.Desk == desk {
			p.Next = Dest{}
		}
		return p, 0
	}
	ahead, behind := 0, 0
	for i, s := range stops {
		switch {
		case s.Desk != desk:
		case i < p.Stop:
			behind = i + 1
		case ahead == 0:
			ahead = i + 1
		}
	}
	if ahead == p.Stop+1 || ahead > 0 && behind == 0 {
		return p.to(ahead, stops), ahead
	}
	return p.to(p.Stop, stops), behind
}

// nearest is the stop at a desk that lies nearest to where it was, from 1; 0: the route
// does not stop there.
func nearest(stops []Planned, desk DeskID, was int) (at int) {
	away := func(n int) int { return max(n-was, was-n) }
	for i, s := range stops {
		if n := i + 1; s.Desk == desk && (at == 0 || away(n) < away(at)) {
			at = n
		}
	}
	return at
}

// Onward is the desk to which a file goes from a room that sends it to its next stop; ""
// where it has none. Receiving is the room's receiving desk, stops the file's route as it
// is then.
func (p Position) Onward(stops []Planned, room RoomID, receiving DeskID) DeskID {
	path := p.Path.follow(stops)
	switch {
	case p.Phase == Transit && p.To != "" && p.ToRoom != room:
		return p.To
	case p.Phase == Held && p.Room == room:
	case p.Phase == Transit && p.To == "" && p.Room == room:
		path, _ = path.reach(stops, p.Desk)
	default:
		path, _ = path.reach(stops, receiving)
	}
	return path.Next.Desk
}
