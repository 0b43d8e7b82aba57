package custody

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"

	"harkara/internal/label"
)

// Field names what a word is in its command.
type Field string

// The fields that people type into, and that of who set a command aside.
const (
	NumberField     Field = "number"
	SubjectField    Field = "subject"
	ReasonField     Field = "reason"
	WhoField        Field = "who"
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
	if e.Effect() == Renames {
		n.Number, n.Subject = cmp.Or(w[NumberField].Text, n.Number), cmp.Or(w[SubjectField].Text, n.Subject)
	}
	return n
}

// Split takes a command apart: what people typed, and the rest.
func (c Command) Split() (Command, Texts) {
	texts := c.texts()
	if len(texts) == 0 {
		return c, nil
	}
	return c.speak(nil), texts
}

// Join is Split's reverse.
func (c Command) Join(texts Texts) Command { return c.speak(texts) }

// Clean is the command as it is kept: see Plain, Prose and label.Latin.
func (c Command) Clean() Command {
	c.Code, c.Badge = latin(c.Code), latin(c.Badge)
	if with, ok := c.With.(tidied); ok {
		c.With = with.tidy()
	}
	texts := c.texts()
	for field, text := range texts {
		texts[field] = field.clean(text)
	}
	return c.speak(texts)
}

func latin(code label.Code) label.Code { return label.Code(label.Latin(string(code))) }

// clean is what was typed into a field as it is kept.
func (f Field) clean(text string) string {
	if f == NumberField || f == WhoField {
		return Plain(text)
	}
	return Prose(text)
}

// texts is what people typed into a command, where they did.
func (c Command) texts() Texts {
	texts := Texts{WhoField: c.Who, ReasonField: c.Reason}
	if with, ok := c.With.(spoken); ok {
		maps.Copy(texts, with.texts())
	}
	maps.DeleteFunc(texts, func(_ Field, text string) bool { return text == "" })
	return texts
}

// speak is the command with texts in place of its own.
func (c Command) speak(texts Texts) Command {
	c.Who, c.Reason = texts[WhoField], texts[ReasonField]
	if with, ok := c.With.(spoken); ok {
		c.With = with.speak(texts)
	}
	return c
}
