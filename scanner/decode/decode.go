// Package decode reads the codes on pictures of covers: QR at any angle and tilt,
// Code 128 and Code 39 at any angle, through blur, noise, glare and wear.
//
// It finds symbols and cleans them; gozxing takes the last step from clean bits to
// text. A caller's acceptance rule (by default a valid label) decides which texts
// count, and lets cheap looks settle most pictures at once.
//
// Of gozxing v0.1.1: it reads Code 128 only within about 10 degrees, its QR finder
// is cubic in patterns that look like finders, and some rubbish makes it panic. So
// it never sees a whole picture except as the last resort, capped, and every call
// is guarded.
package decode

import (
	"context"
	"sync"
	"time"

	"harkara/internal/label"
)

// Format is the kind of a symbol, named as gozxing names it.
type Format string

// The formats that covers carry.
const (
	Code128 Format = "CODE_128"
	Code39  Format = "CODE_39" // old covers, registered as aliases
	QR      Format = "QR_CODE"
)

// Symbol is one code on a picture.
type Symbol struct {
	Text   string `json:"text"`
	Format Format `json:"format"`

	// Corners are the symbol's own top left, top right, bottom right and bottom
	// left, in pixels of the picture as loaded. Of bars they span the lines read, which
	// may be one: see Outline.
	Corners [4]Point `json:"corners"`

	// Lines is how many scan lines across the bars gave this text; 1 for QR.
	Lines int `json:"lines"`
	// Margin is by how much every symbol character beat its nearest rival, 0 to 1,
	// where bars were matched with templates; 0 where bars were read from edges.
	Margin float64 `json:"margin"`
}

// Effort is how hard to look.
type Effort int

// Quick is for every passing frame, Full for a still, sharp frame or an uploaded
// picture: on a page without a code it takes twenty times as long.
const (
	Quick Effort = iota
	Full
)

// String returns "quick" or "full".
func (e Effort) String() string {
	if e == Full {
		return "full"
	}
	return "quick"
}

// Processor time that an effort may take unless Options.Budget says otherwise. It is
// looked at between steps; the longest step takes about 40 ms.
const (
	quickBudget = 60 * time.Millisecond
	fullBudget  = 180 * time.Millisecond
)

// Options say what to look for and how hard. The zero value looks quickly for the
// first valid label.
type Options struct {
	Effort Effort
	Budget time.Duration // of processor time; 0: the effort's own

	// Accept says which texts count; nil means a valid label (label.Check). Others,
	// should they be believed, are Result.Foreign.
	Accept func(text string) bool

	Gone <-chan struct{} // when closed, nobody waits any more: the search ends

	All bool // every symbol, not only the first that counts
	Raw bool // texts count that Accept refuses, too; of a Code 39 also its full ASCII
}

// Result is what Decode found.
type Result struct {
	Symbols []Symbol // that count, each text and format once, in the order found
	Foreign []Symbol // believed, but refused by Accept: somebody else's labels
	Effort  Effort
	Elapsed time.Duration
	Cut     bool // the budget ended before the effort did, or nobody waited any more
}

// IsLabel accepts valid Harkara labels; it is the default of Options.Accept.
func IsLabel(text string) bool {
	_, err := label.Check(text)
	return err == nil
}

var readers = sync.Pool{New: func() any { return New() }}

// patient is the budget for a picture that somebody sent and waits for: no picture is
// to take over half a second, even where another program has half the processor.
const patient = 240 * time.Millisecond

// All returns everything on a picture, with full effort and in under half a second. It
// may be called from several goroutines at once. The search ends with ctx.
func All(ctx context.Context, g *Gray) Result {
	r := readers.Get().(*Reader)
	defer readers.Put(r)
	return r.Decode(g, Options{Effort: Full, All: true, Budget: patient, Gone: ctx.Done()})
}
