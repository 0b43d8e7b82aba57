package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
)

const (
	insertBackup = `INSERT INTO backups (taken, place, bytes) VALUES ($1, $2, $3)`
	selectBackup = `SELECT taken, place, bytes FROM backups ORDER BY taken DESC, id DESC LIMIT 1`
)

// Backup is a verified copy of the office.
type Backup struct {
	Taken time.Time // what was stored by then is in it; zero: there is none
	Place string    // machine and folder
	Bytes int64
}

// NoteBackup notes that a copy is whole and lies in its place.
func (s *Store) NoteBackup(ctx context.Context, b Backup) error {
	if _, err := s.exec(ctx, insertBackup, b.Taken, b.Place, b.Bytes); err != nil {
		return fmt.Errorf("note backup: %w", err)
	}
	return nil
}

// Backup is the newest; the zero value where there never was one.
func (s *Store) Backup(ctx context.Context) (Backup, error) {
	b, err := one(ctx, s, pgx.RowToStructByPos[Backup], selectBackup)
	if err != nil && !errors.Is(err, custody.ErrNotFound) {
		return Backup{}, fmt.Errorf("read newest backup: %w", err)
	}
	return b, nil
}
