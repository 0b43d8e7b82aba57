package source

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"
)

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
	lines, failed := make(chan string), make(chan error, 1)
	go func() {
		defer close(lines)
		in := bufio.NewScanner(l.From)
		for in.Scan() {
			select {
			case lines <- in.Text():
			case <-ctx.Done():
				return
			}
		}
		failed <- in.Err()
	}()
	for {
		select {
		case <-ctx.Done():
			return nil
		case line, more := <-lines:
			if !more {
				if err := <-failed; err != nil {
					return fmt.Errorf("read lines: %w", err)
				}
				return nil
			}
			line = strings.TrimSpace(line)
			r := l.Profile.strip(line)
			if text, typed := strings.CutPrefix(line, "typed "); typed {
				r = Read{Text: strings.TrimSpace(text), Method: byTyped}
			}
			if r.Text != "" {
				hear(r)
			}
		}
	}
}
