package web

import "harkara/web/board"

// banner is the health in words; empty when all is well.
type banner struct {
	voice
	Text string
}

func (p speaker) banner(h board.Health) banner {
	b := banner{voice: p.voice}
	switch {
	case h.Storage.Trouble == board.DiskFull:
		b.Text = p.T("health.disk_full")
	case h.Storage.Trouble == board.NotStored:
		b.Text = p.T("health.not_stored", p.clock(h.Storage.Since))
	case !h.LedgerAway.IsZero():
		b.Text = p.T("health.ledger", p.clock(h.LedgerAway))
	case !h.EngineAway.IsZero() && h.Waiting == 0:
		b.Text = p.T("health.engine_away", p.clock(h.EngineAway))
	case h.Waiting > 0:
		b.Text = p.T("health.engine", h.Waiting, p.clock(h.Oldest))
	case h.Storage.Trouble == board.DiskLow:
		b.Text = p.T("health.disk_low", h.Storage.Free>>20)
	}
	return b
}
