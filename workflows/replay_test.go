package workflows

import (
	"fmt"
	"log/slog"
	"os"
	"slices"
	"testing"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"harkara/internal/custody"
)

// histories are the lives that TestRecordHistories of cmd/harkara keeps under every
// version of the rules, and what of a run each of them must show.
var histories = map[string][]enums.EventType{
	"life":     {enums.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED, enums.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED},
	"reopened": {enums.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED, enums.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED},
	"late": {
		enums.EVENT_TYPE_TIMER_FIRED, enums.EVENT_TYPE_MARKER_RECORDED, enums.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
		enums.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
	},
	"waits": {enums.EVENT_TYPE_TIMER_FIRED, enums.EVENT_TYPE_MARKER_RECORDED},
}

// Histories that earlier programs recorded on a real server still replay: what a
// run asked of the engine then, it asks now.
func TestRecordedHistoriesReplay(t *testing.T) {
	for _, rules := range custody.Book {
		for name, shows := range histories {
			path := fmt.Sprintf("testdata/histories/%s-rules-%d.json", name, rules.Version)
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Errorf("record it: go test ./cmd/harkara -run TestRecordHistories -update: %v", err)
				continue
			}
			var h history.History
			if err := (temporalproto.CustomJSONUnmarshalOptions{}).Unmarshal(raw, &h); err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			for _, kind := range shows {
				if !slices.ContainsFunc(h.Events, func(e *history.HistoryEvent) bool { return e.EventType == kind }) {
					t.Errorf("%s has no %s", path, kind)
				}
			}
			r := worker.NewWorkflowReplayer()
			r.RegisterWorkflowWithOptions(Files{Book: custody.Book}.Run, workflow.RegisterOptions{Name: FileType})
			if err := r.ReplayWorkflowHistory(quiet, &h); err != nil {
				t.Errorf("%s: %v", path, err)
			}
		}
	}
}

var quiet = sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler))

// The check can fail: a program that hands over sooner does not fit.
func TestReplayNoticesAChange(t *testing.T) {
	changed := append(custody.Rulebook(nil), custody.Book...)
	changed[0].Run.Commands = 2
	r := worker.NewWorkflowReplayer()
	r.RegisterWorkflowWithOptions(Files{Book: changed}.Run, workflow.RegisterOptions{Name: FileType})
	if err := r.ReplayWorkflowHistoryFromJSONFile(quiet, "testdata/histories/life-rules-1.json"); err == nil {
		t.Error("a changed workflow replays")
	}
}
