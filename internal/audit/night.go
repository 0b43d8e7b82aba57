package audit

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"harkara/internal/custody"
	"harkara/internal/ledger"
)

// Night examines the office once a night, while nobody works. What it did not come to it
// goes on with in the next. Several may run at once: one of them examines.
type Night struct {
	Auditor *Auditor
	Holder  string // of the examination, another in each process
	Log     *slog.Logger
	Now     func() time.Time                           // nil: the machine's clock
	Rest    func(context.Context, time.Duration) error // nil: waits so long
}

// It must not slow what anybody waits for: a batch is one connection's work for some tens
// of milliseconds, and rests four times as long as it took. So it takes a fifth of that
// connection at most, and less the busier the database is; and it lets people's commands go
// first where they wait.
const (
	lookEvery = 5 * time.Minute
	restFor   = 4 // times what a batch took
	leastRest = 50 * time.Millisecond
	stepAside = 5 * time.Second // while commands that people wait for are late
	lateFor   = time.Second     // since when they wait
	heldFor   = 2 * time.Minute // an examination, from step to step
	quietFor  = 2 * time.Hour   // nobody works, from now on: a break is no night
)

// Run examines until ctx ends. At first it lets whoever starts get on: an office may not be
// set up yet.
func (n *Night) Run(ctx context.Context) {
	away := false
	for pause(ctx, lookEvery) == nil {
		err := n.examine(ctx)
		if err != nil && !away && ctx.Err() == nil {
			n.Log.Warn("the office is not examined", "err", err)
		}
		away = err != nil
	}
}

func (n *Night) now() time.Time {
	if n.Now != nil {
		return n.Now()
	}
	return time.Now()
}

func (n *Night) rest(ctx context.Context, d time.Duration) error {
	if n.Rest != nil {
		return n.Rest(ctx, d)
	}
	return pause(ctx, d)
}

// examine goes on with the night's examination until it is over, or the night is.
func (n *Night) examine(ctx context.Context) error {
	night, asleep, err := n.night(ctx)
	if err != nil || !asleep {
		return err
	}
	x, err := n.Auditor.Ledger.Examine(ctx, night, n.Holder, heldFor)
	if errors.Is(err, custody.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	running, err := n.Auditor.running(ctx, false)
	if err != nil {
		return err
	}
	for {
		began := n.now()
		next, seen, found, err := n.Auditor.batch(ctx, x.After, running)
		if err != nil {
			return err
		}
		step := ledger.Step{After: next, Files: seen.Files, Entries: seen.Entries, Found: kept(found), Ended: next == ""}
		if step.Ended {
			if err := n.end(ctx, &step, running); err != nil {
				return err
			}
		}
		step.Spent = n.now().Sub(began)
		if err := n.Auditor.Ledger.Examined(ctx, x.Night, n.Holder, step, heldFor); err != nil {
			return err
		}
		x.After, x.Files, x.Found = next, x.Files+step.Files, x.Found+len(step.Found)
		if step.Ended {
			n.told(x)
			return nil
		}
		if err := n.rest(ctx, max(leastRest, restFor*step.Spent)); err != nil {
			return err
		}
		if asleep, err := n.quiet(ctx); err != nil || !asleep {
			return err
		}
	}
}

// end adds what is of no file.
func (n *Night) end(ctx context.Context, step *ledger.Step, running *roll) error {
	strays, err := n.Auditor.strays(ctx, running)
	if err != nil {
		return err
	}
	_, found, err := n.Auditor.house(ctx)
	step.Found = append(step.Found, kept(append(strays, found...))...)
	return err
}

func (n *Night) told(x ledger.Examination) {
	if x.Found > 0 {
		n.Log.Error("the office's examination found what is wrong", "files", x.Files, "found", x.Found)
		return
	}
	n.Log.Info("the office is examined", "files", x.Files)
}

// quiet waits while people's commands are late, and reports whether it is still night.
func (n *Night) quiet(ctx context.Context) (asleep bool, err error) {
	for {
		_, asleep, err := n.night(ctx)
		if err != nil || !asleep {
			return false, err
		}
		lanes, err := n.Auditor.Ledger.Lanes(ctx)
		if err != nil {
			return false, err
		}
		if w := lanes[custody.People]; w.Commands == 0 || n.now().Sub(w.Since) < lateFor {
			return true, nil
		}
		if err := n.rest(ctx, stepAside); err != nil {
			return false, err
		}
	}
}

// night is the day on whose evening the present night began, midnight in UTC, and whether
// it is night.
func (n *Night) night(ctx context.Context) (night time.Time, asleep bool, err error) {
	now := n.now()
	o, err := n.Auditor.Ledger.Office(ctx, now)
	if err != nil {
		return time.Time{}, false, err
	}
	night, asleep = nightOf(o, now)
	return night, asleep, nil
}

// nightOf is night for an office. Calendars that never end say nothing; where no
// other does the night is from one to five.
func nightOf(o *custody.Office, now time.Time) (night time.Time, asleep bool) {
	offset, ends := 0, false
	asleep = true
	for i, c := range o.Calendars {
		if i == 0 {
			offset = c.Offset
		}
		c, _ := o.Hours(c.ID, "")
		hours := c.Hours()
		if hours.Working(now, now.Add(7*24*time.Hour)) == 7*24*time.Hour {
			continue
		}
		ends = true
		asleep = asleep && hours.Working(now, now.Add(quietFor)) == 0
	}
	local := now.UTC().Add(time.Duration(offset) * time.Second)
	if !ends {
		asleep = local.Hour() >= 1 && local.Hour() < 5
	}
	return local.Add(-12 * time.Hour).Truncate(24 * time.Hour), asleep
}

// kept is findings as the ledger keeps them.
func kept(found []Finding) []ledger.Found {
	list := make([]ledger.Found, len(found))
	for i, f := range found {
		list[i] = ledger.Found{File: f.File, Kind: string(f.Kind), Place: f.Place, Stored: f.Stored, Computed: f.Computed}
	}
	return list
}
