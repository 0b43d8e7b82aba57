package wire_test

import (
	"encoding/json"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/scanner/gesture"
	"harkara/scanner/spool"
	"harkara/web/wire"
)

// Whatever a station makes of a card and a file, its office takes as it comes.
func TestOfficeTakesWhatStationsMake(t *testing.T) {
	clock := spool.Clock(func() spool.Moment {
		return spool.Moment{Wall: time.Date(2026, 1, 12, 4, 0, 0, 0, time.UTC), Boot: "b", Monotonic: time.Minute}
	})
	s, err := spool.Open(filepath.Join(t.TempDir(), "spool.db"), clock, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	read := func(text string) {
		if _, _, err := s.Read(gesture.Read{ID: uuid.NewString(), Text: text, Method: "qr"}); err != nil {
			t.Fatal(err)
		}
	}
	file := label.New(label.File, 7)
	read(string(file))
	for _, card := range label.Gestures {
		code := card.Code
		if card.Of != 0 {
			code = label.New(card.Of, 5)
		}
		read(string(code))
		if card.Asks != "" {
			read(string(label.New(label.Card, 5)))
		}
		read(string(label.New(label.File, 8)))
	}
	items, err := s.Next(wire.MaxCommands)
	if err != nil || len(items) < 3 {
		t.Fatal(len(items), err)
	}
	for _, item := range items {
		c, err := custody.DecodeCommand(item.Body)
		c.Station = "st-1" // as its token says
		if err == nil {
			err = c.Clean().Validate()
		}
		if err != nil || c.At.Seq == 0 || c.At.Boot != "b" {
			t.Errorf("%s: %+v, %v", item.Body, c.At, err)
		}
	}
}

func TestSplit(t *testing.T) {
	for body, want := range map[string]int{
		`{"id":"a"}`: 1, ` [{"id":"a"}, 7] `: 2, `[]`: 0, `"x"`: 1, `null`: 1, "": -1, `[1`: -1, `{} {}`: -1,
		"[" + strings.Repeat("1,", wire.MaxCommands-1) + "1]": wire.MaxCommands,
		"[" + strings.Repeat("1,", wire.MaxCommands) + "1]":   -1,
	} {
		parts, err := wire.Split([]byte(body))
		if want < 0 && !errors.Is(err, wire.ErrForm) || want >= 0 && (err != nil || len(parts) != want) {
			t.Errorf("%.20s: %d, %v", body, len(parts), err)
		}
	}
}

func TestWait(t *testing.T) {
	for text, want := range map[string]time.Duration{"": 0, "2": 2 * time.Second, "۲": 2 * time.Second, "١٥٠ms": 150 * time.Millisecond, "150ms": 150 * time.Millisecond, "1h": wire.MaxWait, "9999999999": wire.MaxWait, "-1s": -1, "-3": -1, "soon": -1} {
		if got, err := wire.Wait(text); want < 0 && !errors.Is(err, wire.ErrForm) || want >= 0 && (err != nil || got != want) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}

// A clock that says nothing sensible says nothing, and the wall time proves nothing.
func TestClock(t *testing.T) {
	said := wire.Clock{Wall: time.Date(1980, 1, 6, 0, 0, 0, 0, time.UTC), Boot: "b", Monotonic: 90 * time.Second}
	for header, want := range map[string]wire.Clock{
		said.String():             {Boot: "b", Monotonic: 90 * time.Second},
		"boot=b; monotonic=7":     {Boot: "b", Monotonic: 7},
		"boot=b;monotonic=a week": {Boot: "b", Monotonic: -1},
		"monotonic":               {Monotonic: -1},
		"":                        {Monotonic: -1},
	} {
		if got := wire.ParseClock(header); got != want {
			t.Errorf("%q: %+v", header, got)
		}
	}
}

// What a result says beside is handed on: it keeps no station from reading the rest.
func TestResultsMayBecomeRicher(t *testing.T) {
	var r wire.Result
	raw := `{"id":"a","stored":true,"outcome":{"version":99,"position":[]},"say":{"word":"Yes","tone":"up","colour":{}},"error":{"code":"x","message":"y","more":1}}`
	if err := json.Unmarshal([]byte(raw), &r); err != nil || r.ID != "a" || !r.Stored || r.Say.Tone != wire.ToneUp || r.Error.Code != "x" {
		t.Errorf("%+v, %v", r, err)
	}
	if p := wire.ProblemOf([]byte(`<html>`)); p != (wire.Problem{}) {
		t.Errorf("%+v", p)
	}
}
