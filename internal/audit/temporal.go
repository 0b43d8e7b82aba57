package audit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"harkara/internal/label"
	"harkara/workflows"
)

// Temporal asks a Temporal server for files' workflows, makes them and ends them.
type Temporal struct{ Client client.Client }

// hearing is how long a workflow is asked before it counts as mute.
const hearing = 20 * time.Second

const (
	listRunning = "WorkflowType = '" + workflows.FileType + "' AND ExecutionStatus = 'Running'"
	listOf      = 1000 // workflows in one answer
)

// Running lists the codes whose workflows run, in no order. One that has just begun may be
// missing, one that has just ended be there.
func (t Temporal) Running(ctx context.Context, each func(label.Code)) error {
	var page []byte
	for {
		answer, err := t.Client.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{Query: listRunning, PageSize: listOf, NextPageToken: page})
		if err != nil {
			return fmt.Errorf("list running workflows: %w", err)
		}
		for _, e := range answer.Executions {
			if code, ok := workflows.CodeOf(e.Execution.WorkflowId); ok {
				each(code)
			}
		}
		if page = answer.NextPageToken; len(page) == 0 {
			return nil
		}
	}
}

// Snapshot asks a file's workflow for its state, again while a worker comes to it, for so
// long; 0: twenty seconds.
func (t Temporal) Snapshot(ctx context.Context, code label.Code, patience time.Duration) (*workflows.Snapshot, error) {
	if patience == 0 {
		patience = hearing
	}
	within, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		s, err := t.ask(within, code)
		var (
			late     *serviceerror.DeadlineExceeded
			notReady *serviceerror.WorkflowNotReady // its last task failed, as on a worker that was killed: it is tried again
			failed   *serviceerror.QueryFailed
		)
		switch {
		case errors.As(err, &failed):
			return nil, fmt.Errorf("%w: %w", ErrMute, err)
		case !errors.Is(err, context.DeadlineExceeded) && !errors.As(err, &late) && !errors.As(err, &notReady) || ctx.Err() != nil:
			return s, err
		}
		if pause(within, between/2) != nil {
			return nil, fmt.Errorf("%w: %w", ErrMute, err)
		}
	}
}

func (t Temporal) ask(ctx context.Context, code label.Code) (s *workflows.Snapshot, err error) {
	answer, err := t.Client.QueryWorkflowWithOptions(ctx, &client.QueryWorkflowWithOptionsRequest{
		WorkflowID: workflows.FileID(code), QueryType: workflows.SnapshotQuery,
		QueryRejectCondition: enums.QUERY_REJECT_CONDITION_NOT_OPEN, // one that ended still answers
	})
	var gone *serviceerror.NotFound
	if errors.As(err, &gone) || err == nil && answer.QueryRejected != nil {
		return nil, ErrNoWorkflow
	}
	if err == nil {
		err = answer.QueryResult.Get(&s)
	}
	if err != nil {
		return nil, fmt.Errorf("ask workflow of file %s: %w", code, err)
	}
	return s, nil
}

// Start begins a file's workflow from a state. One of the file that runs is older, or was
// begun by a call whose answer was lost: it ends. Where a worker of this client is free it
// gets the first task with the answer, which saves the engine one of three transactions.
func (t Temporal) Start(ctx context.Context, s workflows.Start) error {
	_, err := t.Client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: workflows.FileID(s.State.File), TaskQueue: workflows.TaskQueue,
		WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING, WorkflowIDReusePolicy: enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		EnableEagerStart: true,
	}, workflows.FileType, s)
	if err != nil {
		return fmt.Errorf("start workflow of file %s: %w", s.State.File, err)
	}
	return nil
}

// End ends the workflow that runs for a code, if there is one.
func (t Temporal) End(ctx context.Context, code label.Code, why string) error {
	err := t.Client.TerminateWorkflow(ctx, workflows.FileID(code), "", why)
	var gone *serviceerror.NotFound
	if err != nil && !errors.As(err, &gone) {
		return fmt.Errorf("end workflow of %s: %w", code, err)
	}
	return nil
}
