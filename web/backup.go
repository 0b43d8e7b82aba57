package web

import (
	"context"
	"time"

	"harkara/web/board"
)

// Backups knows of copies of the office.
type Backups interface {
	Newest(ctx context.Context) (board.Backup, error)
}

// backupCommand is what makes one.
const backupCommand = "harkara backup"

// backupBar says how old the newest backup is, and what to do where that is too old.
type backupBar struct {
	voice
	State   string // of board.Backup; empty: nothing is said
	Text    string
	Where   string // it lies; empty: there is none
	Command string // what makes one; empty: nothing is to be done
}

// backup words the newest backup.
func (p speaker) backup(b board.Backup) backupBar {
	bar := backupBar{voice: p.voice}
	switch bar.State = b.State(p.now); bar.State {
	case "":
		return bar
	case board.BackupNone:
		bar.Text, bar.Command = p.T("backup.none"), backupCommand
		return bar
	case board.BackupFresh:
		bar.Text = p.T("backup.fresh", p.old(b.Taken))
	default:
		bar.Text, bar.Command = p.T("backup.old", p.old(b.Taken)), backupCommand
	}
	bar.Where = p.T("backup.where", p.clock(b.Taken), b.Bytes>>20)
	return bar
}

// old is an age in hours and days: nothing on the board is to count seconds.
func (p speaker) old(since time.Time) string {
	if age := p.now.Sub(since).Truncate(time.Hour); age > 0 {
		return p.span(age)
	}
	return p.T("backup.hour")
}

// backupView is the newest backup for who watches the office by a program.
type backupView struct {
	State string     `json:"state"`
	Taken *time.Time `json:"taken,omitempty"`
	Age   float64    `json:"age_seconds,omitempty"`
}

func (s *Server) backupView(b board.Backup) *backupView {
	now := s.Now()
	v := &backupView{State: b.State(now)}
	switch {
	case v.State == "":
		return nil
	case !b.Taken.IsZero():
		v.Taken, v.Age = &b.Taken, max(0, now.Sub(b.Taken).Seconds())
	}
	return v
}

// newestBackup is what is known of backups here.
func (s *Server) newestBackup(ctx context.Context) (board.Backup, error) {
	if s.Backups == nil {
		return board.Backup{}, nil
	}
	return s.Backups.Newest(ctx)
}
