package ledger

import (
	"testing"
	"time"
)

func TestNewestBackup(t *testing.T) {
	o := open(t)
	if b, err := o.store.Backup(t.Context()); err != nil || b != (Backup{}) {
		t.Errorf("before any: %+v, %v", b, err)
	}
	now := time.Now().UTC().Truncate(time.Microsecond)
	for _, age := range []time.Duration{2 * time.Hour, time.Hour, 3 * time.Hour} {
		if err := o.store.NoteBackup(t.Context(), Backup{now.Add(-age), "server:/mnt", 1}); err != nil {
			t.Fatal(err)
		}
	}
	if b, err := o.store.Backup(t.Context()); err != nil || !b.Taken.Equal(now.Add(-time.Hour)) || b.Place != "server:/mnt" {
		t.Errorf("the newest is %+v, %v", b, err)
	}
}
