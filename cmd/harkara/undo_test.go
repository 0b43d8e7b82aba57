package main

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"

	"harkara/internal/custody"
	"harkara/internal/demo"
	"harkara/internal/label"
	"harkara/scanner/gesture"
	"harkara/workflows"
)

// A station that reads a file twice and then the undo card takes its act back: it names
// its newest read, which told the office nothing new.
func TestUndoAfterADoubleScan(t *testing.T) {
	h := hire(t, workflows.Files{Rules: custody.Today})
	sample := demo.Sample(3600)
	desk, ok := sample.DeskByID("fin-ri")
	if !ok {
		t.Fatal("no such desk")
	}
	toRI := string(desk.Code)
	for _, tt := range []struct {
		name  string
		reads []string // at a-102's station; "" is the file's cover
		want  []custody.Reason
	}{
		{"received twice", []string{"", "", string(label.Undo)}, []custody.Reason{custody.Inferred, custody.SeenAlready, custody.Undone}},
		{"read three times", []string{"", "", "", string(label.Undo)}, []custody.Reason{custody.Inferred, custody.SeenAlready, custody.SeenAlready, custody.Undone}},
		{"sent, and read again", []string{"", toRI, string(label.Done), "", string(label.Undo)}, []custody.Reason{custody.Inferred, custody.Sent, custody.SentAlready, custody.Undone}},
		{"undone twice", []string{"", "", string(label.Undo), string(label.Undo)}, []custody.Reason{custody.Inferred, custody.SeenAlready, custody.Undone}},
	} {
		code := h.open("undo/" + tt.name)
		before := h.position(code)
		var s gesture.State
		var came []custody.Reason
		for i, text := range tt.reads {
			if text == "" {
				text = string(code)
			}
			var commands []gesture.Command
			s, commands, _ = gesture.Step(s, gesture.Read{ID: uuid.NewString(), Text: text, Method: "qr", At: time.Duration(i+1) * time.Second, Boot: "b"})
			for _, given := range commands {
				raw, err := json.Marshal(given)
				if err != nil {
					t.Fatal(err)
				}
				var c custody.Command
				if err := json.Unmarshal(raw, &c); err != nil {
					t.Fatal(err)
				}
				c.Station, c.At.Wall = in("a-102"), time.Now().UTC()
				came = append(came, h.do(c).Reason)
			}
		}
		if len(came) != len(tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, came, tt.want)
			continue
		}
		for i, want := range tt.want {
			if came[i] != want {
				t.Errorf("%s: %v, want %v", tt.name, came, tt.want)
			}
		}
		if now := h.position(code); tt.reads[1] == "" && (now.Desk != before.Desk || now.Leg != before.Leg) {
			t.Errorf("%s: at %s in leg %d, it was at %s in leg %d", tt.name, now.Desk, now.Leg, before.Desk, before.Leg)
		}
	}
}

func (h *hired) position(code label.Code) custody.Position {
	h.t.Helper()
	row, err := h.o.Ledger.File(h.t.Context(), code)
	if err != nil {
		h.t.Fatal(err)
	}
	return row.Position
}
