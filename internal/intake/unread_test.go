package intake

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
	"harkara/internal/engine/postgres"
)

// A command that another program stored and this one cannot read holds up its own
// file only, until a person retries or voids it.
func TestUnreadableCommandHoldsUpItsOwnFile(t *testing.T) {
	b := newBench(t)
	bad, good := life(b.code()), life(b.code())
	b.put(bad[:2]...)
	owner, err := pgx.Connect(t.Context(), b.of(postgres.Owner))
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close(t.Context())
	if _, err := owner.Exec(t.Context(), `UPDATE inbox SET body = '{"later":1}' WHERE id = $1`, bad[1].ID); err != nil {
		t.Fatal(err)
	}
	b.start(b.dispatcher(&lives{}))
	b.put(good...)
	b.put(bad[2:]...)
	b.until(func() bool {
		stuck, err := b.store.Quarantined(t.Context())
		return err == nil && len(stuck) == 1 && stuck[0].Command.ID == bad[1].ID && stuck[0].Attempts == 10
	})
	b.outcome(good[len(good)-1])
	b.applied(good[0].Code, good)
	if err := b.store.Void(t.Context(), bad[1].ID, "admin", "of a newer program"); err != nil {
		t.Fatal(err)
	}
	b.drained()
	b.audit()
	b.applied(bad[0].Code, bad)
	if out := b.outcome(bad[1]); out.Reason != custody.Voided {
		t.Errorf("%s", out.Reason)
	}
}
