package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"harkara/internal/engine/postgres/pgtest"
)

// asProgram makes the test binary behave as station itself, for the test that kills
// it.
const asProgram = "HARKARA_TEST_STATION"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	pgtest.Main(m)
}
