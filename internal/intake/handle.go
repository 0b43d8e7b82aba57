package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"harkara/internal/custody"
	"harkara/internal/ledger"
	"harkara/workflows"
)

// resolve brings work into the form that is sent. The bytes are to be stored; nil
// when they were.
func (d *Dispatcher) resolve(ctx context.Context, w ledger.Work) (r custody.Resolved, fresh []byte, err error) {
	if w.Resolved != nil {
		if err := json.Unmarshal(w.Resolved, &r); err != nil {
			return r, nil, fmt.Errorf("read resolved command %s: %w", w.Command.ID, err)
		}
		return r, nil, nil
	}
	if w.Unread != nil {
		return r, nil, fmt.Errorf("read command %s: %w", w.Command.ID, w.Unread)
	}
	if w.Command.Woken() {
		return d.resolveWake(ctx, w)
	}
	spooled := d.Rules.Current().Spooled
	told, estimated := w.Age.Told(w.Command.At.Wall, w.Received, spooled)
	office, err := d.Book.Office(ctx, happened(w.Command, told, w.Received, spooled))
	if err != nil {
		return r, nil, awayError{fmt.Errorf("resolve command %s: %w", w.Command.ID, err)}
	}
	r = Resolve(office, w.Command, w.Seq, w.Received)
	r.Told, r.Estimated = told, estimated
	r.Taken, r.Stray = w.Taken, w.Stray
	if w.File != w.Command.Code {
		r.File = w.File
	}
	if fresh, err = json.Marshal(r); err != nil {
		return r, nil, fmt.Errorf("resolve command %s: %w", w.Command.ID, err)
	}
	return r, fresh, nil
}

// handle has a command decided and commits the outcome.
func (d *Dispatcher) handle(ctx context.Context, w ledger.Work, r custody.Resolved) {
	out, refused := refusal(w, r)
	if !refused {
		var err error
		if out, err = d.send(ctx, w, r); err != nil {
			d.giveBack(ctx, w, err)
			return
		}
	}
	if err := d.commit(ctx, out); err != nil {
		d.giveBack(ctx, w, err)
	}
}

func (d *Dispatcher) send(ctx context.Context, w ledger.Work, r custody.Resolved) (custody.Outcome, error) {
	began := time.Now()
	within, cancel := context.WithTimeout(ctx, or(d.Answer, answerFor))
	defer cancel()
	out, err := d.Files.Send(within, workflows.Delivery{Command: r, Head: w.Head}, d.start(w))
	switch {
	case err == nil, !errors.Is(err, ErrAway) && !errors.Is(err, ErrSilent):
		d.watch.answered(began)
		d.seen(ctx, engineService, nil)
		return out, err
	case ctx.Err() == nil && errors.Is(err, ErrSilent) && d.watch.answeredSince(began):
		return out, err // the engine answers others: this file's silence counts
	}
	d.seen(ctx, engineService, err)
	return out, awayError{err}
}

// refusal answers commands about codes that have no file: they start no workflow.
func refusal(w ledger.Work, r custody.Resolved) (custody.Outcome, bool) {
	if w.Exists || w.Command.Kind == custody.Open && r.Void == nil && r.Unknown == "" {
		return custody.Outcome{}, false
	}
	out := custody.Outcome{Command: w.Command.ID, Seq: w.Seq, Verdict: custody.Refused, Reason: custody.NoSuchFile}
	out.Position.File = w.File
	switch {
	case r.Void != nil:
		out.Reason = custody.Voided
	case w.Command.Kind == custody.Open:
		out.Reason = custody.NoSuchPlace
	case w.Label:
		out.Reason = custody.Unassigned
	}
	return out, true
}

// start is the snapshot from which a workflow must be started: of a new file, or
// of a closed one.
func (d *Dispatcher) start(w ledger.Work) *custody.State {
	var s custody.State
	switch {
	case !w.Exists:
		s = d.Rules.Begin(w.File)
	case w.Final != nil:
		s = d.Rules.Carry(*w.Final)
	default:
		return nil
	}
	return &s
}

// commit keeps an outcome, again and again while the ledger is away: the lease may
// run out meanwhile, and whoever gets it comes to the same outcome.
func (d *Dispatcher) commit(ctx context.Context, out custody.Outcome) error {
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
		faults, err := d.Book.Commit(ctx, []custody.Outcome{out})
		if err == nil {
			d.seen(ctx, ledgerService, nil)
			return faults[0]
		}
		d.seen(ctx, ledgerService, err)
		select {
		case <-ctx.Done():
			return awayError{err}
		case <-time.After(pause):
		}
	}
}

// awayError is a failure that says nothing about the command.
type awayError struct{ error }

func (e awayError) Unwrap() error { return e.error }

// giveBack ends an attempt that came to nothing. An outage is nobody's fault and
// does not count; a file whose ledger and workflow disagree is not tried again by
// itself.
func (d *Dispatcher) giveBack(ctx context.Context, w ledger.Work, cause error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	poll := or(d.Poll, pollEvery)
	if _, away := errors.AsType[awayError](cause); away {
		err := d.Queue.Release(ctx, d.Owner, w.File, poll)
		d.seen(ctx, ledgerService, err) // if it fails the lease runs out
		return
	}
	hopeless := errors.Is(cause, custody.ErrDiverged) || errors.Is(cause, custody.ErrGap)
	quarantined, err := d.Queue.Fail(ctx, d.Owner, w.Command.ID, cause, hopeless, pause(cause, w.Attempts, poll))
	d.seen(ctx, ledgerService, err)
	switch {
	case err != nil:
	case quarantined:
		d.Log.Error("command is quarantined", "file", w.File, "command", w.Command.ID, "seq", w.Seq, "err", cause)
	default:
		d.Log.Warn("command failed and is tried again", "file", w.File, "command", w.Command.ID, "seq", w.Seq, "err", cause)
	}
}

// pause is how long after an attempt that failed the next may begin. A workflow whose
// tasks fail has longer, ten attempts some four minutes: Temporal tries the task by itself,
// and on a machine that stood still it succeeds before the tenth question.
func pause(cause error, attempts int, poll time.Duration) time.Duration {
	if !errors.Is(cause, ErrNotReady) {
		poll /= 10
	}
	return poll << min(attempts, 6)
}
