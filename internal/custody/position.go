package custody

// Position returns where the file is, for boards.
func (s State) Position() Position {
	leg := s.Leg
	p := Position{
		File: s.File, Cover: s.Cover, Revision: s.Head.Revision, Phase: leg.Phase,
		Desk: leg.Place.Desk, Room: leg.Place.Room, Post: leg.Place.Post, Officer: leg.Place.Officer, Runner: leg.Runner, From: leg.From,
		Known: leg.Known, By: s.By, Seen: s.Seen, Leg: leg.ID, Since: leg.Since, Deadline: s.Deadline, Wake: s.Wake, Step: s.Rung, Wakes: s.Wakes,
		Budget: leg.Budget, Consumed: leg.Consumed, Rung: s.Percent, Breached: s.Percent >= 100,
		Path: s.Path, OffRoute: leg.OffRoute, Missing: s.Missing, Moved: s.Moved, Wait: leg.Wait,
	}
	if leg.To != nil {
		p.To, p.ToRoom = leg.To.Desk, leg.To.Room
	}
	next := s.Path.Next
	if leg.Phase == Transit && leg.To != nil {
		next = *leg.To
	}
	if leg.Phase != Ended {
		p.Next, p.NextRoom = next.Desk, next.Room
	}
	if leg.Waits() { // nothing falls due
		p.Rung, p.Breached = 0, false
	}
	if s.Missing {
		p.Known = ByMissing
	}
	if s.Shown && s.SeenIn != leg.Place.Room {
		p.ShownIn = s.SeenIn
	}
	if leg.Phase == Ended && s.SeenIn != "" {
		p.Room = s.SeenIn
	}
	return p
}

// Waits reports whether the file's clock rests.
func (p Position) Waits() bool { return p.Wait != Wait{} }
