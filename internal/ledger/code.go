package ledger

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// selectCards reads the code that each thing of the office had last, also of what ended:
// its card is still about.
const selectCards = `
SELECT DISTINCT ON (kind, id) kind, id, body->>'code' FROM reference WHERE body->>'code' <> ''
ORDER BY kind, id, revision DESC`

// encode gives codes to what has none: the one that its card has had, else a new one.
// The lists that it changes are the office's own from then on.
func encode(ctx context.Context, tx pgx.Tx, o *custody.Office) error {
	o.Desks, o.Officers, o.Holds, o.Reasons = slices.Clone(o.Desks), slices.Clone(o.Officers), slices.Clone(o.Holds), slices.Clone(o.Reasons)
	rows, err := tx.Query(ctx, selectCards)
	if err != nil {
		return err
	}
	had, used := map[key]label.Code{}, map[label.Code]bool{}
	for _, c := range label.Commands() {
		used[c.Code] = true
	}
	var k key
	var code label.Code
	if _, err := pgx.ForEachRow(rows, []any{&k.kind, &k.id, &code}, func() error {
		had[k], used[code] = code, true
		return nil
	}); err != nil {
		return err
	}
	coded := o.Coded()
	for _, c := range coded {
		used[*c.Code] = true
	}
	for _, c := range coded {
		if *c.Code == "" {
			*c.Code = had[key{c.Of, c.ID}]
		}
		for *c.Code == "" {
			drawn, err := label.Mint(c.Kind, nil)
			if err != nil {
				return err
			}
			if !used[drawn] {
				*c.Code, used[drawn] = drawn, true
			}
		}
	}
	return nil
}
