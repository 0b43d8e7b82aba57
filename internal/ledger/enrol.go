package ledger

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/crypto/argon2"

	"harkara/internal/custody"
)

// A one-time code: so many digits find it, so many prove it.
const (
	selectorDigits = 4
	secretDigits   = 12
	inviteFor      = 24 * time.Hour
	inviteDraws    = 20 // selectors tried for a free one
)

const (
	expireInvitations = `UPDATE invitations SET expires_at = now() WHERE station = $1 AND used_at IS NULL AND expires_at > now()`
	insertInvitation  = `
INSERT INTO invitations AS i (selector, salt, hash, station, expires_at) VALUES ($1, $2, $3, $4, now() + $5)
ON CONFLICT (selector) DO UPDATE SET salt = excluded.salt, hash = excluded.hash, station = excluded.station,
    expires_at = excluded.expires_at, token = NULL, used_at = NULL
WHERE i.expires_at <= now()
RETURNING expires_at`
	selectInvitation = `SELECT station, salt, hash, token FROM invitations WHERE selector = $1 AND expires_at > now()`
	useInvitation    = `
UPDATE invitations SET token = $2, used_at = now() WHERE selector = $1 AND hash = $3 AND used_at IS NULL`
)

// Invite makes a one-time code of 16 digits by which a machine becomes the station,
// once, within a day. An earlier code of the station that nobody used is worthless
// from then on. Only a slow hash of it is kept.
func (s *Store) Invite(ctx context.Context, station custody.StationID) (code string, expires time.Time, err error) {
	for range inviteDraws {
		selector, err := digits(selectorDigits)
		if err != nil {
			return "", time.Time{}, err
		}
		secret, err := digits(secretDigits)
		if err != nil {
			return "", time.Time{}, err
		}
		salt := make([]byte, 16)
		if _, err := rand.Read(salt); err != nil {
			return "", time.Time{}, fmt.Errorf("draw salt: %w", err)
		}
		taken := false
		err = s.inTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, expireInvitations, station); err != nil {
				return err
			}
			rows, err := tx.Query(ctx, insertInvitation, selector, salt, stretch(secret, salt), station, inviteFor)
			if err != nil {
				return err
			}
			list, err := pgx.CollectRows(rows, pgx.RowTo[time.Time])
			if taken = len(list) == 0; err != nil || taken {
				return err
			}
			expires = list[0]
			return nil
		})
		if err != nil {
			return "", time.Time{}, fmt.Errorf("invite station %s: %w", station, err)
		}
		if !taken {
			return selector + secret, expires, nil
		}
	}
	return "", time.Time{}, fmt.Errorf("invite station %s: too many codes are open", station)
}

// Redeem exchanges a one-time code: from then on the token, made by the machine
// that brings both, is the station's, and older ones are not. The same code with
// the same token may come again, since an answer can be lost. custody.ErrNotFound
// for a code that is wrong, used or too old.
//
// Trying ends no code: whoever could end it would keep every machine out. Guessing is
// hopeless by the 12 digits that prove a code. Each guess costs a stretch of some 20 ms,
// two at once, so that 100 a second are judged however many machines of the world ask:
// in the day that a code lives 8.6 million of 10^12, 1 in 115,000. One caller is held
// to 15,000 a day by the web: 1 in 69 million.
//
// Every code that is not the right one costs the same, one look, one stretch, one
// comparison, so that time does not tell which selectors are there.
func (s *Store) Redeem(ctx context.Context, code, token string) (custody.StationID, error) {
	type invitation struct {
		Station           custody.StationID
		Salt, Hash, Token []byte
	}
	selector, secret := "", code
	if len(code) == selectorDigits+secretDigits {
		selector, secret = code[:selectorDigits], code[selectorDigits:]
	}
	i, err := one(ctx, s, pgx.RowToStructByPos[invitation], selectInvitation, selector)
	found := err == nil
	if !found && !errors.Is(err, custody.ErrNotFound) {
		return "", fmt.Errorf("redeem code: %w", err)
	}
	if !found {
		i.Salt, i.Hash = decoy[:16], decoy[16:]
	}
	proof, err := s.stretched(ctx, secret, i.Salt)
	if err != nil {
		return "", fmt.Errorf("redeem code: %w", err)
	}
	if subtle.ConstantTimeCompare(proof, i.Hash) != 1 || !found {
		return "", fmt.Errorf("redeem code: %w", custody.ErrNotFound)
	}
	if i.Token != nil {
		if subtle.ConstantTimeCompare(i.Token, hash(token)) != 1 {
			return "", fmt.Errorf("redeem code: %w", custody.ErrNotFound)
		}
		return i.Station, nil
	}
	err = s.inTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, revokeTokens, i.Station); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, insertToken, hash(token), i.Station); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, useInvitation, selector, hash(token), i.Hash)
		if err == nil && tag.RowsAffected() == 0 { // somebody else was first
			err = custody.ErrNotFound
		}
		return err
	})
	if err != nil {
		return "", fmt.Errorf("redeem code of station %s: %w", i.Station, err)
	}
	return i.Station, nil
}

// decoy is what a code is compared with whose selector nobody has.
var decoy [16 + 32]byte

// stretchesAtOnce bounds what guesses may take of processor and memory.
const stretchesAtOnce = 2

// stretched is stretch when it is its turn.
func (s *Store) stretched(ctx context.Context, secret string, salt []byte) ([]byte, error) {
	select {
	case s.stretching <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-s.stretching }()
	return s.stretch(secret, salt), nil
}

// stretch is argon2id with OWASP's least memory, some 20 ms.
func stretch(secret string, salt []byte) []byte {
	return argon2.IDKey([]byte(secret), salt, 2, 19<<10, 1, 32)
}

// digits draws n random digits.
func digits(n int) (string, error) {
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
	v, err := rand.Int(rand.Reader, limit)
	if err != nil {
		return "", fmt.Errorf("draw code: %w", err)
	}
	return fmt.Sprintf("%0*d", n, v), nil
}
