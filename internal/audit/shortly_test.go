package audit

import (
	"context"
	"errors"
	"testing"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/workflows"
)

// engine answers for any file with the same.
type engine struct {
	state *custody.State
	err   error
}

func (e engine) Running(context.Context, func(label.Code)) error { return e.err }

func (e engine) Snapshot(_ context.Context, _ label.Code, patience time.Duration) (*workflows.Snapshot, error) {
	if patience != shortly {
		return nil, errors.New("asked for too long")
	}
	if e.err != nil {
		return nil, e.err
	}
	return &workflows.Snapshot{State: *e.state}, nil
}

// Who waits for a verdict has one, also while the engine is away: of the ledger, and that
// the workflow does not answer.
func TestShortlyIsToldWithoutTheEngine(t *testing.T) {
	o := newOffice(t)
	whole, edited := o.code(), o.code()
	o.put(opening(whole, "No. 1"), opening(edited, "No. 2"))
	o.decided(0)
	o.saboteur()(`UPDATE files SET subject = 'another' WHERE code = $1`, edited)
	state, away := o.states[whole], errors.New("the line is cut")
	for _, tt := range []struct {
		name   string
		engine Workflows
		file   label.Code
		want   Kind
		err    error
	}{
		{"nobody is asked", nil, whole, Mute, nil},
		{"the line is cut", engine{err: away}, whole, Mute, nil},
		{"no worker", engine{err: ErrMute}, whole, Mute, nil},
		{"no workflow", engine{err: ErrNoWorkflow}, whole, Homeless, nil},
		{"all is well", engine{state: &state}, whole, "", nil},
		{"the ledger is wrong, nobody is asked", nil, edited, Name, nil},
		{"the ledger is wrong, the line is cut", engine{err: away}, edited, Name, nil},
		{"a code without a file, nobody is asked", nil, o.code(), "", custody.ErrNotFound},
		{"a code without a file, the line is cut", engine{err: away}, o.code(), "", custody.ErrNotFound},
		{"a code without a file or workflow", engine{err: ErrNoWorkflow}, o.code(), "", custody.ErrNotFound},
	} {
		f, err := (&Auditor{Ledger: o.store, Workflows: tt.engine}).Shortly(t.Context(), tt.file)
		if got := kindOf(f); got != tt.want || !errors.Is(err, tt.err) || f != nil && f.File != tt.file {
			t.Errorf("%s: %v, %v; want %q, %v", tt.name, f, err, tt.want, tt.err)
		}
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if f, err := (&Auditor{Ledger: o.store, Workflows: engine{err: away}}).Shortly(ended, whole); f != nil || err == nil {
		t.Errorf("nobody waits any more: %v, %v", f, err)
	}
}

func kindOf(f *Finding) Kind {
	if f == nil {
		return ""
	}
	return f.Kind
}
