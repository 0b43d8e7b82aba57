package custody

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

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
// were, by the digests of its bytes. It comes with each command, and the ledger keeps it
// for ever.
type Contents map[Digest]json.RawMessage

// Keep adds a thing and returns its name.
func (c Contents) Keep(id string, thing any) Ref {
	raw := storedJSON(thing)
	ref := Ref{ID: id, Digest: DigestOf(raw)}
	c[ref.Digest] = raw
	return ref
}

// ErrContents means that what a command relies on did not come with it, or is not what
// it was.
var ErrContents = errors.New("contents are missing or altered")

// Check reports ErrContents unless every digest has its bytes. An empty one asks for
// nothing.
func (c Contents) Check(digests ...Digest) error {
	for _, d := range digests {
		if d != "" && DigestOf(c[d]) != d {
			return fmt.Errorf("%w: %s", ErrContents, d)
		}
	}
	return nil
}

// ContentVersion is the version of the things in contents that this program writes: those
// without a key "v" are of version 1.
const ContentVersion = 1

// known returns ErrNewer where a program that knows more wrote what a digest names: by half
// of a calendar or a ladder nobody may reckon.
func (c Contents) known(digests ...Digest) error {
	for _, d := range digests {
		if !bytes.Contains(c[d], []byte(`"v":`)) {
			continue
		}
		var form struct {
			V int `json:"v"`
		}
		if err := json.Unmarshal(c[d], &form); err == nil && form.V > ContentVersion {
			return fmt.Errorf("%s: version %d, known is %d: %w", d, form.V, ContentVersion, ErrNewer)
		}
	}
	return nil
}

// read returns what a digest names; the zero value where Check was not asked.
func read[T any](c Contents, d Digest) (thing T) {
	if err := json.Unmarshal(c[d], &thing); err != nil {
		var none T
		return none
	}
	return thing
}

// hours is the calendar on which a place works.
func (c Contents) hours(p Place) calendar.Calendar {
	if _, ok := c[p.Hours.Digest]; ok {
		return read[calendar.Calendar](c, p.Hours.Digest)
	}
	return calendar.Always(p.Hours.ID) // a place always comes with its calendar; better too strict than no clock
}

func (c Contents) ladder(p Place) Ladder { return read[Ladder](c, p.Ladder.Digest) }

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
