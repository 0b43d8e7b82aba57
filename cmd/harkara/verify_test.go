package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"harkara/internal/custody"
	"harkara/internal/engine/postgres"
	"harkara/internal/label"
	"harkara/workflows"
)

// Whoever can write to the database past its own guards is found out: each edit is
// named with its file, and nothing else is.
func TestVerifyFindsTampering(t *testing.T) {
	a := setApart(t)
	h := a.hire()
	owner := connected(t, a.databases(postgres.Owner))
	exec := func(statement string, args ...any) {
		t.Helper()
		tag, err := owner.Exec(t.Context(), statement, args...)
		if err != nil || strings.HasPrefix(statement, "UPDATE") && tag.RowsAffected() == 0 || strings.HasPrefix(statement, "DELETE") && tag.RowsAffected() == 0 {
			t.Fatalf("%s: %v, %v", statement, tag, err)
		}
	}
	place := func(path, value string) func(label.Code) {
		return func(code label.Code) {
			exec(`UPDATE files SET position = jsonb_set(position, $2::text[], $3::jsonb) WHERE code = $1`, code, "{"+path+"}", value)
		}
	}
	cases := []struct {
		name   string
		closed bool
		do     func(label.Code)
		says   string
	}{
		{"an entry is edited", false, func(code label.Code) {
			exec(`UPDATE entries SET body = replace(body, 'st-a-102', 'st-a-103') WHERE code = $1 AND revision = 2`, code)
		}, "revision 2: content does not fit its hash"},
		{"an entry is edited and hashed anew", false, func(code label.Code) { h.forge(code, 2, exec) }, "revision 3: does not follow the entry before it"},
		{"the last entry is edited and hashed anew", false, func(code label.Code) { h.forge(code, 3, exec) }, "another hash than its last entry"},
		{"the last entry is deleted", false, func(code label.Code) {
			exec(`DELETE FROM entries WHERE code = $1 AND revision = 3`, code)
		}, "entries end at revision 2, the registry says 3"},
		{"the last entry is deleted and the registry set back", false, func(code label.Code) {
			exec(`DELETE FROM entries WHERE code = $1 AND revision = 3`, code)
			exec(`UPDATE files SET revision = 2, hash = (SELECT hash FROM entries e WHERE e.code = files.code AND e.revision = 2),
    (position, wake) = (SELECT outcome->'position', (outcome->'position'->>'wake')::timestamptz FROM inbox i WHERE i.code = files.code AND i.seq = 2) WHERE code = $1`, code)
		}, "entries end at revision 2, its workflow is at 3"},
		{"entries are reordered", false, func(code label.Code) {
			exec(`UPDATE entries SET revision = revision + 100 WHERE code = $1 AND revision IN (2, 3)`, code)
			exec(`UPDATE entries SET revision = 105 - revision WHERE code = $1 AND revision > 100`, code)
		}, "revision 2: found revision 3"},
		{"a desk is changed", false, place("desk", `"fin-sec"`), "desk is fin-sec, should be fin-so2"},
		{"a phase is changed", false, place("phase", `"transit"`), "phase is transit, should be held"},
		{"a deadline is changed", false, place("deadline", `"2031-01-01T00:00:00Z"`), "deadline is 2031-01-01"},
		{"a position's revision is changed", false, place("revision", `2`), "revision is 2, should be 3"},
		{"a closed file's room is changed", true, place("room", `"b-rec"`), "room is b-rec, should be a-103"},
		{"a closed file's snapshot is changed", true, func(code label.Code) {
			exec(`UPDATE files SET final = jsonb_set(final, '{leg,place,desk}', '"fin-sec"') WHERE code = $1`, code)
		}, "what was kept when it was closed differs from its entries: leg"},
		{"a number is changed in the registry", false, func(code label.Code) {
			exec(`UPDATE files SET number = number || '/A' WHERE code = $1`, code)
		}, "another number or subject"},
		{"a number is changed everywhere but in the chain", false, func(code label.Code) {
			exec(`UPDATE files SET number = number || '/A' WHERE code = $1`, code)
			exec(`UPDATE inbox SET texts = jsonb_set(texts, '{number}', to_jsonb(texts->>'number' || '/A')) WHERE code = $1 AND seq = 1`, code)
		}, "revision 1: number: words are altered or missing"},
		{"a department is changed", false, func(code label.Code) {
			exec(`UPDATE files SET department = 'health' WHERE code = $1`, code)
		}, "the registry says department health"},
		{"a workflow is terminated", false, func(code label.Code) {
			if err := h.o.engine.Temporal().TerminateWorkflow(t.Context(), workflows.FileID(code), "", "test"); err != nil {
				t.Fatal(err)
			}
		}, "it is open and has no workflow"},
	}
	codes := make([]label.Code, len(cases))
	whole := h.open("whole")
	h.do(newCommand(custody.Scan, whole, in("a-102")))
	for i, c := range cases {
		codes[i] = h.open(c.name)
		h.do(newCommand(custody.Scan, codes[i], in("a-102")))
		h.do(newCommand(custody.Scan, codes[i], in("a-103")))
		if c.closed {
			h.do(newCommand(custody.Close, codes[i], ""))
		}
	}
	verify := append([]string{"verify"}, a.flags()...)
	if code, out := harkara(t, verify...); code != exitOK || !strings.Contains(out, "every chain is whole") {
		t.Fatalf("before: %d\n%s", code, out)
	}
	exec(`ALTER TABLE entries DISABLE TRIGGER entries_append_only`)
	for i, c := range cases {
		c.do(codes[i])
	}
	code, out := harkara(t, verify...)
	if code != exitFailed {
		t.Errorf("exit code %d", code)
	}
	found := map[string]string{}
	for line := range strings.Lines(out) {
		if rest, problem := strings.CutPrefix(line, "✗ file "); problem {
			file, what, _ := strings.Cut(rest, ": ")
			found[file] += what
		}
	}
	for i, c := range cases {
		if says := found[codes[i].Format()]; !strings.Contains(says, c.says) {
			t.Errorf("%s: %q, want %q", c.name, says, c.says)
		}
	}
	if len(found) != len(cases) {
		t.Errorf("%d files are blamed, want %d:\n%s", len(found), len(cases), out)
	}
}

// What needs the ledger alone works beside the program that runs the office; a second
// office on its folder is refused, and told whose it is.
func TestCommandsBesideARunningOffice(t *testing.T) {
	running(t)
	data := filepath.Join(shared.dir, "data")
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"office", "--data", data}, exitOK, `"Sample Secretariat"`},
		{[]string{"station", "token", "--data", data, string(in("a-101"))}, exitOK, ""},
		{[]string{"serve", "--data", data, "--addr", "127.0.0.1:0"}, exitFailed, fmt.Sprintf("in use by another harkara, process %d: stop that one first", os.Getpid())},
	} {
		if code, out := harkara(t, c.args...); code != c.code || !strings.Contains(out, c.says) {
			t.Errorf("%v: %d\n%s", c.args, code, out)
		}
	}
}

// forge gives an entry another content with a hash that fits it.
func (h *hired) forge(code label.Code, revision int64, exec func(string, ...any)) {
	h.t.Helper()
	open, _, _ := strings.Cut(string(h.entries(code)[revision-1].Bytes()), `,"hash":"`)
	open = strings.Replace(open, `"method":"qr"`, `"method":"typed"`, 1)
	hash := fmt.Sprintf("%x", sha256.Sum256([]byte(open+"}")))
	exec(`UPDATE entries SET body = $3, hash = $4 WHERE code = $1 AND revision = $2`, code, revision, open+`,"hash":"`+hash+`"}`, hash)
}
