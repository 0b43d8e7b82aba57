package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"harkara/internal/custody"
	"harkara/web/gate"
	"harkara/web/wire"
)

// result is what became of one command of a request; Outcome follows when it is decided.
type result struct {
	wire.Result
	Outcome *custody.Outcome `json:"outcome,omitempty"`
}

// scans takes one command or an array of them, from a station. Every element is
// kept: as a command, or in the drawer, so that a queue behind it moves on. With
// ?wait= it answers once they are decided, or when that time is over. Where
// anything could not be kept the status is 503; what is marked stored still is.
func (s *Server) scans(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, wire.MaxScans))
	if err != nil {
		return err
	}
	parts, err := wire.Split(body)
	if err != nil {
		return err
	}
	wait, err := wire.Wait(r.URL.Query().Get("wait"))
	if err != nil {
		return err
	}
	results, err := s.keep(r, parts)
	if err != nil {
		s.noise.Error("commands are not stored "+string(gate.Of(r).Station), "commands are not stored", "station", gate.Of(r).Station, "err", err)
		return gate.WriteJSON(w, http.StatusServiceUnavailable, struct {
			Error   *wire.Problem `json:"error"`
			Results []result      `json:"results"`
		}{gate.Problem(r, "error.not_stored"), results})
	}
	s.await(r, wait, results)
	return gate.WriteJSON(w, http.StatusOK, map[string][]result{"results": results})
}

// keep stores what are commands and puts the rest in the drawer. Its results are
// good also beside an error, which says that something was not kept.
func (s *Server) keep(r *http.Request, parts []json.RawMessage) ([]result, error) {
	results := make([]result, len(parts))
	var commands []custody.Command
	var at []int
	why := map[int]error{}
	sends := wire.ParseClock(r.Header.Get(wire.ClockHeader))
	clock := custody.Clock{Boot: sends.Boot, Monotonic: sends.Monotonic}
	for i, raw := range parts {
		c, err := stationCommand(gate.Of(r).Station, raw)
		c.Age = c.At.Age(clock)
		results[i].ID = string(c.ID)
		if err != nil {
			why[i] = err
			continue
		}
		commands, at = append(commands, c), append(at, i)
	}
	receipts, err := s.Intake.Put(r.Context(), commands)
	for n, i := range at {
		if err != nil {
			results[i].Error = gate.Problem(r, "error.not_stored")
			continue
		}
		results[i] = s.resultOf(r, receipts[n])
	}
	for i, raw := range parts {
		if why[i] == nil {
			continue
		}
		whole, drawn := s.Intake.ToDrawer(r.Context(), gate.Of(r).Station, raw, why[i].Error())
		if drawn != nil {
			err = errors.Join(err, drawn)
			results[i].Error = gate.Problem(r, "error.not_stored")
			continue
		}
		_, key := s.gate.Classify(why[i])
		results[i].Stored, results[i].Short, results[i].Error = true, !whole, gate.Problem(r, key)
	}
	return results, err
}

// resultOf is what is known of a command once it is stored.
func (s *Server) resultOf(r *http.Request, stored custody.Receipt) result {
	res := result{Result: wire.Result{ID: string(stored.ID), Stored: true, Seq: stored.Seq}}
	if stored.Reused { // what it comes to is the other's answer
		_, key := s.gate.Classify(custody.ErrReused)
		res.Seq, res.Error = 0, gate.Problem(r, key)
		return res
	}
	if stored.Seq == 0 {
		res.Error = gate.Problem(r, "error.foreign")
		res.Say = &wire.Say{
			Verdict: string(custody.Refused), Reason: string(custody.NotRegistered), Word: gate.Language(r).Text("verdict.refused"), Headline: res.Error.Message, Tone: wire.ToneDown,
		}
	}
	return res
}

// stationCommand reads one command of a station. The token says which station it
// is: one that names another moves nothing.
func stationCommand(id custody.StationID, raw []byte) (custody.Command, error) {
	c, err := custody.DecodeCommand(raw)
	if err != nil {
		return c, err
	}
	if c.Station == "" {
		c.Station = id
	}
	c = c.Clean()
	if err := c.Validate(); err != nil {
		return c, err
	}
	kind, _ := custody.KindOf(c.Kind)
	switch {
	case c.Station != id:
		return c, fmt.Errorf("%w: it says station %s, the token is of %s", errElsewhere, c.Station, id)
	case !kind.By.Has(custody.StationHere, custody.StationElsewhere):
		return c, fmt.Errorf("%w: a station may not %q", gate.ErrForbidden, c.Kind)
	case c.Who != "":
		return c, fmt.Errorf("%w: a station cannot say by whose order", gate.ErrForbidden)
	}
	return c, nil
}

// await fills in what stored commands came to, as far as it is known in time.
func (s *Server) await(r *http.Request, wait time.Duration, results []result) {
	if wait == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), wait)
	defer cancel()
	for i := range results {
		if results[i].Seq == 0 {
			continue
		}
		out, err := s.Intake.Await(ctx, custody.CommandID(results[i].ID))
		switch {
		case err == nil:
			results[i].Outcome, results[i].Say = &out, s.say(r, out)
		case errors.Is(err, custody.ErrQuarantined):
			results[i].Error = gate.Problem(r, "error.quarantined")
		case ctx.Err() != nil:
			return // stored: the answer comes later
		default:
			s.noise.Warn("outcome is not known", "outcome is not known", "command", results[i].ID, "err", err)
			return
		}
	}
}
