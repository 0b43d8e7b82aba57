// Package label is the grammar of every printed code: minting, parsing,
// checking and formatting.
//
// A code is 14 digits: kind (1), serial (11, drawn at random), check (2, ISO/IEC
// 7064 MOD 97-10). Digits only, because a keyboard-wedge scanner on an Urdu
// layout types garbage for letters.
package label

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strings"
)

// Length is the number of digits of a code.
const Length = 14

// serials is the number of serials of a kind: 11 digits.
const serials = 100_000_000_000

// Kind says what the thing that carries the code is; it is the first digit.
type Kind byte

// The kinds of printed codes.
const (
	File   Kind = '1' // cover of a paper file
	Desk   Kind = '2' // destination desk card
	Badge  Kind = '3' // officer, runner or clerk
	Card   Kind = '4' // command card
	Bag    Kind = '5' // sealed bag of files
	Notice Kind = '6' // slip or printed notice
	Hold   Kind = '7' // what a file waits for
)

// Kinds lists every kind in order of its digit.
var Kinds = [...]Kind{File, Desk, Badge, Card, Bag, Notice, Hold}

var kindNames = [...]string{"file", "desk", "badge", "card", "bag", "notice", "hold"}

// Valid reports whether k is one of the printed kinds.
func (k Kind) Valid() bool { return k >= File && k <= Hold }

// String returns the kind's English name, such as "file".
func (k Kind) String() string {
	if !k.Valid() {
		return "unknown"
	}
	return kindNames[k-File]
}

// Why a text is not a code. Parse and Check report the first that applies, in
// this order.
var (
	ErrDigit  = errors.New("a code has digits only")
	ErrLength = errors.New("a code has 14 digits")
	ErrKind   = errors.New("no such kind of code")
	ErrCheck  = errors.New("check digits do not fit")
)

// Code is what a thing carries: a checked code of 14 digits without spaces, made by
// Parse, Check, Mint or New; or on an old cover the text of somebody else's label,
// made by Foreign. The zero value is no code.
type Code string

// Parse reads a code as scanned or typed: spaces, hyphens and surrounding white
// space are passed over, Arabic-Indic and Urdu digits are taken for Latin ones.
// Errors: ErrDigit, ErrLength, ErrKind, ErrCheck.
func Parse(text string) (Code, error) {
	digits := make([]byte, 0, Length)
	for _, r := range strings.TrimSpace(Latin(text)) {
		switch {
		case r >= '0' && r <= '9':
			digits = append(digits, byte(r))
		case r == ' ' || r == '-' || r == '\u00a0':
		default:
			return "", ErrDigit
		}
		if len(digits) > Length {
			return "", ErrLength
		}
	}
	return check(string(digits))
}

// Check reads exactly 14 ASCII digits, the form a symbol on paper carries, and
// nothing else. Errors: ErrDigit, ErrLength, ErrKind, ErrCheck.
func Check(text string) (Code, error) {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return "", ErrDigit
		}
	}
	return check(text)
}

func check(digits string) (Code, error) {
	if len(digits) != Length {
		return "", ErrLength
	}
	if !Kind(digits[0]).Valid() {
		return "", ErrKind
	}
	want := checkDigits(digits[:Length-2])
	if digits[Length-2] != want[0] || digits[Length-1] != want[1] {
		return "", ErrCheck
	}
	return Code(digits), nil
}

// checkDigits is ISO/IEC 7064 MOD 97-10 in its canonical form, 02 to 98.
func checkDigits(body string) [2]byte {
	rem := 0
	for i := range len(body) {
		rem = (rem*10 + int(body[i]-'0')) % 97
	}
	c := 98 - rem*100%97
	return [2]byte{byte('0' + c/10), byte('0' + c%10)}
}

// New returns the code of a kind and serial. It panics on a kind or serial
// outside the grammar: those are constants of the program, never input.
func New(kind Kind, serial uint64) Code {
	if !kind.Valid() || serial >= serials {
		panic(fmt.Sprintf("label: no code of kind %q with serial %d", byte(kind), serial))
	}
	body := fmt.Sprintf("%c%011d", kind, serial)
	c := checkDigits(body)
	return Code(body + string(c[:]))
}

// Mint draws a new code of the kind with a serial from random, uniformly over
// all 11-digit serials, so that a wrong read that passes the check digits still
// meets no issued code. A nil random means crypto/rand.
func Mint(kind Kind, random io.Reader) (Code, error) {
	if !kind.Valid() {
		return "", ErrKind
	}
	if random == nil {
		random = rand.Reader
	}
	n, err := rand.Int(random, big.NewInt(serials))
	if err != nil {
		return "", fmt.Errorf("draw serial: %w", err)
	}
	return New(kind, n.Uint64()), nil
}

// Kind returns the kind of a code of ours, 0 of somebody else's.
func (c Code) Kind() Kind {
	if !ourForm(string(c)) {
		return 0
	}
	return Kind(c[0])
}

// ourForm reports whether a text has as many digits as our codes: it is one, or was
// one before it was damaged.
func ourForm(text string) bool {
	return len(text) == Length && strings.Trim(text, "0123456789") == ""
}

// Format groups the digits as printed under a cover's bars: 1047 3829 1102 22. A
// foreign code stays as it is.
func (c Code) Format() string {
	if !ourForm(string(c)) {
		return string(c)
	}
	return string(c[:4] + " " + c[4:8] + " " + c[8:12] + " " + c[12:])
}
