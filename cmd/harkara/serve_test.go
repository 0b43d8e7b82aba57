package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"harkara/internal/custody"
	"harkara/internal/demo"
	"harkara/internal/engine/postgres"
	"harkara/internal/label"
	"harkara/internal/ledger"
	"harkara/internal/office"
)

// serve runs the program until ctx ends, and returns once it is ready.
func (a *apart) serve(ctx context.Context) (base string, ended <-chan int) {
	a.t.Helper()
	read, write := io.Pipe()
	end := make(chan int, 1)
	go func() {
		end <- run(ctx, append([]string{"serve", "--addr", "127.0.0.1:0"}, a.flags()...), strings.NewReader(""), write, io.Discard)
		_ = write.Close()
	}()
	lines := bufio.NewScanner(read)
	for lines.Scan() {
		if at, ready := strings.CutPrefix(lines.Text(), "ready on "); ready {
			go func() { _, _ = io.Copy(io.Discard, read) }()
			return at, end
		}
	}
	a.t.Fatalf("serve ended with %d before it was ready", <-end)
	return "", nil
}

// Temporal is away when the office starts: it serves and stores, and decides when
// Temporal comes.
func TestServeBeginsWithoutTemporal(t *testing.T) {
	a := setApart(t)
	a.line.refuse()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	base, ended := a.serve(ctx)

	store, err := ledger.Open(t.Context(), a.databases(postgres.App), testLog(t))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if err := store.SetOffice(t.Context(), demo.Sample(3600), "test", "set up"); err != nil {
		t.Fatal(err)
	}
	token, err := store.Enrol(t.Context(), in("a-101"))
	if err != nil {
		t.Fatal(err)
	}
	code, err := store.Mint(t.Context(), label.File)
	if err != nil {
		t.Fatal(err)
	}
	open := newCommand(custody.Open, code, in("a-101"))
	open.With = custody.Opening{Number: "early", Department: "fin"}
	if err := keep(t.Context(), base, token, open); err != nil {
		t.Fatal(err)
	}
	if n, _, err := store.Backlog(t.Context()); n != 1 || err != nil {
		t.Errorf("%d wait, %v", n, err)
	}
	a.line.heal()
	drained(t, store)
	applied(t, store, []label.Code{code}, []custody.Command{open})
	stop()
	if code := <-ended; code != exitOK {
		t.Errorf("serve ended with %d", code)
	}
}

// An address that another program has is found before a token is made that nobody could
// sign in with.
func TestServeFindsABusyAddress(t *testing.T) {
	needPostgres(t)
	dir := dataFolder(t)
	defer os.RemoveAll(dir)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	code, out := harkara(t, "serve", "--data", filepath.Join(dir, "data"), "--addr", taken.Addr().String())
	if code != exitFailed || !strings.Contains(out, "another program listens on "+taken.Addr().String()) || strings.Contains(out, "secret") {
		t.Errorf("%d: %s", code, out)
	}
	if _, err := os.Stat(filepath.Join(dir, "data", office.AdministratorFile)); err == nil {
		t.Error("an administrator was made")
	}
}

// Temporal ends a worker for good whose namespace it has lost. So does the program end
// then, for who started it to start it again.
func TestServeEndsWithItsWorker(t *testing.T) {
	t.Parallel()
	a := setApart(t)
	o, err := office.OpenLedger(t.Context(), a.config())
	if err != nil {
		t.Fatal(err)
	}
	lost := errors.New("namespace is not found")
	o.Fail(lost)
	listener, err := office.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	all := office.Service{Roles: office.Roles{Web: true, Worker: true, Dispatch: true}, Listener: listener, Ready: func(string) {}}
	if err := o.Serve(t.Context(), all); !errors.Is(err, lost) {
		t.Errorf("serve ended with %v", err)
	}
}
