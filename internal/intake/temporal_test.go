package intake

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"harkara/internal/custody"
	"harkara/workflows"
)

// Whatever the client says is an outage unless it is an answer.
func TestClassify(t *testing.T) {
	all := []error{ErrAway, ErrSilent, ErrGone, ErrNotReady, ErrSequence, ErrRebuilt, custody.ErrDiverged, custody.ErrNewer, custody.ErrContents}
	for _, tt := range []struct {
		name string
		err  error
		want error // nil: an answer without a name
	}{
		{"turned away: sequence", temporal.NewNonRetryableApplicationError("no", workflows.ErrSequence, nil), ErrSequence},
		{"turned away: diverged", temporal.NewNonRetryableApplicationError("no", workflows.ErrDiverged, nil), custody.ErrDiverged},
		{"turned away: a newer form", temporal.NewNonRetryableApplicationError("no", workflows.ErrNewer, nil), custody.ErrNewer},
		{"turned away: rebuilt", temporal.NewNonRetryableApplicationError("no", workflows.ErrRebuilt, nil), ErrRebuilt},
		{"handler failed", temporal.NewApplicationError("no", "other"), nil},
		{"workflow's tasks fail", serviceerror.NewWorkflowNotReady("failing"), ErrNotReady},
		{"command too large", serviceerror.NewInvalidArgument("blob size"), nil},
		{"history is lost", serviceerror.NewDataLoss("corrupt"), nil},
		{"no workflow", serviceerror.NewNotFound("none"), ErrGone},
		{"no workflow, with start", fmt.Errorf("failed workflow update: %w", serviceerror.NewNotFound("none")), ErrGone},
		{"a life that ended", serviceerror.NewWorkflowExecutionAlreadyStarted("", "", ""), custody.ErrDiverged},
		{"no answer in time", client.NewWorkflowUpdateServiceTimeoutOrCanceledError(serviceerror.NewDeadlineExceeded("")), ErrSilent},
		{"deadline", context.DeadlineExceeded, ErrSilent},
		{"unavailable", serviceerror.NewUnavailable("connection refused"), ErrAway},
		{"no such namespace yet", serviceerror.NewNamespaceNotFound("harkara"), ErrAway},
		{"wrong secret", serviceerror.NewPermissionDenied("", ""), ErrAway},
		{"busy", serviceerror.NewResourceExhausted(0, ""), ErrAway},
		{"something new", errors.New("what"), ErrAway},
	} {
		got := classify(fileCode, tt.err)
		for _, e := range all {
			if errors.Is(got, e) != (e == tt.want) {
				t.Errorf("%s: %v", tt.name, got)
			}
		}
	}
}

// Ten attempts at a command that nothing answers take half a minute; at one whose
// workflow fails, minutes, so that a machine that stood still has its time.
func TestPause(t *testing.T) {
	for _, tt := range []struct {
		cause       error
		least, most time.Duration // of ten attempts
	}{
		{ErrSilent, 20 * time.Second, 40 * time.Second},
		{fmt.Errorf("file: %w: %w", ErrNotReady, errors.New("failing")), 4 * time.Minute, 6 * time.Minute},
	} {
		sum := time.Duration(0)
		for n := range 9 {
			sum += pause(tt.cause, n, pollEvery)
		}
		if sum < tt.least || sum > tt.most {
			t.Errorf("%v: %v", tt.cause, sum)
		}
	}
}
