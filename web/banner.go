package web

// banner is the health in words; empty when all is well.
type banner struct {
	voice
	Text string
}

func (p speaker) banner(h health) banner {
	b := banner{voice: p.voice}
	switch {
	case h.storage.trouble == diskFull:
		b.Text = p.T("health.disk_full")
	case h.storage.trouble == notStored:
		b.Text = p.T("health.not_stored", p.clock(h.storage.since))
	case !h.ledgerAway.IsZero():
		b.Text = p.T("health.ledger", p.clock(h.ledgerAway))
	case !h.engineAway.IsZero() && h.waiting == 0:
		b.Text = p.T("health.engine_away", p.clock(h.engineAway))
	case h.waiting > 0:
		b.Text = p.T("health.engine", h.waiting, p.clock(h.oldest))
	case h.storage.trouble == diskLow:
		b.Text = p.T("health.disk_low", h.storage.free>>20)
	}
	return b
}
