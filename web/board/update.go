package board

import (
	"bytes"
	"encoding/json"

	"harkara/web/live"
)

// update is what goes over a socket. A page believes its rows as far as AsOf, not
// as far as its arrival: the ledger may be away while the socket lives.
type update struct {
	Seq    int64   `json:"seq"`
	Now    int64   `json:"now"`   // the server's clock, Unix milliseconds
	AsOf   int64   `json:"as_of"` // when the ledger last answered
	Deltas []delta `json:"deltas,omitempty"`
	Reset  bool    `json:"reset,omitempty"` // what the page has seen is unknown here: load it again
}

// delta puts an element in the place of the one with its id; without HTML it takes
// that away. HTML is made by the templates of the first paint.
type delta struct {
	Seq  int64  `json:"seq"`
	ID   string `json:"id"`
	HTML string `json:"html,omitempty"`
}

// update makes the message of some deltas, as far as positions are published.
func (b *Board) update(deltas []delta) *live.Message {
	return b.encode(update{Seq: b.shown.Seq, AsOf: b.shown.AsOf.UnixMilli(), Deltas: deltas})
}

// reset makes the message that sends a page back to its beginning.
func (b *Board) reset() *live.Message { return b.encode(update{Reset: true}) }

func (b *Board) encode(m update) *live.Message {
	m.Now = b.Now().UnixMilli()
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(m); err != nil {
		panic("board: encode update: " + err.Error()) // numbers and strings only
	}
	message, err := live.Encode(bytes.TrimSpace(text.Bytes()))
	if err != nil {
		panic("board: prepare update: " + err.Error()) // it is not compressed
	}
	return message
}
