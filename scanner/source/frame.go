package source

import (
	"slices"
	"strings"
	"time"

	"harkara/internal/label"
)

// How guns' characters become reads is told by the table testdata/guns.json, which the
// kiosk in a browser obeys too: web/kiosk/static/wedge.js has the same rules and the same
// times.
//
// Only a whole code of ours is known to be whole, by its check digits: stillness behind it
// ends it. Digits of any other number may be a part of one, for a gun may pause within a
// code. They are held for their rest, and without it count only as an old cover's that
// came in one piece up to the gun's own Enter.
const (
	quick = 35 * time.Millisecond  // between characters of a gun, unless it is a slow one
	slow  = 180 * time.Millisecond // then at most so much
	idle  = 90 * time.Millisecond  // of stillness end a whole code
	tear  = 120 * time.Millisecond // between characters: something may be missing there
	hold  = time.Second            // for the rest of what may be a part
	lies  = time.Minute            // for which a part that was refused is remembered
)

// maxText bounds one read: a longer one is no code.
const maxText = 256

// stroke is one character and when it came, by the device's clock.
type stroke struct {
	c  byte
	at time.Duration
}

// framer cuts what a gun sends into reads.
type framer struct {
	profile Profile
	bare    func(text string) Read // takes off what the gun put around it

	run     []stroke
	over    bool          // it was longer than maxText
	missing bool          // something of it is known to be lost
	parts   []string      // digits that were refused, without a longer pause than hold
	partAt  time.Duration // when the newest of them came
	now     time.Duration // of the program's clock, as it takes a chunk
	heard   time.Duration // by the same, the newest stroke
}

// How a run ends.
type ending int

const (
	entered ending = iota // by the gun's Enter, or another character that ends a line
	silent                // by stillness
	broken                // the device is gone, or its characters are
)

// push takes one character and returns the reads that end with it. A read ends with CR,
// LF, tab or ETX; STX and NUL are no part of it.
func (f *framer) push(c byte, at time.Duration) []Read {
	reads := f.before(at)
	switch c {
	case '\r', '\n', '\t', 3:
		return append(reads, f.end(entered, at)...)
	case 0, 2:
		return reads
	}
	f.heard = f.now
	if len(f.run) == maxText {
		f.over = true
		f.run[maxText-1].at = at
		return reads
	}
	f.run = append(f.run, stroke{c, at})
	return reads
}

// before ends what a pause before at has ended.
func (f *framer) before(at time.Duration) []Read {
	if len(f.run) == 0 {
		return nil
	}
	gap := at - f.run[len(f.run)-1].at
	if gap <= quick {
		return nil
	}
	if from, _, whole := f.whole(); whole && gap > apart(f.run[from:]) || gap > f.rest() {
		return f.end(silent, at)
	}
	return nil
}

// stop ends what was begun: a hand did, or stillness.
func (f *framer) stop(at time.Duration) []Read { return append(f.before(at), f.end(silent, at)...) }

// drop is told that characters are lost.
func (f *framer) drop(at time.Duration) []Read {
	reads := f.end(broken, at)
	f.missing = true
	return reads
}

// rest is how long it must be still behind the newest character until that ends the run.
func (f *framer) rest() time.Duration {
	from, _, whole := f.whole()
	if whole || f.profile.Suffix != "" && strings.HasSuffix(text(f.run), f.profile.Suffix) {
		return min(hold, max(idle, 2*rhythm(f.run[from:])))
	}
	return hold
}

// due is when stillness will have ended the run, by the program's clock.
func (f *framer) due() (at time.Duration, begun bool) {
	if len(f.run) == 0 {
		return 0, false
	}
	return f.heard + f.rest(), true
}

// still ends the run, due.
func (f *framer) still() []Read { return f.end(silent, 0) }

// lost ends what the device had begun as it went. Its rest may come when it is back.
func (f *framer) lost() []Read { return f.end(broken, 0) }

func (f *framer) end(how ending, at time.Duration) []Read {
	run, missing := f.run, f.missing
	from, code, whole := f.whole()
	f.run, f.over, f.missing = nil, false, false
	all := strings.TrimSpace(text(run))
	switch {
	case all == "":
		f.missing = missing && how != entered
		return nil
	case whole && from > 0:
		return []Read{f.refuse(run[:from]), code}
	case whole:
		return []Read{code}
	}
	newest := run[len(run)-1].at
	if newest-f.partAt > lies {
		f.parts = nil
	}
	r := f.bare(all)
	if joined, ok := f.joined(r, run[0].at); ok {
		f.parts = nil
		return []Read{joined}
	}
	end := at
	if f.profile.Suffix != "" && strings.HasSuffix(all, f.profile.Suffix) {
		how, end = entered, newest // the gun has said that this is all
	}
	finished := how == entered && even(run, end)
	switch {
	case missing, len(f.parts) > 0 && (finished || !digits(r.Text)):
		f.parts = nil // it was the end of something
		r.Problem = Part
	case how == broken, digits(r.Text) && !finished:
		r = f.refuse(run)
	}
	return []Read{r}
}

// refuse is the answer to a part of something, which came from one time to another.
func (f *framer) refuse(part []stroke) Read {
	r := f.bare(strings.TrimSpace(text(part)))
	r.Problem = Part
	if digits(r.Text) {
		if part[0].at-f.partAt > hold {
			f.parts = nil
		}
		f.parts, f.partAt = append(f.parts, r.Text), part[len(part)-1].at
		f.parts = f.parts[max(0, len(f.parts)-label.Length):]
	}
	return r
}

// joined is the code of ours of which this is the rest: somebody's Enter may have fallen
// into it.
func (f *framer) joined(r Read, at time.Duration) (Read, bool) {
	for i := len(f.parts) - 1; i >= 0 && at-f.partAt <= hold; i-- {
		if code := strings.Join(f.parts[i:], "") + r.Text; ours(code) {
			return Read{Text: code, Method: r.Method}, true
		}
	}
	return Read{}, false
}

// whole finds the code of ours that the run ends with: all of it, or behind a pause what
// came after something else.
func (f *framer) whole() (from int, code Read, found bool) {
	all := text(f.run)
	if f.over || len(all) < label.Length {
		return 0, Read{}, false
	}
	if code = f.bare(all); ours(code.Text) {
		return 0, code, true
	}
	longest := label.Length + len("]C0") + len("   ") + len(f.profile.Prefix) + len(f.profile.Suffix)
	var pause time.Duration
	for i := max(1, len(all)-longest); i+label.Length <= len(all) && !theirs(all); i++ {
		if gap := f.run[i].at - f.run[i-1].at; gap > max(pause, quick) && gap > apart(f.run[i:]) {
			if r := f.bare(all[i:]); ours(r.Text) {
				from, code, found, pause = i, r, true, gap
			}
		}
	}
	return from, code, found
}

// rhythm is the middle one of the times between characters.
func rhythm(run []stroke) time.Duration {
	gaps := gaps(run)
	if len(gaps) == 0 {
		return 0
	}
	return gaps[len(gaps)/2]
}

// even reports whether characters came without a pause, up to the end.
func even(run []stroke, end time.Duration) bool {
	gaps := gaps(append(slices.Clone(run), stroke{at: end}))
	return gaps[len(gaps)-1] <= max(tear, min(2*slow, 2*gaps[len(gaps)/4]))
}

// gaps are the times between characters, sorted.
func gaps(run []stroke) (list []time.Duration) {
	for i := 1; i < len(run); i++ {
		list = append(list, run[i].at-run[i-1].at)
	}
	slices.Sort(list)
	return list
}

// apart is a time between characters beyond which a code begins or ends.
func apart(code []stroke) time.Duration { return max(quick, 3*rhythm(code)/2) }

func text(run []stroke) string {
	all := make([]byte, len(run))
	for i, s := range run {
		all[i] = s.c
	}
	return string(all)
}

func ours(text string) bool {
	_, err := label.Check(text)
	return err == nil
}

// digits reports whether a text has nothing but digits, behind an AIM identifier too.
func digits(text string) bool {
	if theirs(text) && text[0] == ']' {
		text = text[len("]C0"):]
	}
	return strings.Trim(text, "0123456789 ") == ""
}
