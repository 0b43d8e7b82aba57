package custody

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"harkara/internal/calendar"
)

// Digest is a SHA-256 in lower-case hexadecimal.
type Digest string

// DigestOf returns the digest of bytes.
func DigestOf(b []byte) Digest {
	sum := sha256.Sum256(b)
	return Digest(hex.EncodeToString(sum[:]))
}

// Ref names a thing of the office as it was: the digest finds what it said.
type Ref struct {
	ID     string `json:"id"`
	Digest Digest `json:"digest"`
}

// Contents is what acts rely on of the office, calendars, ladders and routes as they
// were, by the digests of its bytes. The ledger keeps it for ever, and a worker remembers
// what came to it: see Shelf.
type Contents map[Digest]*Content

// Content is the bytes of one such thing, and what they say, read once. What was read is
// shared: do not change it.
type Content struct {
	raw    json.RawMessage
	digest func() Digest
	newer  func() int // its version, where a program that knows more wrote it
	hours  func() *calendar.Hours
	ladder func() Ladder
	stops  func() []Planned
}

// NewContent returns bytes as content; the caller leaves them as they are.
func NewContent(raw []byte) *Content {
	return &Content{
		raw:    raw,
		digest: sync.OnceValue(func() Digest { return DigestOf(raw) }),
		newer:  sync.OnceValue(func() int { return newer(raw) }),
		hours:  sync.OnceValue(func() *calendar.Hours { return once[calendar.Calendar](raw)().Hours() }),
		ladder: once[Ladder](raw),
		stops:  once[[]Planned](raw),
	}
}

// once reads bytes when it is first asked; the zero value where they say something else.
func once[T any](raw []byte) func() T {
	return sync.OnceValue(func() (thing T) {
		if err := json.Unmarshal(raw, &thing); err != nil {
			var none T
			return none
		}
		return thing
	})
}

// Bytes are the content as it is stored; they are shared. A missing one has none.
func (c *Content) Bytes() []byte {
	if c == nil {
		return nil
	}
	return c.raw
}

// MarshalJSON gives the bytes.
func (c *Content) MarshalJSON() ([]byte, error) { return c.raw, nil }

// UnmarshalJSON takes bytes.
func (c *Content) UnmarshalJSON(data []byte) error {
	*c = *NewContent(bytes.Clone(data))
	return nil
}

// Keep adds a thing and returns its name.
func (c Contents) Keep(id string, thing any) Ref {
	content := NewContent(storedJSON(thing))
	ref := Ref{ID: id, Digest: content.digest()}
	c[ref.Digest] = content
	return ref
}

// ErrContents means that what a command relies on did not come with it, or is not what
// it was.
var ErrContents = errors.New("contents are missing or altered")

// Check reports ErrContents unless every digest has its bytes. An empty one asks for
// nothing.
func (c Contents) Check(digests ...Digest) error {
	for _, d := range digests {
		if d != "" && !c[d].is(d) {
			return fmt.Errorf("%w: %s", ErrContents, d)
		}
	}
	return nil
}

func (c *Content) is(d Digest) bool { return c != nil && c.digest() == d }

// ContentVersion is the version of the things in contents that this program writes: those
// without a key "v" are of version 1.
const ContentVersion = 1

// known returns ErrNewer where a program that knows more wrote what a digest names: by half
// of a calendar or a ladder nobody may reckon.
func (c Contents) known(digests ...Digest) error {
	for _, d := range digests {
		if content := c[d]; content != nil && content.newer() > 0 {
			return fmt.Errorf("%s: version %d, known is %d: %w", d, content.newer(), ContentVersion, ErrNewer)
		}
	}
	return nil
}

func newer(raw []byte) int {
	if !bytes.Contains(raw, []byte(`"v":`)) {
		return 0
	}
	var form struct {
		V int `json:"v"`
	}
	if err := json.Unmarshal(raw, &form); err != nil || form.V <= ContentVersion {
		return 0
	}
	return form.V
}

// hours is the calendar on which a place works.
func (c Contents) hours(p Place) *calendar.Hours {
	if content := c[p.Hours.Digest]; content != nil {
		return content.hours()
	}
	return calendar.Always(p.Hours.ID).Hours() // a place always comes with its calendar; better too strict than no clock
}

func (c Contents) ladder(p Place) (ladder Ladder) {
	if content := c[p.Ladder.Digest]; content != nil {
		ladder = content.ladder()
	}
	return ladder
}

func (c Contents) stops(route Ref) (stops []Planned) {
	if content := c[route.Digest]; content != nil {
		stops = content.stops()
	}
	return stops
}

// Relies returns the digests of what the next decision about a file needs, whatever is
// asked: of who holds it, and of who held it before what can be undone.
func (s State) Relies() []Digest {
	var digests []Digest
	add := func(leg Leg) {
		for _, d := range []Digest{leg.Place.Hours.Digest, leg.Place.Ladder.Digest} {
			if d != "" && !slices.Contains(digests, d) {
				digests = append(digests, d)
			}
		}
	}
	if s.Leg.Phase != Ended {
		add(s.Leg)
	}
	if s.Before != nil {
		add(s.Before.Leg)
	}
	return digests
}
