package decode

import (
	"errors"
	"fmt"

	"github.com/makiuchi-d/gozxing"
)

// source hands the grey bytes to gozxing without a copy of the picture. It cannot
// turn: upright bars are this package's own work.
type source struct{ g *Gray }

var errUnsupported = errors.New("source neither crops nor turns")

func (s source) GetRow(y int, row []byte) ([]byte, error) {
	if y < 0 || y >= s.g.H {
		return row, fmt.Errorf("row %d outside %d", y, s.g.H)
	}
	if len(row) < s.g.W {
		row = make([]byte, s.g.W)
	}
	copy(row, s.g.row(y))
	return row, nil
}

func (s source) GetMatrix() []byte {
	if s.g.Stride == s.g.W {
		return s.g.Pix[:s.g.W*s.g.H]
	}
	out := make([]byte, s.g.W*s.g.H)
	for y := range s.g.H {
		copy(out[y*s.g.W:], s.g.row(y))
	}
	return out
}

func (s source) GetWidth() int                   { return s.g.W }
func (s source) GetHeight() int                  { return s.g.H }
func (s source) IsCropSupported() bool           { return false }
func (s source) IsRotateSupported() bool         { return false }
func (s source) Invert() gozxing.LuminanceSource { return gozxing.LuminanceSourceInvert(s) }
func (s source) String() string                  { return fmt.Sprintf("%d x %d grey", s.g.W, s.g.H) }

func (s source) Crop(int, int, int, int) (gozxing.LuminanceSource, error) {
	return nil, errUnsupported
}

func (s source) RotateCounterClockwise() (gozxing.LuminanceSource, error) {
	return nil, errUnsupported
}

func (s source) RotateCounterClockwise45() (gozxing.LuminanceSource, error) {
	return nil, errUnsupported
}
