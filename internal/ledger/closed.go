package ledger

import (
	"context"
	"fmt"
	"strings"

	"harkara/internal/custody"
)

// What does not count in a search is left out of number and subject, as the board does
// with open files: spaces, punctuation, case, and the writing of digits.
const (
	squeezedFrom = `۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩ 	./\-–—_()[]{}<>&,:;!?''"#*+=@%%|~۔،؛`
	squeezed     = `translate(lower(%s), '` + squeezedFrom + `', '01234567890123456789')`
)

var selectClosed = fmt.Sprintf(`SELECT `+rowColumns+` FROM files f JOIN queues q USING (code)
WHERE f.final IS NOT NULL AND ($5 = '' OR f.department = $5) AND (%[1]s LIKE '%%' || $1 || '%%' OR %[2]s LIKE ALL ($2::text[]))
ORDER BY %[1]s <> $1, NOT starts_with(%[1]s, $1), f.opened_at DESC, f.code LIMIT $3 OFFSET $4`,
	fmt.Sprintf(squeezed, `f.number`), fmt.Sprintf(squeezed, `f.number || CASE WHEN f.class = '' THEN f.subject ELSE '' END`))

// Closed returns closed files of a department (empty: of any) whose number or subject has every one of some words, in
// lower case and without punctuation: first the one whose number they are, then those
// whose number begins with them, then the newest; without the first skip of them.
func (s *Store) Closed(ctx context.Context, words []string, of custody.DepartmentID, skip, limit int) ([]custody.Row, error) {
	like := make([]string, len(words))
	for i, w := range words {
		like[i] = "%" + w + "%"
	}
	rows, err := collect(ctx, s, toRow, selectClosed, strings.Join(words, ""), like, limit, skip, of)
	if err != nil {
		return nil, fmt.Errorf("search closed files: %w", err)
	}
	return rows, nil
}
