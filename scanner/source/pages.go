package source

import (
	"bytes"
	"iter"

	"harkara/scanner/decode"
)

// pages yields the pictures in a file: itself, the pages of a TIFF, or the images in a
// PDF; or why a page gives none. (harkara decode draws pages with poppler; a station
// is one program.)
func pages(raw []byte) iter.Seq2[[]byte, string] {
	if bytes.HasPrefix(raw, []byte("%PDF-")) {
		return scans(raw)
	}
	return func(yield func([]byte, string) bool) {
		for page := range decode.Pages(raw) {
			if !yield(page, "") {
				return
			}
		}
	}
}
