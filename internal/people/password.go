package people

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"harkara/internal/label"
)

// Price of one guess: argon2id over OWASP's least (19 MiB, twice), some 60 ms of a slow
// core. `harkara bench signin` measures it where an office runs.
const (
	passes    = 2
	memory    = 32 << 10 // KiB
	lanes     = 1
	saltBytes = 16
	keyBytes  = 32
)

// What a stored hash may ask for: whoever writes to the ledger does not stop the office.
const (
	mostPasses = 16
	mostMemory = 256 << 10 // KiB
)

// Why a password or PIN is not taken.
var (
	ErrShort   = errors.New("a password has 10 characters or more, a PIN 6 to 8 digits")
	ErrLong    = errors.New("a password has at most 200 characters")
	ErrObvious = errors.New("that is guessed too easily")
)

// LeastPassword is how many characters a password has at least.
const LeastPassword = 10

const (
	mostPassword = 200
	leastPIN     = 6
	mostPIN      = 8
	leastVaried  = 5 // different characters of a password
)

// Kind says what a secret is. Its form says which of the first two: a PIN is digits alone,
// which a password never is.
type Kind string

// The kinds of secrets.
const (
	Password Kind = "password"
	PIN      Kind = "pin"   // opens only beside a badge
	Once     Kind = "once"  // lets one choose a password or PIN
	RenewPIN Kind = "renew" // lets one choose a PIN alone
	Token    Kind = "token" // of a program, a wall, or a person's command line
)

// KindOf tells a PIN from a password.
func KindOf(secret string) Kind {
	if secret != "" && strings.Trim(tidy(secret), "0123456789") == "" {
		return PIN
	}
	return Password
}

// tidy is a secret as it is judged: one writing of each character, Latin digits.
func tidy(secret string) string { return label.Latin(norm.NFKC.String(secret)) }

// CheckChoice says whether a person may choose a password or PIN. Errors: ErrShort, ErrLong,
// ErrObvious.
func CheckChoice(p Person, secret string) error {
	if len(secret) > 4*mostPassword {
		return ErrLong
	}
	secret = tidy(secret)
	n := utf8.RuneCountInString(secret)
	if KindOf(secret) == PIN {
		switch {
		case n < leastPIN, n > mostPIN:
			return ErrShort
		case run(secret):
			return ErrObvious
		}
		return nil
	}
	varied := map[rune]bool{}
	for _, r := range secret {
		varied[r] = true
	}
	lower := strings.ToLower(secret)
	switch {
	case n < LeastPassword:
		return ErrShort
	case n > mostPassword:
		return ErrLong
	case len(varied) < leastVaried, strings.Contains(lower, "password"), strings.Contains(lower, "harkara"), lower == strings.ToLower(string(p.ID)), lower == strings.ToLower(p.Name.En):
		return ErrObvious
	}
	return nil
}

// run reports whether digits stay, rise or fall by one throughout: 000000, 123456, 654321.
func run(digits string) bool {
	step := int(digits[1]) - int(digits[0])
	for i := 1; i < len(digits); i++ {
		if int(digits[i])-int(digits[i-1]) != step {
			return false
		}
	}
	return -1 <= step && step <= 1
}

// Hash stretches a password or PIN for keeping, in the PHC string format.
func Hash(secret string) string {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // never fails
	key := argon2.IDKey([]byte(tidy(secret)), salt, passes, memory, lanes, keyBytes)
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, lanes, enc.EncodeToString(salt), enc.EncodeToString(key))
}

// stretched is a parsed hash.
type stretched struct {
	memory, passes uint32
	lanes          uint8
	salt, key      []byte
}

// decoy is judged where there is nothing to judge, at the same price.
var decoy = stretched{memory, passes, lanes, make([]byte, saltBytes), make([]byte, keyBytes)}

var errHash = errors.New("malformed hash of a password")

func parseHash(text string) (s stretched, err error) {
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return s, errHash
	}
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &s.memory, &s.passes, &s.lanes); n != 3 || err != nil {
		return s, errHash
	}
	enc := base64.RawStdEncoding.Strict()
	if s.salt, err = enc.DecodeString(parts[4]); err != nil {
		return s, errHash
	}
	if s.key, err = enc.DecodeString(parts[5]); err != nil {
		return s, errHash
	}
	if s.memory < 8 || s.memory > mostMemory || s.passes < 1 || s.passes > mostPasses || s.lanes < 1 || s.lanes > 16 || len(s.salt) < 8 || len(s.salt) > 64 || len(s.key) != keyBytes {
		return s, errHash
	}
	return s, nil
}

// opens reports whether a secret is the one that was stretched.
func (s stretched) opens(secret string) bool {
	key := argon2.IDKey([]byte(tidy(secret)), s.salt, s.passes, s.memory, s.lanes, keyBytes)
	return subtle.ConstantTimeCompare(key, s.key) == 1
}

// Digest is what is kept of a secret that was drawn, not chosen: of sessions, devices,
// tokens and one-time secrets. It needs no salt.
func Digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// onceAlphabet has no letters that are taken for digits, or for each other.
const (
	onceAlphabet = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
	onceLength   = 16 // 79 bits
	onceGroup    = 4
)

// DrawOnce draws a one-time secret as it is written on paper.
func DrawOnce() string {
	var b strings.Builder
	raw := make([]byte, 1)
	for n := 0; n < onceLength; {
		_, _ = rand.Read(raw) // never fails
		if int(raw[0]) >= 256/len(onceAlphabet)*len(onceAlphabet) {
			continue // every character is as likely
		}
		if n > 0 && n%onceGroup == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(onceAlphabet[int(raw[0])%len(onceAlphabet)])
		n++
	}
	return b.String()
}

// plainOnce is a one-time secret as it was drawn, however it was typed.
func plainOnce(text string) string {
	var b strings.Builder
	for _, r := range strings.ToUpper(tidy(text)) {
		if !strings.ContainsRune(onceAlphabet, r) {
			if r == '-' || r == ' ' {
				continue
			}
			return ""
		}
		if n := b.Len() - b.Len()/(onceGroup+1); n > 0 && n%onceGroup == 0 {
			b.WriteByte('-')
		}
		b.WriteRune(r)
		if b.Len() > onceLength+onceLength/onceGroup {
			return ""
		}
	}
	return b.String()
}
