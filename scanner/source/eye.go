package source

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"harkara/internal/label"
	"harkara/scanner/decode"
)

// eye turns the frames of a camera into codes, each once while it is in view;
// decode.Viewer is one.
type eye interface {
	Look(g *decode.Gray, at time.Duration) decode.View
}

func newEye() eye { return decode.NewViewer() }

var methods = map[decode.Format]string{decode.QR: byQR, decode.Code128: byCode128, decode.Code39: byCode39}

// doubtful is how long a code is seen and not believed before the clerk is asked to help.
const doubtful = time.Second

// hearing makes reads of views. What is refused is told once while it is in view.
type hearing struct {
	told  string
	doubt label.Code // seen and not believed
	since time.Duration
}

// heard returns the read that a view is, if it is one; at grows from view to view.
func (h *hearing) heard(v decode.View, at time.Duration) (r Read, news bool) {
	if v.State != decode.Unsure || v.Code != h.doubt {
		h.doubt, h.since = "", at
	}
	refused := ""
	switch v.State {
	case decode.Accepted:
		r = Read{Text: string(v.Code), Method: methods[v.Format]}
	case decode.TwoFiles:
		r, refused = Read{Problem: tooMany}, tooMany
	case decode.Foreign:
		r, refused = Read{Text: v.Foreign.Text, Method: byImage}, v.Foreign.Text // it will be told for what it is
	case decode.Unsure:
		h.doubt = v.Code
		if at-h.since < doubtful {
			return Read{}, false
		}
		r, refused = Read{Problem: unclear}, unclear+string(v.Code)
	}
	news = v.State == decode.Accepted || refused != "" && refused != h.told
	h.told = refused
	return r, news
}

// loadFrame unpacks a camera's picture.
func loadFrame(ctx context.Context, raw []byte) (*decode.Gray, error) {
	g, err := decode.Load(ctx, bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("camera's picture: %w", err)
	}
	return g, nil
}
