package workflows

import (
	"go.temporal.io/sdk/workflow"

	"harkara/activities"
	"harkara/internal/custody"
)

// Notice delivers one notice, for as long as it takes.
func Notice(ctx workflow.Context, n custody.Notice) error {
	return workflow.ExecuteActivity(patient(ctx), activities.Deliver, n).Get(ctx, nil)
}
