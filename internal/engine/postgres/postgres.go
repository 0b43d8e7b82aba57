// Package postgres runs a private PostgreSQL cluster in a data folder, from the
// machine's own binaries.
//
// The cluster listens on a Unix socket only, asks for a password that lies in
// the data folder, is restarted when it dies, and outlives a killed program: the
// next start adopts it.
package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Roles of the cluster. The owner migrates; the program works as App, who may do
// only what migrations granted.
const (
	Owner = "harkara_owner"
	App   = "harkara"
)

// Databases are created at the first start.
var Databases = []string{"harkara", "temporal", "temporal_visibility"}

// port names the socket file; nothing listens on a network.
const port = "5432"

// Config says where and how.
type Config struct {
	Dir      string // the cluster's folder; created
	Binaries string // folder of initdb and postgres; empty: found
	NoSync   bool   // for tests: a power cut may lose everything
	Log      *slog.Logger
}

// Cluster is a running PostgreSQL.
type Cluster struct {
	cfg      Config
	binaries string
	account  account
	lock     *os.File
	socket   string // folder
	password string
	log      *slog.Logger

	stop context.CancelFunc
	done sync.WaitGroup

	mu  sync.Mutex
	pid int // of the postmaster; 0 while it is down
}

// Start initialises the cluster at the first start, adopts a postmaster that
// survived a killed program, and returns once it answers. Only one program can
// hold a folder: ErrLocked.
func Start(ctx context.Context, cfg Config) (*Cluster, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("find data folder: %w", err)
	}
	cfg.Dir = dir
	c := &Cluster{cfg: cfg, log: cfg.Log}
	if c.binaries, err = FindBinaries(cfg.Binaries); err != nil {
		return nil, err
	}
	if c.account, err = serverAccount(); err != nil {
		return nil, err
	}
	if err := c.prepare(); err != nil {
		return nil, errors.Join(err, c.unlock())
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	c.stop = stop
	started := make(chan error, 1)
	c.done.Go(func() { c.supervise(running, started) })
	select {
	case err = <-started:
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err == nil {
		err = c.provision(ctx)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start PostgreSQL: %w", err), c.Close())
	}
	return c, nil
}

// prepare locks the folder and makes sure that a cluster lies in it.
func (c *Cluster) prepare() error {
	if err := os.MkdirAll(c.cfg.Dir, 0o700); err != nil {
		return fmt.Errorf("make data folder: %w", err)
	}
	if err := c.account.reaches(c.cfg.Dir); err != nil {
		return err
	}
	if err := c.takeLock(); err != nil {
		return err
	}
	if err := c.readPassword(); err != nil {
		return err
	}
	if err := c.makeSocketFolder(); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(c.data(), "PG_VERSION")); err == nil {
		return c.writeSettings()
	}
	return c.initialise()
}

func (c *Cluster) data() string { return filepath.Join(c.cfg.Dir, "data") }

// ErrLocked means that another program holds the data folder.
var ErrLocked = errors.New("the data folder is in use by another harkara")

func (c *Cluster) takeLock() error {
	f, err := os.OpenFile(filepath.Join(c.cfg.Dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("open lock: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return fmt.Errorf("%s: %w", c.cfg.Dir, ErrLocked)
	}
	c.lock = f
	return nil
}

func (c *Cluster) unlock() error {
	if c.lock == nil {
		return nil
	}
	return c.lock.Close()
}

// readPassword keeps the roles' password beside the cluster, for the owner of
// the data folder alone.
func (c *Cluster) readPassword() error {
	path := filepath.Join(c.cfg.Dir, "password")
	if b, err := os.ReadFile(path); err == nil && len(b) > 0 {
		c.password = string(b)
		return nil
	}
	c.password = rand.Text()
	if err := os.WriteFile(path, []byte(c.password), 0o600); err != nil {
		return fmt.Errorf("write password: %w", err)
	}
	return nil
}

// makeSocketFolder finds a place whose path fits a socket address.
func (c *Cluster) makeSocketFolder() error {
	c.socket = filepath.Join(c.cfg.Dir, "run")
	if longest := 107; len(filepath.Join(c.socket, ".s.PGSQL."+port)) > longest {
		dir, err := shortFolder(c.cfg.Dir)
		if err != nil {
			return err
		}
		c.socket = dir
	}
	if err := os.MkdirAll(c.socket, 0o700); err != nil {
		return fmt.Errorf("make socket folder: %w", err)
	}
	if err := c.account.own(c.socket); err != nil {
		return fmt.Errorf("hand over socket folder: %w", err)
	}
	// The server's user must pass through the cluster's folder to its data.
	return os.Chmod(c.cfg.Dir, 0o711)
}

// shortFolder is a private folder whose name is the same at every start.
func shortFolder(dir string) (string, error) {
	var id uint32 = 2166136261 // FNV-1a
	for _, b := range []byte(dir) {
		id = (id ^ uint32(b)) * 16777619
	}
	short := filepath.Join(os.TempDir(), fmt.Sprintf("harkara-%d-%08x", os.Geteuid(), id))
	if err := os.Mkdir(short, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return "", fmt.Errorf("make socket folder: %w", err)
	}
	info, err := os.Lstat(short)
	if err != nil || !info.IsDir() {
		return "", fmt.Errorf("socket folder %s is not a folder", short)
	}
	return short, nil
}

// initialise makes the cluster, aside and then renamed, so that a killed first
// start leaves nothing half made.
func (c *Cluster) initialise() error {
	fresh := c.data() + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return fmt.Errorf("clear half-made cluster: %w", err)
	}
	if err := os.Mkdir(fresh, 0o700); err != nil {
		return fmt.Errorf("make cluster folder: %w", err)
	}
	secret := filepath.Join(fresh + ".password")
	if err := os.WriteFile(secret, []byte(c.password), 0o600); err != nil {
		return fmt.Errorf("write password: %w", err)
	}
	defer os.Remove(secret)
	for _, path := range []string{fresh, secret} {
		if err := c.account.own(path); err != nil {
			return fmt.Errorf("hand over %s: %w", path, err)
		}
	}
	args := []string{"-D", fresh, "-U", Owner, "--pwfile", secret, "--auth", "scram-sha-256", "--encoding", "UTF8", "--no-locale"}
	if c.cfg.NoSync {
		args = append(args, "--no-sync")
	}
	cmd := c.command("initdb", args...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, strings.TrimSpace(string(out)))
	}
	if err := os.Rename(fresh, c.data()); err != nil {
		return fmt.Errorf("keep new cluster: %w", err)
	}
	return c.writeSettings()
}

func (c *Cluster) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(c.binaries, name), args...)
	cmd.Dir = "/"
	cmd.Env = []string{"LC_ALL=C", "PATH=/usr/bin:/bin", "TZ=UTC"}
	// A group of its own: Ctrl-C in a terminal is for the program, which then
	// stops the server in order.
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.account.credential(), Setpgid: true}
	return cmd
}

// writeSettings replaces the settings at every start, so that they are the
// program's and not a leftover.
func (c *Cluster) writeSettings() error {
	settings := map[string]string{
		"listen_addresses":                    "''",
		"port":                                port,
		"unix_socket_directories":             quote(c.socket),
		"unix_socket_permissions":             "0700",
		"max_connections":                     "200",
		"shared_buffers":                      "'256MB'",
		"wal_compression":                     "on",
		"max_wal_size":                        "'2GB'",
		"checkpoint_timeout":                  "'15min'",
		"random_page_cost":                    "1.1",
		"jit":                                 "off",
		"password_encryption":                 "'scram-sha-256'",
		"log_timezone":                        "'UTC'",
		"timezone":                            "'UTC'",
		"log_min_messages":                    "warning",
		"autovacuum_naptime":                  "'20s'",
		"idle_in_transaction_session_timeout": "'60s'",
	}
	if c.cfg.NoSync {
		settings["fsync"], settings["synchronous_commit"], settings["full_page_writes"] = "off", "off", "off"
	}
	var b strings.Builder
	for name, value := range settings {
		fmt.Fprintf(&b, "%s = %s\n", name, value)
	}
	path := filepath.Join(c.data(), "postgresql.auto.conf")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		return fmt.Errorf("write settings: %w", err)
	}
	return c.account.own(path)
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// URL returns the address of a database for a role, Owner or App.
func (c *Cluster) URL(database, role string) string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword(role, c.password), Path: "/" + database}
	q := url.Values{"host": {c.socket}, "port": {port}}
	u.RawQuery = q.Encode()
	return u.String()
}

// Socket returns the folder of the cluster's Unix socket, its port, and the
// roles' password, for drivers that take no URL.
func (c *Cluster) Socket() (dir, socketPort, password string) { return c.socket, port, c.password }

// PID returns the postmaster's process id; 0 while it is down.
func (c *Cluster) PID() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pid
}

// provision creates role and databases that are not there yet.
func (c *Cluster) provision(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, c.URL("postgres", Owner))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var there bool
	if err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)`, App).Scan(&there); err != nil {
		return fmt.Errorf("look for role %s: %w", App, err)
	}
	if !there {
		if _, err := conn.Exec(ctx, fmt.Sprintf(`CREATE ROLE %s LOGIN PASSWORD '%s'`, App, c.password)); err != nil {
			return fmt.Errorf("create role %s: %w", App, err)
		}
	}
	for _, name := range Databases {
		if err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, name).Scan(&there); err != nil {
			return fmt.Errorf("look for database %s: %w", name, err)
		}
		if !there {
			if _, err := conn.Exec(ctx, "CREATE DATABASE "+name); err != nil {
				return fmt.Errorf("create database %s: %w", name, err)
			}
		}
	}
	return nil
}

// Close stops the server in order and gives the folder back.
func (c *Cluster) Close() error {
	if c.stop != nil {
		c.stop()
	}
	c.done.Wait()
	return c.unlock()
}

// patience bounds one wait for the server to answer or to stop.
const patience = 60 * time.Second
