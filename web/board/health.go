package board

import (
	"context"
	"errors"
	"sync"
	"time"

	"harkara/internal/custody"
)

// Health is what may keep a board from being true: the ledger that remembers, the
// engine that decides.
type Health struct {
	checked    time.Time
	LedgerAway time.Time // since then; zero: it answers
	EngineAway time.Time // since then; zero: it answers, or is not known here
	Waiting    int       // commands that people wait for, once the oldest waits too long
	Oldest     time.Time // since when that one does
	Lanes      custody.Lanes[custody.Waiting]
	Storage    Storage
	Backup     Backup
}

// vitals is the health as last examined.
type vitals struct {
	mu     sync.Mutex
	health Health
}

// Health is the health as last examined.
func (b *Board) Health() Health {
	b.vitals.mu.Lock()
	defer b.vitals.mu.Unlock()
	return b.vitals.health
}

// examine looks at the health; err is how reading the ledger ended.
func (b *Board) examine(ctx context.Context, err error) {
	var lanes custody.Lanes[custody.Waiting]
	if err == nil {
		lanes, err = b.Feed.Lanes(ctx)
	}
	if err == nil {
		err = b.summon(ctx)
	}
	var backup Backup
	if err == nil {
		backup, err = b.Backup(ctx)
	}
	now := b.Now()
	b.vitals.mu.Lock()
	defer b.vitals.mu.Unlock()
	h := &b.vitals.health
	h.checked = now
	b.examineStorage(h)
	b.examineEngine(h, now)
	was := h.LedgerAway
	switch {
	case err == nil:
		h.LedgerAway, h.Lanes, h.Waiting, h.Oldest, h.Backup = time.Time{}, lanes, 0, time.Time{}, backup
		if people := lanes[custody.People]; people.Commands > 0 && now.Sub(people.Since) > Slow {
			h.Waiting, h.Oldest = people.Commands, people.Since
		}
		if !was.IsZero() {
			b.Log.Info("ledger answers again", "took", now.Sub(was))
		}
	case was.IsZero():
		h.LedgerAway = now
		b.Log.Warn("positions are not up to date: ledger does not answer", "err", err)
	}
}

// examineStorage says when storing ends, and when it goes on.
func (b *Board) examineStorage(h *Health) {
	was, is := h.Storage, b.Storage()
	h.Storage = is
	switch {
	case is.Trouble == was.Trouble:
	case is.Fails():
		b.Log.Error("scans are not stored", "why", is.Trouble, "free_bytes", is.Free)
	case is.Trouble == DiskLow:
		b.Log.Warn("the ledger's disk is nearly full: make room on it", "free_bytes", is.Free)
	case was.Fails():
		b.Log.Info("scans are stored again", "free_bytes", is.Free)
	}
}

// ErrStarting is what Config.Decides says of an engine that is not up yet and may be at
// any moment.
var ErrStarting = errors.New("the workflow engine is not up yet")

// examineEngine asks whether the engine answers: stored commands need not wait long
// before that is said.
func (b *Board) examineEngine(h *Health, now time.Time) {
	was := h.EngineAway
	switch err := b.Decides(); {
	case err == nil:
		h.EngineAway = time.Time{}
	case was.IsZero() && errors.Is(err, ErrStarting):
		h.EngineAway = now
		b.Log.Info("decisions wait until the workflow engine is up")
	case was.IsZero():
		h.EngineAway = now
		b.Log.Warn("decisions wait: workflow engine does not answer", "err", err)
	}
}

// summon counts what waits for an administrator.
func (b *Board) summon(ctx context.Context) error {
	stuck, err := b.Stuck(ctx)
	if err == nil {
		b.Summon(stuck)
	}
	return err
}

// Summon notes how much waits for an administrator, for who has just counted it.
func (b *Board) Summon(stuck int) { b.stuck.Store(int64(stuck)) }

// current is how long what was examined stands for how it is.
const current = 3 * pulse

// Examined is the health as the beat has examined it, which waits for nobody who looks at
// the board; where no beat did lately it is looked at now, briefly.
func (b *Board) Examined(ctx context.Context) Health {
	if age := b.Now().Sub(b.Health().checked); age < 0 || age > current {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), Brief) // who asks may be gone
		defer cancel()
		b.examine(ctx, nil)
	}
	return b.Health()
}

// Storage is whether the next scan would be stored; the zero value says yes.
type Storage struct {
	Trouble string    // key of the words for it: disk_full, not_stored, or disk_low, with which it still stores
	Since   time.Time // of disk_full and not_stored, as far as it is known
	Free    int64     // bytes; -1: not known here
}

// The troubles.
const (
	DiskFull  = "disk_full"
	DiskLow   = "disk_low"
	NotStored = "not_stored"
)

// Fails reports whether nothing is stored.
func (s Storage) Fails() bool { return s.Trouble == DiskFull || s.Trouble == NotStored }
