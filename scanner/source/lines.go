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
	From io.Reader
}

// Run hears lines until they end or ctx does. A Read that does not end keeps one
// goroutine until the program ends.
func (l *Lines) Run(ctx context.Context, hear func(Read)) error {
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
			r := Profile{}.strip(strings.TrimSpace(line))
			if text, typed := strings.CutPrefix(r.Text, "typed "); typed {
				r.Text, r.Method = strings.TrimSpace(text), byTyped
			}
			if r.Text != "" {
				hear(r)
			}
		}
	}
}
