package custody

// Ladder is an escalation policy: rungs at percents of a leg's budget, in
// growing order, then the last one again every Repeat working seconds.
type Ladder struct {
	ID     LadderID `json:"id"`
	Rungs  []Rung   `json:"rungs"`
	Repeat Seconds  `json:"repeat,omitempty"` // 0: never again
}

// maxPercent bounds a rung, of the budget.
const maxPercent = 1000

// ladder notes what would let a late file go untold: a ladder has a breach, its
// rungs grow, and each tells somebody.
func (p *problems) ladder(l Ladder) {
	at := func(parts ...any) string { return where("ladders", l.ID, parts...) }
	breach := false
	for i, r := range l.Rungs {
		breach = breach || r.Percent == 100
		if r.Percent <= 0 || r.Percent > maxPercent {
			p.bad(at("rungs", i+1, "percent"), r.Percent, "1 to %d", maxPercent)
		} else if i > 0 && r.Percent <= l.Rungs[i-1].Percent {
			p.bad(at("rungs", i+1, "percent"), r.Percent, "more than the %d of the rung before", l.Rungs[i-1].Percent)
		}
		if r.Channel == "" {
			p.bad(at("rungs", i+1, "channel"), "", `a channel, such as %q`, Screen)
		}
		if len(r.To) == 0 || len(r.To) > MaxTold {
			p.bad(at("rungs", i+1, "to"), counted(len(r.To), "receiver"), "1 to %d", MaxTold)
		}
		for n, to := range r.To {
			refer(p, at("rungs", i+1, "to", n+1, "post"), to.Post, (*Office).PostByID, "a post", false)
			if to.Superior < 0 || to.Superior > len(p.of.Posts) {
				p.bad(at("rungs", i+1, "to", n+1, "superior"), to.Superior, "0, the holder, or how many posts up")
			}
		}
	}
	if !breach || len(l.Rungs) > MaxRungs {
		p.bad(at("rungs"), counted(len(l.Rungs), "rung"), "1 to %d and one of them at 100 percent, the breach", MaxRungs)
	}
	if l.Repeat < 0 || l.Repeat > MaxBudget {
		p.bad(at("repeat"), l.Repeat, "at most %dh of working time", MaxBudget/3600)
	}
}

// ring reports whether a post is above itself.
func (o Office) ring(p Post) bool {
	above := p.Superior
	for range o.Posts {
		if above == p.ID {
			return true
		}
		next, _ := o.PostByID(above)
		above = next.Superior
	}
	return false
}

// Rung says who is told at a percent of the budget. 100 is the breach.
type Rung struct {
	Percent int        `json:"percent"`
	To      []Receiver `json:"to"`
	Channel string     `json:"channel"` // "screen" is always there
}

// Receiver names a person by relation to the holder, so that a policy outlives
// every transfer: superior 0 is the holder, 1 the superior, and so on; a Post
// names one outright.
type Receiver struct {
	Superior int    `json:"superior,omitempty"`
	Post     PostID `json:"post,omitempty"`
}

// Screen is the channel that every office has: the board and the kiosk.
const Screen = "screen"

// Person is an officer in a post at one moment; Officer is empty when vacant, Post
// of a runner.
type Person struct {
	Post    PostID    `json:"post,omitempty"`
	Officer OfficerID `json:"officer,omitempty"`
}
