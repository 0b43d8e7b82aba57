// Package tiff loads pictures, among them the pages of TIFFs as document scanners, fax
// machines and those who archive their files write them (TIFF 6.0 and its technical
// notes), of which golang.org/x/image/tiff reads some.
package tiff

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"image"
	"io"

	"harkara/scanner/decode"
)

// ErrKind means a TIFF that cannot be read, for how it is packed or for damage.
var ErrKind = errors.New("TIFF of a kind that cannot be read")

// Load is decode.Load, for a TIFF's first page also where it is of a kind that decode does
// not know. It ends soon after ctx does. Errors: ErrKind, ctx's and decode.Load's.
func Load(ctx context.Context, r io.Reader) (*decode.Gray, error) {
	in := bufio.NewReader(r)
	if head, _ := in.Peek(4); !Is(head) { // what r fails with comes again
		return decode.Load(ctx, in)
	}
	raw, err := io.ReadAll(in)
	if err != nil {
		return nil, fmt.Errorf("load picture: %w", err)
	}
	return unpack(ctx, raw)
}

// unpack puts the strips or tiles of the first page together. What is damaged of it stays
// white; it is an error where nothing is whole.
func unpack(ctx context.Context, raw []byte) (*decode.Gray, error) {
	p, err := layout(parse(raw), len(raw))
	if err != nil {
		return nil, err
	}
	sheet := image.NewGray(image.Rect(0, 0, p.w, p.h))
	for i := range sheet.Pix {
		sheet.Pix[i] = 255
	}
	whole, reason := 0, error(nil)
	for i := range p.blocks() {
		packed := p.packed(raw, i)
		err := p.block(ctx, sheet, packed, i)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err == nil {
			whole++
		} else if reason == nil {
			reason = err
		}
	}
	if whole == 0 {
		return nil, fmt.Errorf("%w: %w", ErrKind, reason)
	}
	return decode.FromImage(p.upright(sheet)), nil
}
