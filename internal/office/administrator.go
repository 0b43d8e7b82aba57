package office

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"harkara/internal/ledger"
	"harkara/internal/secret"
)

// AdministratorFile is the file of a data folder that has the token of the administrator
// whom its first start gave the office.
const AdministratorFile = "administrator.token"

// Appoint gives the office an administrator, whose token goes into a file of the data
// folder, of which it returns the path: never to the output, that is kept in logs and
// terminals, and read by others. It is on the disk before it is worth anything, so that a
// kill between loses nothing.
func (o *Office) Appoint(ctx context.Context, folder string) (path string, err error) {
	path, token := filepath.Join(folder, AdministratorFile), ledger.NewToken()
	if err := secret.Write(path, token); err != nil {
		return "", err
	}
	return path, o.Ledger.Admit(ctx, "", token)
}

// RemoveToken removes the token that the first start left in a data folder, where it does: it
// is worth nothing any more.
func RemoveToken(folder string) error {
	if err := os.Remove(filepath.Join(folder, AdministratorFile)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove the older token: %w", err)
	}
	return nil
}
