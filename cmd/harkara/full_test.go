package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"harkara/internal/custody"
	"harkara/internal/engine/postgres"
	"harkara/internal/smalldisk"
	"harkara/web/lang"
)

// The disk of the whole data folder is full, so that the database cannot even write
// its log: stations are told "not stored". When there is room again the same program
// goes on, and everything that was acknowledged is there, once.
func TestTheDataFolderIsFull(t *testing.T) {
	needPostgres(t)
	dir := dataFolder(t)
	t.Cleanup(func() { os.RemoveAll(dir) })
	smalldisk.On(t, dir, "400m")
	k := raise(t, filepath.Join(dir, "data"), 3600)
	codes := k.open(4)
	drained(t, k.store)
	admin := connected(t, ledgerAt(k.data, postgres.Ledger, postgres.Admin))
	ballast := filepath.Join(dir, "ballast")
	fillUp(t, ballast)
	var kept, refused []custody.Command
	scan := func() error {
		n := len(kept) + len(refused)
		c := newCommand(custody.Scan, codes[n%len(codes)], in(killRooms[(n/len(codes)+1)%len(killRooms)]))
		err := keep(t.Context(), k.base, k.spool.tokens[c.Station], c)
		if err == nil {
			kept = append(kept, c)
		} else {
			refused = append(refused, c)
		}
		return err
	}
	for range 12 { // there is room in the log
		if err := scan(); err != nil {
			break
		}
	}
	for range 3 { // and what is left of it is given up
		if _, err := admin.Exec(t.Context(), `SELECT pg_switch_wal()`); err != nil {
			t.Log("as wanted:", err)
		}
	}
	notStored := lang.English.Text("error.not_stored")
	for told := false; !told; {
		err := scan()
		switch {
		case err != nil && !errors.Is(err, errTurnedAway):
			t.Fatalf("an answer that a station cannot understand: %v", err)
		case len(kept) > 20_000:
			t.Fatal("the disk does not fill")
		}
		told = err != nil && strings.Contains(err.Error(), "503") && strings.Contains(err.Error(), notStored)
	}
	if status, body := health(t, k.base); status != http.StatusServiceUnavailable || !strings.Contains(body, "disk_full") {
		t.Errorf("nothing is stored, and health says %d %s", status, body)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	for _, c := range refused {
		k.spool.send(c, 0)
	}
	began := time.Now()
	drained(t, k.store)
	applied(t, k.store, codes, append(kept, refused...))
	if code, out := harkara(t, "verify", "--data", k.data); code != exitOK {
		t.Errorf("verify: %d\n%s", code, out)
	}
	t.Logf("%d scans kept, %d told not to be; all applied %s after there was room", len(kept), len(refused), time.Since(began).Round(time.Millisecond))
	retry := time.NewTicker(100 * time.Millisecond)
	defer retry.Stop()
	for end := time.After(time.Minute); ; {
		status, body := health(t, k.base)
		if status == http.StatusOK {
			break
		}
		select {
		case <-retry.C:
		case <-end:
			t.Fatalf("there is room, and health says %d %s", status, body)
		}
	}
	k.end(syscall.SIGTERM)
	fillUp(t, ballast)
	tellsOfRoom(t, k.data, "64 MB are wanted")
}

// A start on a disk without room ends, and says which folder, how much room there is,
// how much is wanted, and what to do.
func TestNoOfficeBeginsWithoutRoom(t *testing.T) {
	needPostgres(t)
	dir := dataFolder(t)
	t.Cleanup(func() { os.RemoveAll(dir) })
	smalldisk.On(t, dir, "50m")
	data := filepath.Join(dir, "deep", "data")
	tellsOfRoom(t, data, "50 MB are free, 256 MB are wanted")
	if _, err := os.Stat(data); !errors.Is(err, os.ErrNotExist) {
		t.Error("it left something half made: ", err)
	}
}

func tellsOfRoom(t *testing.T, data, want string) {
	t.Helper()
	code, out := harkara(t, "serve", "--data", data, "--addr", "127.0.0.1:0")
	if code != exitFailed || !strings.Contains(out, want) || !strings.Contains(out, data) || !strings.Contains(out, "Make room on that disk") {
		t.Errorf("%d: %s", code, out)
	}
}

func health(t *testing.T, base string) (status int, body string) {
	t.Helper()
	resp, err := http.Get(base + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(raw)
}

// fillUp writes a file until its disk is full.
func fillUp(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 1 << 20; size > 0; {
		_, err := f.Write(make([]byte, size))
		switch {
		case errors.Is(err, syscall.ENOSPC):
			size /= 16
		case err != nil:
			t.Fatal(fmt.Errorf("fill disk: %w", err))
		}
	}
}
