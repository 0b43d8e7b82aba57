package source

import (
	"context"
	"fmt"

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
	return s.keep(ctx, func(ctx context.Context, ready func()) error {
		port, err := serial.Open(s.Path, &serial.Mode{BaudRate: baud})
		if err != nil {
			return fmt.Errorf("open serial line %s: %w", s.Path, err)
		}
		defer port.Close()
		ready()
		return stream(ctx, port, &octets{}, func(text string) { hear(s.Profile.strip(text)) })
	})
}

// octets makes reads of bytes.
type octets struct{ framer }

func (o *octets) take(chunk []byte) (texts []string) {
	for _, b := range chunk {
		if text, ended := o.push(b); ended {
			texts = append(texts, text)
		}
	}
	return texts
}
