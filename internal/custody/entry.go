package custody

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"harkara/internal/label"
)

// EntryVersion is the version of entries that this program writes. It reads it and
// those before it.
const EntryVersion = 1

// Hash is a SHA-256 in lower-case hexadecimal, empty before the first entry.
type Hash string

// Entry is one line of a file's chain of custody: what happened, and what stands from
// there on. Entries are append-only, in recorded order; each carries the hash of the one
// before it. What people typed stands in it as digests.
//
// It is stored, sealed and carried as one text: a JSON object without white space, as
// encoding/json writes it, empty keys left out, times in RFC 3339 UTC. Its last key is
// "hash": the SHA-256 of that text without this key. Nobody writes that text again: a
// program that does not know all of its keys carries them all the same.
type Entry struct {
	Version    int          `json:"v"`
	File       label.Code   `json:"file"`
	Revision   int64        `json:"revision"` // 1, 2, 3, ... in the file
	Seq        int64        `json:"seq"`      // of the command, in the file's queue
	Reason     Reason       `json:"reason"`
	Refused    bool         `json:"refused,omitempty"`
	Command    CommandID    `json:"command"`
	At         time.Time    `json:"at"`       // where it counts on the clocks: whole seconds
	Happened   time.Time    `json:"happened"` // as its place states it, right or wrong, in the years 0 to 9999
	Received   time.Time    `json:"received"`
	Recorded   time.Time    `json:"recorded"` // when it was decided
	Marks      []string     `json:"marks,omitempty"`
	Method     Method       `json:"method,omitempty"`
	Station    StationID    `json:"station,omitempty"`
	By         Actor        `json:"by,omitzero"`
	Words      Digests      `json:"words,omitempty"`      // of what people typed
	Office     int64        `json:"office,omitempty"`     // revision of the office by which it was decided
	Department DepartmentID `json:"department,omitempty"` // of a file that begins
	Route      Ref          `json:"route,omitzero"`       // that it was put on
	Leg        *Leg         `json:"leg,omitempty"`        // that stands from here on, where it is another or has changed
	Closes     Seconds      `json:"closes,omitempty"`     // working seconds of the leg that ended here
	Seen       RoomID       `json:"seen,omitempty"`       // room where the paper was seen
	Rung       int          `json:"rung,omitempty"`       // percent
	Skipped    []int        `json:"skipped,omitempty"`
	Told       []Person     `json:"told,omitempty"`
	Channel    string       `json:"channel,omitempty"` // by which they are told
	Unknown    string       `json:"unknown,omitempty"` // what the command named and the office does not have
	Cover      label.Code   `json:"cover,omitempty"`   // the code that was read, printed or registered, where it is not File
	Undoes     CommandID    `json:"undoes,omitempty"`
	Why        ReasonCardID `json:"why,omitempty"` // for which reason, where a card said so
	later
	Then Then `json:"then,omitzero"`
	Prev Hash `json:"prev,omitempty"`
	Hash Hash `json:"hash,omitempty"` // the last key

	stored []byte // once it is sealed
}

// Marks that say what is unusual about an entry's time or knowledge.
const (
	MarkInferred   = "inferred"    // a dispatch nobody scanned
	MarkLate       = "late"        // arrived long after it happened
	MarkClockAhead = "clock_ahead" // the station's time lies in the future: placed when received
	MarkClockFar   = "clock_far"   // further back than a station keeps scans: placed when received
	MarkClockSkew  = "clock_skew"  // before the leg that it must follow, a little or by a clock set back since: placed there
	MarkTyped      = "typed"
	MarkUptime     = "uptime"    // the station's clock was wrong: placed by its time since its start
	MarkEstimated  = "estimated" // of before the station's last start, by a clock that was wrong: placed at that start
)

// Begins reports whether the entry begins a leg.
func (e Entry) Begins() bool { return e.Leg != nil && e.Leg.ID == e.Revision }

// Bytes returns the entry's stored form.
func (e Entry) Bytes() []byte {
	if e.stored != nil {
		return e.stored
	}
	type plain Entry
	return storedJSON(plain(e))
}

// MarshalJSON gives the stored form.
func (e Entry) MarshalJSON() ([]byte, error) { return e.Bytes(), nil }

// UnmarshalJSON reads a stored form, also one with keys that this program does not know:
// they are kept.
func (e *Entry) UnmarshalJSON(data []byte) error {
	type plain Entry
	var p plain
	if err := json.Unmarshal(data, &p); err != nil {
		return err
	}
	*e = Entry(p)
	e.stored = bytes.Clone(data)
	return nil
}

// understood returns ErrNewer where one of the entries is of a newer form.
func understood(entries []Entry) error {
	for _, e := range entries {
		if e.Version > EntryVersion {
			return fmt.Errorf("entry %d: version %d, known is %d: %w", e.Revision, e.Version, EntryVersion, ErrNewer)
		}
	}
	return nil
}

// seal gives an unsealed entry its place behind another.
func (e Entry) seal(prev Hash) Entry {
	e.Prev, e.Hash, e.stored = prev, "", nil
	open := e.Bytes()
	e.Hash = hashOf(open)
	e.stored = append(append(open[:len(open)-1:len(open)-1], hashKey(e.Hash)...), '}')
	return e
}

func hashOf(b []byte) Hash {
	sum := sha256.Sum256(b)
	return Hash(hex.EncodeToString(sum[:]))
}

// hashKey is the key that ends a stored entry.
func hashKey(h Hash) []byte { return []byte(`,"hash":"` + string(h) + `"`) }

// sealed reports whether a stored form ends with the hash of what stands before it.
func sealed(stored []byte, h Hash) bool {
	open, ok := bytes.CutSuffix(stored, append(hashKey(h), '}'))
	return ok && hashOf(append(bytes.Clone(open), '}')) == h
}

// ErrChain means that a chain of entries was edited, reordered or cut.
var ErrChain = errors.New("chain of custody is broken")

// Chain checks consecutive stored entries of one file, from the head before them
// (zero at the beginning), and returns the head after them. The error names the
// first revision that does not fit and wraps ErrChain.
func Chain(from Head, file label.Code, stored [][]byte) (Head, []Entry, error) {
	entries := make([]Entry, 0, len(stored))
	head := from
	for _, raw := range stored {
		bad := func(what string) error {
			return fmt.Errorf("file %s revision %d: %s: %w", file, head.Revision+1, what, ErrChain)
		}
		var e Entry
		if err := json.Unmarshal(raw, &e); err != nil {
			return head, entries, bad("not an entry")
		}
		switch {
		case e.File != file:
			return head, entries, bad("belongs to file " + string(e.File))
		case e.Revision != head.Revision+1:
			return head, entries, bad(fmt.Sprintf("found revision %d", e.Revision))
		case e.Prev != head.Hash:
			return head, entries, bad("does not follow the entry before it")
		case !sealed(raw, e.Hash):
			return head, entries, bad("content does not fit its hash")
		}
		head = Head{Revision: e.Revision, Hash: e.Hash}
		entries = append(entries, e)
	}
	return head, entries, nil
}
