package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"harkara/internal/backup"
	"harkara/internal/office"
)

type backupCmd struct {
	Location `embed:""`
	Dir      string `arg:"" help:"Folder of backups, on another disk or in the network." type:"path"`
	SameDisk bool   `help:"Also where the folder breaks together with the data folder: for who copies it on from there."`
	Keep     int    `help:"Keep so many of the newest and remove the older. Default: all."`
}

// Help says what is in a backup.
func (backupCmd) Help() string {
	return `A whole office as of now, verified: files, history, rooms and people, tokens, the key by
which stations know it, workflows, and the first administrator's secret where that
still lies in the data folder. Keep it as safe as the office itself. Not in it: this
program, its settings in the environment, logs, and what stations have not delivered.
It works while serve runs and while it does not. Interrupted it leaves no backup.`
}

// elsewhere says what to use for a database that is not in the data folder.
const elsewhere = `this office's database is not in a data folder: its administrators back it up where it is (pg_basebackup with a log archive, pgBackRest, or the provider's snapshots with recovery to a point in time), this program cannot. After such a restore: harkara station again REASON where the cluster and its timeline are the old ones, and harkara rebuild --replace; see docs/machines.md`

// Run makes a backup.
func (c *backupCmd) Run(w *world) (err error) {
	if c.DatabaseURL != "" {
		return errors.New(elsewhere)
	}
	order := backup.Order{Data: c.Data, Along: []string{office.AdministratorFile}, Dir: c.Dir, SameDisk: c.SameDisk, Keep: c.Keep}
	if err := order.Check(); err != nil {
		if errors.Is(err, backup.ErrSameDisk) {
			err = fmt.Errorf("%w. Name a folder on another disk or in the network; --same-disk takes it all the same", err)
		}
		return err
	}
	o, err := c.open(w)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	key, err := o.Ledger.OfficeKey(w.ctx)
	if err != nil {
		return err
	}
	if in, err := o.Ledger.Office(w.ctx, time.Now()); err == nil {
		w.inZone(in)
	}
	sum := sha256.Sum256(key)
	order.Office, order.Form = hex.EncodeToString(sum[:8]), c.config(w.log).Database().Form
	progress, end := w.counted("kB")
	order.Progress = progress
	began := time.Now()
	whole, err := order.Make(w.ctx, o.Engine.Cluster(), began)
	end()
	if err != nil && !errors.Is(err, backup.ErrOlder) {
		return err
	}
	if err := o.Ledger.NoteBackup(context.WithoutCancel(w.ctx), whole.Noted()); err != nil {
		return fmt.Errorf("the backup %s is whole, but the office does not know of it: %w", whole.Path, err)
	}
	fmt.Fprintf(w.out, "%s\n%d MB, verified, in %s: the office as of %s\n", whole.Path, whole.Bytes>>20, time.Since(began).Round(time.Second), w.local(whole.Taken))
	return err
}

type restoreCmd struct {
	Location `embed:""`
	Dir      string `arg:"" help:"A backup, or the folder of backups: then the newest." type:"existingdir"`
}

// Help says what becomes of what was done since.
func (restoreCmd) Help() string {
	return `Makes the office of a backup in an empty data folder, verifies it, and lets serve start.
Stations send again what they have kept of the last 14 days, and each scan counts once.
What was done on pages since the backup is not in it, nor is who was enrolled or signed
out since: look through both. Interrupted it leaves no office: run it again.`
}

// Run restores an office.
func (c *restoreCmd) Run(w *world) error {
	if c.DatabaseURL != "" {
		return errors.New(elsewhere)
	}
	whole, err := backup.Find(c.Dir)
	if err != nil {
		return err
	}
	fmt.Fprintf(w.err, "restoring %s, the office as of %s\n", whole.Path, w.local(whole.Taken))
	progress, end := w.counted("kB")
	err = whole.Restore(w.ctx, backup.Into{Data: c.Data, Database: c.config(w.log).Database(), Progress: progress})
	end()
	if err != nil {
		return err
	}
	fmt.Fprintf(w.out, "%s is the office as of %s. Start it: stations send again what they have kept since.\nWhat was done on pages since then is lost; tokens made since are not valid, and those ended since are valid again.\n", c.Data, w.local(whole.Taken))
	if c.TemporalAddress != "" {
		fmt.Fprintln(w.out, "Its Temporal is elsewhere and newer: run `harkara rebuild --replace` first.")
	}
	return nil
}
