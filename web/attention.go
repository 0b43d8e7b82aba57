package web

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/web/gate"
)

// Quarantine is commands that could not be decided. They wait for a person, who lets
// each be tried again or sets it aside. Retry and Void return custody.ErrNotFound
// for one that does not wait.
type Quarantine interface {
	Quarantined(ctx context.Context) ([]Stuck, error)
	Retry(ctx context.Context, id custody.CommandID, who, reason string) error
	Void(ctx context.Context, id custody.CommandID, who, reason string) error
	Audit(ctx context.Context, limit int) ([]Audited, error)
}

// Archive is what nobody must act on and somebody may ask for, newest first.
type Archive interface {
	Drawer(ctx context.Context, limit int) ([]Drawn, error)
	Refusals(ctx context.Context, limit int) ([]Refusal, error)
	// RefusedAt is what a station was refused and has not scanned again since.
	RefusedAt(ctx context.Context, station custody.StationID, past time.Duration, limit int) ([]Refused, error)
	Changes(ctx context.Context, limit int) ([]Change, error)
}

// Quota tells of stations that sent more than the drawer keeps whole, newest first;
// with an empty station of all of them.
type Quota interface {
	Overdrawn(ctx context.Context, station custody.StationID, limit int) ([]Overdrawn, error)
}

// Notices is what people were told, and what nobody confirms that they were, newest
// first.
type Notices interface {
	Told(ctx context.Context, posts []custody.PostID, limit int) ([]Told, error)
	ToldTo(ctx context.Context, officers []custody.OfficerID, limit int) ([]Told, error) // limit to each
	Untold(ctx context.Context, limit int) ([]Told, error)
}

// Stuck is a quarantined command. Cause is one of the causes that pages have words
// for; Error is what was noted at the last attempt.
type Stuck struct {
	Command  custody.Command `json:"command"`       // without what was typed
	Who      string          `json:"who,omitempty"` // gave it, where no station did
	File     label.Code      `json:"file"`
	Number   string          `json:"number,omitempty"`
	Received time.Time       `json:"received"`
	Attempts int             `json:"attempts"`
	Cause    string          `json:"cause"`
	Error    string          `json:"error"`
	Behind   int             `json:"behind,omitempty"` // commands of the same file that wait for it
}

// Audited is what an administrator did to a stuck command.
type Audited struct {
	At      time.Time         `json:"at"`
	Who     string            `json:"who"`
	Act     string            `json:"act"` // retry or void
	Command custody.CommandID `json:"command"`
	Reason  string            `json:"reason"`
}

// Drawn is what a station sent that no file can take.
type Drawn struct {
	Station  custody.StationID `json:"station"`
	Received time.Time         `json:"received"`
	Reason   string            `json:"reason"`
	Body     []byte            `json:"body"`   // its beginning, beyond the station's quota
	Length   int64             `json:"length"` // of what came, as Digest, which is SHA-256
	Digest   []byte            `json:"digest"`
}

// Overdrawn is a station's day beyond its quota: how many records are kept whole, by
// length, digest and beginning, and by this number alone, and the bytes of all.
type Overdrawn struct {
	Station custody.StationID `json:"station"`
	Day     time.Time         `json:"day"` // midnight in UTC
	Whole   int64             `json:"whole"`
	Short   int64             `json:"short"`
	Counted int64             `json:"counted"`
	Bytes   int64             `json:"bytes"`
	Last    time.Time         `json:"last"`
}

// Refusal is a command that was refused.
type Refusal struct {
	Code     label.Code      `json:"code"`
	Outcome  custody.Outcome `json:"outcome"`
	Received time.Time       `json:"received"`
}

// Refused is a refused command of a station, when it was scanned, and the code as scanned.
type Refused struct {
	Code    label.Code
	Outcome custody.Outcome
	Scanned time.Time
}

// Change is one alteration of the office's reference data.
type Change struct {
	At     time.Time `json:"at"`
	Who    string    `json:"who"`
	Reason string    `json:"reason"`
	Things int       `json:"things"` // that began or became different
}

// Told is a notice with what became of it.
type Told struct {
	Notice  custody.Notice `json:"notice"`
	State   string         `json:"state"` // delivered, failed, unconfirmed
	Detail  string         `json:"detail,omitempty"`
	Changed time.Time      `json:"changed"`
	Number  string         `json:"number"` // of the file it is about
}

// attention is everything that an administrator should know of beside the files.
type attention struct {
	Quarantined []Stuck            `json:"quarantined"`
	Audit       []Audited          `json:"audit"`
	Untold      []Told             `json:"untold"`
	Calls       []gate.RefusedCall `json:"calls"` // refused by this server since it started
	Refusals    []Refusal          `json:"refusals"`
	Drawer      []Drawn            `json:"drawer"`
	Overdrawn   []Overdrawn        `json:"overdrawn"`
	Changes     []Change           `json:"changes"`
	Examined    []Examination      `json:"examined"`
}

const (
	attentionLines = 50  // of each list, unless more are asked for
	attentionMost  = 500 // of each list
)

// attention reads what waits for a person; custody.ErrNotFound where this server
// keeps no such things.
func (s *Server) attention(r *http.Request) (a attention, err error) {
	if s.Quarantine == nil || s.Archive == nil || s.Notices == nil {
		return a, custody.ErrNotFound
	}
	limit := attentionLines
	if text := r.URL.Query().Get("limit"); text != "" {
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 {
			return a, fmt.Errorf("%w: limit=%q", gate.ErrMalformed, text)
		}
	}
	limit = min(limit, attentionMost)
	ctx := r.Context()
	if a.Quarantined, err = s.Quarantine.Quarantined(ctx); err != nil {
		return a, err
	}
	if a.Audit, err = s.Quarantine.Audit(ctx, limit); err != nil {
		return a, err
	}
	if a.Untold, err = s.Notices.Untold(ctx, limit); err != nil {
		return a, err
	}
	if a.Refusals, err = s.Archive.Refusals(ctx, limit); err != nil {
		return a, err
	}
	if a.Drawer, err = s.Archive.Drawer(ctx, limit); err != nil {
		return a, err
	}
	if a.Changes, err = s.Archive.Changes(ctx, limit); err != nil {
		return a, err
	}
	if s.Quota != nil {
		if a.Overdrawn, err = s.Quota.Overdrawn(ctx, "", limit); err != nil {
			return a, err
		}
	}
	if s.Judge != nil {
		if a.Examined, err = s.Judge.Examinations(ctx, 2, limit); err != nil {
			return a, err
		}
	}
	a.Calls = s.gate.Refused(limit)
	s.board.Summon(len(a.Quarantined))
	return a, nil
}

func (s *Server) attentionJSON(w http.ResponseWriter, r *http.Request) error {
	a, err := s.attention(r)
	if err != nil {
		return err
	}
	return gate.WriteJSON(w, http.StatusOK, a)
}
