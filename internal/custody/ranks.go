package custody

import "slices"

// Ranks is who stood where at one moment, as far as the rungs of one leg may reach:
// posts with their superiors and the officers in them. A wake carries it.
type Ranks []Rank

// Rank is a post of Ranks; Officer is empty when it is vacant, Superior at the top.
type Rank struct {
	Post     PostID    `json:"post"`
	Superior PostID    `json:"superior,omitempty"`
	Officer  OfficerID `json:"officer,omitempty"`
}

// Ranks returns what a rung about a holder needs of the office: the posts given and
// those that any ladder names, each with everybody above, and a top of the office. A
// post that was abolished since then is vacant, under whom it was.
func (o *Office) Ranks(then *Office, posts ...PostID) Ranks {
	for _, office := range []*Office{o, then} {
		for _, l := range office.Ladders {
			for _, r := range l.Rungs {
				for _, to := range r.To {
					posts = append(posts, to.Post)
				}
			}
		}
	}
	var ranks Ranks
	top := o.top()
	for _, post := range append(posts, top) {
		for post != "" && !slices.ContainsFunc(ranks, func(r Rank) bool { return r.Post == post }) {
			p, ok := o.PostByID(post)
			if !ok {
				if p, ok = then.PostByID(post); !ok {
					break
				}
				if p.Superior == "" {
					p.Superior = top
				}
			}
			officer, _ := o.OfficerIn(post)
			ranks = append(ranks, Rank{Post: post, Superior: p.Superior, Officer: officer.ID})
			post = p.Superior
		}
	}
	return ranks
}

// top is a post that nobody is above, one with an officer if there is one.
func (o *Office) top() PostID {
	found := PostID("")
	for _, p := range o.Posts {
		if p.Superior != "" {
			continue
		}
		if _, in := o.OfficerIn(p.ID); in {
			return p.ID
		}
		if found == "" {
			found = p.ID
		}
	}
	return found
}

func (r Ranks) of(post PostID) (Rank, bool) {
	return first(r, func(k Rank) bool { return k.Post == post && post != "" })
}

// Receivers returns the people a rung tells about a holder: each named once, a vacant
// post's place taken by its superior, and nobody told about himself twice: a superior
// who is the very person below goes one up. Where nobody is left it is a top.
func (r Ranks) Receivers(holder PostID, to []Receiver) []Person {
	var told []Person
	for _, to := range to {
		post := to.Post
		if post == "" {
			post = r.superior(holder, to.Superior)
		}
		if p, ok := r.occupied(post, told); ok {
			told = append(told, p)
		}
	}
	if top, ok := r.top(); ok && len(told) == 0 {
		told = []Person{{Post: top.Post, Officer: top.Officer}}
	}
	return told
}

// top is one whom nobody is above, one with an officer if there is one.
func (r Ranks) top() (Rank, bool) {
	if top, ok := first(r, func(k Rank) bool { return k.Superior == "" && k.Officer != "" }); ok {
		return top, true
	}
	return first(r, func(k Rank) bool { return k.Superior == "" })
}

func (r Ranks) superior(post PostID, up int) PostID {
	for range up {
		rank, ok := r.of(post)
		if !ok || rank.Superior == "" {
			break
		}
		post = rank.Superior
	}
	return post
}

// occupied climbs from a post to the first one with an officer not told yet. At the
// top a vacant post stands for itself, so that a rung is never addressed to nobody.
func (r Ranks) occupied(post PostID, told []Person) (Person, bool) {
	for range len(r) + 1 {
		rank, ok := r.of(post)
		if !ok {
			return Person{}, false
		}
		known := slices.ContainsFunc(told, func(t Person) bool {
			return t.Post == post || rank.Officer != "" && t.Officer == rank.Officer
		})
		if rank.Officer != "" && !known {
			return Person{Post: post, Officer: rank.Officer}, true
		}
		if rank.Superior == "" {
			return Person{Post: post}, rank.Officer == "" && !known
		}
		post = rank.Superior
	}
	return Person{}, false // the hierarchy has a ring
}
