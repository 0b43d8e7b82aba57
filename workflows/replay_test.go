package workflows

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/sdk/interceptor"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"harkara/internal/custody"
)

// histories are the lives that TestRecordHistories of cmd/harkara keeps of every program
// that runs were started under, and what of a run each of them must show.
var histories = map[string][]enums.EventType{
	"life":     {enums.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED, enums.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED},
	"reopened": {enums.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED, enums.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED},
	"late": {
		enums.EVENT_TYPE_TIMER_FIRED, enums.EVENT_TYPE_MARKER_RECORDED, enums.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
		enums.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
	},
	"waits": {enums.EVENT_TYPE_TIMER_FIRED, enums.EVENT_TYPE_MARKER_RECORDED},
}

// answer is the result of an update, by its keys.
type answer map[string]json.RawMessage

// recorded is a history that was kept, and the results of its updates.
func recorded(t *testing.T, name string, program int) (*history.History, map[string]answer) {
	t.Helper()
	path := fmt.Sprintf("testdata/histories/%s-program-%d.json", name, program)
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("record it: go test ./cmd/harkara -run TestRecordHistories -update: %v", err)
	}
	var h history.History
	if err := (temporalproto.CustomJSONUnmarshalOptions{}).Unmarshal(raw, &h); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	results := map[string]answer{}
	for _, e := range h.Events {
		if done := e.GetWorkflowExecutionUpdateCompletedEventAttributes(); done != nil {
			var parts answer
			if err := json.Unmarshal(done.Outcome.GetSuccess().Payloads[0].Data, &parts); err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			results[done.Meta.UpdateId] = parts
		}
	}
	return &h, results
}

// Histories that earlier programs recorded on a real server still replay: what a run
// asked of the engine then, it asks now, and every command has the answer that it had.
func TestRecordedHistoriesReplay(t *testing.T) {
	for program := range programs {
		for name, shows := range histories {
			h, want := recorded(t, name, program)
			for _, kind := range shows {
				if !slices.ContainsFunc(h.Events, func(e *history.HistoryEvent) bool { return e.EventType == kind }) {
					t.Errorf("%s has no %s", name, kind)
				}
			}
			// Rules under which everything would be decided otherwise.
			got, err := replayed(h, Files{Rules: custody.Rules{SeenAgain: -1, ReturnFloor: 1}})
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if len(want) == 0 || len(got) != len(want) {
				t.Errorf("%s: %d answers, %d recorded", name, len(got), len(want))
			}
			for id, answer := range want {
				for part, recorded := range answer { // what a later program adds beside it is another question
					if now := got[id][part]; string(now) != string(recorded) {
						t.Errorf("%s: command %s: %s is %s, recorded %s", name, id, part, now, recorded)
					}
				}
			}
		}
	}
}

// replayed returns the results of a history's updates as a program has them now.
func replayed(h *history.History, files Files) (map[string]answer, error) {
	heard := &hearing{results: map[string]answer{}}
	r, err := worker.NewWorkflowReplayerWithOptions(worker.WorkflowReplayerOptions{Interceptors: []interceptor.WorkerInterceptor{heard}})
	if err != nil {
		return nil, err
	}
	r.RegisterWorkflowWithOptions(files.Run, workflow.RegisterOptions{Name: FileType})
	return heard.results, r.ReplayWorkflowHistory(quiet, h)
}

// hearing hears the answers to updates.
type hearing struct {
	interceptor.WorkerInterceptorBase
	results map[string]answer
}

func (h *hearing) InterceptWorkflow(_ workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	return &heardRun{interceptor.WorkflowInboundInterceptorBase{Next: next}, h}
}

type heardRun struct {
	interceptor.WorkflowInboundInterceptorBase
	*hearing
}

func (r *heardRun) ExecuteUpdate(ctx workflow.Context, in *interceptor.UpdateInput) (any, error) {
	out, err := r.Next.ExecuteUpdate(ctx, in)
	raw, failed := json.Marshal(out)
	var parts answer
	if err == nil && failed == nil && json.Unmarshal(raw, &parts) == nil {
		r.results[workflow.GetCurrentUpdateInfo(ctx).ID] = parts
	}
	return out, err
}

var quiet = sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler))

// The check can fail: a program that hands over sooner does not fit, nor one whose
// markers are in another order.
func TestReplayNoticesAChange(t *testing.T) {
	h, _ := recorded(t, "life", Program)
	before := programs[Program]
	programs[Program] = bounds{commands: 2, events: before.events}
	_, err := replayed(h, Files{Rules: custody.Today})
	programs[Program] = before
	if err == nil {
		t.Error("a changed workflow replays")
	}
	var markers []*history.HistoryEvent
	for _, e := range h.Events {
		if e.EventType == enums.EVENT_TYPE_MARKER_RECORDED {
			markers = append(markers, e)
		}
	}
	a, b := markers[0].GetMarkerRecordedEventAttributes(), markers[1].GetMarkerRecordedEventAttributes()
	a.Details["data"], b.Details["data"] = b.Details["data"], a.Details["data"]
	if _, err := replayed(h, Files{Rules: custody.Today}); err == nil || !strings.Contains(err.Error(), "recorded is a decision of command") {
		t.Errorf("decisions that were exchanged: %v", err)
	}
}
