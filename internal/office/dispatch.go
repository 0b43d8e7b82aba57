package office

import (
	"context"

	"github.com/google/uuid"

	"harkara/internal/audit"
	"harkara/internal/custody"
	"harkara/internal/intake"
)

// dispatch runs what moves the office until ctx ends: commands to their files, notices to
// their officers, the sweep of what is overdue, clocks that a change of days moves, and the
// night's examination.
func (o *Office) dispatch(ctx context.Context) {
	temporal := intake.Temporal{Client: o.Engine.Temporal(), Namespace: o.Engine.Namespace()}
	dispatcher := &intake.Dispatcher{Owner: uuid.NewString(), Queue: o.Ledger, Book: o.Ledger, Files: temporal, Rules: custody.Today, Log: o.log}
	courier := &intake.Courier{Outbox: o.Ledger, Starter: temporal, Log: o.log, Incarnation: o.incarnation}
	sweeper := &intake.Sweeper{Overdue: o.Ledger, Homeless: o.Ledger, Log: o.log, Incarnation: o.incarnation}
	replanner := &intake.Replanner{Plans: o.Ledger, Log: o.log, Incarnation: o.incarnation}
	night := &audit.Night{Auditor: o.auditor(), Holder: uuid.NewString(), Log: o.log}
	for _, run := range []func(context.Context){dispatcher.Run, courier.Run, sweeper.Run, replanner.Run, night.Run} {
		o.dispatching.Go(func() { run(ctx) })
	}
}
