package decode

import (
	"context"
	"errors"
	"fmt"
	"image"
	_ "image/gif" // formats that Load reads
	_ "image/png"
	"io"
	"runtime"
	"time"

	"golang.org/x/image/tiff"
	_ "golang.org/x/image/webp"

	"harkara/scanner/jpeg"
)

// maxPixels is the largest declared size that is unpacked.
const maxPixels = 50_000_000

// Processor time that unpacking a picture may take: a fixed part, for up to
// workingSize, and more for every pixel beyond it. Honest pictures need a third of it
// where they are packed worst (16 bits of four colours), a tenth as a rule.
const (
	unpackBudget = 200 * time.Millisecond
	pixelBudget  = 50 * time.Nanosecond
)

// Why a picture cannot be loaded.
var (
	ErrNotImage = errors.New("not a picture of a known format")
	ErrTooLarge = errors.New("picture is too large")

	errWork = fmt.Errorf("%w: it takes too much work to unpack", ErrTooLarge)
)

// Load reads a jpeg, png, gif (its first frame), webp or tiff picture and reduces
// it to about 2.1 megapixels. A JPEG may lack its Huffman tables or its end. The
// declared size is looked at before anything is unpacked, and unpacking ends when ctx
// does or when it takes more work than an honest picture of the size. Errors:
// ErrNotImage, ErrTooLarge (over 50 megapixels, or too much work), ctx's, or r's own.
func Load(ctx context.Context, r io.Reader) (*Gray, error) {
	raw, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("load picture: %w", err)
	}
	runtime.LockOSThread() // the clock is the thread's
	defer runtime.UnlockOSThread()
	var c clock
	c.start(unpackBudget, ctx.Done())
	g, err := load(raw, &c)
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("load picture: %w", ctx.Err())
	case err == nil || errors.Is(err, ErrTooLarge):
		return g, err
	case c.ended: // whatever the library made of it
		return nil, errWork
	}
	return nil, fmt.Errorf("%w: %w", ErrNotImage, err)
}

func load(raw []byte, c *clock) (g *Gray, err error) {
	defer func() {
		if p := recover(); p != nil { // an image decoder met bytes it did not expect
			g, err = nil, fmt.Errorf("%v", p)
		}
	}()
	unpack := unpackOther
	if jpeg.Is(raw) {
		unpack = unpackJPEG
	}
	img, err := unpack(raw, c)
	if err != nil {
		return nil, err
	}
	if err := c.may(); err != nil {
		return nil, err
	}
	return FromImage(img).reduced(), nil
}

func unpackJPEG(raw []byte, c *clock) (image.Image, error) {
	p, err := jpeg.Open(raw)
	if err != nil {
		return nil, err
	}
	if err := c.size(p.Size()); err != nil {
		return nil, err
	}
	return p.Decode(c.may)
}

func unpackOther(raw []byte, c *clock) (image.Image, error) {
	config, format, err := image.DecodeConfig(&metered{raw: raw, may: c.may})
	if err != nil {
		return nil, err
	}
	if format == "webp" {
		config.Width, config.Height = webpSize(raw, config)
	}
	if err := c.size(config.Width, config.Height); err != nil {
		return nil, err
	}
	in := &metered{raw: raw, may: c.may}
	if format == "tiff" {
		return tiff.Decode(in) // as an io.ReaderAt it is asked for what is unpacked next
	}
	img, _, err := image.Decode(in)
	return img, err
}

// size judges a declared size, and allows the time that it needs.
func (c *clock) size(w, h int) error {
	switch {
	case w <= 0 || h <= 0:
		return fmt.Errorf("%d x %d pixels", w, h)
	case w > maxPixels/h:
		return fmt.Errorf("%w: %d x %d pixels", ErrTooLarge, w, h)
	}
	c.budget += time.Duration(max(0, w*h-workingSize)) * pixelBudget * slower
	return nil
}
