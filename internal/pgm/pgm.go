// Package pgm lets package image read greyscale pictures of Netpbm in the form in which
// poppler writes them: binary, of 256 shades, without comments (pgm(5)).
package pgm

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
)

func init() { image.RegisterFormat("pgm", "P5\n", Decode, DecodeConfig) }

// DecodeConfig reads the size.
func DecodeConfig(r io.Reader) (image.Config, error) { return head(bufio.NewReader(r)) }

// Decode reads a picture into an image.Gray of the size that it says, which is for
// DecodeConfig to look at first.
func Decode(r io.Reader) (image.Image, error) {
	b := bufio.NewReader(r)
	config, err := head(b)
	if err != nil {
		return nil, err
	}
	g := image.NewGray(image.Rect(0, 0, config.Width, config.Height))
	if _, err := io.ReadFull(b, g.Pix); err != nil {
		return nil, fmt.Errorf("read pixels: %w", err)
	}
	return g, nil
}

// maxSide in pixels keeps the area from overflowing.
const maxSide = 1 << 20

func head(b *bufio.Reader) (c image.Config, err error) {
	c.ColorModel = color.GrayModel
	var shades int
	var end rune
	if _, err := fmt.Fscanf(b, "P5\n%d %d\n%d%c", &c.Width, &c.Height, &shades, &end); err != nil {
		return c, fmt.Errorf("read size: %w", err)
	}
	if c.Width <= 0 || c.Height <= 0 || c.Width > maxSide || c.Height > maxSide || shades != 255 || end != '\n' {
		return c, errors.New("not a picture of 256 shades")
	}
	return c, nil
}
