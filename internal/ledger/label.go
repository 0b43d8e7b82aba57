package ledger

import (
	"context"
	"fmt"

	"harkara/internal/label"
)

const insertLabel = `
INSERT INTO labels (code) SELECT $1 WHERE NOT EXISTS (SELECT FROM queues WHERE code = $1)
ON CONFLICT DO NOTHING`

// Mint draws a code that this office never issued or met, and registers it: from
// then on a scan of it is one of a label that no file has yet.
func (s *Store) Mint(ctx context.Context, kind label.Kind) (label.Code, error) {
	for {
		code, err := label.Mint(kind, nil)
		if err != nil {
			return "", fmt.Errorf("mint code: %w", err)
		}
		n, err := s.exec(ctx, insertLabel, code)
		if err != nil {
			return "", fmt.Errorf("register code: %w", err)
		}
		if n == 1 {
			return code, nil
		}
	}
}
