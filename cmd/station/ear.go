package main

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"harkara/internal/label"
	"harkara/scanner/gesture"
	"harkara/scanner/source"
	"harkara/web/wire"
)

// How long a clerk waits for the office before the station says that it has kept
// the scan, and how long a page is still told of the answer.
const (
	patience = 2500 * time.Millisecond
	interest = time.Minute
)

// readEvent is what pages are told of a read.
type readEvent struct {
	ID       string            `json:"id"`
	Text     string            `json:"text"`
	Method   string            `json:"method"`
	Says     gesture.Feedback  `json:"says,omitempty"`
	Problem  string            `json:"problem,omitempty"` // why nothing came of it, as the office names it
	Commands []gesture.Command `json:"commands,omitempty"`
	Context  gesture.Context   `json:"context,omitzero"` // of the open card
	Left     int64             `json:"left,omitempty"`   // ms until it closes
	Tone     string            `json:"tone,omitempty"`   // where the answer is known already
}

// answerEvent is what pages are told of an answer: it is what stands on the panel.
// Result is the office's, or worded here where the office is away or has no part
// in it.
type answerEvent struct {
	Command gesture.Command `json:"command"`
	Result  json.RawMessage `json:"result"`
	Tone    string          `json:"tone"`
}

// hear takes a read of a source. When it returns nil the read is on the disk; the sound
// comes after that.
func (a *agent) hear(r source.Read) error {
	e := readEvent{ID: r.ID, Text: r.Text, Method: r.Method, Problem: r.Problem}
	if e.ID == "" {
		e.ID = newID()
	}
	if r.Problem != "" {
		a.heard(e, wire.ToneDown)
		return nil
	}
	if code, err := label.Parse(r.Text); err == nil && r.Method == "typed" {
		e.Text = string(code) // people type spaces
	}
	result, forget := a.uplink.Expect(e.ID)
	commands, says, err := a.spool.Read(gesture.Read{ID: e.ID, Text: e.Text, Method: e.Method})
	if err != nil {
		forget()
		a.noise.Error("a scan is not kept", "a scan is not kept: is the disk full?", "err", err)
		e.Problem = "not_stored"
		a.heard(e, wire.ToneDown)
		return err
	}
	e.Says, e.Commands = says, commands
	if len(commands) == 0 {
		forget()
		a.heard(e, string(gesture.Answers[says].Tone))
		return nil
	}
	a.heard(e, "")
	a.uplink.Wake()
	a.answering.Go(func() {
		defer forget()
		a.await(commands[0], result)
	})
	return nil
}

// heard tells of a read; a tone is its answer.
func (a *agent) heard(e readEvent, tone string) {
	e.Tone = tone
	s, left := a.spool.State(), a.spool.Left()
	if s.Context != (gesture.Context{}) {
		e.Context, e.Left = s.Context, left.Milliseconds()
	}
	a.hub.tell("read", e)
	defer a.batch.lasts(left, a.closed) // the lamp hears of the read first
	a.tellQueue()
	if tone == "" {
		return
	}
	a.hooks.answer(tone)
	words := sayRead(a.language(), e, a.names())
	a.hub.tell("", answerEvent{Command: gesture.Command{ID: e.ID, Code: label.Code(shown(e.Text))}, Result: worded(words), Tone: tone})
	a.print("%s %s %s\n", tone, shown(e.Text), sentences(a.language(), words))
}

// shown is as much of a text as a panel has room for.
func shown(text string) string {
	if runes := []rune(text); len(runes) > 40 {
		return string(runes[:40])
	}
	return text
}

// await answers a command: with the office's result where it comes in time, else
// with the news that it is kept here.
func (a *agent) await(c gesture.Command, result <-chan json.RawMessage) {
	wait := time.NewTimer(patience)
	defer wait.Stop()
	away := a.uplink.Away()
	kept := func() {
		a.answered(answerEvent{c, worded(sayKept(a.language(), c.Code, a.names().ofFile(c.Code), a.uplink.State().Status)), wire.ToneKept})
		away = nil
		wait.Reset(interest)
	}
	for {
		late := away == nil
		select {
		case raw := <-result:
			e := answerEvent{c, raw, toneOfResult(raw)}
			if late {
				a.late(e)
			} else {
				a.answered(e)
			}
			a.uplink.Refresh()
			return
		case <-away:
			kept()
		case <-wait.C:
			if late {
				return
			}
			kept()
		case <-a.ending:
			return
		}
	}
}

// answered tells of an answer; one sound for each command.
func (a *agent) answered(e answerEvent) {
	if e.Tone == wire.ToneDown {
		a.knows(e.Command.ID)
	}
	a.hub.tell("", e)
	a.tellQueue()
	a.hooks.answer(e.Tone)
	a.print("%s %s %s %s\n", e.Tone, e.Command.ID, e.Command.Code, sentences(a.language(), saidIn(a.language(), e.Result)))
}

// toneOfResult is what the office's answer sounds like.
func toneOfResult(raw json.RawMessage) string {
	var r struct {
		Error *struct{ Code string }
		Say   *struct{ Tone string }
	}
	if err := json.Unmarshal(raw, &r); err != nil || r.Error != nil {
		return wire.ToneDown
	}
	if r.Say == nil {
		return wire.ToneSoft
	}
	switch r.Say.Tone {
	case wire.ToneUp, wire.ToneAstray, wire.ToneDown:
		return r.Say.Tone
	default:
		return wire.ToneSoft
	}
}

// print says an answer to whoever gives codes by standard input.
func (a *agent) print(format string, args ...any) {
	if a.say == nil {
		return
	}
	a.saying.Lock()
	defer a.saying.Unlock()
	fmt.Fprintf(a.say, format, args...)
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }
