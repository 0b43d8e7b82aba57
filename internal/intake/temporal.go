package intake

import (
	"context"
	"errors"
	"fmt"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/workflows"
)

// What sending a command can come to, beside an outcome. Other errors are an
// answer, and speak against the command or its file: so an outage is told from
// poison.
var (
	// ErrAway: the engine could not be reached or does not work. The command may or
	// may not have been decided; sending it again tells.
	ErrAway = errors.New("workflow engine is away")
	// ErrSilent: no answer in time. The engine may be away or only this file's
	// workflow be stuck.
	ErrSilent = errors.New("workflow does not answer")
	// ErrGone: an open file has no running workflow.
	ErrGone = errors.New("file has no workflow")
	// ErrNotReady: the tasks of the file's workflow have failed several times, and
	// Temporal asks it nothing until one of them succeeds.
	ErrNotReady = errors.New("file's workflow fails")
	// ErrSequence: the workflow expects another command; another dispatcher may
	// have been faster.
	ErrSequence = errors.New("command is out of sequence")
	// ErrRebuilt: the workflow is of another incarnation than the ledger; a person must
	// see to it, by a rebuild.
	ErrRebuilt = errors.New("file's workflow is of another incarnation")
)

// Temporal sends commands to the workflows of files.
type Temporal struct {
	Client    client.Client
	Namespace string // of Client
}

// Send delivers a command to its file and returns its outcome. Errors: ErrAway,
// ErrSilent, ErrGone, ErrNotReady, ErrSequence, ErrRebuilt, custody.ErrDiverged, custody.ErrNewer, custody.ErrContents, others.
func (t Temporal) Send(ctx context.Context, s Sending) (custody.Outcome, error) {
	update := client.UpdateWorkflowOptions{
		WorkflowID: workflows.FileID(s.File), UpdateID: string(s.Command), UpdateName: workflows.CommandUpdate,
		Args: []any{s.Delivery}, WaitForStage: client.WorkflowUpdateStageCompleted,
	}
	var handle client.WorkflowUpdateHandle
	var err error
	if s.Start == nil {
		handle, err = t.Client.UpdateWorkflow(ctx, update)
	} else {
		reuse := enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE
		if s.Start.Opened.IsZero() { // a life begins once
			reuse = enums.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE
		}
		run := t.Client.NewWithStartWorkflowOperation(client.StartWorkflowOptions{
			ID: update.WorkflowID, TaskQueue: workflows.TaskQueue,
			WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING, WorkflowIDReusePolicy: reuse,
		}, workflows.FileType, workflows.From(*s.Start, s.Delivery.Incarnation))
		handle, err = t.Client.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{StartWorkflowOperation: run, UpdateOptions: update})
	}
	var out custody.Outcome
	if err == nil {
		err = handle.Get(ctx, &out)
	}
	if err = classify(s.File, err); errors.Is(err, custody.ErrNewer) {
		t.unstick(ctx, s.File)
	}
	return out, err
}

// Start begins the delivery of a notice; one that has begun stays. Errors: ErrAway,
// others.
func (t Temporal) Start(ctx context.Context, n workflows.Errand) error {
	_, err := t.Client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: workflows.NoticeID(n.Key), TaskQueue: workflows.TaskQueue,
		WorkflowIDReusePolicy: enums.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE, WorkflowExecutionErrorWhenAlreadyStarted: false,
	}, workflows.NoticeType, n)
	var started *serviceerror.WorkflowExecutionAlreadyStarted
	var bad *serviceerror.InvalidArgument
	switch {
	case err == nil, errors.As(err, &started):
		return nil
	case errors.As(err, &bad):
		return fmt.Errorf("start notice %s: %w", n.Key, err)
	}
	return fmt.Errorf("start notice %s: %w: %w", n.Key, ErrAway, err)
}

// unstick takes a file's workflow from the worker that has it in memory and does not know
// what it is asked: the next question goes to any.
func (t Temporal) unstick(ctx context.Context, file label.Code) {
	_, _ = t.Client.WorkflowService().ResetStickyTaskQueue(ctx, &workflowservice.ResetStickyTaskQueueRequest{
		Namespace: t.Namespace, Execution: &common.WorkflowExecution{WorkflowId: workflows.FileID(file)},
	}) // or it is asked again as before
}

// refusals are the types with which a workflow turns a command away.
var refusals = map[string]error{
	workflows.ErrSequence: ErrSequence,
	workflows.ErrDiverged: custody.ErrDiverged,
	workflows.ErrNewer:    custody.ErrNewer,
	workflows.ErrContents: custody.ErrContents,
	workflows.ErrRebuilt:  ErrRebuilt,
}

// classify brings what the client says into this package's terms. Blame needs
// evidence: an answer of the file's workflow, or of the server about just this
// one. Anything else is an outage.
func classify(code label.Code, err error) error {
	if err == nil {
		return nil
	}
	var app *temporal.ApplicationError
	if errors.As(err, &app) {
		if known, ok := refusals[app.Type()]; ok {
			err = known
		}
		return fmt.Errorf("file %s: %w", code, err)
	}
	var (
		late     *client.WorkflowUpdateServiceTimeoutOrCanceledError
		gone     *serviceerror.NotFound
		lived    *serviceerror.WorkflowExecutionAlreadyStarted
		bad      *serviceerror.InvalidArgument
		broken   *serviceerror.DataLoss
		notReady *serviceerror.WorkflowNotReady
	)
	switch {
	case errors.As(err, &late), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("file %s: %w: %w", code, ErrSilent, err)
	case errors.As(err, &gone):
		return fmt.Errorf("file %s: %w: %w", code, ErrGone, err)
	case errors.As(err, &lived): // and ended, unknown to the ledger
		return fmt.Errorf("file %s: %w: %w", code, custody.ErrDiverged, err)
	case errors.As(err, &notReady):
		return fmt.Errorf("file %s: %w: %w", code, ErrNotReady, err)
	case errors.As(err, &bad), errors.As(err, &broken):
		return fmt.Errorf("file %s: %w", code, err)
	}
	return fmt.Errorf("file %s: %w: %w", code, ErrAway, err)
}
