package pdf

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"time"

	"github.com/klippa-app/go-pdfium/enums"
	pdferrors "github.com/klippa-app/go-pdfium/errors"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"

	"harkara/scanner/decode"
)

// pageSide in pixels is the most of a page that is long and narrow.
const pageSide = 7000

var (
	// pageArea is what a page is drawn with in pixels, whatever size it says that it is:
	// many scanners' pages say a wrong one. It is that of A4 at 200 dots an inch.
	pageArea = 4_000_000.0

	// openTime and pageTime are how long a document may take to open, and a page to be
	// drawn. A scanner's page takes half a second of processor.
	openTime, pageTime = 30 * time.Second, 30 * time.Second
)

func init() {
	if runtime.GOARCH != "amd64" && runtime.GOARCH != "arm64" { // interpreted, which takes twenty times as long
		pageArea = 2_100_000 // what decode makes of it
		openTime, pageTime = 10*openTime, 10*pageTime
	}
}

// document is an open PDF.
type document struct {
	instance
	ref   references.FPDF_DOCUMENT
	pages int
}

// open opens a document in an instance of its own.
func (e *engine) open(ctx context.Context, raw []byte) (*document, error) {
	p, err := e.pool.GetInstanceWithContext(ctx)
	if err != nil {
		return nil, fmt.Errorf("start PDFium: %w", err)
	}
	d := &document{instance: instance{p}}
	limited, cancel := context.WithTimeout(ctx, openTime)
	defer cancel()
	err = d.within(limited, func() error {
		opened, err := d.OpenDocument(&requests.OpenDocument{File: &raw})
		if err != nil {
			return err
		}
		d.ref = opened.Document
		count, err := d.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: d.ref})
		if err != nil {
			return err
		}
		d.pages = count.PageCount
		return nil
	})
	switch {
	case err == nil && d.pages > 0:
		return d, nil
	case ctx.Err() != nil:
		err = ctx.Err()
	case errors.Is(err, errEnded):
		err = ErrWork
	case errors.Is(err, pdferrors.ErrPassword), errors.Is(err, pdferrors.ErrSecurity):
		err = ErrLocked
	default:
		err = ErrDocument
	}
	d.close()
	return nil, err
}

// draw draws page n, from 0. After an error that is not ErrPage the document is dead.
func (d *document) draw(ctx context.Context, n int) (*decode.Gray, error) {
	var g *decode.Gray
	limited, cancel := context.WithTimeout(ctx, pageTime)
	defer cancel()
	err := d.within(limited, func() (err error) {
		g, err = d.render(n)
		return err
	})
	switch {
	case err == nil:
		return g, nil
	case errors.Is(err, ErrPage):
		return nil, ErrPage
	case ctx.Err() != nil:
		return nil, ctx.Err()
	}
	return nil, ErrWork
}

// render draws with calls of PDFium.
func (d *document) render(n int) (*decode.Gray, error) {
	page := requests.Page{ByIndex: &requests.PageByIndex{Document: d.ref, Index: n}}
	points, err := d.GetPageSize(&requests.GetPageSize{Page: page})
	if errors.Is(err, pdferrors.ErrPage) {
		return nil, ErrPage
	}
	if err != nil { // it takes more memory than there is to lay out what the page holds
		return nil, err
	}
	w, h, whole := size(points.Width, points.Height)
	if !whole {
		return nil, ErrPage
	}
	made, err := d.FPDFBitmap_CreateEx(&requests.FPDFBitmap_CreateEx{Width: w, Height: h, Format: enums.FPDF_BITMAP_FORMAT_GRAY, Pointer: uint64(0)})
	if err != nil {
		return nil, err
	}
	if _, err := d.FPDFBitmap_FillRect(&requests.FPDFBitmap_FillRect{Bitmap: made.Bitmap, Width: w, Height: h, Color: 0xffffffff}); err != nil {
		return nil, err
	}
	if _, err := d.FPDF_RenderPageBitmap(&requests.FPDF_RenderPageBitmap{Bitmap: made.Bitmap, Page: page, SizeX: w, SizeY: h, Flags: enums.FPDF_RENDER_FLAG_ANNOT}); err != nil {
		return nil, err
	}
	stride, err := d.FPDFBitmap_GetStride(&requests.FPDFBitmap_GetStride{Bitmap: made.Bitmap})
	if err != nil {
		return nil, err
	}
	drawn, err := d.FPDFBitmap_GetBuffer(&requests.FPDFBitmap_GetBuffer{Bitmap: made.Bitmap})
	if err != nil {
		return nil, err
	}
	g := &decode.Gray{Pix: append([]byte(nil), drawn.Buffer...), Stride: stride.Stride, W: w, H: h}
	_, err = d.FPDFBitmap_Destroy(&requests.FPDFBitmap_Destroy{Bitmap: made.Bitmap})
	return g, err
}

// size is a page's in pixels, of its size in points; a page without one is not whole.
func size(width, height float64) (w, h int, whole bool) {
	if !(width > 0 && height > 0) || math.IsInf(width*height, 0) {
		return 0, 0, false
	}
	k := min(math.Sqrt(pageArea/(width*height)), pageSide/max(width, height))
	return max(1, int(width*k)), max(1, int(height*k)), true
}
