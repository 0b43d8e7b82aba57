package main

import (
	"encoding/json"

	"harkara/internal/label"
)

// refusal is a scan of this station that the office refused when nobody stood here any
// more to hear it; it lists each until the file is scanned here again.
type refusal struct {
	ID   string     `json:"id"`
	Code label.Code `json:"code"`
	What string     `json:"what"`
}

// unheard are the commands on the office's list that a sound was made for.
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

// tellUnheard tells of refusals by ear, once for all of them, and in words. Pages have
// the list.
func (a *agent) tellUnheard(list []refusal) {
	if len(list) == 0 {
		return
	}
	a.hooks.answer(toneDown)
	for _, r := range list {
		a.print("%s %s %s %s. %s\n", toneDown, r.ID, r.Code, a.lang.Text("kiosk.no"), r.What)
	}
}
