package ledger

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// typed is what a person typed as the database can keep it: PostgreSQL has no NUL, and
// nothing that is not UTF-8.
func typed(text string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", "\ufffd"), "\ufffd")
}

// salt draws the salt of a word.
func salt() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// salted returns texts and salts drawn for them as they are stored; nil where nothing
// was typed.
func salted(texts custody.Texts) (words, salts *string) {
	if len(texts) == 0 {
		return nil, nil
	}
	keep, drawn := make(custody.Texts, len(texts)), make(map[custody.Field]string, len(texts))
	for field, text := range texts {
		keep[field], drawn[field] = typed(text), salt()
	}
	return jsonText(keep), jsonText(drawn)
}

func jsonText[T ~map[custody.Field]string](m T) *string {
	b, err := json.Marshal(m)
	if err != nil {
		panic("ledger: marshal: " + err.Error()) // strings only
	}
	s := string(b)
	return &s
}

// said is a command and what people typed about it, as it is stored: into it, and when
// they set it aside.
type said struct {
	body   string // empty: there is none
	texts  custody.Texts
	salts  map[custody.Field]string
	voided custody.Texts // fields of a void
	voids  map[custody.Field]string
}

func (s *said) words() custody.Words {
	words := custody.Words{}
	if s.body != "" {
		words[custody.CommandField] = custody.Word{Text: s.body}
	}
	for field, salt := range s.salts {
		words[field] = custody.Word{Salt: salt, Text: s.texts[field]}
	}
	for field, salt := range s.voids {
		words[field] = custody.Word{Salt: salt, Text: s.voided[field]}
	}
	return words
}

// A command may have been set aside after it was decided, or tried again after that: its
// outcome tells.
const (
	voidWords = `LEFT JOIN LATERAL (
    SELECT jsonb_build_object('void_reason', a.reason) AS texts, a.salts
    FROM audit a WHERE i.outcome->>'reason' = '` + string(custody.Voided) + `' AND a.command = i.id AND a.act = 'void' ORDER BY a.id DESC LIMIT 1) v ON true`
	selectWords = `SELECT i.id::text, i.body, i.texts, i.salts, v.texts, v.salts FROM inbox i ` + voidWords + ` WHERE i.code = $1`
)

// Words returns the commands of a file with what people typed into them, and of one that
// was set aside why: see custody.CommandField.
func (s *Store) Words(ctx context.Context, file label.Code) (map[custody.CommandID]custody.Words, error) {
	type row struct {
		id custody.CommandID
		said
	}
	list, err := collect(ctx, s, func(r pgx.CollectableRow) (w row, err error) {
		return w, r.Scan(&w.id, &w.body, &w.texts, &w.salts, &w.voided, &w.voids)
	}, selectWords, file)
	if err != nil {
		return nil, fmt.Errorf("read words of %s: %w", file, err)
	}
	words := make(map[custody.CommandID]custody.Words, len(list))
	for _, w := range list {
		words[w.id] = w.words()
	}
	return words, nil
}
