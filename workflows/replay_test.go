package workflows

import (
	"log/slog"
	"path/filepath"
	"testing"

	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"harkara/internal/custody"
)

// Histories that earlier programs recorded on a real server still replay: what a
// run asked of the engine then, it asks now.
func TestRecordedHistoriesReplay(t *testing.T) {
	histories, err := filepath.Glob("testdata/histories/*.json")
	if err != nil || len(histories) == 0 {
		t.Fatalf("no histories: %v", err)
	}
	for _, name := range histories {
		r := worker.NewWorkflowReplayer()
		r.RegisterWorkflowWithOptions(Files{Book: custody.Book}.Run, workflow.RegisterOptions{Name: FileType})
		if err := r.ReplayWorkflowHistoryFromJSONFile(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)), name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The check can fail: a program that hands over sooner does not fit.
func TestReplayNoticesAChange(t *testing.T) {
	changed := append(custody.Rulebook(nil), custody.Book...)
	changed[0].Run.Commands = 2
	r := worker.NewWorkflowReplayer()
	r.RegisterWorkflowWithOptions(Files{Book: changed}.Run, workflow.RegisterOptions{Name: FileType})
	if err := r.ReplayWorkflowHistoryFromJSONFile(sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)), "testdata/histories/life-rules-1.json"); err == nil {
		t.Error("a changed workflow replays")
	}
}
