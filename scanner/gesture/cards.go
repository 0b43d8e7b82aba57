package gesture

import (
	"encoding/json"
	"slices"

	"harkara/internal/label"
)

// Card says what a card on the counter does. A station in a browser is given this table
// and obeys it too.
type Card struct {
	Of   label.Kind `json:"of,omitempty"`   // every card of a kind
	Code label.Code `json:"code,omitempty"` // or this one
	Says Feedback   `json:"says"`
	Kind string     `json:"kind,omitempty"` // of the commands that it makes; empty: it ends what another opened
	Key  string     `json:"key,omitempty"`  // under which these say the card's code; of one card alone that it was read; empty: nothing
	Asks string     `json:"asks,omitempty"` // key under which these say the code of one of the office's own cards, which must be read first
	Then Feedback   `json:"then,omitempty"` // what the open card says once that was read
	Undo bool       `json:"undo,omitempty"` // it makes one at once, of the act before it, and Key says that one's id
}

// Cards is every card that does something.
var Cards = []Card{
	{Of: label.Desk, Says: "desk", Kind: Scan, Key: "desk"},
	{Of: label.Badge, Says: "runner", Kind: Scan, Key: "runner"},
	{Code: label.Onward, Says: "onward", Kind: Scan, Key: "onward"},
	{Code: label.Back, Says: "back", Kind: "back", Asks: "why", Then: "returning"},
	{Code: label.Shown, Says: "shown", Kind: "shown"},
	{Of: label.Hold, Says: "hold", Kind: "hold", Key: "card"},
	{Code: label.LaidBy, Says: "laid_by", Kind: "lay_by"},
	{Code: label.Resume, Says: "resume", Kind: "resume"},
	{Code: label.Done, Says: "done"},
	{Code: label.Undo, Says: "undo", Kind: "undo", Key: "act", Undo: true},
}

// Scan is the kind of command that a file makes where no card is open.
const Scan = "scan"

// cardOf is the card that a code is on.
func cardOf(code label.Code) (Card, bool) {
	for _, c := range Cards {
		if c.Code == code || c.Of != 0 && c.Of == code.Kind() {
			return c, true
		}
	}
	return Card{}, false
}

// context is what files are read with while the card is open.
func (c Card) context(code label.Code) Context {
	switch {
	case c.Key == "":
		return Context{Says: c.Says, Kind: c.Kind, Asks: c.Asks, Then: c.Then}
	case c.Code != "":
		return Context{Says: c.Says, Kind: c.Kind, With: with(c.Key, true)}
	}
	return Context{Says: c.Says, Kind: c.Kind, With: with(c.Key, code)}
}

// Context is what an open card makes of the files that are read with it.
type Context struct {
	Says Feedback `json:"says,omitempty"` // of the card
	Kind string   `json:"kind,omitempty"`
	With With     `json:"with,omitempty"`
	Asks string   `json:"asks,omitempty"` // see Card.Asks; empty: nothing, or it was read
	Then Feedback `json:"then,omitempty"`
}

// answered is the context once the office's card was read that it asks for. Which those
// are only the office knows: it takes every card that does nothing by itself.
func (c Context) answered(code label.Code) (Context, bool) {
	if c.Asks == "" || code.Kind() != label.Card || slices.ContainsFunc(Cards, func(k Card) bool { return k.Code == code }) {
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
