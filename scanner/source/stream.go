package source

import (
	"context"
	"errors"
	"io"
	"time"
)

// cutter makes reads of what a device sends. Its times are since any instant.
type cutter interface {
	take(chunk []byte, now time.Duration) []Read // those that end within the chunk
	due() (at time.Duration, begun bool)         // when stillness ends what was begun
	still() []Read                               // it has
	lost() []Read                                // the device is gone
}

// stream reads a device until it fails or ctx ends, which closes it.
func stream(ctx context.Context, device io.ReadCloser, c cutter, hear Hear) error {
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
	now := func() time.Duration { return time.Since(epoch) }
	stillness := time.NewTimer(hold)
	defer stillness.Stop()
	var closing error
	for done := ctx.Done(); ; {
		stillness.Stop()
		if at, begun := c.due(); begun {
			stillness.Reset(at - now())
		}
		var reads []Read
		select {
		case chunk, more := <-chunks:
			if !more {
				cancel()
				each(c.lost(), hear)
				return errors.Join(<-failed, closing)
			}
			reads = c.take(chunk, now())
		case <-stillness.C:
			reads = c.still()
		case <-done:
			done, closing = nil, device.Close() // ends the reading
		}
		each(reads, hear)
	}
}

// epoch is what the program's times are since.
var epoch = time.Now()

func each(reads []Read, hear Hear) {
	for _, r := range reads {
		_ = hear(r) // what it says of itself has been told; no gun sends again
	}
}
