package web

import (
	"context"
	"strings"
	"testing"
	"time"

	"harkara/web/board"
)

// lastBackup is what a ledger knows of backups.
type lastBackup struct{ board.Backup }

func (b *lastBackup) Newest(context.Context) (board.Backup, error) { return b.Backup, nil }

// No office goes on the air without a backup: the board, what needs an administrator and
// the health say how old the newest is, in both languages.
func TestBoardSaysHowOldTheBackupIs(t *testing.T) {
	kept := &lastBackup{}
	r := open(t, true, func(c *Config) { c.Backups = kept })
	for _, tt := range []struct {
		age   time.Duration // 0: none
		state string
		en    string
		acts  bool // it says what to do
	}{
		{0, board.BackupNone, "There is no backup", true},
		{20 * time.Minute, board.BackupFresh, "less than an hour old", false},
		{26 * time.Hour, board.BackupFresh, "26 h old", false},
		{31 * time.Hour, board.BackupOld, "31 h old", true},
		{8 * 24 * time.Hour, board.BackupLate, "8 d old", true},
	} {
		kept.Backup = board.Backup{Kept: true, Place: "server:/mnt/backups/harkara-1", Bytes: 99 << 20}
		if tt.age > 0 {
			kept.Taken = r.clock.now().Add(-tt.age)
		}
		r.server.board.Follow(t.Context(), true)
		for _, page := range []string{"/", "/attention"} {
			for _, tag := range []string{"en", "ur"} {
				body := r.call("GET", page, "", "Accept-Language", tag).Body.String()
				_, bar, ok := strings.Cut(body, `<p id="backup" class="backup `+tt.state+`"`)
				bar, _, _ = strings.Cut(bar, "</p>")
				if !ok || strings.HasPrefix(bar, " hidden") || strings.Contains(bar, backupCommand) != tt.acts || tag == "en" && !strings.Contains(bar, tt.en) {
					t.Errorf("after %s, %s in %s: %s", tt.age, page, tag, bar)
				}
				if page == "/attention" && strings.Contains(body, kept.Place) != (tt.age > 0) {
					t.Errorf("after %s the place is missing, or not", tt.age)
				}
			}
		}
		if health := r.call("GET", "/healthz", "").Body.String(); !strings.Contains(health, `"backup":{"state":"`+tt.state+`"`) {
			t.Errorf("after %s: %s", tt.age, health)
		}
	}
	elsewhere := open(t, true)
	if body := elsewhere.call("GET", "/", "").Body.String() + elsewhere.call("GET", "/healthz", "").Body.String(); strings.Contains(body, backupCommand) || strings.Contains(body, `"backup":`) {
		t.Error("what is not known here is told")
	}
}
