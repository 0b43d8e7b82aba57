// Package wire is the JSON that stations and their office speak, for both ends: what a
// station may send at once, what it is answered, and how the office proves itself.
//
// A scan itself is made by scanner/gesture and read by internal/custody, strictly: the
// office alone knows what else each kind of command says. A station reads of an answer
// what stands here and hands on the rest as it came, so that an office may become richer
// before its stations do. Identifiers are texts for the same reason.
package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"harkara/internal/label"
)

// Limits of a request.
const (
	MaxScans    = 1 << 20         // bytes of commands
	MaxCommands = 500             // at once
	MaxImage    = 20 << 20        // bytes of a picture
	MaxWait     = 5 * time.Second // that a request waits for what its commands come to
)

// TokenProtocol stands before a station's token among the protocols of its sockets: a
// page cannot set headers.
const TokenProtocol = "bearer."

// ErrForm marks a request that is not in the form of this package.
var ErrForm = errors.New("not in the form of a station's request")

// Problem is how a request is told that something went wrong. Code is stable, for
// programs; Message is in the language asked for.
type Problem struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// ProblemOf reads the error of an answer; empty where it is none of ours.
func ProblemOf(body []byte) Problem {
	var p struct{ Error Problem }
	_ = json.Unmarshal(body, &p) // then it is no problem of ours
	return p.Error
}

// Result is what became of one command of a request. Stored is the promise: it is
// kept for ever and need not be sent again, also where it is no command that any
// file could take (then Error says so and it lies in the drawer).
type Result struct {
	ID     string   `json:"id,omitempty"`
	Stored bool     `json:"stored"`
	Seq    int64    `json:"seq,omitempty"`
	Short  bool     `json:"short,omitempty"` // beyond the station's quota only its digest and beginning are kept
	Error  *Problem `json:"error,omitempty"`
	Say    *Say     `json:"say,omitempty"` // once it is decided
}

// Say is what a command came to in words, for whoever stands at a station.
type Say struct {
	Verdict  string `json:"verdict,omitempty"`
	Reason   string `json:"reason,omitempty"`
	Word     string `json:"word"`               // yes, no, already known
	Number   string `json:"number,omitempty"`   // of the file; empty: it is called by the digits of its label
	Subject  string `json:"subject,omitempty"`  // where the station's screen may show it
	Name     string `json:"name,omitempty"`     // of a card: what it stands for
	Headline string `json:"headline,omitempty"` // what happened
	Next     string `json:"next,omitempty"`     // what to do with the file in hand
	By       string `json:"by,omitempty"`       // until when, as the office's clocks show it
	Tone     string `json:"tone"`
}

// Tones: what a clerk hears.
const (
	ToneUp     = "up"     // accepted
	ToneAstray = "astray" // accepted, and the file is another room's: give it there
	ToneOpen   = "open"   // a card: what is scanned now belongs to it
	ToneSoft   = "soft"   // nothing new; the end of a batch; stored and to be decided
	ToneDown   = "down"   // refused, or no code, or not kept: scan it again
	ToneKept   = "kept"   // on the station's disk: the office gets it later
)

// Split returns the commands of a request's body: the elements of an array, or the one
// value. Errors: ErrForm.
func Split(body []byte) ([]json.RawMessage, error) {
	body = bytes.TrimSpace(body)
	if !json.Valid(body) {
		return nil, fmt.Errorf("%w: not JSON", ErrForm)
	}
	if body[0] != '[' {
		return []json.RawMessage{body}, nil
	}
	var parts []json.RawMessage
	if err := json.Unmarshal(body, &parts); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrForm, err)
	}
	if len(parts) > MaxCommands {
		return nil, fmt.Errorf("%w: %d commands, at most %d at once", ErrForm, len(parts), MaxCommands)
	}
	return parts, nil
}

// Wait reads a request's ?wait=5s or ?wait=5; more than MaxWait is MaxWait, nothing is
// no wait. Errors: ErrForm.
func Wait(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	text = label.Latin(text)
	d, err := time.ParseDuration(text)
	if seconds, bare := strconv.Atoi(text); bare == nil {
		d, err = time.Duration(min(seconds, 60))*time.Second, nil
	}
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%w: wait=%q", ErrForm, text)
	}
	return min(d, MaxWait), nil
}
