package decode

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	_ "image/gif" // formats that Load reads
	_ "image/jpeg"
	_ "image/png"
	"io"

	_ "golang.org/x/image/tiff"
	_ "golang.org/x/image/webp"
)

// maxPixels is the largest declared size that is unpacked.
const maxPixels = 50_000_000

// Why a picture cannot be loaded.
var (
	ErrNotImage = errors.New("not a picture of a known format")
	ErrTooLarge = errors.New("picture has more than 50 megapixels")
)

// Load reads a jpeg, png, gif (its first frame), webp or tiff picture and reduces
// it to about 2.1 megapixels. The declared size is looked at before anything is
// unpacked. Errors: ErrNotImage, ErrTooLarge, or r's own.
func Load(r io.Reader) (g *Gray, err error) {
	defer func() {
		if p := recover(); p != nil { // an image decoder met bytes it did not expect
			g, err = nil, fmt.Errorf("%w: %v", ErrNotImage, p)
		}
	}()
	source := &watched{r: r}
	var head bytes.Buffer
	config, _, err := image.DecodeConfig(io.TeeReader(source, &head))
	if source.err != nil {
		return nil, fmt.Errorf("load picture: %w", source.err)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrNotImage, err)
	}
	if config.Width <= 0 || config.Height <= 0 {
		return nil, fmt.Errorf("%w: %d x %d pixels", ErrNotImage, config.Width, config.Height)
	}
	if config.Width > maxPixels/config.Height {
		return nil, ErrTooLarge
	}
	img, _, err := image.Decode(io.MultiReader(&head, source))
	if source.err != nil {
		return nil, fmt.Errorf("load picture: %w", source.err)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrNotImage, err)
	}
	return FromImage(img).reduced(), nil
}

// watched keeps the reader's own failure apart from what decoders make of it.
type watched struct {
	r   io.Reader
	err error
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if err != nil && err != io.EOF {
		w.err = err
	}
	return n, err
}
