// Package gesture turns what a station reads into commands: it pairs the cards on
// the counter with the files beside them. It is pure, so a station without its
// server pairs exactly as one with it, and a restarted one goes on from its spool.
// web/kiosk/static/gesture.js is the same reducer for a kiosk in a browser; both obey
// testdata/table.json.
package gesture

import (
	"time"

	"harkara/internal/label"
)

// Lasts is how long a card's context, a batch, stays open after the last read that used
// it, and how long before a card a file may be read to belong to it.
const Lasts = 20 * time.Second

// Read is one code as a source heard it.
type Read struct {
	ID     string        `json:"id"`   // UUID; becomes the command's
	Text   string        `json:"text"` // as read; may be anything
	Method string        `json:"method"`
	At     time.Duration `json:"at"`   // monotonic, since the boot
	Boot   string        `json:"boot"` // of the station; what an earlier boot paired is over
}

// Command is what a read asks of the office, in the form its server takes, but for
// the time.
type Command struct {
	ID     string     `json:"id"`
	Kind   string     `json:"kind"`
	Code   label.Code `json:"code"`            // a file's, or in label.Foreign's form what an old cover says
	Badge  label.Code `json:"badge,omitempty"` // of who acts, where one was read
	Method string     `json:"method,omitempty"`
	With   With       `json:"with,omitempty"`
}

// State is what a station remembers between reads. The zero value is a station
// that has read nothing.
type State struct {
	Boot    string        `json:"boot,omitempty"`
	Context Context       `json:"context,omitzero"` // of the open card
	Until   time.Duration `json:"until,omitempty"`  // when it closes, in Boot
	Badge   label.Code    `json:"badge,omitempty"`  // on the open card, or on one before it that was open when it was read
	Lone    Lone          `json:"lone,omitzero"`    // the file read last
	Act     Act           `json:"act,omitzero"`     // what undo takes back
}

// Lone is a file that was read while no card was open. A card read soon after
// belongs to it.
type Lone struct {
	Code   label.Code    `json:"code"`
	Method string        `json:"method"` // a typed code stays typed when a card is added
	At     time.Duration `json:"at"`
}

// Act is a command that was given.
type Act struct {
	ID   string     `json:"id"`
	Code label.Code `json:"code"`
}

// Feedback says what a read was, for the answer to the clerk.
type Feedback string

// What a read can be beside a card: see label.Gesture.
const (
	File        Feedback = "scan"
	NothingUndo Feedback = "nothing_undo" // undo, but nothing was done
	NotInUse    Feedback = "not_in_use"   // a card, bag or notice that stations do nothing with yet
	AskedFirst  Feedback = "asked_first"  // a file, but the open card asks for another card before it
	BadCode     Feedback = "bad_code"     // damaged, or nothing that could be a cover's
)

// typed is the method of digits that somebody typed: they can only be ours.
const typed = "typed"

// Step takes one read. At most one command comes of it: a file's scan, the scan of
// the file read just before a card, or an undo.
func Step(s State, r Read) (State, []Command, Feedback) {
	if s.Boot != r.Boot {
		s = State{Boot: r.Boot, Act: s.Act}
	}
	s = s.At(r.At)
	code, err := label.Check(r.Text)
	if err != nil {
		if code, err = label.Foreign(r.Text); err != nil || r.Method == typed {
			return s, nil, BadCode
		}
	}
	if kind := code.Kind(); kind == label.File || kind == 0 { // an old cover, for all that a station knows
		if s.Context == (Context{}) || s.Context.Asks != "" {
			s.Lone = Lone{code, r.Method, r.At}
		}
		if s.Context != (Context{}) {
			s.Until = r.At + Lasts
		}
		if s.Context.Asks != "" {
			return s, nil, AskedFirst
		}
		return s.give(r.ID, code, r.Method, File)
	}
	if c, answered := s.Context.answered(code); answered {
		return s.pair(r, c, c.Says)
	}
	card, known := gestureOf(code)
	says := Feedback(card.Says)
	switch {
	case !known:
		return s, nil, NotInUse
	case card.Undo:
		return s.takeBack(r, card)
	case card.Kind == "":
		return State{Boot: s.Boot, Act: s.Act}, nil, says
	}
	if card.Of == label.Badge {
		s.Badge = code
	}
	return s.pair(r, contextOf(card, code), says)
}

// takeBack commands the undoing of the act before.
func (s State) takeBack(r Read, card label.Gesture) (State, []Command, Feedback) {
	act := s.Act
	if act == (Act{}) {
		return s, nil, NothingUndo
	}
	s.Act, s.Lone = Act{}, Lone{}
	return s, []Command{{ID: r.ID, Kind: card.Kind, Code: act.Code, Badge: s.Badge, Method: r.Method, With: with(card.Key, act.ID)}}, Feedback(card.Says)
}

// At is the state when nothing was read until then: what has lasted its time is
// over.
func (s State) At(at time.Duration) State {
	if at >= s.Until {
		s = s.close()
	}
	if at-s.Lone.At >= Lasts {
		s.Lone = Lone{}
	}
	return s
}

// close ends the open card's context.
func (s State) close() State {
	s.Context, s.Until, s.Badge = Context{}, 0, ""
	return s
}

// give makes the command of a file that was read in the open context.
func (s State) give(id string, file label.Code, method string, what Feedback) (State, []Command, Feedback) {
	s.Act = Act{ID: id, Code: file}
	c := Command{ID: id, Kind: Scan, Code: file, Badge: s.Badge, Method: method, With: s.Context.With}
	if s.Context.Kind != "" {
		c.Kind = s.Context.Kind
	}
	return s, []Command{c}, what
}

// pair has a card take the file that was read just before it, and no other; where there
// is none, it opens the card's context for a batch.
func (s State) pair(r Read, c Context, what Feedback) (State, []Command, Feedback) {
	s.Context, s.Until = c, r.At+Lasts
	if c.Asks != "" {
		if s.Lone != (Lone{}) {
			s.Lone.At = r.At // it waits for the other card too
		}
		return s, nil, what
	}
	lone := s.Lone
	s.Lone = Lone{}
	if lone == (Lone{}) {
		return s, nil, what
	}
	s, commands, what := s.give(r.ID, lone.Code, lone.Method, what)
	return s.close(), commands, what
}
