package web

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/web/gate"
	"harkara/web/wire"
)

// Seal is what proves that a server is the office's. Epoch names this life of its
// ledger: it is another after a restore.
type Seal interface {
	OfficeKey(ctx context.Context) (ed25519.PublicKey, error)
	Sign(ctx context.Context, message []byte) ([]byte, error)
	Epoch(ctx context.Context) (string, error)
}

// Enrolment lets machines become stations by one-time codes. Redeem returns
// custody.ErrNotFound for a code that is none, or no more.
type Enrolment interface {
	Invite(ctx context.Context, station custody.StationID) (code string, expires time.Time, err error)
	Redeem(ctx context.Context, code, token string) (custody.StationID, error)
}

const (
	challengeLeast = 16 // characters of a challenge
	challengeMost  = 128
	tokenLeast     = 40 // characters of a token that a machine drew
	tokenMost      = 200
)

// prove answers a station's challenge with the office's signature.
func (s *Server) prove(w http.ResponseWriter, r *http.Request) error {
	if s.Seal == nil {
		return custody.ErrNotFound
	}
	challenge := r.URL.Query().Get("challenge")
	if len(challenge) < challengeLeast || len(challenge) > challengeMost || strings.ContainsAny(challenge, "\n\r") {
		return fmt.Errorf("%w: challenge", gate.ErrMalformed)
	}
	if !s.named(r.Host) {
		s.noise.Warn("asked for proof "+gate.Caller(r), "asked for proof under a name that is not the office's", "addr", gate.Caller(r), "host", r.Host)
		return gate.ErrForbidden
	}
	key, err := s.Seal.OfficeKey(r.Context())
	if err != nil {
		return err
	}
	p := wire.Proof{Key: key, Now: s.Now().UTC().Format(time.RFC3339Nano)}
	if p.Epoch, err = s.Seal.Epoch(r.Context()); err != nil {
		return err
	}
	if p.Signature, err = s.Seal.Sign(r.Context(), wire.Statement(challenge, r.Host, p.Epoch, p.Now)); err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return gate.WriteJSON(w, http.StatusOK, p)
}

// named reports whether the office goes by the host.
func (s *Server) named(host string) bool {
	return len(s.Addresses) == 0 || slices.ContainsFunc(s.Addresses, func(a string) bool {
		u, err := url.Parse(a)
		return err == nil && strings.EqualFold(u.Host, host)
	})
}

// enrol makes the machine that brings a one-time code and a token of its own
// drawing the code's station. The same again is the same answer.
func (s *Server) enrol(w http.ResponseWriter, r *http.Request) error {
	if s.Enrolment == nil || s.Seal == nil {
		return custody.ErrNotFound
	}
	var ask wire.Enrolment
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, gate.MaxForm)).Decode(&ask); err != nil {
		return fmt.Errorf("%w: %w", gate.ErrMalformed, err)
	}
	if len(ask.Token) < tokenLeast || len(ask.Token) > tokenMost {
		return fmt.Errorf("%w: token", gate.ErrMalformed)
	}
	code := strings.Map(func(c rune) rune {
		if c == ' ' || c == '-' {
			return -1
		}
		return c
	}, label.Latin(ask.Code))
	if err := s.gate.Try(r, code); err != nil {
		s.noise.Warn("too many codes "+gate.Caller(r), "one-time codes are tried too often", "addr", gate.Caller(r))
		return err
	}
	key, err := s.Seal.OfficeKey(r.Context())
	if err != nil {
		return err
	}
	id, err := s.Enrolment.Redeem(r.Context(), code, ask.Token)
	if errors.Is(err, custody.ErrNotFound) {
		s.noise.Warn("one-time code refused "+gate.Caller(r), "one-time code refused", "addr", gate.Caller(r))
		return errUninvited
	}
	if err != nil {
		return err
	}
	s.Log.Info("station enrolled", "station", id, "addr", r.RemoteAddr)
	w.Header().Set("Cache-Control", "no-store")
	return gate.WriteJSON(w, http.StatusOK, wire.Enrolled{Station: string(id), Key: key, Addresses: s.Addresses})
}

// invitation is what an administrator carries to the machine. Fingerprint is of the
// office's key: the machine shows the same.
type invitation struct {
	Station     custody.StationID `json:"station"`
	Code        string            `json:"code"`
	Expires     time.Time         `json:"expires"`
	Fingerprint string            `json:"fingerprint"`
}

// invite makes a one-time code for a station.
func (s *Server) invite(w http.ResponseWriter, r *http.Request) error {
	if s.Enrolment == nil || s.Seal == nil {
		return custody.ErrNotFound
	}
	office, err := s.Directory.Office(r.Context(), s.Now())
	if err != nil {
		return err
	}
	station, ok := office.StationByID(custody.StationID(r.PathValue("station")))
	if !ok {
		return custody.ErrNotFound
	}
	key, err := s.Seal.OfficeKey(r.Context())
	if err != nil {
		return err
	}
	code, expires, err := s.Enrolment.Invite(r.Context(), station.ID)
	if err != nil {
		return err
	}
	s.Log.Info("station invited", "station", station.ID)
	return gate.WriteJSON(w, http.StatusOK, invitation{station.ID, wire.Groups(code), expires, wire.Fingerprint(key)})
}
