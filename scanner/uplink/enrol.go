package uplink

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"harkara/web/wire"
)

// Identity is what makes a machine a station. Only its owner may read it.
type Identity struct {
	Station   string            `json:"station"`
	Token     string            `json:"token"`
	Key       ed25519.PublicKey `json:"key"` // the office's
	Addresses []string          `json:"addresses"`
}

// NewToken draws a station's token. Keep it before it is enrolled: if the office's
// answer is lost, the same code with the same token is asked again.
func NewToken() string { return rand.Text() + rand.Text() }

// Enrol exchanges a one-time code at a server. The code is shown to whoever answers
// there; that it was the office is told by the fingerprint, which a person compares.
func Enrol(ctx context.Context, server, code, token string) (Identity, error) {
	base, err := ParseAddress(server)
	if err != nil {
		return Identity{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	ask, err := json.Marshal(wire.Enrolment{Code: code, Token: token})
	if err != nil {
		return Identity{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base.String()+"/api/v1/enrol", bytes.NewReader(ask))
	if err != nil {
		return Identity{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(req)
	if err != nil {
		return Identity{}, fmt.Errorf("reach the office: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil {
		return Identity{}, fmt.Errorf("read the office's answer: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		if p := wire.ProblemOf(body); p.Message != "" {
			return Identity{}, errors.New("the office says: " + p.Message)
		}
		return Identity{}, fmt.Errorf("%w: status %d", errAnswer, resp.StatusCode)
	}
	var got wire.Enrolled
	if err := json.Unmarshal(body, &got); err != nil || got.Station == "" || len(got.Key) != ed25519.PublicKeySize {
		return Identity{}, fmt.Errorf("%w: no identity", errAnswer)
	}
	id := Identity{Station: got.Station, Token: token, Key: got.Key, Addresses: got.Addresses}
	if len(id.Addresses) == 0 {
		id.Addresses = []string{base.String()}
	}
	return id, nil
}

// Fingerprint is a short form of the office's key that two people can compare; the
// office shows the same beside the code.
func (i Identity) Fingerprint() string { return wire.Fingerprint(i.Key) }
