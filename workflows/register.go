package workflows

import (
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"harkara/activities"
	"harkara/internal/custody"
)

// Register makes a worker run files under a rulebook, and their activities.
func Register(w worker.Registry, book custody.Rulebook, a *activities.Activities) {
	w.RegisterWorkflowWithOptions(Files{Book: book}.Run, workflow.RegisterOptions{Name: FileType})
	w.RegisterWorkflowWithOptions(Notice, workflow.RegisterOptions{Name: NoticeType})
	w.RegisterActivityWithOptions(a.Resolve, activity.RegisterOptions{Name: activities.Resolve})
	w.RegisterActivityWithOptions(a.Record, activity.RegisterOptions{Name: activities.Record})
	w.RegisterActivityWithOptions(a.Deliver, activity.RegisterOptions{Name: activities.Deliver})
}
