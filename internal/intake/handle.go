package intake

import (
	"context"
	"errors"
	"fmt"
	"time"

	"harkara/internal/custody"
	"harkara/internal/ledger"
	"harkara/workflows"
)

// form is a command as it is sent: its stored bytes, and what they say.
type form struct {
	custody.Resolved
	bytes []byte
	fresh custody.Contents // to be stored with the bytes; nil: they are
}

// resolve brings work into the form that is sent.
func (d *Dispatcher) resolve(ctx context.Context, w ledger.Work) (form, error) {
	switch {
	case w.Resolved != nil:
		r, err := custody.ReadResolved(w.Resolved)
		if err != nil {
			return form{}, fmt.Errorf("read resolved command %s: %w", w.Command.ID, err)
		}
		return form{Resolved: r, bytes: w.Resolved}, nil
	case w.Unread != nil:
		return form{}, fmt.Errorf("read command %s: %w", w.Command.ID, w.Unread)
	}
	look := d.look
	if w.Command.Woken() {
		look = d.lookForWake
	}
	r, contents, err := look(ctx, w)
	if err != nil {
		return form{}, awayError{fmt.Errorf("resolve command %s: %w", w.Command.ID, err)}
	}
	return form{r, r.Bytes(), contents}, nil
}

func (d *Dispatcher) look(ctx context.Context, w ledger.Work) (custody.Resolved, custody.Contents, error) {
	told, estimated := w.Age.Told(w.Command.At.Wall, w.Received, d.Rules.Spooled)
	office, err := d.Book.Office(ctx, d.counts(w, told))
	if err != nil {
		return custody.Resolved{}, nil, err
	}
	now, err := d.Book.Office(ctx, time.Now())
	if err != nil {
		return custody.Resolved{}, nil, err
	}
	r, contents := Resolve(now.Timed(office), w)
	r.Told, r.Estimated = told, estimated
	return r, contents, nil
}

// handle has a command decided and commits the outcome.
func (d *Dispatcher) handle(ctx context.Context, w ledger.Work, f form) {
	out, refused := refusal(w, f.Resolved)
	if !refused {
		var err error
		if out, err = d.send(ctx, w, f); err != nil {
			d.giveBack(ctx, w, err)
			return
		}
	}
	if err := d.commit(ctx, out); err != nil {
		d.giveBack(ctx, w, err)
	}
}

// send has a command decided. What it relies on of the office is sent where the file's
// worker does not remember it from other commands.
func (d *Dispatcher) send(ctx context.Context, w ledger.Work, f form) (custody.Outcome, error) {
	if w.Form > custody.Form {
		return custody.Outcome{}, fmt.Errorf("file %s: decided by form %d, known is %d: %w", w.File, w.Form, custody.Form, custody.ErrNewer)
	}
	start, err := start(w)
	if err != nil {
		return custody.Outcome{}, err
	}
	sending := Sending{w.File, f.Command.ID, start, workflows.Delivery{Command: f.bytes, Head: w.Head, Incarnation: w.Incarnation}}
	out, err := d.ask(ctx, sending)
	if !errors.Is(err, custody.ErrContents) {
		return out, err
	}
	sending.Delivery.Contents, err = d.Book.Contents(ctx, append(f.Relies(), w.Relies...))
	switch {
	case errors.Is(err, custody.ErrContents):
		return custody.Outcome{}, fmt.Errorf("file %s: %w", w.File, err)
	case err != nil:
		return custody.Outcome{}, awayError{err}
	}
	return d.ask(ctx, sending)
}

// ask sends a command, and notes what the answer says of the engine.
func (d *Dispatcher) ask(ctx context.Context, sending Sending) (custody.Outcome, error) {
	began := time.Now()
	within, cancel := context.WithTimeout(ctx, or(d.Answer, answerFor))
	defer cancel()
	out, err := d.Files.Send(within, sending)
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
	why, begins := r.Begins()
	if w.Exists || begins {
		return custody.Outcome{}, false
	}
	verdict := custody.Refused
	if why == custody.NoSuchFile && w.Label { // a beginning: nothing was done wrong
		verdict, why = custody.Ticked, custody.Unassigned
	}
	out := custody.Outcome{Command: w.Command.ID, Seq: w.Seq, Verdict: verdict, Reason: why}
	out.Position.File = w.File
	return out, true
}

// start is the state from which a workflow must be started: of a new file, or of a
// closed one; nil where one runs. custody.ErrNewer.
func start(w ledger.Work) (*custody.State, error) {
	switch {
	case !w.Exists:
		s := custody.Begin(w.File)
		return &s, nil
	case w.Final == nil:
		return nil, nil
	}
	s, err := custody.ReadState(w.Final)
	if err != nil {
		return nil, fmt.Errorf("read state of closed file %s: %w", w.File, err)
	}
	return &s, nil
}

// commit keeps an outcome, again and again while the ledger is away: the lease may
// run out meanwhile, and whoever gets it comes to the same outcome.
func (d *Dispatcher) commit(ctx context.Context, out custody.Outcome) error {
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
		faults, err := d.Book.Commit(ctx, []custody.Outcome{out})
		if err == nil {
			d.seen(ctx, ledgerService, nil)
			if errors.Is(faults[0], custody.ErrIncarnation) { // the office was rebuilt meanwhile
				return awayError{faults[0]}
			}
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

// newerPause is how long a program leaves alone what a newer one stored.
const newerPause = 5 * time.Second

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
	if errors.Is(cause, custody.ErrNewer) { // no attempt: whoever knows it will take it
		err := d.Queue.Release(ctx, d.Owner, w.File, newerPause)
		d.seen(ctx, ledgerService, err)
		d.Log.Warn("a newer program must decide a command", "file", w.File, "command", w.Command.ID, "err", cause)
		return
	}
	hopeless := errors.Is(cause, custody.ErrDiverged) || errors.Is(cause, custody.ErrGap) || errors.Is(cause, ErrRebuilt)
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
