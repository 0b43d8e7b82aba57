package web

import (
	"context"
	"errors"
	"regexp"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/people"
)

// discreet tells whether somebody may know of the files that lists name. It asks for each
// file once.
type discreet struct {
	server *Server
	eyes   *people.Eyes
	known  map[label.Code]bool
}

func (s *Server) discreet(eyes *people.Eyes) discreet {
	return discreet{s, eyes, map[label.Code]bool{}}
}

// of reports whether he sees a file whole. A code that is no file's is no secret to who
// sees the whole office.
func (d discreet) of(ctx context.Context, code label.Code) (bool, error) {
	if d.eyes.Everything() || code == "" {
		return true, nil
	}
	if may, asked := d.known[code]; asked {
		return may, nil
	}
	if row, open := d.server.board.File(code); open {
		d.known[code] = d.eyes.See(row) == people.Whole
		return d.known[code], nil
	}
	row, err := d.server.Registry.File(ctx, code)
	switch {
	case err == nil:
		d.known[code] = d.eyes.See(&row) == people.Whole
	case errors.Is(err, custody.ErrNotFound):
		d.known[code] = d.eyes.Wide()
	default:
		return false, err
	}
	return d.known[code], nil
}

// digits are what may be a code in a text.
var digits = regexp.MustCompile(`[0-9][0-9 %+-]{8,}[0-9]`)

// attention takes out of what waits for a person what leads to files that he is not to know
// of; that something waits stays.
func (d discreet) attention(ctx context.Context, a *attention) error {
	if d.eyes.Everything() {
		return nil
	}
	var failed error
	hides := func(code label.Code) bool {
		may, err := d.of(ctx, code)
		failed = errors.Join(failed, err)
		return !may
	}
	for i := range a.Quarantined {
		if c := &a.Quarantined[i]; hides(c.File) {
			was := c.Command
			*c = Stuck{Command: custody.Command{ID: was.ID, Kind: was.Kind, Station: was.Station, At: was.At}, Received: c.Received, Attempts: c.Attempts, Cause: c.Cause, Behind: c.Behind}
		}
	}
	for i := range a.Audit {
		c, err := d.server.Commands.Command(ctx, a.Audit[i].Command)
		if err != nil && !errors.Is(err, custody.ErrNotFound) {
			return err
		}
		if err != nil || hides(c.Code) {
			a.Audit[i].Reason = ""
		}
	}
	for i := range a.Untold {
		if n := &a.Untold[i]; hides(n.Notice.File) {
			n.Number, n.Notice.File, n.Notice.Key, n.Detail = "", "", "", ""
		}
	}
	for i := range a.Refusals {
		if l := &a.Refusals[i]; hides(l.Code) || hides(l.Outcome.Position.File) {
			l.Code, l.Number, l.Outcome = "", "", custody.Outcome{Verdict: l.Outcome.Verdict, Reason: l.Outcome.Reason}
		}
	}
	for i := range a.Examined {
		for j := range a.Examined[i].Findings {
			if f := &a.Examined[i].Findings[j]; hides(f.File) {
				*f = Finding{Kind: f.Kind}
			}
		}
	}
	for i := range a.Calls {
		a.Calls[i].Path = digits.ReplaceAllString(a.Calls[i].Path, "…")
	}
	for i := range a.Drawer { // whatever it was, nobody has read it
		a.Drawer[i].Body, a.Drawer[i].Reason = nil, ""
	}
	return failed
}

// told leaves out what is told of files that he is not to know of.
func (d discreet) told(ctx context.Context, list []Told) (may []Told, err error) {
	for _, n := range list {
		ok, err := d.of(ctx, n.Notice.File)
		if err != nil {
			return nil, err
		}
		if ok {
			may = append(may, n)
		}
	}
	return may, nil
}
