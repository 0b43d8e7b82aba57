package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"harkara/scanner/decode"
	"harkara/scanner/tiff"
)

type decodeCmd struct {
	Files  []string      `arg:"" name:"file" help:"Pictures (jpeg, png, gif, webp, tiff) or PDF files; - is standard input."`
	JSON   bool          `help:"One JSON object a line for each picture."`
	Raw    bool          `help:"Tell every text of the cover formats (Code 128, Code 39, QR), not only labels. Looks for every symbol."`
	All    bool          `help:"Look for every symbol, not only the first that counts."`
	Budget time.Duration `help:"Processor time for each picture. Default: 60 ms at quick effort, 180 ms at full."`
	Effort string        `help:"quick, as for a passing frame of a camera, or full, as for a photograph." enum:"quick,full" default:"full"`
}

// Help is shown below the command's own line.
func (decodeCmd) Help() string {
	return "Exit code 1: a file is not a picture, or could not be read. A picture without a code is no failure."
}

// decodedPicture is a line of decode --json.
type decodedPicture struct {
	File         string          `json:"file"`
	Page         int             `json:"page,omitempty"` // of a PDF or a TIFF, from 1
	Symbols      []decodedSymbol `json:"symbols"`
	Effort       string          `json:"effort"`
	Milliseconds float64         `json:"milliseconds"` // of decoding; loading the picture is not counted
	Error        string          `json:"error,omitempty"`
}

type decodedSymbol struct {
	Text    string          `json:"text"`
	Format  decode.Format   `json:"format"`
	Corners [4]decode.Point `json:"corners"` // in pixels: top left, top right, bottom right, bottom left
}

// Run reads every file, whatever is wrong with others.
func (c *decodeCmd) Run(w *world) error {
	reader := decode.New()
	failed := false
	for _, file := range c.Files {
		for picture := range c.pictures(w.ctx, w.in, file) {
			result := c.read(reader, picture)
			failed = failed || result.Error != ""
			if err := c.print(w.out, result); err != nil {
				return err
			}
		}
		if w.ctx.Err() != nil {
			return w.ctx.Err()
		}
	}
	if failed {
		return errFound
	}
	return nil
}

// loadedPicture is one picture, or why there is none.
type loadedPicture struct {
	file string
	page int
	grey *decode.Gray
	err  error
}

// pictures yields the pictures of a file: one, or the pages of a PDF or a TIFF.
func (c *decodeCmd) pictures(ctx context.Context, in io.Reader, file string) func(yield func(loadedPicture) bool) {
	return func(yield func(loadedPicture) bool) {
		if file != "-" {
			f, err := os.Open(file)
			if err != nil {
				yield(loadedPicture{file: file, err: err})
				return
			}
			defer f.Close()
			in = f
		}
		begun := bufio.NewReader(in)
		if isPDF(begun) {
			if err := pages(ctx, begun, file, yield); err != nil {
				yield(loadedPicture{file: file, err: fmt.Errorf("read PDF: %w", err)})
			}
			return
		}
		raw, err := readAll(begun, mostRead)
		if err != nil {
			yield(loadedPicture{file: file, err: err})
			return
		}
		n := 0
		for page := range decode.Pages(raw) {
			p := loadedPicture{file: file}
			if n++; tiff.Is(raw) {
				p.page = n
			}
			p.grey, p.err = tiff.Load(ctx, bytes.NewReader(page))
			if !yield(p) {
				return
			}
		}
		if n == 0 {
			yield(loadedPicture{file: file, err: decode.ErrNotImage})
		}
	}
}

// mostRead is how many bytes of a picture, or of a PDF that is no file, are read.
const mostRead = 256 << 20

// readAll refuses what has more bytes than most: a device may have no end.
func readAll(in io.Reader, most int64) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(in, most+1))
	if err == nil && int64(len(raw)) > most {
		err = fmt.Errorf("it is larger than %d MB", most>>20)
	}
	return raw, err
}

func (c *decodeCmd) read(reader *decode.Reader, p loadedPicture) decodedPicture {
	result := decodedPicture{File: p.file, Page: p.page, Effort: c.Effort, Symbols: []decodedSymbol{}}
	if p.err != nil {
		result.Error = p.err.Error()
		return result
	}
	opt := decode.Options{Raw: c.Raw, All: c.All || c.Raw, Budget: c.Budget}
	if c.Effort == decode.Full.String() {
		opt.Effort = decode.Full
	}
	read := reader.Decode(p.grey, opt)
	result.Milliseconds = float64(read.Elapsed) / float64(time.Millisecond)
	for _, s := range read.Symbols {
		decode.Outline(p.grey, &s)
		result.Symbols = append(result.Symbols, decodedSymbol{s.Text, s.Format, s.Corners})
	}
	return result
}

func (c *decodeCmd) print(out io.Writer, r decodedPicture) error {
	if c.JSON {
		return json.NewEncoder(out).Encode(r)
	}
	name := r.File
	if r.Page > 0 {
		name = fmt.Sprintf("%s, page %d", r.File, r.Page)
	}
	if r.Error != "" {
		_, err := fmt.Fprintf(out, "%s: %s\n", name, r.Error)
		return err
	}
	if len(r.Symbols) == 0 {
		_, err := fmt.Fprintf(out, "%s: no code (%.1f ms)\n", name, r.Milliseconds)
		return err
	}
	for _, s := range r.Symbols {
		if _, err := fmt.Fprintf(out, "%s: %s %s (%.1f ms)\n", name, s.Text, s.Format, r.Milliseconds); err != nil {
			return err
		}
	}
	return nil
}
