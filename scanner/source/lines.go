package source

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxLine bounds a line in bytes: a longer one is no code.
const maxLine = 4096

// ErrEnded is told of input that came to its end: it is not lost.
var ErrEnded = errors.New("input has ended")

// Lines is standard input, or any other text: one code a line. A line that begins
// with "typed " was typed by a person.
type Lines struct {
	Device
	From    io.Reader
	Profile Profile
}

// Run hears lines until they end or ctx does. A Read that does not end keeps one
// goroutine until the program ends.
func (l *Lines) Run(ctx context.Context, hear Hear) error {
	reads, ended := make(chan Read), make(chan error, 1)
	go func() {
		defer close(reads)
		ended <- l.each(func(r Read) bool {
			select {
			case reads <- r:
				return true
			case <-ctx.Done():
				return false
			}
		})
	}()
	l.tell(nil)
	for {
		select {
		case <-ctx.Done():
			return nil
		case r, more := <-reads:
			if more {
				hear(r)
				continue
			}
		}
		err := <-ended
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, io.EOF):
			l.tell(ErrEnded)
			return nil
		}
		err = fmt.Errorf("read lines: %w", err)
		l.tell(err)
		return err
	}
}

// each yields what the lines say until they end, which is an error, or no more are wanted.
func (l *Lines) each(yield func(Read) bool) error {
	in := bufio.NewReaderSize(l.From, maxLine)
	for {
		line, err := in.ReadSlice('\n')
		r := l.read(string(line))
		if errors.Is(err, bufio.ErrBufferFull) {
			r = Read{Problem: badCode}
		}
		for errors.Is(err, bufio.ErrBufferFull) { // to the end of a line that is too long
			_, err = in.ReadSlice('\n')
		}
		if err != nil && r.Problem == "" && !ours(r.Text) && (digits(r.Text) || !errors.Is(err, io.EOF)) && r.Text != "" {
			r.Problem = Part // its line has no end
		}
		if r.Text+r.Problem != "" && !yield(r) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (l *Lines) read(line string) Read {
	line = strings.TrimSpace(line)
	if text, typed := strings.CutPrefix(line, "typed "); typed {
		return Read{Text: strings.TrimSpace(text), Method: byTyped}
	}
	return l.Profile.strip(line)
}
