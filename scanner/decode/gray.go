package decode

import (
	"image"
	"image/draw"
)

// Point is a place on a picture in pixels: x to the right, y down, from the outer
// corner of the top left pixel, whose centre is at (0.5, 0.5).
type Point struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
}

// Gray is an 8-bit picture: Pix[y*Stride+x], 0 black. Decoding only reads it.
type Gray struct {
	Pix    []byte
	Stride int // bytes from a row to the next, at least W
	W, H   int // pixels

	// scale is how many pixels of the first picture one of these is long; 0 means 1.
	scale float64
}

func newGray(w, h int) *Gray { return &Gray{Pix: make([]byte, w*h), Stride: w, W: w, H: h} }

// FromImage returns the brightness of a picture: without copying where it lies
// ready (the Y plane of camera frames and JPEG, grey images), else converted,
// transparency over white.
func FromImage(img image.Image) *Gray {
	b := img.Bounds()
	if b.Empty() {
		return &Gray{}
	}
	switch img := img.(type) {
	case *image.YCbCr:
		return &Gray{Pix: img.Y[img.YOffset(b.Min.X, b.Min.Y):], Stride: img.YStride, W: b.Dx(), H: b.Dy()}
	case *image.Gray:
		return &Gray{Pix: img.Pix[img.PixOffset(b.Min.X, b.Min.Y):], Stride: img.Stride, W: b.Dx(), H: b.Dy()}
	}
	grey := image.NewGray(image.Rect(0, 0, b.Dx(), b.Dy()))
	if o, ok := img.(interface{ Opaque() bool }); ok && o.Opaque() {
		draw.Draw(grey, grey.Rect, img, b.Min, draw.Src)
	} else {
		draw.Draw(grey, grey.Rect, image.White, image.Point{}, draw.Src)
		draw.Draw(grey, grey.Rect, img, b.Min, draw.Over)
	}
	return &Gray{Pix: grey.Pix, Stride: grey.Stride, W: b.Dx(), H: b.Dy()}
}

// valid reports whether every pixel that W, H and Stride promise is there.
func (g *Gray) valid() bool {
	return g != nil && g.W > 0 && g.H > 0 && g.Stride >= g.W && len(g.Pix) >= g.Stride*(g.H-1)+g.W
}

// row returns the pixels of row y.
func (g *Gray) row(y int) []byte { return g.Pix[y*g.Stride : y*g.Stride+g.W : y*g.Stride+g.W] }

func (g *Gray) pixel() float64 {
	if g.scale == 0 {
		return 1
	}
	return g.scale
}

// bilinear returns the brightness at p between the four nearest pixel centres;
// what lies beyond the edge repeats the edge. The picture must be at least 2x2.
func (g *Gray) bilinear(p Point) float64 {
	x := min(max(p.X-0.5, 0), float64(g.W-1))
	y := min(max(p.Y-0.5, 0), float64(g.H-1))
	xi, yi := min(int(x), g.W-2), min(int(y), g.H-2)
	fx, fy := x-float64(xi), y-float64(yi)
	o := yi*g.Stride + xi
	upper, lower := g.Pix[o:o+2], g.Pix[o+g.Stride:o+g.Stride+2]
	a := float64(upper[0]) + (float64(upper[1])-float64(upper[0]))*fx
	b := float64(lower[0]) + (float64(lower[1])-float64(lower[0]))*fx
	return a + (b-a)*fy
}

// inside reports whether p is on the picture or within margin pixels of it.
func (g *Gray) inside(p Point, margin float64) bool {
	return p.X >= -margin && p.Y >= -margin && p.X <= float64(g.W)+margin && p.Y <= float64(g.H)+margin
}
