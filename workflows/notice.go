package workflows

import (
	"go.temporal.io/sdk/workflow"

	"harkara/activities"
)

// Errand is what the delivery of a notice begins with.
type Errand = activities.Errand

// Notice delivers one notice, for as long as it takes.
func Notice(ctx workflow.Context, e Errand) error {
	return workflow.ExecuteActivity(patient(ctx), activities.Deliver, e).Get(ctx, nil)
}
