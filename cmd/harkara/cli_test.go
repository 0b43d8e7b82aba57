package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is cut short has not done its work and says so; what runs until it is
// interrupted has.
func TestInterrupted(t *testing.T) {
	needPostgres(t)
	dir := dataFolder(t)
	defer os.RemoveAll(dir)
	register := filepath.Join(dir, "register.csv")
	if err := os.WriteFile(register, []byte("number,subject,department,desk\n1,one,fin,fin-ri\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(dir, "data")
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	for _, c := range []struct {
		code int
		args []string
	}{
		{exitFailed, []string{"verify", "--data", data}},
		{exitFailed, []string{"status", "10000000007746"}},
		{exitFailed, []string{"covers", "--from", register, "-o", filepath.Join(dir, "covers.pdf")}},
		{exitFailed, []string{"reprint", "10000000007746", "--reason", "torn", "-o", filepath.Join(dir, "covers.pdf")}},
		{exitOK, []string{"serve", "--data", data, "--addr", "127.0.0.1:0"}},
		{exitOK, []string{"demo", "--data", data, "--addr", "127.0.0.1:0"}},
	} {
		var out, says bytes.Buffer
		code := run(ctx, c.args, strings.NewReader(""), &out, &says)
		if code != c.code || (code != exitOK) != strings.Contains(says.String(), "harkara: ") {
			t.Errorf("%v: %d\n%s%s", c.args, code, out.String(), says.String())
		}
	}
}
