package office

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"harkara/internal/custody"
	"harkara/internal/people"
	"harkara/internal/secret"
)

// AdministratorFile is the file of a data folder that has the one-time secret of the
// administrator whom its first start gave the office.
const AdministratorFile = "administrator.secret"

// Console is in whose name persons are changed on the server's console: whoever has the data
// folder or the database's password is the office already.
const Console = "console"

// People lets the office's persons in.
func (o *Office) People() *people.Door { return people.NewDoor(o.Ledger.People(), time.Now) }

// Appoint gives the office its first administrator, whose one-time secret goes into a file of
// the data folder, of which it returns the path: never to the output, that is kept in logs and
// terminals, and read by others. It is on the disk before it is worth anything, so that a kill
// between loses nothing.
func (o *Office) Appoint(ctx context.Context, folder string) (path string, err error) {
	path, once := filepath.Join(folder, AdministratorFile), people.DrawOnce()
	if err := secret.Write(path, once); err != nil {
		return "", err
	}
	return path, o.People().AddWith(ctx, people.Person{
		ID: people.FirstAdministrator, Name: custody.Name{En: "Administrator", Ur: "منتظم"},
		Grants: []people.Grant{{Role: people.Administrator, Clearance: custody.Secret}},
	}, once, Console)
}

// Appointed reports whether the office has an administrator who has signed in, or can. One
// whose first secret ran out before he came is appointed again.
func (o *Office) Appointed(ctx context.Context) (bool, error) {
	list, err := o.People().Persons(ctx)
	return slices.ContainsFunc(list, func(p people.Listed) bool {
		return p.Administers() && (len(p.Opens) > 0 || !p.Seen.IsZero())
	}), err
}

// RemoveSecret removes the one-time secret that the first start left in a data folder, where
// it does: it is worth nothing any more.
func RemoveSecret(folder string) error {
	if err := os.Remove(filepath.Join(folder, AdministratorFile)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove the older secret: %w", err)
	}
	return nil
}
