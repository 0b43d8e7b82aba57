package ledger

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
)

// The drawer's quota of a station and day. Nothing is refused beyond it: the queue
// behind moves on, and what came is told by its length, digest and beginning; beyond
// drawerShort by its number alone. So a station keeps under 2 MB a day here.
const (
	drawerWhole = 200
	drawerBytes = 1 << 20 // of those that are whole
	drawerShort = 2000
	drawerHead  = 200 // bytes that are kept of a record that is not whole
)

const (
	drawRecord   = `SELECT whole FROM put_in_drawer($1, $2, $3, $4, $5, $6, $7, $8) AS whole`
	selectDrawer = `SELECT station, received_at, reason, body, length, digest FROM drawer ORDER BY id DESC LIMIT $1`
	// The newest days first.
	selectOverdrawn = `
SELECT station, day::timestamptz, whole, short, counted, bytes, last_at FROM drawer_days
WHERE short + counted > 0 AND (station = $1 OR $1 = '') ORDER BY day DESC, last_at DESC LIMIT $2`
)

// ToDrawer keeps what a station sent that no file can take, so that the queue
// behind it moves on: whole, or beyond the station's quota of the day what tells of it.
func (s *Store) ToDrawer(ctx context.Context, station custody.StationID, raw []byte, reason string) (whole bool, err error) {
	return s.toDrawer(ctx, station, reason, raw, nil)
}

// draw is ToDrawer for a command that has a proper form: sent again, it lies there
// once.
func (s *Store) draw(ctx context.Context, c custody.Command, reason string) error {
	_, err := s.toDrawer(ctx, c.Station, reason, c.Bytes(), &c.ID)
	return err
}

func (s *Store) toDrawer(ctx context.Context, station custody.StationID, reason string, raw []byte, id *custody.CommandID) (bool, error) {
	whole, err := one(ctx, s, pgx.RowTo[bool], drawRecord, station, readable(reason), raw, id, drawerWhole, drawerBytes, drawerShort, drawerHead)
	if err != nil {
		return false, notStored(fmt.Errorf("put in drawer: %w", err))
	}
	return whole, nil
}

const maxReason = 500 // bytes

// readable is why something lies in the drawer, which may quote what came, as text that
// the database takes.
func readable(reason string) string {
	reason = strings.ReplaceAll(reason, "\x00", "\ufffd")
	return strings.ToValidUTF8(reason[:min(len(reason), maxReason)], "\ufffd")
}

// Drawn is a record of the drawer. Length and Digest (SHA-256) are of what came; Body
// is its beginning, or all of it.
type Drawn struct {
	Station  custody.StationID
	Received time.Time
	Reason   string
	Body     []byte
	Length   int64
	Digest   []byte
}

// Drawer returns the newest records, newest first.
func (s *Store) Drawer(ctx context.Context, limit int) ([]Drawn, error) {
	list, err := collect(ctx, s, pgx.RowToStructByPos[Drawn], selectDrawer, limit)
	if err != nil {
		return nil, fmt.Errorf("read drawer: %w", err)
	}
	return list, nil
}

// Overdrawn is a station's day beyond its quota: records that are whole, kept by
// digest and beginning, and only counted, and the bytes of all that came.
type Overdrawn struct {
	Station               custody.StationID
	Day                   time.Time // midnight in UTC
	Whole, Short, Counted int64
	Bytes                 int64
	Last                  time.Time
}

// Overdrawn returns the days beyond their quota of a station, or with an empty one of
// all, newest first.
func (s *Store) Overdrawn(ctx context.Context, station custody.StationID, limit int) ([]Overdrawn, error) {
	list, err := collect(ctx, s, pgx.RowToStructByPos[Overdrawn], selectOverdrawn, station, limit)
	if err != nil {
		return nil, fmt.Errorf("read quotas of the drawer: %w", err)
	}
	return list, nil
}
