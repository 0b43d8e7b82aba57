package ledger

import (
	"context"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
)

// A commit holds its files while it waits for the feed's counter. Whoever has the
// counter and tells the feed about one of them must not wait for that commit.
func TestFilesHeldByACommitCanBeToldOf(t *testing.T) {
	s := open(t).store
	d := newDecider()
	code := newCode(t)
	put(t, s, opening(code))
	drain(t, s, d)
	if err := record(t.Context(), s, d.climb(t, s, code)); err != nil {
		t.Fatal(err)
	}
	pending, err := s.PendingNotices(t.Context(), 1)
	if err != nil || len(pending) != 1 {
		t.Fatal(pending, err)
	}
	err = s.inTx(t.Context(), func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, lockFiles, []string{string(code)}); err != nil {
			return err
		}
		return s.SettleNotice(ctx, 0, pending[0].Key, Delivered, "")
	})
	if err != nil {
		t.Fatal(err)
	}
	audit(t, s)
}

// Two answers of a closed file that record nothing share a revision. The older one,
// committed again late, must not bring its snapshot back.
func TestAnOlderAnswerLeavesTheNewerSnapshot(t *testing.T) {
	s := open(t).store
	d := newDecider()
	code := newCode(t)
	closing := custody.Command{ID: newID(), Kind: custody.Close, Code: code, Method: custody.ByHand, At: opening(code).At, Reason: "done"}
	asking := func() custody.Command { // typed digits of a closed file record nothing
		c := scanning(code)
		c.Method = custody.ByTyped
		return c
	}
	put(t, s, opening(code), closing)
	drain(t, s, d)
	put(t, s, asking())
	first := drain(t, s, d)
	put(t, s, asking())
	second := drain(t, s, d)
	if first[0].Position.Revision != second[0].Position.Revision {
		t.Fatalf("not two ticks: %+v, %+v", first[0], second[0])
	}
	for _, outcomes := range [][]custody.Outcome{{first[0]}, {second[0], first[0]}} {
		faults, err := s.Commit(t.Context(), outcomes)
		if err != nil || slices.ContainsFunc(faults, func(err error) bool { return err != nil }) {
			t.Fatal(faults, err)
		}
	}
	put(t, s, asking())
	work := lease(t, s, "me", 1)
	if len(work) != 1 || work[0].Seq != second[0].Seq+1 {
		t.Fatalf("%+v", work)
	}
	if final, err := custody.ReadState(work[0].Final); err != nil || final.Seq != second[0].Seq {
		t.Fatalf("%s, %v", work[0].Final, err)
	}
}
