package main

import (
	"encoding/json"
	"time"

	"harkara/scanner/gesture"
	"harkara/web/wire"
)

// listed is what an office's view lists.
func listed(view json.RawMessage) []wire.Refusal {
	var v struct{ Refused []wire.Refusal }
	_ = json.Unmarshal(view, &v) // an older office lists none
	return v.Refused
}

const (
	refusalsKnown = 5000                   // that are remembered
	alarmEvery    = 500 * time.Millisecond // of several refusals that come together one is heard
)

// refusals are the commands whose refusal was heard here.
type refusals struct {
	known map[string]bool
	order []string // oldest first
}

// add reports whether a refusal is new.
func (r *refusals) add(id string) bool {
	if r.known[id] {
		return false
	}
	if r.known == nil {
		r.known = map[string]bool{}
	}
	r.known[id] = true
	if r.order = append(r.order, id); len(r.order) > refusalsKnown {
		delete(r.known, r.order[0])
		r.order = r.order[1:]
	}
	return true
}

// knows notes that a refusal is heard in the answer to its scan.
func (a *agent) knows(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refusals.add(id)
}

// refused sounds for those of the refusals that were not heard yet, if there are any:
// nobody looks at the screen any more.
func (a *agent) refused(list ...wire.Refusal) (news bool) {
	a.mu.Lock()
	var fresh []wire.Refusal
	for _, r := range list {
		if a.refusals.add(r.ID) {
			fresh = append(fresh, r)
		}
	}
	a.mu.Unlock()
	if len(fresh) > 0 && a.alarm() {
		a.hooks.answer(wire.ToneDown)
	}
	for _, r := range fresh {
		a.log.Warn("refused after it was kept", "command", r.ID, "code", r.Code, "what", r.What)
	}
	return len(fresh) > 0
}

// alarm reports whether to sound for what nobody looks at any more: of several that come
// together one is heard.
func (a *agent) alarm() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if time.Since(a.alarmed) < alarmEvery {
		return false
	}
	a.alarmed = time.Now()
	return true
}

// late tells of a result that came after its command was said to be kept, with no second
// sound unless it is refused or another room's.
func (a *agent) late(e answerEvent) {
	switch e.Tone {
	case wire.ToneDown:
		a.refused(wire.Refusal{ID: e.Command.ID, Code: e.Command.Code, What: saidIn(a.language(), e.Result).Headline})
	case wire.ToneAstray: // it lies here, and does not belong here
		if a.alarm() {
			a.hooks.answer(wire.ToneAstray)
		}
	}
	a.hub.tell("late", e)
}

// unclaimed is told of a result that nobody waits for any more: mostly that a command is
// stored, which is no news.
func (a *agent) unclaimed(command, result json.RawMessage) {
	var c gesture.Command
	if tone := toneOfResult(result); tone != wire.ToneSoft && json.Unmarshal(command, &c) == nil {
		a.late(answerEvent{c, result, tone})
	}
}
