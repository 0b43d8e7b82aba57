package main

import (
	"log/slog"
	"testing"

	"harkara/internal/ledger"
)

// A command that answers at once logs nothing beside its answer, unless it is asked to.
func TestCommandsLogWhatMatters(t *testing.T) {
	for command, want := range map[string]slog.Level{"serve": slog.LevelInfo, "demo": slog.LevelInfo, "rebuild": slog.LevelInfo, "bench scans": slog.LevelInfo, "status <code>": slog.LevelWarn, "station token <station>": slog.LevelWarn} {
		if got := (&commands{}).level(command); got != want {
			t.Errorf("%s: %s, want %s", command, got, want)
		}
		if got := (&commands{Verbose: true}).level(command); got != slog.LevelDebug {
			t.Errorf("%s --verbose: %s", command, got)
		}
	}
}

// What is said of an office says one of one, and no empty name.
func TestWordsOfAnOffice(t *testing.T) {
	for got, want := range map[string]string{
		some(1, "page"): "1 page", some(0, "route"): "0 routes", some(14, "room"): "14 rooms",
		told(ledger.Alteration{How: "began", Kind: "office"}): "began office",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
