package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"harkara/internal/audit"
	"harkara/internal/bench/fill"
	"harkara/internal/custody"
	"harkara/internal/demo"
	"harkara/internal/engine"
	"harkara/internal/engine/postgres"
	"harkara/internal/label"
	"harkara/internal/office"
	"harkara/workflows"
)

// snapshots asks the workflow of every open file.
func snapshots(t testing.TB, o *office.Office) map[label.Code]workflows.Snapshot {
	t.Helper()
	asked := audit.Temporal{Client: o.Engine.Temporal()}
	all := map[label.Code]workflows.Snapshot{}
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(t.Context())
	group.SetLimit(16)
	for after := label.Code(""); ; {
		files, err := o.Ledger.Files(ctx, after, 500)
		if err != nil {
			t.Fatal(err)
		}
		if len(files) == 0 {
			break
		}
		for _, f := range files {
			if f.Final != nil {
				continue
			}
			group.Go(func() error {
				s, err := asked.Snapshot(ctx, f.Code, time.Minute)
				if err != nil {
					return fmt.Errorf("file %s: %w", f.Code, err)
				}
				mu.Lock()
				defer mu.Unlock()
				all[f.Code] = *s
				return nil
			})
		}
		after = files[len(files)-1].Code
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	return all
}

// reborn fails unless files are what they were, field by field, but for what the ledger had
// not confirmed.
func reborn(t testing.TB, before, after map[label.Code]workflows.Snapshot, in custody.Incarnation) {
	t.Helper()
	if len(before) != len(after) {
		t.Errorf("%d open files, %d before", len(after), len(before))
	}
	text := func(s custody.State) string {
		s.Unconfirmed, s.Untold = nil, nil
		raw, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	for code, was := range before {
		is := after[code]
		if was, is := text(was.State), text(is.State); is != was {
			t.Errorf("file %s is\n%s, was\n%s", code, is, was)
		}
		if is.Incarnation != in || len(is.State.Unconfirmed)+len(is.State.Untold) > 0 {
			t.Errorf("file %s: incarnation %d, %d entries unconfirmed", code, is.Incarnation, len(is.State.Unconfirmed))
		}
	}
}

// onTheWay sends a file on from where it is.
func onTheWay(code label.Code, room string) custody.Command {
	c := newCommand(custody.Scan, code, in(room))
	c.With = custody.Context{Onward: true}
	return c
}

// Temporal's databases and folder are lost while commands wait, one is decided and not
// committed, rungs are about to fall due and deliveries are under way. The office is rebuilt,
// killed in the middle and rebuilt on: every file is what it was, what waited is decided by
// its stored form, rungs are told once, and what was being delivered is unconfirmed.
func TestRebuildAfterTemporalIsLost(t *testing.T) {
	needPostgres(t)
	files := 2000
	if testing.Short() {
		files = 500
	}
	const moved, late, waiting = 120, 4, 30
	const mailed = 2 * late // the first rung of a file on the way tells who sent it and whom it goes to
	dir := dataFolder(t)
	defer os.RemoveAll(dir)
	data := filepath.Join(dir, "data")
	k := raise(t, data, 3600)
	h := &hired{t: t, o: &office.Office{Ledger: k.store}}
	at := func(database string, do func(*pgx.Conn) error) { // the database goes and comes back
		t.Helper()
		conn, err := pgx.Connect(t.Context(), ledgerAt(data, database, postgres.Admin))
		if err == nil {
			err = errors.Join(do(conn), conn.Close(t.Context()))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	exec := func(statement string) {
		t.Helper()
		at(postgres.Ledger, func(c *pgx.Conn) error { _, err := c.Exec(t.Context(), statement); return err })
	}
	number := func(statement string) (n int) {
		t.Helper()
		at(postgres.Ledger, func(c *pgx.Conn) error { return c.QueryRow(t.Context(), statement).Scan(&n) })
		return n
	}
	put := func(commands ...custody.Command) {
		t.Helper()
		if _, err := k.store.Put(t.Context(), commands); err != nil {
			t.Fatal(err)
		}
	}
	sent := func(transit custody.Seconds) (codes []label.Code) { // files on the way, with so little time
		t.Helper()
		o := demo.Sample(3600)
		o.Policy.Transit, o.Ladders[0].Rungs[0].Channel = transit, "mail"
		if err := k.store.SetOffice(t.Context(), o, "test", "transit"); err != nil {
			t.Fatal(err)
		}
		for len(codes) < late { // once the program has seen it
			code := k.open(1)[0]
			put(onTheWay(code, "a-101"))
			drained(t, k.store)
			row, err := k.store.File(t.Context(), code)
			if err != nil {
				t.Fatal(err)
			}
			if row.Position.Budget == transit {
				codes = append(codes, code)
				continue
			}
			put(newCommand(custody.Close, code, ""))
			drained(t, k.store)
		}
		return codes
	}
	last := func(code label.Code) int {
		entries := h.entries(code)
		return entries[len(entries)-1].Rung
	}

	if err := fill.Register(t.Context(), k.store, 0, files-moved); err != nil {
		t.Fatal(err)
	}
	codes := k.open(moved)
	drained(t, k.store)
	for i, code := range codes { // lives of every kind
		put(newCommand(custody.Scan, code, in(killRooms[1+i%3])))
		switch i % 8 {
		case 0:
			put(onTheWay(code, killRooms[1+i%3]))
		case 1:
			put(newCommand(custody.Scan, code, in(killRooms[1+i%3]))) // a soft tick: no entry
		case 2:
			put(newCommand(custody.Undo, code, in(killRooms[1+i%3])))
		case 3:
			lost := newCommand(custody.Missing, code, "")
			lost.Reason = "not in the almirah"
			put(lost)
		case 4:
			put(newCommand(custody.Close, code, ""))
		case 5:
			put(newCommand(custody.Close, code, ""), newCommand(custody.Reopen, code, in("a-102")))
		}
	}
	drained(t, k.store)
	exec(`REVOKE UPDATE ON notices FROM harkara`)
	exec(`GRANT UPDATE (state, changed_at) ON notices TO harkara`) // deliveries begin, and do not end
	told := sent(4)                                                // the first rung after three seconds, the last after eight
	h.met(func() bool { return number(`SELECT count(*) FROM notices WHERE state = 'delivering'`) == mailed })
	guest, err := office.Visit(t.Context(), engine.Config{Dir: data})
	if err == nil {
		err = guest.Engine.Ready(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range told {
		h.met(func() bool { return last(code) == 200 })
	}
	before := snapshots(t, guest)
	dueAway := sent(40) // due from thirty seconds on, while the office is away
	for _, code := range dueAway {
		s, err := audit.Temporal{Client: guest.Engine.Temporal()}.Snapshot(t.Context(), code, 0)
		if err != nil {
			t.Fatal(err)
		}
		before[code] = *s
	}
	exec(`REVOKE INSERT ON entries FROM harkara`)
	var all []custody.Command
	for n := range waiting { // each moves its file: it leaves an entry, which cannot be committed
		i := 8*(n%15) + 1
		all = append(all, newCommand(custody.Scan, codes[i], in(killRooms[1+(i+1+n/15)%3])))
	}
	put(all...)
	first := all[0].Code
	h.met(func() bool { // decided, and not committed
		s, err := audit.Temporal{Client: guest.Engine.Temporal()}.Snapshot(t.Context(), first, 0)
		return err == nil && s.State.Head.Revision > before[first].State.Head.Revision
	})
	if err := guest.Close(); err != nil {
		t.Fatal(err)
	}
	k.end(syscall.SIGKILL)
	exec(`GRANT INSERT ON entries TO harkara`)
	exec(`GRANT UPDATE ON notices TO harkara`)
	forms := number(`SELECT count(*) FROM resolved`)
	for _, lost := range []string{postgres.Workflows, postgres.Visibility} {
		at("postgres", func(c *pgx.Conn) error {
			_, err := c.Exec(t.Context(), `DROP DATABASE `+lost+` WITH (FORCE)`)
			return err
		})
	}
	if err := os.Remove(filepath.Join(data, "temporal")); err != nil {
		t.Fatal(err)
	}

	refuses := func(says string) {
		t.Helper()
		if code, out := harkara(t, "serve", "--data", data, "--addr", "127.0.0.1:0"); code != exitFailed || !strings.Contains(out, says) {
			t.Errorf("serve: %d, it does not say %q\n%s", code, says, out)
		}
	}
	refuses("if theirs is lost, `harkara rebuild` makes them again")
	killRebuild(t, k, files/4)
	refuses("`harkara rebuild` goes on")
	code, out := harkara(t, "rebuild", "--data", data)
	if code != exitOK || !strings.Contains(out, fmt.Sprintf("%d open files have their workflows again", len(before))) || !strings.Contains(out, "It went on where it was interrupted") {
		t.Fatalf("rebuild: %d\n%s", code, out)
	}
	looked, err := office.OpenOrVisit(t.Context(), engine.Config{Dir: data, Log: testLog(t), NoSync: true}, true)
	if err != nil {
		t.Fatal(err)
	}
	if n := number(`SELECT count(*) FROM resolved`); n != forms || n == 0 {
		t.Errorf("%d commands wait in their stored forms, %d before", n, forms)
	}
	if n := number(`SELECT count(*) FROM notices WHERE state = 'unconfirmed' AND detail = 'rebuilt'`); n != mailed {
		t.Errorf("%d deliveries are unconfirmed, %d were under way", n, mailed)
	}
	reborn(t, before, snapshots(t, looked), 1)
	if err := looked.Close(); err != nil {
		t.Fatal(err)
	}

	k.start()
	drained(t, k.store)
	applied(t, k.store, codes, all)
	scan := newCommand(custody.Scan, codes[0], in("a-104"))
	k.spool.send(scan, 0)
	drained(t, k.store)
	applied(t, k.store, codes, []custody.Command{scan})
	for _, code := range dueAway {
		h.met(func() bool { return last(code) == 200 })
	}
	for _, code := range slices.Concat(codes, told, dueAway) {
		h.rungsOnce(code)
	}
	if twice := number(`SELECT count(*) FROM (SELECT code FROM entries WHERE body LIKE '%"reason":"rung"%' GROUP BY code, body::jsonb->'rung', body::jsonb->'at' HAVING count(*) > 1) d`); twice != 0 {
		t.Errorf("%d rungs were told twice", twice)
	}
	if n := number(`SELECT count(*) FROM notices WHERE state = 'unconfirmed'`); n != mailed {
		t.Errorf("%d deliveries are unconfirmed in the end", n)
	}
	if code, out := harkara(t, "verify", "--data", data); code != exitOK {
		t.Errorf("verify: %d\n%s", code, out)
	}
	k.end(syscall.SIGTERM)
}

// killRebuild kills a rebuild once it has made so many workflows.
func killRebuild(t *testing.T, k *killed, made int) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, "rebuild", "--data", k.data)
	cmd.Env = append(os.Environ(), asProgram+"=1", noSyncToo+"=1")
	if testing.Verbose() {
		cmd.Stderr = os.Stderr
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	(&hired{t: t, o: &office.Office{Ledger: k.store}}).met(func() bool {
		in, err := k.store.Incarnation(t.Context())
		return err == nil && in.Number == 1 && in.Made >= made
	})
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	if in, err := k.store.Incarnation(t.Context()); err != nil || in.Number != 1 || in.Ended || in.Made < made {
		t.Errorf("killed in the middle: %+v, %v", in, err)
	}
}

// shakyMaker makes workflows and fails at it: before, after, and late.
type shakyMaker struct {
	audit.Temporal
	calls atomic.Int64
	next  chan struct{} // a start that is not slow has begun
}

var errEngine = errors.New("the engine is away")

func (m *shakyMaker) Start(ctx context.Context, s workflows.Start) error {
	n := m.calls.Add(1)
	if n > 40 {
		return m.Temporal.Start(ctx, s)
	}
	if n%4 != 0 {
		select {
		case m.next <- struct{}{}:
		default:
		}
	}
	switch n % 4 {
	case 1: // refused
		return errEngine
	case 2: // done, and reported as failed
		return errors.Join(m.Temporal.Start(ctx, s), errEngine)
	case 0: // slow
		err := m.Temporal.Start(ctx, s)
		select {
		case <-m.next:
		case <-ctx.Done():
		}
		return err
	}
	return m.Temporal.Start(ctx, s)
}

// The engine refuses, forgets to say that it has done, or is slow; and the rebuild is
// interrupted again and again: in the end each file is what it was.
func TestRebuildThroughFaults(t *testing.T) {
	a := setApart(t)
	old := a.open()
	const files = 40
	for i := range files {
		code := old.open(fmt.Sprintf("faults/%d", i))
		if i%3 == 0 {
			old.do(newCommand(custody.Scan, code, in("a-102")))
		}
		if i%5 == 0 {
			old.do(onTheWay(code, "a-102"))
		}
	}
	before := snapshots(t, old.o)
	if err := old.o.Close(); err != nil {
		t.Fatal(err)
	}
	b := *a
	b.name += "_anew"
	o, err := office.OpenLedger(t.Context(), b.config())
	if err == nil {
		err = o.Engine.Ready(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	}()
	home, err := o.Engine.NamespaceID(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	births := &audit.Births{}
	w, err := o.Work(workflows.Files{Rules: custody.Today}, true, births)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	r := audit.Rebuild{
		Ledger: o.Ledger, Maker: &shakyMaker{Temporal: audit.Temporal{Client: o.Engine.Temporal()}, next: make(chan struct{}, 1)}, Births: births, Home: home,
		AtOnce: 4, Together: 6,
	}
	for n := range 4 { // interrupted
		ctx, cancel := context.WithCancel(t.Context())
		had := 0
		if in, err := o.Ledger.Incarnation(ctx); err != nil {
			t.Fatal(err)
		} else if n > 0 {
			had = in.Made
		}
		got, err := r.Run(ctx, func(made, of int) {
			if of != files {
				t.Errorf("of %d files", of)
			}
			if made >= had+7 {
				cancel()
			}
		})
		cancel()
		if !errors.Is(err, context.Canceled) || got.Resumed != (n > 0) || got.Incarnation != 1 {
			t.Fatalf("interrupted %d: %+v, %v", n, got, err)
		}
	}
	got, err := r.Run(t.Context(), nil)
	if err != nil || got.Made != files || !got.Resumed || got.Found != 0 || got.Ended != 0 {
		t.Fatalf("%+v, %v", got, err)
	}
	reborn(t, before, snapshots(t, o), 1)
	verified(t, o)
}

// A file whose chain is broken cannot be made again: it is named, and has no workflow. One
// whose registry alone is wrong is made from its chain, and named too.
func TestRebuildNamesWhatIsNotWhole(t *testing.T) {
	a := setApart(t)
	old := a.open()
	broken, moved, whole := old.open("not whole/broken"), old.open("not whole/moved"), old.open("whole")
	old.do(newCommand(custody.Scan, broken, in("a-102")))
	before := snapshots(t, old.o)
	if err := old.o.Close(); err != nil {
		t.Fatal(err)
	}
	conn := connected(t, a.databases(postgres.Admin))
	a.saboteur(conn)
	for code, statement := range map[label.Code]string{
		broken: `UPDATE entries SET body = replace(body, 'a-102', 'a-103') WHERE code = $1 AND revision = 2`,
		moved:  fmt.Sprintf(anotherPlace, "desk", `"fin-sec"`),
	} {
		if err := sabotage(t.Context(), conn, []string{statement}, code, ""); err != nil {
			t.Fatal(err)
		}
	}
	b := *a
	b.name += "_anew"
	code, out := harkara(t, append([]string{"rebuild"}, b.flags()...)...)
	for _, says := range []string{
		"file " + broken.Format() + ": the chain is broken", "file " + moved.Format() + ": the registry has the file elsewhere than its chain: desk",
		"2 open files have their workflows again", "1 have none",
	} {
		if code != exitFailed || !strings.Contains(out, says) {
			t.Errorf("rebuild: %d, it does not say %q\n%s", code, says, out)
		}
	}
	o, err := office.OpenOrVisit(t.Context(), b.config(), true)
	if err != nil {
		t.Fatal(err)
	}
	temporal := audit.Temporal{Client: o.Engine.Temporal()}
	for _, code := range []label.Code{moved, whole} {
		s, err := temporal.Snapshot(t.Context(), code, 0)
		if err != nil {
			t.Fatal(err)
		}
		reborn(t, map[label.Code]workflows.Snapshot{code: before[code]}, map[label.Code]workflows.Snapshot{code: *s}, 1)
	}
	if _, err := temporal.Snapshot(t.Context(), broken, 0); !errors.Is(err, audit.ErrNoWorkflow) {
		t.Errorf("the broken one: %v", err)
	}
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
}
