// Package pdf draws the pages of PDF documents as a tolerant viewer does: with PDFium,
// as WebAssembly inside the program (github.com/klippa-app/go-pdfium under wazero).
package pdf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"

	"harkara/scanner/decode"
)

// Why a document or a page cannot be drawn.
var (
	ErrDocument = errors.New("not a PDF, or damaged throughout")
	ErrLocked   = errors.New("PDF that opens only with a password")
	ErrPage     = errors.New("the page is damaged")
	ErrWork     = errors.New("the page takes too much work or memory")
	ErrPages    = fmt.Errorf("no more than %d pages are read", decode.MostPages)
)

// Marks of a PDF's beginning and end.
var (
	mark    = []byte("%PDF-")
	endMark = []byte("startxref")
)

// headWithin is how far from a file's beginning viewers look for a PDF's mark: printers'
// commands and mail headers may stand before it. The mark of its end is as far from that.
const headWithin = 1024

// Is reports whether a file is a PDF, also one whose beginning was lost.
func Is(raw []byte) bool {
	return bytes.Contains(raw[:min(headWithin, len(raw))], mark) || bytes.Contains(raw[max(0, len(raw)-headWithin):], endMark)
}

// tired is how many pages of a document may take too much work before it is left.
const tired = 3

// Pages yields the pages of a document in order, drawn in shades of grey, or why one
// cannot be: the others come all the same. What is wrong with the whole document is
// yielded alone. It ends soon after ctx does.
func Pages(ctx context.Context, raw []byte) iter.Seq2[*decode.Gray, error] {
	return func(yield func(*decode.Gray, error) bool) {
		if err := shared.take(ctx); err != nil {
			yield(nil, err)
			return
		}
		defer shared.give()
		doc, err := shared.open(ctx, raw)
		if errors.Is(err, ErrDocument) {
			if mended := mend(raw); mended != nil {
				raw = mended
				doc, err = shared.open(ctx, raw)
			}
		}
		if err != nil {
			yield(nil, err)
			return
		}
		defer func() { doc.close() }()
		for n, overworked := 0, 0; n < doc.pages; n++ {
			if n == decode.MostPages {
				yield(nil, ErrPages)
				return
			}
			g, err := doc.draw(ctx, n)
			if ctx.Err() != nil || !yield(g, err) {
				return
			}
			if err == nil || errors.Is(err, ErrPage) {
				continue
			}
			if overworked++; overworked == tired {
				return
			}
			doc.close() // what fails within PDFium leaves it in no state to go on
			if doc, err = shared.open(ctx, raw); err != nil {
				yield(nil, err)
				return
			}
		}
	}
}
