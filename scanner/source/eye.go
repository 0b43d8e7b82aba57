package source

import (
	"bytes"
	"fmt"
	"math"
	"time"

	"harkara/internal/label"
	"harkara/scanner/decode"
)

// eye turns the frames of a camera into codes, each once while it is in view.
type eye interface {
	look(g *decode.Gray, at time.Duration) []Read
}

// Rules of a glance.
const (
	thumbStep   = 24              // pixels between those that are compared for movement
	thumbNoise  = 40              // of 255, by which they may differ all the same
	frameBudget = time.Second     // small machines are slow; frames that come meanwhile are passed over
	outOfView   = 2 * time.Second // then a code may be shown again
	agreeing    = 4               // lines across the bars that settle a lone Code 128
	displaced   = 2.0             // pixels that its second sight must have moved: the same wrong text can repeat where it is
)

// glance is the eye of a small machine: quick effort on every frame, full effort
// once where it sees nothing and nothing moves.
type glance struct {
	reader *decode.Reader
	thumb  []byte // of the frame before
	stared bool   // full effort was made since something moved
	seen   map[string]*sight
	many   time.Duration // when several files were last in view
	before bool          // and whether they ever were
}

// sight is a code in view.
type sight struct {
	at       time.Duration
	corner   decode.Point
	accepted bool
}

func newGlance() *glance {
	return &glance{reader: decode.New(), seen: map[string]*sight{}}
}

// look returns the codes that this frame settles.
func (e *glance) look(g *decode.Gray, at time.Duration) (reads []Read) {
	for text, s := range e.seen {
		if at-s.at >= outOfView {
			delete(e.seen, text)
		}
	}
	found := e.reader.Decode(g, decode.Options{All: true, Budget: frameBudget}).Symbols
	if still := e.still(g); !still {
		e.stared = false
	} else if len(found) == 0 && !e.stared {
		e.stared = true
		found = e.reader.Decode(g, decode.Options{Effort: decode.Full, All: true, Budget: frameBudget}).Symbols
	}
	if files(found) > 1 {
		if !e.before || at-e.many >= outOfView {
			reads = append(reads, Read{Problem: tooMany})
		}
		e.many, e.before = at, true
		return reads
	}
	for _, symbol := range found {
		s := e.seen[symbol.Text]
		if s == nil {
			s = &sight{corner: symbol.Corners[0]}
			e.seen[symbol.Text] = s
		}
		s.at = at
		if s.accepted {
			continue
		}
		method := byQR
		if symbol.Format != decode.QR {
			method = byCode128
			moved := math.Hypot(symbol.Corners[0].X-s.corner.X, symbol.Corners[0].Y-s.corner.Y) >= displaced
			if symbol.Format != decode.Code128 || symbol.Lines < agreeing && !moved {
				continue
			}
		}
		s.accepted = true
		reads = append(reads, Read{Text: symbol.Text, Method: method})
	}
	return reads
}

// still reports whether a frame shows what the one before it did.
func (e *glance) still(g *decode.Gray) bool {
	var thumb []byte
	for y := thumbStep / 2; y < g.H; y += thumbStep {
		for x := thumbStep / 2; x < g.W; x += thumbStep {
			thumb = append(thumb, g.Pix[y*g.Stride+x])
		}
	}
	moved := len(thumb) != len(e.thumb)
	for i := 0; !moved && i < len(thumb); i++ {
		moved = max(thumb[i], e.thumb[i])-min(thumb[i], e.thumb[i]) > thumbNoise
	}
	e.thumb = thumb
	return !moved
}

// files counts the files whose codes are on a picture.
func files(found []decode.Symbol) int {
	codes := map[label.Code]bool{}
	for _, s := range found {
		if code, err := label.Check(s.Text); err == nil && code.Kind() == label.File {
			codes[code] = true
		}
	}
	return len(codes)
}

// loadFrame unpacks a camera's picture.
func loadFrame(raw []byte) (*decode.Gray, error) {
	g, err := decode.Load(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("camera's picture: %w", err)
	}
	return g, nil
}
