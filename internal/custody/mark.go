package custody

// Mark sets a file's next stop, or its route.
const Mark CommandKind = "mark"

// Marked is what it comes to.
const Marked Reason = "marked"

func init() {
	register(Kind{
		Name: Mark, Undo: OrderOnly,
		By:      by(Holder, Superior, Administrator),
		Asks:    &Asks{Place: 1, When: isOpen, Of: []Ask{{"desk", DeskInput, false}}},
		Comes:   []Reason{Marked, IsClosed},
		Does:    map[Reason]Effect{Marked: SetsNext},
		Example: func(o *Office) Payload { return Marking{Desk: o.Desks[0].ID} },
	}, (*act).mark)
}

// Marking is one of the two.
type Marking struct {
	Desk  DeskID  `json:"desk,omitempty"` // the next stop
	Route RouteID `json:"route,omitempty"`
}

func (m Marking) refers() []reference {
	return []reference{atDesk(m.Desk), named(m.Route, look.route)}
}

func (m Marking) check(Command) error {
	if (m.Desk == "") == (m.Route == "") {
		return malformed("mark needs a desk or a route")
	}
	return nil
}

// mark sets the next stop, or a whole new route from here.
func (a *act) mark(Marking) {
	if a.s.Leg.Phase == Ended {
		a.refuse(IsClosed)
		return
	}
	a.keep() // what was before knows nothing of the new route
	path := &a.s.Path
	switch leg := a.s.Leg; {
	case a.c.To == nil:
		a.reroute()
	case leg.Phase == Held && leg.Place.Desk == a.c.To.Desk:
		path.ByHand = false // reached already: onward follows the route
		*path = path.to(path.Stop, a.stops)
	default:
		path.Next, path.ByHand = a.c.To.dest(), true
	}
	a.record(Marked, func(e *Entry) {
		if a.c.To == nil {
			e.Route = a.c.Route
		}
	})
}

// reroute replaces the route. What desks have used counts for their first stops on
// the new one: a new route buys no time.
func (a *act) reroute() {
	first := func(desk DeskID) int { return nearest(a.stops, desk, 1) }
	a.restop(func(b Balance) int { return first(b.Desk) }, func(Balance) bool { return true })
	at := 0
	if first(a.s.Leg.Place.Desk) == 1 {
		at = 1
	}
	a.s.Path = Path{Route: RouteID(a.c.Route.ID), Returns: a.s.Path.Returns}.to(at, a.stops)
}
