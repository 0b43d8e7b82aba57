package web

import (
	"net/http"

	"harkara/internal/custody"
)

// say is an outcome in words, for whoever stands at a station.
type say struct {
	Verdict  custody.Verdict `json:"verdict"`
	Reason   custody.Reason  `json:"reason"`
	Word     string          `json:"word"`           // yes, no, already known
	Headline string          `json:"headline"`       // what happened
	Next     string          `json:"next,omitempty"` // what to do with the file in hand
	By       string          `json:"by,omitempty"`   // until when, as the office's clocks show it
	Tone     string          `json:"tone"`           // up, soft or down
}

var tones = map[custody.Verdict]string{custody.Accepted: "up", custody.Ticked: "soft", custody.Refused: "down"}

// say words an outcome; nil where the office cannot be read.
func (s *Server) say(r *http.Request, o custody.Outcome) *say {
	p, err := s.speaker(r.Context(), language(r))
	if err != nil {
		s.noise.Warn("outcome is not worded", "outcome is not worded", "err", err)
		return nil
	}
	out := &say{
		Verdict: o.Verdict, Reason: o.Reason, Word: p.T("verdict." + string(o.Verdict)), Tone: tones[o.Verdict],
		Headline: p.T("reason."+string(o.Reason), o.Position.Rung),
	}
	if pos := o.Position; pos.Revision > 0 && pos.Phase != custody.Ended {
		out.Next, out.By = p.next(pos), p.clock(pos.Deadline)
	}
	for _, c := range conditions {
		if c.InHand == nil || !c.Is(o.Position) {
			continue
		}
		if next := p.phrase(c.InHand(o.Position)); next != "" {
			out.Next, out.By = next, ""
		}
	}
	switch o.Reason {
	case custody.OldCover:
		out.Next, out.By = p.T("say.destroy"), ""
	case custody.NotRegistered: // it is not that file that is in hand
		out.Next, out.By = "", ""
	}
	return out
}
