package main

import (
	"encoding/json"

	"harkara/internal/label"
	"harkara/scanner/gesture"
)

// refusal is a scan of this station that the office refused without its being told; the
// office lists each for a day, or until the file is scanned here again.
type refusal struct {
	ID   string     `json:"id"`
	Code label.Code `json:"code"`
	What string     `json:"what"`
}

// unheard are the commands that the office's last view lists.
type unheard map[string]bool

// fresh returns what an office's view lists and the last did not.
func (u *unheard) fresh(view json.RawMessage) (list []refusal) {
	var v struct{ Unheard []refusal }
	_ = json.Unmarshal(view, &v) // an older office lists none
	next := unheard{}
	for _, r := range v.Unheard {
		if next[r.ID] = true; !(*u)[r.ID] {
			list = append(list, r)
		}
	}
	*u = next
	return list
}

// refused sounds for a refusal of what this station has said to be kept: nobody looks at
// the screen any more.
func (a *agent) refused(r refusal) {
	a.hooks.answer(toneDown)
	a.log.Warn("refused after it was kept", "command", r.ID, "code", r.Code, "what", r.What)
}

// late tells of a result that came after its command was said to be kept, with no second
// sound unless it is refused.
func (a *agent) late(e answerEvent) {
	if e.Tone == toneDown {
		a.refused(refusal{e.Command.ID, e.Command.Code, saidIn(a.lang, e.Result).Headline})
	}
	a.hub.tell("late", e)
}

// unclaimed is told of a result that nobody waits for any more: mostly that a command is
// stored, which is no news.
func (a *agent) unclaimed(command, result json.RawMessage) {
	var c gesture.Command
	if tone := toneOfResult(result); tone != toneSoft && json.Unmarshal(command, &c) == nil {
		a.late(answerEvent{c, result, tone})
	}
}
