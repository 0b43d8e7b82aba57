package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"

	_ "harkara/internal/pgm" // what poppler draws
	"harkara/scanner/decode"
)

// isPDF looks where poppler does for the mark of a PDF.
func isPDF(in *bufio.Reader) bool {
	start, _ := in.Peek(1024) // who reads on meets the error
	return bytes.Contains(start, []byte("%PDF-"))
}

const (
	pageDPI  = 200  // what a document scanner makes of a page by default
	pageSide = 7000 // pixels, the longer: Load takes no more than 50 megapixels
	perInch  = 72   // points
)

// pages draws a PDF's pages with poppler, each when it is asked for. The error is the
// document's; a page's own is yielded.
func pages(ctx context.Context, in io.Reader, file string, yield func(loadedPicture) bool) error {
	if info, err := os.Stat(file); file == "-" || err != nil || !info.Mode().IsRegular() { // poppler seeks
		copied, err := onDisk(in)
		if err != nil {
			return err
		}
		defer os.Remove(copied)
		return drawPages(ctx, copied, file, yield)
	}
	return drawPages(ctx, file, file, yield)
}

// onDisk copies a PDF into a temporary file.
func onDisk(in io.Reader) (path string, err error) {
	raw, err := readAll(in, mostRead)
	if err != nil {
		return "", err
	}
	f, err := os.CreateTemp("", "harkara-*.pdf")
	if err != nil {
		return "", err
	}
	_, err = f.Write(raw)
	if err := errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

func drawPages(ctx context.Context, path, file string, yield func(loadedPicture) bool) error {
	about, err := poppler(ctx, "pdfinfo", "-box", "-f", "1", "-l", strconv.Itoa(decode.MostPages+1), "--", path)
	if err != nil {
		return err
	}
	count, sides := sizes(string(about))
	if count == 0 {
		return errors.New("it has no pages")
	}
	for n := 1; n <= min(count, decode.MostPages+1); n++ {
		p := loadedPicture{file: file, page: n}
		side, whole := sides[n]
		switch {
		case n > decode.MostPages:
			p.err = fmt.Errorf("no more than %d pages are read", decode.MostPages)
		case !whole:
			p.err = errors.New("the page is damaged")
		default:
			p.grey, p.err = drawPage(ctx, path, n, min(pageDPI, pageSide*perInch/side))
		}
		if ctx.Err() != nil || !yield(p) {
			return nil
		}
	}
	return nil
}

// sizes finds in what pdfinfo says how many pages there are, and of each that is whole
// the longer side in points.
func sizes(about string) (count int, sides map[int]float64) {
	sides = map[int]float64{}
	for line := range strings.Lines(about) {
		if _, err := fmt.Sscanf(line, "Pages: %d", &count); err == nil {
			continue
		}
		var n int
		var left, bottom, right, top float64
		if _, err := fmt.Sscanf(line, "Page %d MediaBox: %g %g %g %g", &n, &left, &bottom, &right, &top); err == nil {
			sides[n] = max(right-left, top-bottom)
		}
	}
	return count, sides
}

func drawPage(ctx context.Context, path string, n int, dpi float64) (*decode.Gray, error) {
	page := strconv.Itoa(n)
	raw, err := poppler(ctx, "pdftoppm", "-gray", "-r", strconv.FormatFloat(dpi, 'f', -1, 64), "-f", page, "-l", page, "--", path)
	if err != nil {
		return nil, fmt.Errorf("draw page: %w", err)
	}
	return decode.Load(ctx, bytes.NewReader(raw))
}

// poppler runs one of its programs and returns what that prints.
func poppler(ctx context.Context, program string, args ...string) ([]byte, error) {
	out, err := exec.CommandContext(ctx, program, args...).Output()
	var ended *exec.ExitError
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return nil, fmt.Errorf("reading a PDF needs %s: install Debian's package poppler-utils", program)
	case errors.As(err, &ended):
		return nil, fmt.Errorf("%s: %w: %s", program, err, bytes.TrimSpace(ended.Stderr))
	}
	return out, err
}
