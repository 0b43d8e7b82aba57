package main

import (
	"bufio"
	"context"
	"io"
	"strings"
	"testing"

	"harkara/internal/custody"
	"harkara/internal/demo"
	"harkara/internal/engine/postgres"
	"harkara/internal/label"
	"harkara/internal/ledger"
)

// Temporal is away when the office starts: it serves and stores, and decides when
// Temporal comes.
func TestServeBeginsWithoutTemporal(t *testing.T) {
	a := setApart(t)
	a.line.refuse()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	read, write := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, append([]string{"serve", "--addr", "127.0.0.1:0"}, a.flags()...), strings.NewReader(""), write, io.Discard)
		_ = write.Close()
	}()
	base := ""
	for lines := bufio.NewScanner(read); base == "" && lines.Scan(); {
		base, _ = strings.CutPrefix(lines.Text(), "ready on ")
		if !strings.HasPrefix(base, "http") {
			base = ""
		}
	}
	go func() { _, _ = io.Copy(io.Discard, read) }()

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
	open.Opening = &custody.Opening{Number: "early", Department: "fin"}
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
