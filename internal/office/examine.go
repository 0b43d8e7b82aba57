package office

import (
	"context"
	"sync/atomic"

	"harkara/internal/audit"
	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/workflows"
)

// auditor judges this office's files.
func (o *Office) auditor() *audit.Auditor {
	return &audit.Auditor{Ledger: o.Ledger, Workflows: audit.Temporal{Client: o.Engine.Temporal()}}
}

// Progress is told how many of so many files are done. It may be nil, and is called by
// several at once.
type Progress func(done, of int)

func (p Progress) tell(done, of int) {
	if p != nil {
		p(done, of)
	}
}

// Verify judges the whole office. ask has every running workflow asked for its state.
func (o *Office) Verify(ctx context.Context, ask bool, progress Progress) (audit.Report, error) {
	of, err := o.Ledger.CountFiles(ctx)
	if err != nil {
		return audit.Report{}, err
	}
	progress.tell(0, of)
	return o.auditor().Office(ctx, ask, func(seen audit.Seen) { progress.tell(seen.Files, of) })
}

// Rollover has the workflows of files hand over to new runs, by any code of theirs; without
// codes those of all open files.
func (o *Office) Rollover(ctx context.Context, codes []label.Code, progress Progress) (audit.Rolled, error) {
	r := audit.Rollover{Ledger: o.Ledger, Temporal: audit.Temporal{Client: o.Engine.Temporal()}}
	if len(codes) > 0 {
		return r.Of(ctx, codes)
	}
	of, err := o.Ledger.CountFiles(ctx)
	if err != nil {
		return audit.Rolled{}, err
	}
	progress.tell(0, of)
	var done atomic.Int64
	return r.All(ctx, func(files int) { progress.tell(int(done.Add(int64(files))), of) })
}

// Rebuild makes every open file's workflow again, in an office without roles: with a worker
// that answers for them and does nothing else. It sets where r is to build.
func (o *Office) Rebuild(ctx context.Context, r audit.Rebuild, progress Progress) (audit.Rebuilt, error) {
	if err := o.ready(ctx); err != nil {
		return audit.Rebuilt{}, err
	}
	home, err := o.Engine.NamespaceID(ctx)
	if err != nil {
		return audit.Rebuilt{}, err
	}
	r.Ledger, r.Maker, r.Births, r.Home = o.Ledger, audit.Temporal{Client: o.Engine.Temporal()}, &audit.Births{}, home
	if o.worker, err = o.Work(workflows.Files{Rules: custody.Today}, true, r.Births); err != nil {
		return audit.Rebuilt{}, err
	}
	return r.Run(ctx, progress.tell)
}
