package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"harkara/internal/engine/postgres"
	"harkara/internal/ledger"
)

// ErrNotEmpty means that something lies where an office is to be restored.
var ErrNotEmpty = errors.New("a restore needs an empty folder")

// Into says where an office is to be restored, and how its database is started.
type Into struct {
	Data     string // the data folder
	Database postgres.Config
	Progress func(done, of int) // nil: nobody asks
}

// leftovers of an interrupted restore may lie in its folder, beside what it brings.
var leftovers = []string{"postgres.restoring", "postgres.restoring.lock"}

// Restore makes an office of a backup in an empty folder. Stations will notice that it
// is another life of the ledger, and send what they keep again. Interrupted it leaves no
// office, and begins anew when it is called again. Errors: ErrNotEmpty, and those of
// postgres.Restore.
func (w Whole) Restore(ctx context.Context, to Into) error {
	along, err := os.ReadDir(filepath.Join(w.Path, kept))
	if err != nil {
		return fmt.Errorf("read backup: %w", err)
	}
	if err := to.empty(along); err != nil {
		return err
	}
	if w.Form != to.Database.Form {
		return fmt.Errorf("%s is of form %d with %d history shards, this program's is %d with %d: restore it with the program that made it", w.Path, w.Form.Number, w.Form.Shards, to.Database.Form.Number, to.Database.Form.Shards)
	}
	settle := func(ctx context.Context, c *postgres.Cluster) error {
		for _, file := range along { // before the office is there
			if err := carry(filepath.Join(w.Path, kept, file.Name()), filepath.Join(to.Data, file.Name())); err != nil {
				return err
			}
		}
		return w.settle(ctx, c)
	}
	from := postgres.Copied{Data: filepath.Join(w.Path, "data"), Passwords: filepath.Join(w.Path, "pgpass"), Bytes: w.Bytes}
	return postgres.Restore(ctx, to.Database, from, settle, to.Progress)
}

// settle begins another life of the ledger, and notes there what it was made of.
func (w Whole) settle(ctx context.Context, c *postgres.Cluster) error {
	owner, program := c.URL(postgres.Ledger, postgres.Owner), c.URL(postgres.Ledger, postgres.App)
	if err := errors.Join(ledger.Provision(ctx, owner, program), ledger.Migrate(ctx, owner)); err != nil {
		return err
	}
	store, err := ledger.Open(ctx, program, nil)
	if err != nil {
		return err
	}
	defer store.Close()
	if err := store.BeginEpoch(ctx, "restored from the backup of "+w.Taken.Format("2006-01-02 15:04:05 MST")); err != nil {
		return err
	}
	return store.NoteBackup(ctx, w.Noted())
}

// Noted is a backup as its office remembers it.
func (w Whole) Noted() ledger.Backup {
	host, _ := os.Hostname() // only helps to find it
	return ledger.Backup{Taken: w.Taken, Place: host + ":" + w.Path, Bytes: w.Bytes}
}

func (to Into) empty(along []fs.DirEntry) error {
	there, err := os.ReadDir(to.Data)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("look at the data folder: %w", err)
	}
	again := slices.ContainsFunc(there, func(e fs.DirEntry) bool { return e.Name() == leftovers[0] })
	for _, e := range there {
		mine := slices.Contains(leftovers, e.Name()) ||
			again && slices.ContainsFunc(along, func(a fs.DirEntry) bool { return a.Name() == e.Name() })
		if !mine {
			return fmt.Errorf("%w, and in %s is %s: name another by --data, or put it aside first", ErrNotEmpty, to.Data, e.Name())
		}
	}
	return nil
}
