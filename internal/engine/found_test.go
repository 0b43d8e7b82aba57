package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"go.temporal.io/api/workflowservice/v1"

	"harkara/internal/engine/postgres"
)

// An office whose founding ended before Temporal had its part is completed by whoever
// comes next; one of another form is left alone by everybody.
func TestFoldersOfThisFormAlone(t *testing.T) {
	cfg := testConfig(t)
	half, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := half.Close(); err != nil {
		t.Fatal(err)
	}
	cfg.Existing = true
	path := filepath.Join(cfg.Dir, "postgres", "data", "harkara.form")
	founded, err := os.ReadFile(path)
	if err != nil || string(founded) != form.String() {
		t.Fatalf("founded as %q: %v", founded, err)
	}
	others := map[string]string{
		"4 history shards":   fmt.Sprintf("form %d\nshards 4\n", form.Number),
		"an earlier harkara": fmt.Sprintf("form %d\nshards %d\n", form.Number-1, form.Shards),
		"a newer harkara":    fmt.Sprintf("form %d\nshards %d\n", form.Number+1, form.Shards),
		"no form":            "",
	}
	for says, text := range others {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		if text != "" {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		_, started := Start(t.Context(), cfg)
		_, visited := Visit(t.Context(), cfg)
		for what, err := range map[string]error{"start": started, "visit": visited} {
			if !errors.Is(err, ErrForm) || !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %v, want %q", what, err, says)
			}
		}
	}
	if err := os.WriteFile(path, founded, 0o644); err != nil {
		t.Fatal(err)
	}
	e := open(t, cfg, "completed")
	work(t, e)
	begin(t, e, "a")
	if n := insist(t, e, "a", "1"); n != 1 {
		t.Errorf("first step answers %d", n)
	}
}

// Temporal's own lists and counts answer on slim indexes, for what has an attribute
// and for what has none; a second start finds nothing to slim.
func TestTemporalSearchesASlimStore(t *testing.T) {
	cfg := testConfig(t)
	e := open(t, cfg, "start")
	begin(t, e, "with")
	begin(t, e, "without")
	begin(t, e, "closed")
	if err := e.Temporal().TerminateWorkflow(t.Context(), "closed", "", "test"); err != nil {
		t.Fatal(err)
	}
	// Only workers and schedules set these, and the office has none of such.
	conn, err := pgx.Connect(t.Context(), e.cluster.URL(postgres.Visibility, postgres.Temporal))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	await(t, "a run to give attributes", func() bool {
		tag, err := conn.Exec(t.Context(), `UPDATE executions_visibility SET search_attributes = '{"TemporalScheduledById": "plan", "BuildIds": ["b1", "b2"]}' WHERE workflow_id = 'with'`)
		if err != nil {
			t.Fatal(err)
		}
		return tag.RowsAffected() == 1
	})
	searches := map[string]string{
		``:                               "closed with without",
		`WorkflowType = 'counter'`:       "closed with without",
		`ExecutionStatus = 'Running'`:    "with without",
		`WorkflowId = 'with'`:            "with",
		`TemporalScheduledById = 'plan'`: "with",
		`TemporalScheduledById IN ('plan', 'other')`: "with",
		`TemporalScheduledById = 'other'`:            "",
		`TemporalScheduledById IS NULL`:              "closed without",
		`TemporalScheduledById IS NOT NULL`:          "with",
		`BuildIds = 'b2'`:                            "with",
		`BuildIds IS NULL`:                           "closed without",
		`ParentWorkflowId IS NULL`:                   "closed with without",
		`CloseTime IS NOT NULL`:                      "closed",
		`HistoryLength > 0`:                          "closed",
		`HistoryLength IS NULL`:                      "with without",
		`ExecutionDuration IS NULL`:                  "with without",
		`StateTransitionCount > 0`:                   "closed",
	}
	ask := func(e *Engine) {
		t.Helper()
		for query, want := range searches {
			await(t, fmt.Sprintf("%q finds %q", query, want), func() bool {
				listed, err := e.Temporal().ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{Query: query})
				if err != nil {
					t.Fatalf("list %q: %v", query, err)
				}
				count, err := e.Temporal().CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{Query: query})
				if err != nil {
					t.Fatalf("count %q: %v", query, err)
				}
				return ids(listed) == want && int(count.GetCount()) == len(strings.Fields(want))
			})
		}
	}
	ask(e)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	ask(open(t, cfg, "second start"))
}

// ids are those of the runs that were found, in order.
func ids(r *workflowservice.ListWorkflowExecutionsResponse) string {
	var all []string
	for _, x := range r.GetExecutions() {
		all = append(all, x.GetExecution().GetWorkflowId())
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}
