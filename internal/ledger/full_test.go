package ledger

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"harkara/internal/custody"
	"harkara/internal/engine/postgres"
	"harkara/internal/engine/postgres/pgtest"
	"harkara/internal/smalldisk"
)

// On a full disk nothing is acknowledged that is not kept, and what was
// acknowledged stays.
func TestDiskFull(t *testing.T) {
	o := open(t)
	conn := raw(t, o.url(postgres.Admin))
	var data string
	if err := conn.QueryRow(t.Context(), "SHOW data_directory").Scan(&data); err != nil {
		t.Fatal(err)
	}
	dir := pgtest.Folder(t, "small")
	disk := smalldisk.On(t, dir, "512k")
	info, err := os.Stat(data)
	if err != nil {
		t.Fatal(err)
	}
	owner := info.Sys().(*syscall.Stat_t)
	if err := os.Chown(dir, int(owner.Uid), int(owner.Gid)); err != nil {
		t.Fatal(err)
	}
	space := "small_" + pgtest.Name(o.url(postgres.App))
	for _, statement := range []string{
		"CREATE TABLESPACE " + space + " LOCATION '" + filepath.Clean(dir) + "'", "ALTER TABLE inbox SET TABLESPACE " + space,
	} {
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		for _, statement := range []string{"ALTER TABLE inbox SET TABLESPACE pg_default", "DROP TABLESPACE " + space} {
			if _, err := conn.Exec(context.Background(), statement); err != nil {
				t.Error(err)
			}
		}
	})

	var kept []custody.Command
	var refused []custody.Command
	for refused == nil {
		c := entitled(opening(newCode(t)), "SO(B) 1/2025", strings.Repeat("کاغذ", 200))
		batch := []custody.Command{c, scanning(c.Code)}
		_, err := o.store.Put(t.Context(), batch)
		switch {
		case err == nil:
			kept = append(kept, batch...)
		case errors.Is(err, custody.ErrNotStored) && errors.Is(err, custody.ErrFull):
			refused = batch
		default:
			t.Fatal(err)
		}
	}
	audit(t, o.store)
	for _, r := range put(t, o.store, kept...) {
		if !r.Repeated {
			t.Errorf("command %s was acknowledged and is not there", r.ID)
		}
	}
	disk.Resize("64m")
	for _, r := range put(t, o.store, refused...) {
		if r.Repeated {
			t.Errorf("command %s was said not to be stored and is there", r.ID)
		}
	}
	if outs := drain(t, o.store, newDecider()); len(outs) != len(kept)+len(refused) {
		t.Errorf("%d decided, %d stored", len(outs), len(kept)+len(refused))
	}
	audit(t, o.store)
}
