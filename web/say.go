package web

import (
	"net/http"

	"harkara/internal/custody"
	"harkara/web/board"
	"harkara/web/gate"
	"harkara/web/wire"
)

var tones = map[custody.Verdict]string{custody.Accepted: wire.ToneUp, custody.Ticked: wire.ToneSoft, custody.Refused: wire.ToneDown}

// say words an outcome; nil where the office cannot be read.
func (s *Server) say(r *http.Request, o custody.Outcome) *wire.Say {
	p, err := s.speaker(r.Context(), gate.Language(r))
	if err != nil {
		s.noise.Warn("outcome is not worded", "outcome is not worded", "err", err)
		return nil
	}
	out := &wire.Say{
		Verdict: string(o.Verdict), Reason: string(o.Reason), Word: p.T("verdict." + string(o.Verdict)), Tone: tones[o.Verdict],
		Headline: p.T("reason."+string(o.Reason), o.Position.Rung),
	}
	if pos := o.Position; pos.Revision > 0 && pos.Phase != custody.Ended {
		out.Next, out.By = p.next(pos), p.clock(pos.Deadline)
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
