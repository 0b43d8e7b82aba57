package audit

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/ledger"
)

// Auditor judges the files of one office. It changes nothing. It may be used at once by
// many.
type Auditor struct {
	Ledger    *ledger.Store
	Workflows Workflows // nil: they are not asked
	Together  int       // codes that are read at once; 0: 200

	patience time.Duration // how long a workflow may take to answer; 0: twenty seconds

	mu    sync.Mutex
	sound map[custody.Digest]bool // contents that were looked at
}

const (
	batchOf  = 200                    // codes that are read together
	eyes     = 16                     // workflows that are asked at once
	looks    = 4                      // before what differs is a finding: a decision may be under way
	between  = 500 * time.Millisecond // looks
	maxSound = 1 << 14                // contents that are remembered
)

// Seen counts what was judged.
type Seen struct {
	Codes, Files, Entries int // codes that were ever named, and those of them that are files
	Open                  int
	Workflows             int // that answered
}

func (s *Seen) add(o Seen) {
	s.Codes, s.Files, s.Entries, s.Open, s.Workflows = s.Codes+o.Codes, s.Files+o.Files, s.Entries+o.Entries, s.Open+o.Open, s.Workflows+o.Workflows
}

// File judges one file by its code. custody.ErrNotFound where neither ledger nor engine
// know of one.
func (a *Auditor) File(ctx context.Context, code label.Code) (*Finding, error) {
	for look := 1; ; look++ {
		ev, err := a.Ledger.EvidenceOf(ctx, code)
		if err != nil {
			return nil, err
		}
		found, err := a.one(ctx, ev, nil)
		if err != nil || found.finding == nil || !found.passing || look == looks {
			if err == nil && found.finding == nil && !found.file {
				err = custody.ErrNotFound
			}
			return found.finding, err
		}
		if err := pause(ctx, between/5); err != nil {
			return nil, err
		}
	}
}

// shortly is how long who waits for a verdict waits for a file's workflow.
const shortly = 2 * time.Second

// Shortly judges a file for who waits for it. Where its workflow cannot be asked, or not
// within 2 s, it is judged by its ledger, and where that is whole the finding is Mute.
func (a *Auditor) Shortly(ctx context.Context, code label.Code) (*Finding, error) {
	if a.Workflows != nil {
		f, err := (&Auditor{Ledger: a.Ledger, Workflows: a.Workflows, patience: shortly}).File(ctx, code)
		if err == nil || errors.Is(err, custody.ErrNotFound) || ctx.Err() != nil {
			return f, err
		}
	}
	f, err := (&Auditor{Ledger: a.Ledger}).File(ctx, code)
	if err == nil && f == nil {
		f = &Finding{File: code, Kind: Mute, Place: "workflow"}
	}
	return f, err
}

// verdict is what judging a code came to.
type verdict struct {
	finding *Finding
	file    bool
	open    bool
	passing bool // workflow and ledger were not asked in one moment: it may be over
	asked   bool // its workflow answered
	entries int
}

// one judges a code, and asks its workflow unless the ledger is wrong already. running says
// which workflows run, of many; nil: the engine is asked of this one.
func (a *Auditor) one(ctx context.Context, ev ledger.Evidence, running *roll) (v verdict, err error) {
	t, f, err := a.try(ctx, ev)
	if err != nil {
		return v, err
	}
	v = verdict{finding: f, entries: len(ev.Entries), file: f != nil || len(t.entries) > 0, open: len(t.entries) > 0 && !t.closed}
	if f != nil || a.Workflows == nil {
		return v, nil
	}
	if running != nil {
		switch runs := running.has(ev.Code); {
		case runs && running.ask, !v.file && runs, v.open && !runs: // it may have begun since
		default:
			return v, nil
		}
	}
	v.finding, v.asked, err = a.workflow(ctx, t, v.open)
	v.passing = v.finding != nil && v.finding.Kind != Mute
	if err == nil && running != nil {
		err = running.heard(v.finding)
	}
	return v, err
}

// try judges a code by its ledger.
func (a *Auditor) try(ctx context.Context, ev ledger.Evidence) (t *trial, f *Finding, err error) {
	t, f = judge(ev, func(digests []custody.Digest) custody.Digest {
		unsound, lost := a.unsound(ctx, digests)
		err = errors.Join(err, lost)
		return unsound
	})
	return t, f, err
}

// unsound returns the first of some digests that contents are not there for; empty: none.
func (a *Auditor) unsound(ctx context.Context, digests []custody.Digest) (custody.Digest, error) {
	a.mu.Lock()
	unknown := slices.DeleteFunc(slices.Clone(digests), func(d custody.Digest) bool { return a.sound[d] })
	a.mu.Unlock()
	if len(unknown) == 0 {
		return "", nil
	}
	sound, err := a.Ledger.Sound(ctx, unknown)
	if err != nil {
		return "", err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.sound == nil || len(a.sound) > maxSound {
		a.sound = map[custody.Digest]bool{}
	}
	for _, d := range unknown {
		if !sound[d] {
			return d, nil
		}
		a.sound[d] = true
	}
	return "", nil
}

// batch judges the next codes after one and returns where the walk goes on; empty: it is
// over. What may be passing is looked at again.
func (a *Auditor) batch(ctx context.Context, after label.Code, running *roll) (next label.Code, seen Seen, found []Finding, err error) {
	list, next, err := a.Ledger.Evidence(ctx, after, cmp.Or(a.Together, batchOf))
	if err != nil {
		return "", Seen{}, nil, err
	}
	verdicts := make([]verdict, len(list))
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(eyes)
	for i, ev := range list {
		group.Go(func() (err error) {
			verdicts[i], err = a.one(within, ev, running)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return "", Seen{}, nil, err
	}
	seen.Codes = len(list)
	for i, v := range verdicts {
		if v.file {
			seen.Files++
			seen.Entries += v.entries
		}
		if v.open {
			seen.Open++
		}
		if v.asked {
			seen.Workflows++
		}
		f := v.finding
		if f != nil && v.passing {
			if f, err = a.File(ctx, list[i].Code); err != nil && !errors.Is(err, custody.ErrNotFound) {
				return "", Seen{}, nil, err
			}
		}
		if f != nil {
			found = append(found, *f)
		}
	}
	return next, seen, found, nil
}

// Report is what judging a whole office came to.
type Report struct {
	Seen
	Tally    ledger.Tally
	Findings []Finding // of files in order of their codes, then of the office; the first of them
	Found    int       // all of them
}

// MostFindings are kept of one examination.
const MostFindings = 10_000

func (r *Report) add(found ...Finding) {
	r.Found += len(found)
	r.Findings = append(r.Findings, found[:min(len(found), MostFindings-len(r.Findings))]...)
}

// Office judges every file, and the office itself. Each batch of files is read at a moment
// of its own: nothing is compared across files but sums, and a moment that is kept for long
// keeps the database from tidying up. ask has every running workflow asked for its state;
// otherwise the engine only lists those that run. progress is told of what was judged, and
// may be nil.
func (a *Auditor) Office(ctx context.Context, ask bool, progress func(Seen)) (Report, error) {
	var r Report
	running, err := a.running(ctx, ask)
	if err != nil {
		return r, err
	}
	for after := label.Code(""); ; {
		next, seen, found, err := a.batch(ctx, after, running)
		if err != nil {
			return r, err
		}
		r.Seen.add(seen)
		r.add(found...)
		if progress != nil {
			progress(r.Seen)
		}
		if after = next; after == "" {
			break
		}
	}
	found, err := a.strays(ctx, running)
	if err != nil {
		return r, err
	}
	r.add(found...)
	tally, found, err := a.house(ctx)
	r.Tally = tally
	r.add(found...)
	return r, err
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
