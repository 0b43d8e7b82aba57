package source

import (
	"bytes"
	"context"
	"errors"
	"image"
	"iter"

	"harkara/scanner/decode"
	"harkara/scanner/pdf"
	"harkara/scanner/tiff"
)

// pages yields the pictures in a file: itself, or the pages of a TIFF or a PDF; or why
// a page gives none.
func pages(ctx context.Context, raw []byte) iter.Seq2[*decode.Gray, string] {
	return func(yield func(*decode.Gray, string) bool) {
		if pdf.Is(raw) {
			for page, err := range pdf.Pages(ctx, raw) {
				if !yield(page, pdfProblem(err)) {
					return
				}
			}
			return
		}
		for page := range decode.Pages(raw) {
			if ctx.Err() != nil || !yield(load(ctx, page)) {
				return
			}
		}
	}
}

func pdfProblem(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, pdf.ErrLocked):
		return locked
	case errors.Is(err, pdf.ErrPages):
		return tooLong
	}
	return unreadable
}

// load unpacks a picture, or says why it cannot.
func load(ctx context.Context, raw []byte) (g *decode.Gray, problem string) {
	size, _, err := image.DecodeConfig(bytes.NewReader(raw))
	if err == nil && size.Height > 0 && size.Width > maxPixels/size.Height {
		return nil, tooLarge
	}
	g, err = tiff.Load(ctx, bytes.NewReader(raw))
	switch {
	case errors.Is(err, decode.ErrTooLarge) || err == nil && g.W > maxPixels/g.H:
		return nil, tooLarge
	case errors.Is(err, tiff.ErrKind):
		return nil, unreadableTIFF
	case err != nil:
		return nil, notImage
	}
	return g, ""
}
