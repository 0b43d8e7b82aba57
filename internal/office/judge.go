package office

import (
	"context"

	"harkara/internal/audit"
	"harkara/internal/label"
	"harkara/internal/ledger"
	"harkara/web"
)

// justice judges files for pages.
type justice struct{ o *Office }

func (j justice) Judge(ctx context.Context, code label.Code) (*web.Finding, error) {
	a := &audit.Auditor{Ledger: j.o.Ledger}
	if temporal := j.o.Engine.Temporal(); temporal != nil && j.o.Engine.Health().Temporal == nil {
		a.Workflows = audit.Temporal{Client: temporal}
	}
	f, err := a.Shortly(ctx, code)
	if f == nil {
		return nil, err
	}
	page := Shown(*f)
	return &page, err
}

// Shown is a finding as pages take it.
func Shown(f audit.Finding) web.Finding {
	return web.Finding{File: f.File, Kind: string(f.Kind), Place: f.Place, Stored: f.Stored, Computed: f.Computed}
}

// Examinations are the newest nights' for pages, newest first.
func (j justice) Examinations(ctx context.Context, limit, findings int) ([]web.Examination, error) {
	list, err := j.o.Ledger.Examinations(ctx, limit, findings)
	return each(list, err, func(x ledger.Examination) web.Examination {
		page := web.Examination{Began: x.Began, Moved: x.Moved, Files: x.Files, Entries: x.Entries, Of: x.Of, Spent: x.Spent, Found: x.Found}
		if x.Ended != nil {
			page.Ended = *x.Ended
		}
		for _, f := range x.Findings {
			page.Findings = append(page.Findings, web.Finding(f))
		}
		return page
	})
}
