package gesture

import (
	"encoding/json"
	"slices"

	"harkara/internal/label"
)

// Scan is the kind of command that a file makes where no card is open.
const Scan = "scan"

// gestureOf is what the card does that a code is on.
func gestureOf(code label.Code) (label.Gesture, bool) {
	i := slices.IndexFunc(label.Gestures, func(g label.Gesture) bool {
		return g.Code == code || g.Of != 0 && g.Of == code.Kind()
	})
	if i < 0 || label.Gestures[i].Idle {
		return label.Gesture{}, false
	}
	return label.Gestures[i], true
}

// Context is what an open card makes of the files that are read with it.
type Context struct {
	Says Feedback `json:"says,omitempty"` // of the card
	Kind string   `json:"kind,omitempty"`
	With With     `json:"with,omitempty"`
	Asks string   `json:"asks,omitempty"` // see label.Gesture; empty: nothing, or it was read
	Then Feedback `json:"then,omitempty"`
}

// contextOf is what files are read with while the card is open.
func contextOf(g label.Gesture, code label.Code) Context {
	c := Context{Says: Feedback(g.Says), Kind: g.Kind}
	switch {
	case g.Key == "":
		c.Asks, c.Then = g.Asks, Feedback(g.Then)
	case g.Code != "":
		c.With = with(g.Key, true)
	default:
		c.With = with(g.Key, code)
	}
	return c
}

// answered is the context once the office's card was read that it asks for. Which those
// are only the office knows: it takes every card that is none of ours.
func (c Context) answered(code label.Code) (Context, bool) {
	if c.Asks == "" || code.Kind() != label.Card || slices.ContainsFunc(label.Gestures, func(g label.Gesture) bool { return g.Code == code }) {
		return Context{}, false
	}
	return Context{Says: c.Then, Kind: c.Kind, With: with(c.Asks, code)}, true
}

// With is a JSON object: what a command of some kind says beside. Empty: nothing.
type With string

func with(key string, value any) With {
	raw, err := json.Marshal(map[string]any{key: value})
	if err != nil {
		panic("gesture: marshal: " + err.Error()) // texts and truths only
	}
	return With(raw)
}

// MarshalJSON gives the object.
func (w With) MarshalJSON() ([]byte, error) { return []byte(w), nil }

// UnmarshalJSON keeps it.
func (w *With) UnmarshalJSON(data []byte) error {
	*w = With(data)
	return nil
}
