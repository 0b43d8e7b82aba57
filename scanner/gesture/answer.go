package gesture

import "harkara/internal/label"

// Tone is how a station answers a read that gave no command.
type Tone string

// The tones, as pages and stations call them.
const (
	Open Tone = "open" // what was read opens a batch, or asks for more first
	Soft Tone = "soft" // as it should be: what was read ends something
	Down Tone = "down" // nothing came of it
)

// Answer is what a station says to a read that gave no command.
type Answer struct {
	Tone  Tone   `json:"tone"`
	Words string `json:"words"` // key below "kiosk."
}

// Answers is what each read is answered with. A station in a browser is given it, and
// answers alike.
var Answers = func() map[Feedback]Answer {
	all := map[Feedback]Answer{File: {Soft, "stored"}} // the same read again, after a crash
	for _, wrong := range []Feedback{NothingUndo, NotInUse, AskedFirst, BadCode} {
		all[wrong] = Answer{Down, string(wrong)}
	}
	for _, g := range label.Gestures {
		for _, says := range []string{g.Says, g.Then} {
			if says == "" || g.Undo || g.Idle {
				continue
			}
			tone := Open
			if g.Kind == "" {
				tone = Soft
			}
			all[Feedback(says)] = Answer{tone, "card_" + says}
		}
	}
	return all
}()
