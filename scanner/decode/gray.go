package decode

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/draw"
	_ "image/gif" // formats that Load reads
	_ "image/jpeg"
	_ "image/png"
	"io"

	"github.com/makiuchi-d/gozxing"
	xdraw "golang.org/x/image/draw"
	_ "golang.org/x/image/tiff"
	_ "golang.org/x/image/webp"
)

// Gray is an 8-bit picture: Pix[y*Stride+x], 0 black.
type Gray struct {
	Pix    []byte
	Stride int
	W, H   int
}

// Limits of pictures, in pixels: larger ones are refused by their declared size,
// before a byte of them is unpacked; those over workingSize are reduced.
const (
	maxPixels   = 50_000_000
	workingSize = 2_100_000
)

// Why a picture cannot be read.
var (
	ErrNotImage = errors.New("not a picture of a known format")
	ErrTooLarge = errors.New("picture has more than 50 megapixels")
)

// Load reads a jpeg, png, gif, webp or tiff picture. Errors: ErrNotImage,
// ErrTooLarge, or the reader's own.
func Load(r io.Reader) (*Gray, error) {
	head := bufio.NewReaderSize(r, 512<<10)
	peek, err := head.Peek(1 << 16)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return nil, err
	}
	cfg, _, err := image.DecodeConfig(bytes.NewReader(peek))
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrNotImage, err)
	}
	if cfg.Width <= 0 || cfg.Height <= 0 || cfg.Width > maxPixels/cfg.Height {
		return nil, ErrTooLarge
	}
	img, _, err := image.Decode(head)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrNotImage, err)
	}
	return FromImage(img), nil
}

// FromImage takes the brightness of a picture: without copying where it lies
// ready, as in camera frames.
func FromImage(img image.Image) *Gray {
	b := img.Bounds()
	var g *Gray
	switch img := img.(type) {
	case *image.YCbCr:
		g = &Gray{Pix: img.Y[img.YOffset(b.Min.X, b.Min.Y):], Stride: img.YStride, W: b.Dx(), H: b.Dy()}
	case *image.Gray:
		g = &Gray{Pix: img.Pix[img.PixOffset(b.Min.X, b.Min.Y):], Stride: img.Stride, W: b.Dx(), H: b.Dy()}
	default:
		grey := image.NewGray(image.Rect(0, 0, b.Dx(), b.Dy()))
		draw.Draw(grey, grey.Bounds(), img, b.Min, draw.Src)
		g = &Gray{Pix: grey.Pix, Stride: grey.Stride, W: b.Dx(), H: b.Dy()}
	}
	return g.reduced()
}

// reduced halves and more what is larger than readers need.
func (g *Gray) reduced() *Gray {
	if g.W*g.H <= workingSize {
		return g
	}
	w, h := g.W, g.H
	for w*h > workingSize {
		w, h = w*3/4, h*3/4
	}
	from := &image.Gray{Pix: g.Pix, Stride: g.Stride, Rect: image.Rect(0, 0, g.W, g.H)}
	to := image.NewGray(image.Rect(0, 0, max(1, w), max(1, h)))
	xdraw.ApproxBiLinear.Scale(to, to.Rect, from, from.Rect, draw.Src, nil)
	return &Gray{Pix: to.Pix, Stride: to.Stride, W: to.Rect.Dx(), H: to.Rect.Dy()}
}

// turned is the picture a quarter turn on, for upright bars.
func (g *Gray) turned() *Gray {
	out := &Gray{Pix: make([]byte, g.W*g.H), Stride: g.H, W: g.H, H: g.W}
	for y := range g.H {
		for x := range g.W {
			out.Pix[x*g.H+(g.H-1-y)] = g.Pix[y*g.Stride+x]
		}
	}
	return out
}

// source hands the grey bytes to gozxing without a copy of the picture.
type source struct{ g *Gray }

func (s source) GetRow(y int, row []byte) ([]byte, error) {
	if y < 0 || y >= s.g.H {
		return row, errors.New("row outside the picture")
	}
	if len(row) < s.g.W {
		row = make([]byte, s.g.W)
	}
	copy(row, s.g.Pix[y*s.g.Stride:y*s.g.Stride+s.g.W])
	return row, nil
}

func (s source) GetMatrix() []byte {
	if s.g.Stride == s.g.W {
		return s.g.Pix[:s.g.W*s.g.H]
	}
	out := make([]byte, s.g.W*s.g.H)
	for y := range s.g.H {
		copy(out[y*s.g.W:], s.g.Pix[y*s.g.Stride:y*s.g.Stride+s.g.W])
	}
	return out
}

func (s source) GetWidth() int           { return s.g.W }
func (s source) GetHeight() int          { return s.g.H }
func (s source) IsCropSupported() bool   { return false }
func (s source) IsRotateSupported() bool { return false }
func (s source) Invert() gozxing.LuminanceSource {
	return gozxing.LuminanceSourceInvert(s)
}

func (s source) Crop(int, int, int, int) (gozxing.LuminanceSource, error) {
	return nil, errors.New("not supported")
}

func (s source) RotateCounterClockwise() (gozxing.LuminanceSource, error) {
	return nil, errors.New("not supported")
}

func (s source) RotateCounterClockwise45() (gozxing.LuminanceSource, error) {
	return nil, errors.New("not supported")
}

func (s source) String() string { return fmt.Sprintf("%d x %d grey", s.g.W, s.g.H) }
