package source

import (
	"context"
	"errors"
	"io"
	"time"
)

// idle is how long a gun that sends no end of line must be still for its read to
// be over. Guns type within 35 ms a key, and a serial line is quicker.
const idle = 90 * time.Millisecond

// cutter makes reads of what a device sends.
type cutter interface {
	take(chunk []byte) []string // the reads that end within the chunk
	end() (text string, ended bool)
}

// stream reads a device until it fails or ctx ends, which closes it.
func stream(ctx context.Context, device io.ReadCloser, c cutter, hear func(text string)) error {
	ctx, cancel := context.WithCancel(ctx)
	chunks, failed := make(chan []byte), make(chan error, 1)
	go func() {
		defer close(chunks)
		buffer := make([]byte, 4096)
		for {
			n, err := device.Read(buffer)
			if n > 0 {
				select {
				case chunks <- append([]byte(nil), buffer[:n]...):
				case <-ctx.Done():
				}
			}
			if err != nil {
				failed <- err
				return
			}
		}
	}()
	still := time.NewTimer(idle)
	defer still.Stop()
	var closing error
	for done := ctx.Done(); ; {
		select {
		case chunk, more := <-chunks:
			if !more {
				cancel()
				if text, ended := c.end(); ended {
					hear(text)
				}
				return errors.Join(<-failed, closing)
			}
			for _, text := range c.take(chunk) {
				hear(text)
			}
			still.Reset(idle)
		case <-still.C:
			if text, ended := c.end(); ended {
				hear(text)
			}
		case <-done:
			done, closing = nil, device.Close() // ends the reading
		}
	}
}
