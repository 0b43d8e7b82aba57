package custody

import "fmt"

// Notices are those that an entry of a rung, of a breach that is withdrawn, or of the end of
// a hold, brings about, each once; s is the state that the entry left.
func (s State) Notices(e Entry) []Notice {
	list := make([]Notice, len(e.Told))
	for i, p := range e.Told {
		list[i] = Notice{
			Key:      fmt.Sprintf("%s-%d-%s-%s", e.File, e.Revision, p.id(), e.Channel),
			Revision: e.Revision, File: e.File, Post: p.Post, Officer: p.Officer, Channel: e.Channel,
			Percent: e.Rung, About: s.Leg.Place.Desk, Due: e.At, Withdrawn: len(e.Withdrawn) > 0,
		}
	}
	return list
}

// CommandField is the command itself, as it is stored: a word without a salt, for nobody
// typed it. So its entries have a digest of it.
const CommandField Field = "command"
