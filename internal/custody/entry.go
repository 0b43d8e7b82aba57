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

// Hash is a SHA-256 in lower-case hexadecimal, empty before the first entry.
type Hash string

// Entry is one line of a file's chain of custody. Entries are append-only, in
// recorded order; each carries the hash of the one before it.
//
// Its canonical form is the UTF-8 JSON object of these keys in this order, empty
// ones left out, without white space, HTML characters not escaped, times in RFC
// 3339 UTC; Hash is SHA-256 over that object without its "hash" key.
type Entry struct {
	File     label.Code `json:"file"`
	Revision int64      `json:"revision"` // 1, 2, 3, ... in the file
	Reason   Reason     `json:"reason"`
	Refused  bool       `json:"refused,omitempty"`
	Command  CommandID  `json:"command"`
	At       time.Time  `json:"at"`       // where it counts on the clocks: whole seconds
	Happened time.Time  `json:"happened"` // as its place states it, right or wrong, in the years 0 to 9999
	Received time.Time  `json:"received"`
	Recorded time.Time  `json:"recorded"` // when it was decided
	Marks    []string   `json:"marks,omitempty"`
	Method   Method     `json:"method,omitempty"`
	Station  StationID  `json:"station,omitempty"`
	Who      string     `json:"who,omitempty"`
	Leg      *Leg       `json:"leg,omitempty"`    // the leg that starts here, or that stands again after an undo
	Closes   Seconds    `json:"closes,omitempty"` // working seconds of the leg that ended here
	Next     DeskID     `json:"next,omitempty"`
	Seen     RoomID     `json:"seen,omitempty"` // room where the paper was seen
	Rung     int        `json:"rung,omitempty"` // percent
	Skipped  []int      `json:"skipped,omitempty"`
	Told     []Person   `json:"told,omitempty"`
	Note     string     `json:"note,omitempty"`  // a person's reason, verbatim but for NUL
	Cover    label.Code `json:"cover,omitempty"` // the code that was read, printed or registered, where it is not File
	Undoes   CommandID  `json:"undoes,omitempty"`
	Prev     Hash       `json:"prev,omitempty"`
	Hash     Hash       `json:"hash,omitempty"`
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

// Canonical returns the bytes that Hash is taken over.
func (e Entry) Canonical() []byte {
	e.Hash = ""
	return compactJSON(e)
}

// Bytes returns the entry's stored form: the canonical object with its hash.
func (e Entry) Bytes() []byte { return compactJSON(e) }

func compactJSON(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic("custody: marshal: " + err.Error()) // strings, numbers and times only
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

func (e Entry) seal(prev Hash) Entry {
	e.Prev = prev
	sum := sha256.Sum256(e.Canonical())
	e.Hash = Hash(hex.EncodeToString(sum[:]))
	return e
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
		if err := strictJSON(raw, &e); err != nil {
			return head, entries, bad("not an entry")
		}
		switch {
		case !bytes.Equal(e.Bytes(), raw):
			return head, entries, bad("not in canonical form")
		case e.File != file:
			return head, entries, bad("belongs to file " + string(e.File))
		case e.Revision != head.Revision+1:
			return head, entries, bad(fmt.Sprintf("found revision %d", e.Revision))
		case e.Prev != head.Hash:
			return head, entries, bad("does not follow the entry before it")
		case e.seal(e.Prev).Hash != e.Hash:
			return head, entries, bad("content does not fit its hash")
		}
		head = Head{Revision: e.Revision, Hash: e.Hash}
		entries = append(entries, e)
	}
	return head, entries, nil
}

func strictJSON(data []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return err
	}
	if dec.More() {
		return errors.New("more than one JSON value")
	}
	return nil
}
