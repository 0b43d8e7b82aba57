package custody

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
)

// Field names what a word is in its command.
type Field string

// The fields that people type into, and those of who set a command aside.
const (
	NumberField     Field = "number"
	SubjectField    Field = "subject"
	ReasonField     Field = "reason"
	WhoField        Field = "who"
	VoidWhoField    Field = "void_who"
	VoidReasonField Field = "void_reason"
)

// Texts is what people typed into a command. It stays in the ledger: everything else
// knows digests of it.
type Texts map[Field]string

// Word is such a text with the salt of its digest, by which it can be shown alone.
type Word struct {
	Salt string `json:"salt"` // 32 hexadecimal digits, drawn for it
	Text string `json:"text"`
}

// Words are the words of a command.
type Words map[Field]Word

// Digests stand for words in whatever leaves the ledger, and in the chain of custody.
type Digests map[Field]Digest

// Digests returns what stands for the words of a command.
func (w Words) Digests(command CommandID) Digests {
	if len(w) == 0 {
		return nil
	}
	digests := make(Digests, len(w))
	for field, word := range w {
		digests[field] = word.Digest(command, field)
	}
	return digests
}

// Digest is the SHA-256 over the command's id, the field, the salt and the text in UTF-8,
// each after its length in bytes as four of them, the highest first.
func (w Word) Digest(command CommandID, field Field) Digest {
	h := sha256.New()
	for _, part := range []string{string(command), string(field), w.Salt, w.Text} {
		_ = binary.Write(h, binary.BigEndian, uint32(len(part)))
		h.Write([]byte(part))
	}
	return Digest(hex.EncodeToString(h.Sum(nil)))
}

// ErrWords means that what stands beside a chain is not what was typed, or is gone.
var ErrWords = errors.New("words are altered or missing")

// Check reports ErrWords unless each of an entry's digests has its word.
func (w Words) Check(e Entry) error {
	for field, digest := range e.Words {
		if word, ok := w[field]; !ok || word.Digest(e.Command, field) != digest {
			return fmt.Errorf("revision %d: %s: %w", e.Revision, field, ErrWords)
		}
	}
	return nil
}

// After is what a file is called after an entry, whose command had these words; before it
// it was called n.
func (n Naming) After(e Entry, w Words) Naming {
	if !e.Refused && (e.Revision == 1 || e.Reason == Amended) {
		n.Number, n.Subject = cmp.Or(w[NumberField].Text, n.Number), cmp.Or(w[SubjectField].Text, n.Subject)
	}
	return n
}

// Split takes a command apart: what people typed, and the rest.
func (c Command) Split() (Command, Texts) {
	texts := Texts{}
	take := func(field Field, text *string) {
		if *text != "" {
			texts[field], *text = *text, ""
		}
	}
	take(WhoField, &c.Who)
	take(ReasonField, &c.Reason)
	if c.Opening != nil {
		opening := *c.Opening
		take(NumberField, &opening.Number)
		take(SubjectField, &opening.Subject)
		c.Opening = &opening
	}
	if c.Amends != nil {
		naming := *c.Amends
		take(NumberField, &naming.Number)
		take(SubjectField, &naming.Subject)
		c.Amends = &naming
	}
	if len(texts) == 0 {
		return c, nil
	}
	return c, texts
}

// Join is Split's reverse.
func (c Command) Join(texts Texts) Command {
	c.Who, c.Reason = c.Who+texts[WhoField], c.Reason+texts[ReasonField]
	if c.Opening != nil {
		opening := *c.Opening
		opening.Number, opening.Subject = opening.Number+texts[NumberField], opening.Subject+texts[SubjectField]
		c.Opening = &opening
	}
	if c.Amends != nil {
		naming := *c.Amends
		naming.Number, naming.Subject = naming.Number+texts[NumberField], naming.Subject+texts[SubjectField]
		c.Amends = &naming
	}
	return c
}
