package main

import (
	"encoding/json"
	"slices"

	"harkara/internal/label"
	"harkara/scanner/gesture"
	"harkara/web/wire"
)

// names are what the office last said that cards and files are called: with the office away
// too.
type names struct {
	Cards             map[label.Code]string
	Expected, Overdue []wire.Item
}

func (a *agent) names() (n names) {
	a.mu.Lock()
	defer a.mu.Unlock()
	_ = json.Unmarshal(a.view, &n) // none yet, or an older office's, which names none
	return n
}

// ofCard is what the open card stands for; empty where that is not known.
func (n names) ofCard(open gesture.Context) string {
	var with map[string]any
	_ = json.Unmarshal([]byte(open.With), &with) // none is open
	for _, v := range with {
		if code, is := v.(string); is && n.Cards[label.Code(code)] != "" {
			return n.Cards[label.Code(code)]
		}
	}
	return ""
}

// ofFile is the number of a file that is expected in the room or overdue there, by any code
// that it was given; empty where it is not known.
func (n names) ofFile(code label.Code) string {
	for _, list := range [][]wire.Item{n.Expected, n.Overdue} {
		for _, item := range list {
			if item.Code == code || slices.Contains(item.Codes, code) {
				return item.Number
			}
		}
	}
	return ""
}
