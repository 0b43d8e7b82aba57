// Package source is where a headless station's reads come from: guns that type,
// guns on serial lines, cameras, a document scanner's folder, standard input. Each
// opens its device again when it is lost.
package source

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"
)

// Read is one code as a source heard it, or one attempt that came to nothing.
type Read struct {
	ID      string // UUID, where a crash may let the same be read again; empty: a new one
	Text    string // as read; may be anything
	Method  string // how, in the office's words
	Problem string // why what was shown gives no code; Text is then what of it was read
}

// Hear takes a read. Once it returns nil the read is on the disk; an error has been told
// already, and is for sources that can bring the same read again.
type Hear func(Read) error

// How a code was read, as the office names it.
const (
	byQR      = "qr"
	byCode128 = "code128"
	byCode39  = "code39"
	byWedge   = "wedge"
	byImage   = "image"
	byTyped   = "typed"
)

// Part is why digits give no code: their rest is missing, or may be.
const Part = "part"

// Why what was shown gives no code, as the office names it.
const (
	badCode  = "bad_code"
	noCode   = "no_code"
	tooMany  = "too_many"
	tooLarge = "too_large"
	notImage = "not_image"
	unclear  = "unclear"

	unreadable     = "unreadable_pdf"
	locked         = "locked_pdf"
	tooLong        = "too_many_pages"
	unreadableTIFF = "unreadable_tiff"
)

// Device is what all sources have: a name for people and a way to say that the
// device is gone.
type Device struct {
	Name string
	Log  *slog.Logger
	// Tell is nil, or told when the device is lost and, with nil, when it is there; with
	// ErrEnded when it will not be there again.
	Tell func(name string, lost error)
}

func (d Device) tell(lost error) {
	if d.Tell != nil {
		d.Tell(d.Name, lost)
	}
}

// Pauses before a lost device is opened again.
const (
	firstPause = 250 * time.Millisecond
	longPause  = 10 * time.Second
	wellAfter  = 5 * time.Second // a session that lasted so long was no failure
)

// keep runs sessions with the device until ctx ends. A session calls ready when
// the device is there, and returns when it is lost.
func (d Device) keep(ctx context.Context, session func(ctx context.Context, ready func()) error) error {
	failures, known, well := 0, false, false
	say := func(lost error) {
		if known && well == (lost == nil) {
			return
		}
		known, well = true, lost == nil
		if d.Log != nil && lost != nil {
			d.Log.Warn("source is lost, it is tried again", "source", d.Name, "err", lost)
		} else if d.Log != nil {
			d.Log.Info("source is there", "source", d.Name)
		}
		d.tell(lost)
	}
	for {
		began := time.Now()
		err := session(ctx, func() { say(nil) })
		if ctx.Err() != nil {
			return nil
		}
		say(err)
		if failures++; well || time.Since(began) > wellAfter {
			failures = 0
		}
		longest := min(firstPause<<min(failures, 10), longPause)
		timer := time.NewTimer(longest/2 + rand.N(longest/2))
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		}
	}
}
