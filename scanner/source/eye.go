package source

import (
	"bytes"
	"fmt"
	"time"

	"harkara/scanner/decode"
)

// eye turns the frames of a camera into codes, each once while it is in view;
// decode.Viewer is one.
type eye interface {
	Look(g *decode.Gray, at time.Duration) decode.View
}

func newEye() eye { return decode.NewViewer() }

var methods = map[decode.Format]string{decode.QR: byQR, decode.Code128: byCode128, decode.Code39: byCode39}

// hearing makes reads of views. What is refused is told once while it is in view.
type hearing struct{ told string }

// heard returns the read that a view is, if it is one.
func (h *hearing) heard(v decode.View) (r Read, news bool) {
	refused := ""
	switch v.State {
	case decode.Accepted:
		r = Read{Text: string(v.Code), Method: methods[v.Format]}
	case decode.TwoFiles:
		r, refused = Read{Problem: tooMany}, tooMany
	case decode.Foreign:
		r, refused = Read{Text: v.Foreign.Text, Method: byImage}, v.Foreign.Text // it will be told for what it is
	case decode.Unsure:
		return Read{}, false
	}
	news = v.State == decode.Accepted || refused != "" && refused != h.told
	h.told = refused
	return r, news
}

// loadFrame unpacks a camera's picture.
func loadFrame(raw []byte) (*decode.Gray, error) {
	g, err := decode.Load(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("camera's picture: %w", err)
	}
	return g, nil
}
