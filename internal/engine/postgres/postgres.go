// Package postgres runs a private PostgreSQL cluster in a folder, from the
// machine's own binaries.
//
// The cluster listens on a Unix socket alone and asks every role for its own
// password. A supervisor restarts a server that died. A server whose program was
// killed goes on running, and the next program on the folder adopts it, so that
// nothing in flight is cut twice. What was committed is on the disk: fsync and
// synchronous_commit are on unless a test asks otherwise.
//
// In the folder:
//
//	lock          held by the one program that owns the cluster
//	pgpass        the roles' passwords, in libpq's format, mode 0600
//	data          the cluster itself; harkara.form in it says for which programs it is
//	run           the socket's folder, unless its path is too long for one
//	postgres.log  what the server said; postgres.log.1 before that
package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"
)

// Roles of the cluster. Each has its own password.
const (
	Admin    = "postgres"      // superuser: makes roles and databases
	Owner    = "harkara_owner" // owns the ledger's database and migrates it
	App      = "harkara"       // the program: what migrations granted, no more
	Temporal = "temporal"      // owns Temporal's two databases
)

// Databases. The ledger's is there from the start, Temporal's when it was built.
const (
	Ledger     = "harkara"
	Workflows  = "temporal"
	Visibility = "temporal_visibility"
)

// port names the socket file; nothing listens on a network.
const port = "5432"

// Config says where and how.
type Config struct {
	Dir      string       // the cluster's folder; made where missing
	Existing bool         // only a cluster that is there; else ErrNoCluster, and nothing is made
	Form     Form         // a new cluster's; one of another is refused
	Binaries string       // folder of initdb and postgres; empty: found, see FindBinaries
	NoSync   bool         // for tests: a power cut may lose everything, a kill nothing
	Leashed  bool         // for tests: the server dies with the program instead of waiting to be adopted
	Log      *slog.Logger // nil: silent
}

// Cluster is a running PostgreSQL. Its methods may be called at once.
type Cluster struct {
	cfg       Config // Dir is absolute
	binaries  string
	account   account
	lock      *os.File
	socket    string // folder
	passwords map[string]string
	log       *slog.Logger

	stop   context.CancelFunc // ends the supervisor, which stops the server
	done   sync.WaitGroup     // supervisor, and one reaper per server started
	closed sync.Once

	mu  sync.Mutex
	pid int // of the server; 0 while it is down
}

// Start makes the cluster where there is none, adopts a server that survived its
// program, and returns once roles and databases are there. The cluster then runs
// until Close, whatever becomes of ctx. Errors: ErrLocked, ErrNoBinaries, ErrNoCluster,
// ErrForm, ErrHalfRestored.
func Start(ctx context.Context, cfg Config) (*Cluster, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("find folder of cluster: %w", err)
	}
	cfg.Dir = dir
	c := &Cluster{cfg: cfg, log: cfg.Log, stop: func() {}}
	if err := c.checkRestored(); err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	if cfg.Existing && c.missing() {
		return nil, fmt.Errorf("start PostgreSQL in %s: %w", dir, ErrNoCluster)
	}
	if err := c.checkForm(); err != nil { // before anything is touched
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	if c.account, err = serverAccount(); err != nil {
		return nil, err
	}
	if err := c.start(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("start PostgreSQL in %s: %w", dir, err), c.Close())
	}
	return c, nil
}

// Visit gives the addresses of a cluster that another program runs. It starts
// nothing, and Close ends nothing. Errors: ErrForm.
func Visit(cfg Config) (*Cluster, error) {
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("find folder of cluster: %w", err)
	}
	cfg.Dir = dir
	c := &Cluster{cfg: cfg, stop: func() {}}
	if err := c.checkForm(); err != nil {
		return nil, fmt.Errorf("visit PostgreSQL: %w", err)
	}
	if c.passwords, err = readPasswords(c.passwordFile()); err != nil {
		return nil, fmt.Errorf("visit PostgreSQL in %s: %w", dir, err)
	}
	c.socket = c.socketFolder()
	return c, nil
}

func (c *Cluster) start(ctx context.Context) error {
	if err := c.makeFolder(); err != nil {
		return err
	}
	var err error
	if c.lock, err = takeLock(filepath.Join(c.cfg.Dir, "lock")); err != nil {
		return err
	}
	if err := c.checkForm(); err != nil { // another program may have founded it meanwhile
		return err
	}
	if c.binaries, err = findBinaries(c.cfg.Binaries, c.version()); err != nil {
		return err
	}
	if err := c.makeSocketFolder(); err != nil {
		return err
	}
	if err := c.loadPasswords(); err != nil {
		return err
	}
	if c.version() == "" {
		if err := c.initialise(ctx); err != nil {
			return err
		}
	}
	if err := c.writeSettings(); err != nil {
		return err
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
	if err != nil {
		return err
	}
	return c.provision(ctx)
}

// Close stops the server in order, waits for it and gives the folder back. A
// second call does nothing.
func (c *Cluster) Close() error {
	var err error
	c.closed.Do(func() {
		c.stop()
		c.done.Wait()
		if c.lock != nil {
			err = c.lock.Close()
		}
	})
	return err
}

// URL returns the address of a database for one of the roles.
func (c *Cluster) URL(database, role string) string {
	u := url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword(role, c.passwords[role]),
		Path:     "/" + database,
		RawQuery: url.Values{"host": {c.socket}, "port": {port}}.Encode(),
	}
	return u.String()
}

// Socket returns the folder of the cluster's Unix socket, its port and a role's
// password, for drivers that do not take URL's form.
func (c *Cluster) Socket(role string) (folder, socketPort, password string) {
	return c.socket, port, c.passwords[role]
}

// PID returns the server's process id; 0 while it is down.
func (c *Cluster) PID() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pid
}

func (c *Cluster) setPID(pid int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pid = pid
}

func (c *Cluster) data() string { return filepath.Join(c.cfg.Dir, "data") }
