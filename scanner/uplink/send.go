package uplink

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"harkara/web/wire"
)

// send brings the oldest commands to the office. A batch is gone through as far as
// the office has stored it without a gap; the rest comes again with the same ids.
func (u *Uplink) send(ctx context.Context, o *office) (more bool, err error) {
	items, err := u.Queue.Next(u.limit)
	if err != nil || len(items) == 0 {
		return false, err
	}
	ids := make([]string, len(items))
	bodies := make([][]byte, len(items))
	for i, item := range items {
		var c struct{ ID string }
		_ = json.Unmarshal(item.Body, &c) // what has no id is waited for by nobody
		ids[i], bodies[i] = c.ID, item.Body
	}
	query, wait := url.Values{}, time.Duration(0)
	if u.expected(ids) {
		wait = outcomeTime
		query.Set("wait", wait.String())
	}
	body := append(append([]byte{'['}, bytes.Join(bodies, []byte{','})...), ']')
	status, answer, err := u.call(ctx, o, http.MethodPost, "/api/v1/scans", query, body, answerTime+wait)
	var t turned
	if errors.As(err, &t) {
		return true, u.turn(t.proof.Epoch)
	}
	if err != nil {
		return false, fmt.Errorf("%s: %w", o.base, err)
	}
	switch status {
	case http.StatusOK, http.StatusServiceUnavailable:
		return u.stored(o, items, ids, status, answer)
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		if p := wire.ProblemOf(answer); p.Code != "" { // not some proxy's page
			return u.never(items, ids, p)
		}
	}
	return false, fmt.Errorf("%s: %w", o.base, unexpected(status, answer))
}

// stored moves the queue past what the office has.
func (u *Uplink) stored(o *office, items []Item, ids []string, status int, answer []byte) (more bool, err error) {
	var out struct{ Results []json.RawMessage }
	if err := json.Unmarshal(answer, &out); err != nil || len(out.Results) != len(items) {
		return false, fmt.Errorf("%s: %w", o.base, unexpected(status, answer))
	}
	done := 0
	for i, raw := range out.Results {
		var r wire.Result
		if err := json.Unmarshal(raw, &r); err != nil || r.ID != "" && r.ID != ids[i] {
			return false, errors.Join(u.delivered(items[:done]), fmt.Errorf("%s: %w: results of other commands", o.base, errAnswer))
		}
		if !r.Stored {
			break
		}
		switch {
		case r.Error == nil || r.Error.Code == "quarantined":
		case r.Error.Code == "foreign": // a refusal like any other: of a label that is no file's
			u.noise.Warn("no file has this code", "no file has this code", "command", ids[i])
		default: // it lies in the office's drawer
			if err := u.Queue.Refuse(items[i].Key, r.Error.Code); err != nil {
				return false, err
			}
			u.noise.Error("cannot take "+r.Error.Code, "office cannot take a command", "command", ids[i], "reason", r.Error.Code)
		}
		done++
	}
	if err := u.delivered(items[:done]); err != nil {
		return false, err
	}
	for i := range done {
		u.tell(ids[i], items[i].Body, out.Results[i])
	}
	if done < len(items) {
		return false, fmt.Errorf("%s: the office could not store %d of %d commands", o.base, len(items)-done, len(items))
	}
	u.limit = min(batch, u.limit*2)
	return true, nil
}

func (u *Uplink) delivered(items []Item) error {
	if len(items) == 0 {
		return nil
	}
	return u.Queue.Delivered(items[len(items)-1].Key, u.officeTime())
}

// never handles a batch that the office refuses as a whole: smaller ones are tried
// until the one command is found, which goes to the drawer.
func (u *Uplink) never(items []Item, ids []string, p wire.Problem) (more bool, err error) {
	if len(items) > 1 {
		u.limit = len(items) / 2
		return true, nil
	}
	if err := u.Queue.Refuse(items[0].Key, p.Code); err != nil {
		return false, err
	}
	u.limit = batch
	u.noise.Error("cannot take "+p.Code, "office cannot take a command", "command", ids[0], "reason", p.Code)
	raw, err := json.Marshal(wire.Result{ID: ids[0], Stored: true, Error: &p})
	if err != nil {
		return false, err
	}
	u.tell(ids[0], items[0].Body, raw)
	return true, nil
}
