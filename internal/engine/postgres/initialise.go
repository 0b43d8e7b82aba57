package postgres

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// initialise makes the cluster aside and renames it, so that a killed first
// start leaves nothing half made: a cluster without a form is an earlier program's.
// The rename is the commit point; all that follows is completed at a later start.
func (c *Cluster) initialise(ctx context.Context) error {
	fresh, secret := c.data()+".new", c.data()+".password"
	if err := os.RemoveAll(fresh); err != nil {
		return fmt.Errorf("clear half-made cluster: %w", err)
	}
	if err := os.Mkdir(fresh, 0o700); err != nil {
		return fmt.Errorf("make cluster folder: %w", err)
	}
	if err := os.WriteFile(secret, []byte(c.passwords[Admin]), 0o600); err != nil {
		return fmt.Errorf("write password: %w", err)
	}
	defer os.Remove(secret)
	for _, path := range []string{fresh, secret} {
		if err := c.account.own(path); err != nil {
			return err
		}
	}
	args := []string{"-D", fresh, "-U", Admin, "--pwfile", secret, "--auth", "scram-sha-256", "--encoding", "UTF8", "--no-locale"}
	if c.cfg.NoSync {
		args = append(args, "--no-sync")
	}
	if out, err := c.command(ctx, "initdb", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, strings.TrimSpace(string(out)))
	}
	if err := c.found(fresh); err != nil {
		return err
	}
	if err := rename(fresh, c.data()); err != nil {
		return fmt.Errorf("keep new cluster: %w", err)
	}
	return nil
}

// command prepares one of the server's programs under its account.
func (c *Cluster) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(c.binaries, name), args...)
	cmd.Dir = "/"
	cmd.Env = []string{"LC_ALL=C", "PATH=/usr/bin:/bin", "TZ=UTC"}
	// A process group of its own: Ctrl-C in a terminal is for the program, which
	// then stops the server in order.
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.account.credential(), Setpgid: true}
	return cmd
}

// writeSettings replaces the settings at every start: they are the program's,
// not a leftover. An adopted server keeps those it was started with.
func (c *Cluster) writeSettings() error {
	settings := map[string]string{
		"listen_addresses":        "",
		"port":                    port,
		"unix_socket_directories": c.socket,
		"unix_socket_permissions": "0700",
		"password_encryption":     "scram-sha-256",

		"max_connections":        "200",
		"shared_buffers":         "128MB",
		"synchronous_commit":     "on",
		"wal_compression":        "on",
		"max_wal_size":           "2GB",
		"max_slot_wal_keep_size": "2GB", // for a backup on a slow disk: it fails before the office's disk is full
		"checkpoint_timeout":     "15min",
		"random_page_cost":       "1.1", // a disk that seeks is the exception
		"jit":                    "off", // all statements are short
		"autovacuum_naptime":     "20s", // queues are small tables rewritten all day

		"idle_in_transaction_session_timeout": "60s",

		"timezone":        "UTC",
		"log_timezone":    "UTC",
		"log_checkpoints": "off",
		"log_line_prefix": "%m [%p] %u@%d ",
	}
	if c.cfg.NoSync {
		// synchronous_commit stays on: what is committed has left the server, and
		// outlives its kill.
		maps.Copy(settings, map[string]string{"fsync": "off", "full_page_writes": "off", "shared_buffers": "64MB"})
	}
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		fmt.Fprintf(&text, "%s = '%s'\n", name, strings.ReplaceAll(settings[name], "'", "''"))
	}
	path := filepath.Join(c.data(), "postgresql.auto.conf")
	if err := ReplaceFile(path, text.String()); err != nil {
		return fmt.Errorf("write settings: %w", err)
	}
	return c.account.own(path)
}
