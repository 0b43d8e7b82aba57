package intake

import (
	"log/slog"
	"testing"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
	"harkara/internal/engine/postgres"
	"harkara/internal/ledger"
)

// What a newer program stored is no failure of its file: the file waits, others go on, and a
// program that knows it takes it. Nothing of it is even asked of the workflow.
func TestNewerFormsWait(t *testing.T) {
	for _, tt := range []struct {
		name   string
		before int // commands decided before it is there
		spoil  string
		mend   string // $2 is what spoil returned
	}{
		{
			"a command", 1,
			`UPDATE inbox SET body = '{"v":99}' WHERE code = $1 AND seq = 2 RETURNING (SELECT body FROM inbox WHERE code = $1 AND seq = 2)`,
			`UPDATE inbox SET body = $2 WHERE code = $1 AND seq = 2`,
		},
		{ // that this one cannot even read
			"the state of a closed file", 4,
			`UPDATE files SET final = '{"v":99,"balances":"none"}' WHERE code = $1 RETURNING (SELECT final::text FROM files WHERE code = $1)`,
			`UPDATE files SET final = $2::text::jsonb WHERE code = $1`,
		},
		{ // whose workflow would fail here at every question
			"what it was decided by", 2,
			`UPDATE files SET form = 99 WHERE code = $1 RETURNING (SELECT form::text FROM files WHERE code = $1)`,
			`UPDATE files SET form = $2::text::smallint WHERE code = $1`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t)
			newer, good := life(b.code()), life(b.code())
			world := &lives{}
			stop := b.start(b.dispatcher(world))
			b.put(newer[:tt.before]...)
			b.drained()
			stop()
			b.put(newer[tt.before:]...)
			owner, err := pgx.Connect(t.Context(), b.of(postgres.Owner))
			if err != nil {
				t.Fatal(err)
			}
			defer owner.Close(t.Context())
			var was string
			if err := owner.QueryRow(t.Context(), tt.spoil, newer[0].Code).Scan(&was); err != nil {
				t.Fatal(err)
			}
			sent := world.sent
			stop = b.start(b.dispatcher(world))
			b.put(good...)
			b.outcome(good[len(good)-1])
			b.until(func() bool { return b.log.has(slog.LevelWarn, "a newer program must decide a command") })
			stop()
			b.applied(newer[0].Code, newer[:tt.before])
			if stuck, err := b.store.Quarantined(t.Context()); err != nil || len(stuck) != 0 || world.sent != sent+len(good) {
				t.Errorf("%d quarantined, %d sent, %v", len(stuck), world.sent-sent, err)
			}
			if _, err := owner.Exec(t.Context(), tt.mend, newer[0].Code, was); err != nil { // the newer program
				t.Fatal(err)
			}
			b.start(b.dispatcher(world))
			b.drained()
			b.audit()
			b.applied(newer[0].Code, newer)
		})
	}
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
