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

// validate reports what would let a late file go untold: a ladder has a breach, its
// rungs grow, and each tells somebody.
func (l Ladder) validate(o Office, bad func(string, ...any)) {
	breach := false
	for i, r := range l.Rungs {
		breach = breach || r.Percent == 100
		if r.Channel == "" || i > 0 && r.Percent <= l.Rungs[i-1].Percent || r.Percent <= 0 || r.Percent > maxPercent {
			bad("ladder %s: rung %d at %d %%: no channel, out of order, or over %d %%", l.ID, i+1, r.Percent, maxPercent)
		}
		if len(r.To) == 0 || len(r.To) > MaxTold {
			bad("ladder %s: rung %d tells %d receivers, it has 1 to %d", l.ID, i+1, len(r.To), MaxTold)
		}
		for _, to := range r.To {
			if _, ok := o.PostByID(to.Post); !ok && to.Post != "" || to.Superior < 0 || to.Superior > len(o.Posts) {
				bad("ladder %s: rung %d: no receiver %q, %d up", l.ID, i+1, to.Post, to.Superior)
			}
		}
	}
	if !breach || len(l.Rungs) > MaxRungs {
		bad("ladder %s: %d rungs, it has 1 to %d and one of them at 100 %%", l.ID, len(l.Rungs), MaxRungs)
	}
	if l.Repeat < 0 || l.Repeat > MaxBudget {
		bad("ladder %s: repeats after %d s", l.ID, l.Repeat)
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
