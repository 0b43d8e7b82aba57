package main

import (
	"encoding/json"
	"time"
)

// zone is the office's, by its last word; before the first word, and where an older office
// says none, this machine's.
func (a *agent) zone() *time.Location {
	a.mu.Lock()
	defer a.mu.Unlock()
	return zoneOf(a.view)
}

func zoneOf(view json.RawMessage) *time.Location {
	var v struct{ East *int }
	if err := json.Unmarshal(view, &v); err != nil || v.East == nil {
		return time.Local
	}
	return time.FixedZone("", *v.East)
}
