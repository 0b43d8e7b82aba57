package ledger

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"harkara/internal/custody"
)

// sqlState returns the database's code of an error (PostgreSQL documentation,
// appendix A), or "".
func sqlState(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code
	}
	return ""
}

// poison reports whether the database refused the data itself, which no retry
// mends, rather than being away, full or overloaded.
func poison(err error) bool {
	state := sqlState(err)
	return strings.HasPrefix(state, "22") || strings.HasPrefix(state, "23")
}

// tangled reports whether a transaction was undone because another wanted the
// same rows. Nothing was kept, and the same may be tried at once.
func tangled(err error) bool {
	state := sqlState(err)
	return state == "40P01" || state == "40001"
}

// away reports whether the database could not be reached, went away, or has no
// room for one more connection. What was asked may have been done.
func away(err error) bool {
	switch state := sqlState(err); {
	case state == "57P01", state == "57P02", state == "57P03", state == "53300", strings.HasPrefix(state, "08"):
		return true
	case state != "", errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return false
	}
	var connect *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &connect) || errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// notStored says why nothing was kept: custody.ErrNotStored, and custody.ErrFull where
// the database has no room.
func notStored(err error) error {
	if sqlState(err) == "53100" {
		return fmt.Errorf("%w: %w: %w", custody.ErrNotStored, custody.ErrFull, err)
	}
	return fmt.Errorf("%w: %w", custody.ErrNotStored, err)
}

// again runs f until it is not tangled, a few times.
func again(ctx context.Context, f func() error) error {
	for n := 0; ; n++ {
		if err := f(); !tangled(err) || n == 3 || ctx.Err() != nil {
			return err
		}
	}
}

// persist runs f, which may be done twice, until the database is there to do it
// or patience ends.
func persist(ctx context.Context, patience time.Duration, f func() error) error {
	giveUp := time.Now().Add(patience)
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, 250*time.Millisecond) {
		err := f()
		if err == nil || !away(err) || ctx.Err() != nil || time.Now().Add(pause).After(giveUp) {
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return err
		}
	}
}

// notFound turns an empty result into custody.ErrNotFound.
func notFound(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return custody.ErrNotFound
	}
	return err
}
