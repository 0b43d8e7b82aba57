package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
	"harkara/internal/label"
)

const (
	selectRefusals = `
SELECT i.code, COALESCE(f.number, ''), i.outcome, i.received_at
FROM refusals r JOIN inbox i ON i.id = r.command LEFT JOIN files f ON f.code = i.code AND f.revision > 0
ORDER BY r.id DESC LIMIT $1`
	// What was scanned again there is looked for by the file, whatever label it had.
	selectRefusedAt = `
SELECT i.body::jsonb->>'code', i.outcome, i.received_at - COALESCE(i.age_us, 0) * interval '1 microsecond'
FROM refusals r JOIN inbox i ON i.id = r.command
WHERE r.station = $1 AND r.at > now() - $2::interval AND i.outcome->>'reason' <> $4 AND NOT EXISTS (
    SELECT FROM inbox n WHERE n.code = i.code AND n.seq > i.seq AND n.body::jsonb->>'station' = $1)
ORDER BY r.at DESC, r.id DESC LIMIT $3`
)

// Refusal is a refused command.
type Refusal struct {
	Code     label.Code // the file's, whatever label was read
	Number   string     // of that file; empty: there is none
	Outcome  custody.Outcome
	Received time.Time
}

// Refusals returns the newest refused commands, newest first: also those about
// codes that have no file and no entries.
func (s *Store) Refusals(ctx context.Context, limit int) ([]Refusal, error) {
	list, err := collect(ctx, s, pgx.RowToStructByPos[Refusal], selectRefusals, limit)
	if err != nil {
		return nil, fmt.Errorf("read refusals: %w", err)
	}
	return list, nil
}

// Refused is a refused command of a station.
type Refused struct {
	Code    label.Code // as scanned
	Outcome custody.Outcome
	Scanned time.Time // as far as it is known
}

// RefusedAt returns what a station scanned and was refused within the past, newest first;
// not what it has scanned again since, or an administrator has set aside.
func (s *Store) RefusedAt(ctx context.Context, station custody.StationID, past time.Duration, limit int) ([]Refused, error) {
	list, err := collect(ctx, s, pgx.RowToStructByPos[Refused], selectRefusedAt, station, past, limit, custody.Voided)
	if err != nil {
		return nil, fmt.Errorf("read refusals at %s: %w", station, err)
	}
	return list, nil
}
