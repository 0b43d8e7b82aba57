package custody

import (
	"fmt"
	"slices"
)

// Warnings are what an office may have, and hardly means: a post with no officer or with
// two, and a post that no ladder reaches, whose officer is never told of anything. Expected
// is what is usual.
func (o Office) Warnings() []Problem {
	o.Sort()
	p := &problems{of: &o}
	reached := o.reached()
	for _, post := range o.Posts {
		at := where("posts", post.ID)
		var in []OfficerID
		for _, x := range o.Officers {
			if x.Post == post.ID {
				in = append(in, x.ID)
			}
		}
		switch {
		case len(in) == 0:
			p.bad(at, counted(0, "officer"), "an officer with this post: it is vacant, and the next above is told instead")
		case len(in) > 1:
			p.bad(at, count(fmt.Sprintf("the officers %q", in)), "one: the first by id is taken for its holder")
		}
		if !slices.Contains(reached, post.ID) {
			p.bad(at, count("a post that no ladder reaches"), "a rung somewhere that tells its officer")
		}
	}
	return p.list
}

// reached are the posts that some rung of a post's ladder tells.
func (o *Office) reached() (list []PostID) {
	for _, post := range o.Posts {
		ladder, _ := o.LadderByID(post.Ladder)
		for _, r := range ladder.Rungs {
			for _, to := range r.To {
				if to.Post != "" {
					list = append(list, to.Post)
					continue
				}
				up := post
				for range to.Superior {
					if above, ok := o.PostByID(up.Superior); ok {
						up = above
					}
				}
				list = append(list, up.ID)
			}
		}
	}
	return list
}
