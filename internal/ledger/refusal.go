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
SELECT i.code, i.outcome, i.received_at FROM refusals r JOIN inbox i ON i.id = r.command
ORDER BY r.id DESC LIMIT $1`
	// What was scanned again there is looked for by the file, whatever label it had.
	selectUnheard = `
SELECT b.body->>'code', i.outcome, i.received_at - COALESCE(i.age_us, 0) * interval '1 microsecond'
FROM refusals r JOIN inbox i ON i.id = r.command, LATERAL (SELECT replace(i.body, '\u0000', '\ufffd')::jsonb AS body) b
WHERE r.station = $1 AND NOT r.heard AND r.at > now() - $2::interval AND NOT EXISTS (
    SELECT FROM inbox n WHERE n.code = i.code AND n.seq > i.seq AND replace(n.body, '\u0000', '\ufffd')::jsonb->>'station' = $1)
ORDER BY r.at DESC, r.id DESC LIMIT $3`
	markHeard = `UPDATE refusals SET heard = true WHERE command = ANY ($1::uuid[]) AND NOT heard`
)

// Refusal is a refused command.
type Refusal struct {
	Code     label.Code
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

// Unheard is a refusal that its station was never told of.
type Unheard struct {
	Code    label.Code // as scanned
	Outcome custody.Outcome
	Scanned time.Time // as far as it is known
}

// Unheard returns what a station scanned and was refused within the past without being
// told, newest first: kept through an outage, or decided when nobody waited. Not what it
// has scanned again since.
func (s *Store) Unheard(ctx context.Context, station custody.StationID, past time.Duration, limit int) ([]Unheard, error) {
	list, err := collect(ctx, s, pgx.RowToStructByPos[Unheard], selectUnheard, station, past, limit)
	if err != nil {
		return nil, fmt.Errorf("read unheard refusals of %s: %w", station, err)
	}
	return list, nil
}

// Heard notes that stations are told of refusals. If the answer is lost on its way they
// send the commands again, and are told again.
func (s *Store) Heard(ctx context.Context, commands []custody.CommandID) error {
	if _, err := s.exec(ctx, markHeard, commands); err != nil {
		return fmt.Errorf("note heard refusals: %w", err)
	}
	return nil
}
