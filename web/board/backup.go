package board

import "time"

// Backup is the newest copy of the office on another disk.
type Backup struct {
	Kept  bool      // copies are known of here; else the database is elsewhere, and so are they
	Taken time.Time // what was stored by then is in it; zero: there is none
	Place string    // machine and folder
	Bytes int64
}

// Ages of the newest backup: one that is made every night is never so old.
const (
	backupOld  = 30 * time.Hour
	backupLate = 7 * 24 * time.Hour
)

// How it stands with backups.
const (
	BackupFresh = "fresh"
	BackupOld   = "old"
	BackupLate  = "late" // much too old
	BackupNone  = "none"
)

// State is one of those; empty where nothing is known here.
func (b Backup) State(now time.Time) string {
	age := now.Sub(b.Taken)
	switch {
	case !b.Kept:
		return ""
	case b.Taken.IsZero():
		return BackupNone
	case age > backupLate:
		return BackupLate
	case age > backupOld:
		return BackupOld
	}
	return BackupFresh
}
