package intake

import (
	"time"

	"harkara/internal/custody"
	"harkara/internal/ledger"
)

// happened is the instant as of which a command's references are looked up: told by
// its age, else its own time, unless that cannot be right because it lies after it
// was received, or further back than stations keep scans.
func happened(c custody.Command, told, received time.Time, spooled time.Duration) time.Time {
	switch {
	case !told.IsZero():
		return told
	case c.At.Wall.After(received) || c.At.Wall.Before(received.Add(-spooled)):
		return received
	}
	return c.At.Wall
}

// counts is the instant as of which work is looked up: when it happened, or the beginning
// of the leg that it must follow and will be put at. See custody.Rules.Slack.
func (d *Dispatcher) counts(w ledger.Work, told time.Time) time.Time {
	at := happened(w.Command, told, w.Received, d.Rules.Spooled)
	p := w.Position
	kind, _ := custody.KindOf(w.Command.Kind)
	if p == nil || !at.Before(p.Since) || p.Since.After(w.Received) || kind.Sights && p.Since.Sub(at) > d.Rules.Slack {
		return at
	}
	return p.Since
}

// Resolve looks up everything that a command needs of the office, as the office was when
// the command happened, and now is: see custody.Office.Resolve.
func Resolve(o, now *custody.Office, w ledger.Work) (custody.Resolved, custody.Contents) {
	r, contents := resolved(o, w), custody.Contents{}
	r.Act, r.Taken, r.Stray = w.Act, w.Taken, w.Stray
	r.Transit = o.Policy.Transit
	return o.Resolve(r, w.Position, contents, now), contents
}

// resolved is the form of a command, with nothing looked up yet.
func resolved(o *custody.Office, w ledger.Work) custody.Resolved {
	r := custody.Resolved{
		Version: custody.ResolvedVersion, Command: w.Command, Words: w.Words, Seq: w.Seq, Received: w.Received, Office: o.Revision,
	}
	if w.File != w.Command.Code {
		r.File = w.File
	}
	return r
}
