package intake

import (
	"log/slog"
	"testing"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
	"harkara/internal/engine/postgres"
	"harkara/internal/ledger"
)

// A command that a newer program stored is no failure of its file: it waits, others go on,
// and a program that knows it takes it.
func TestNewerCommandWaits(t *testing.T) {
	b := newBench(t)
	newer, good := life(b.code()), life(b.code())
	b.put(newer[:2]...)
	owner, err := pgx.Connect(t.Context(), b.of(postgres.Owner))
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close(t.Context())
	var body string
	if err := owner.QueryRow(t.Context(), `UPDATE inbox SET body = '{"v":99}' WHERE id = $1 RETURNING (SELECT body FROM inbox WHERE id = $1)`, newer[1].ID).Scan(&body); err != nil {
		t.Fatal(err)
	}
	world := &lives{}
	stop := b.start(b.dispatcher(world))
	b.put(good...)
	b.put(newer[2:]...)
	b.outcome(good[len(good)-1])
	b.applied(good[0].Code, good)
	b.until(func() bool { return b.log.has(slog.LevelWarn, "a newer program must decide a command") })
	stop()
	b.applied(newer[0].Code, newer[:1])
	if stuck, err := b.store.Quarantined(t.Context()); err != nil || len(stuck) != 0 {
		t.Errorf("%d quarantined, %v", len(stuck), err)
	}
	if _, err := owner.Exec(t.Context(), `UPDATE inbox SET body = $2 WHERE id = $1`, newer[1].ID, body); err != nil { // the newer program
		t.Fatal(err)
	}
	b.start(b.dispatcher(world))
	b.drained()
	b.audit()
	b.applied(newer[0].Code, newer)
}

// So does a closed file whose state a newer program left behind, in a form that this one
// cannot even read.
func TestNewerStateWaits(t *testing.T) {
	b := newBench(t)
	newer, good := life(b.code()), life(b.code())
	world := &lives{}
	stop := b.start(b.dispatcher(world))
	b.put(newer[:4]...) // it is closed
	b.drained()
	stop()
	owner, err := pgx.Connect(t.Context(), b.of(postgres.Owner))
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close(t.Context())
	var final string
	if err := owner.QueryRow(t.Context(), `UPDATE files SET final = '{"v":99,"balances":"none"}' WHERE code = $1 RETURNING (SELECT final FROM files WHERE code = $1)`, newer[0].Code).Scan(&final); err != nil {
		t.Fatal(err)
	}
	stop = b.start(b.dispatcher(world))
	b.put(newer[4:]...)
	b.put(good...)
	b.outcome(good[len(good)-1])
	b.until(func() bool { return b.log.has(slog.LevelWarn, "a newer program must decide a command") })
	stop()
	b.applied(newer[0].Code, newer[:4])
	if stuck, err := b.store.Quarantined(t.Context()); err != nil || len(stuck) != 0 {
		t.Errorf("%d quarantined, %v", len(stuck), err)
	}
	if _, err := owner.Exec(t.Context(), `UPDATE files SET final = $2 WHERE code = $1`, newer[0].Code, final); err != nil { // the newer program
		t.Fatal(err)
	}
	b.start(b.dispatcher(world))
	b.drained()
	b.audit()
	b.applied(newer[0].Code, newer)
}

// A file that a newer program has decided about is not even asked: its workflow would fail
// here at every question.
func TestFileOfANewerFormWaits(t *testing.T) {
	b := newBench(t)
	world := &lives{}
	commands := life(b.code())
	stop := b.start(b.dispatcher(world))
	b.put(commands[:2]...)
	b.drained()
	stop()
	owner, err := pgx.Connect(t.Context(), b.of(postgres.Owner))
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close(t.Context())
	form := func(n int) (was int) {
		t.Helper()
		if err := owner.QueryRow(t.Context(), `UPDATE files SET form = $2 WHERE code = $1 RETURNING (SELECT form FROM files WHERE code = $1)`, commands[0].Code, n).Scan(&was); err != nil {
			t.Fatal(err)
		}
		return was
	}
	if was := form(99); was != custody.Form {
		t.Errorf("decided by form %d", was)
	}
	sent := world.sent
	stop = b.start(b.dispatcher(world))
	b.put(commands[2:]...)
	b.until(func() bool { return b.log.has(slog.LevelWarn, "a newer program must decide a command") })
	stop()
	if stuck, err := b.store.Quarantined(t.Context()); err != nil || len(stuck) != 0 || world.sent != sent {
		t.Errorf("%d quarantined, %d sent, %v", len(stuck), world.sent-sent, err)
	}
	form(custody.Form)
	b.start(b.dispatcher(world))
	b.drained()
	b.audit()
	b.applied(commands[0].Code, commands)
}

// What a newer program opens is not refused as a file that nobody opened, once that has
// brought it into a form that this one reads.
func TestNewerOpening(t *testing.T) {
	c := command(custody.Open, fileCode, "")
	w := ledger.Work{Command: custody.Command{ID: c.ID}, Unread: custody.ErrNewer, File: fileCode, Seq: 1}
	if out, refused := refusal(w, custody.Resolved{Command: c, Seq: 1}); refused {
		t.Errorf("%s", out.Reason)
	}
}
