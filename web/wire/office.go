package wire

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// Proof is what a server says of itself before a station trusts it. Signature is
// over Statement.
type Proof struct {
	Key       []byte `json:"key"` // Ed25519
	Epoch     string `json:"epoch"`
	Now       string `json:"now"` // RFC 3339, the server's clock
	Signature []byte `json:"signature"`
}

// Statement is what the office signs: that it, under the name that the station
// dialled, answers this challenge now. The name keeps another machine from passing
// challenges on under its own, where the office knows its addresses.
func Statement(challenge, host, epoch, now string) []byte {
	return []byte("harkara office\n" + challenge + "\n" + host + "\n" + epoch + "\n" + now)
}

// Enrolment is what a machine brings to become a station: a one-time code, and a token
// of its own drawing.
type Enrolment struct {
	Code  string `json:"code"`
	Token string `json:"token"`
}

// Enrolled is what a machine learns when it becomes a station.
type Enrolled struct {
	Station   string   `json:"station"`
	Key       []byte   `json:"key"` // Ed25519, the office's
	Addresses []string `json:"addresses"`
}

// Fingerprint is a short form of the office's key that two people can compare.
func Fingerprint(key ed25519.PublicKey) string {
	sum := sha256.Sum256(key)
	return Groups(hex.EncodeToString(sum[:8]))
}

// Groups puts a space after every fourth character.
func Groups(s string) string {
	var out []string
	for part := range slices.Chunk([]byte(s), 4) {
		out = append(out, string(part))
	}
	return strings.Join(out, " ")
}
