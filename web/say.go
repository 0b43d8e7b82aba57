package web

import (
	"context"
	"net/http"

	"harkara/internal/custody"
	"harkara/web/board"
	"harkara/web/gate"
	"harkara/web/wire"
)

var tones = map[custody.Verdict]string{custody.Accepted: wire.ToneUp, custody.Ticked: wire.ToneSoft, custody.Refused: wire.ToneDown}

// say words an outcome; nil where the office cannot be read.
func (s *Server) say(r *http.Request, o custody.Outcome) *wire.Say {
	p, err := s.speaks(r)
	if err != nil {
		s.noise.Warn("outcome is not worded", "outcome is not worded", "err", err)
		return nil
	}
	out := &wire.Say{
		Verdict: string(o.Verdict), Reason: string(o.Reason), Word: p.T("verdict." + string(o.Verdict)), Tone: tones[o.Verdict],
		Headline: p.reason(o.Reason, o.Position.Rung),
	}
	give := "say.give"
	if s.secret(r, p, o, out) {
		give = "say.sealed"
	}
	if pos := o.Position; pos.Revision > 0 && pos.Phase != custody.Ended {
		out.Next, out.By = p.nextBy(pos, give, p.person), p.clock(pos.Deadline)
		if pos.Phase == custody.Held && pos.Next == "" && !pos.Waits() {
			out.Next = p.T("say.ask")
		}
	}
	for _, c := range board.Conditions {
		if c.InHand == nil || !c.Is(o.Position) {
			continue
		}
		if next := p.phrase(c.InHand(o.Position)); next != "" {
			out.Next, out.By = next, ""
		}
	}
	if p.astray(gate.Of(r).Station, o) {
		out.Word, out.Tone = p.T("say.astray"), wire.ToneAstray
		if o.Reason == custody.OffRoute {
			out.Headline = "" // the word says it
		}
	}
	switch o.Reason {
	case custody.Unassigned:
		out.Word = p.T("say.begin")
	case custody.OldCover:
		out.Next, out.By = p.T("say.destroy"), ""
	case custody.NotRegistered: // it is not that file that is in hand
		out.Next, out.By = "", ""
	}
	return out
}

// secret puts in what the file in hand is called at a station: its number, and its subject
// where the station may show that. Of a secret file it says nothing, and reports so: it is
// called by the digits of its outer label.
func (s *Server) secret(r *http.Request, p speaker, o custody.Outcome, out *wire.Say) bool {
	if o.Position.Revision == 0 || o.Reason == custody.NotRegistered { // no file's, or not that file's
		return false
	}
	station, here := p.office.StationByID(gate.Of(r).Station)
	file, err := s.inHand(r.Context(), o, here)
	switch {
	case err != nil:
		s.noise.Warn("file is not named", "file is not named", "file", o.Position.File, "err", err)
		return false
	case file.Class == custody.Secret:
		return true
	}
	out.Number = file.Number
	if here && station.Subjects {
		out.Subject = file.Subject
	}
	return false
}

// inHand is the file of an outcome, from memory where that has all that came before it: a
// scan's answer waits for the ledger once, not twice. What a station is told of was
// done there, which changes nothing that a file is called.
func (s *Server) inHand(ctx context.Context, o custody.Outcome, station bool) (custody.File, error) {
	before := o.Position.Revision
	if station && o.Verdict == custody.Accepted {
		before-- // its own entry may not be on the feed yet
	}
	if row, ok := s.board.File(o.Position.File); ok && row.Position.Revision >= before {
		return row.File, nil
	}
	row, err := s.Registry.File(ctx, o.Position.File)
	return row.File, err
}

// astray reports whether a scan leaves in a station's room a file that was meant for
// another one: it is received there, and the clerk is to give it on.
func (p speaker) astray(at custody.StationID, o custody.Outcome) bool {
	station, ok := p.office.StationByID(at)
	return ok && o.Verdict != custody.Refused && o.Position.Phase == custody.Held && o.Position.OffRoute && o.Position.Room == station.Room
}
