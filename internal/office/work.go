package office

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/worker"

	"harkara/activities"
	"harkara/internal/custody"
	"harkara/internal/ledger"
	"harkara/workflows"
)

// workerOptions poll for new runs apart from cached ones. A fixed number of
// pollers looks after both, the cached first: with much to do, files that had
// just been handed to a new run waited up to ten seconds for their first task.
var workerOptions = worker.Options{
	WorkflowTaskPollerBehavior: worker.NewPollerBehaviorAutoscaling(worker.PollerBehaviorAutoscalingOptions{
		InitialNumberOfPollers: 8, MinimumNumberOfPollers: 2, MaximumNumberOfPollers: 32,
	}),
	MaxConcurrentActivityTaskPollers: 4, WorkerStopTimeout: 10 * time.Second,
	DeadlockDetectionTimeout: 8 * time.Second, // a machine that is busy or wakes up stands still for longer than the usual one
}

// Work starts a worker that runs files until whoever called stops it. An idle one answers
// for them, and does nothing for them. What it does is shown to those who are watching.
func (o *Office) Work(files workflows.Files, idle bool, watching ...interceptor.WorkerInterceptor) (worker.Worker, error) {
	worker.SetStickyWorkflowCacheSize(o.Engine.Memory().Files)
	options := workerOptions
	options.LocalActivityWorkerOnly, options.Interceptors = idle, watching
	options.OnFatalError = func(err error) { o.Fail(fmt.Errorf("worker: %w", err)) }
	inbox := activities.Inbox(o.Ledger)
	if idle {
		inbox = closed{}
	}
	w := worker.New(o.Engine.Temporal(), workflows.TaskQueue, options)
	workflows.Register(w, files, &activities.Activities{Inbox: inbox, Channel: screenOnly{o.Ledger}})
	if err := w.Start(); err != nil {
		return nil, fmt.Errorf("start worker: %w", err)
	}
	return w, nil
}

// closed is the inbox of an office that is only looked at.
type closed struct{}

var errClosed = errors.New("this office is only looked at: its wakes wait until it runs")

func (closed) Wake(context.Context, custody.Incarnation, custody.Command) error { return errClosed }

func (closed) Current(context.Context, custody.Incarnation) error { return errClosed }

// screenOnly is what leaves a house that has no other channel than its screens: nothing,
// and that is said.
type screenOnly struct{ store *ledger.Store }

func (s screenOnly) Deliver(ctx context.Context, e activities.Errand) error {
	return s.store.SettleNotice(ctx, e.Incarnation, e.Key, ledger.Failed, "this office has no channel "+e.Channel)
}
