package workflows

import (
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"harkara/activities"
	"harkara/internal/custody"
)

// Register makes a worker run files, notices, and their activities.
func Register(w worker.Registry, files Files, a *activities.Activities) {
	files.shelf = &custody.Shelf{}
	w.RegisterWorkflowWithOptions(files.Run, workflow.RegisterOptions{Name: FileType})
	w.RegisterWorkflowWithOptions(Notice, workflow.RegisterOptions{Name: NoticeType})
	w.RegisterActivityWithOptions(a.Wake, activity.RegisterOptions{Name: activities.Wake})
	w.RegisterActivityWithOptions(a.Deliver, activity.RegisterOptions{Name: activities.Deliver})
}
