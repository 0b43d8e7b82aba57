package source

import (
	"context"
	"fmt"
	"time"

	"go.bug.st/serial"
)

// Serial is a gun on a serial line, or on USB as one (CDC-ACM).
type Serial struct {
	Device
	Path    string
	Baud    int // 0: 9600
	Profile Profile
}

// Run hears the gun until ctx ends.
func (s *Serial) Run(ctx context.Context, hear Hear) error {
	baud := s.Baud
	if baud == 0 {
		baud = 9600
	}
	line := newOctets(s.Profile) // outlives a session: the rest of a code may come in the next
	return s.keep(ctx, func(ctx context.Context, ready func()) error {
		port, err := serial.Open(s.Path, &serial.Mode{BaudRate: baud})
		if err != nil {
			return fmt.Errorf("open serial line %s: %w", s.Path, err)
		}
		defer port.Close()
		ready()
		return stream(ctx, port, line, hear)
	})
}

// octets makes reads of bytes.
type octets struct{ framer }

func newOctets(p Profile) *octets { return &octets{framer{profile: p, bare: p.strip}} }

func (o *octets) take(chunk []byte, now time.Duration) (reads []Read) {
	o.now = now
	for _, b := range chunk {
		reads = append(reads, o.push(b, now)...)
	}
	return reads
}
