package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	patience    = 60 * time.Second // for the server to answer (it may be replaying its log) or to stop
	firstPause  = 100 * time.Millisecond
	longPause   = 10 * time.Second
	firstTries  = 6 // until Start gives up: over 3 s, in which the processes of a killed server end
	logRotateAt = 10 << 20
)

// server is one postmaster, ours or adopted.
type server struct {
	process *os.Process
	exited  <-chan struct{} // closed when it has ended
}

// supervise keeps a server running until ctx ends, then stops it. What became of
// the first one goes to started.
func (c *Cluster) supervise(ctx context.Context, started chan<- error) {
	pause := firstPause
	for try := 1; ; try++ {
		s, err := c.launch(ctx)
		switch {
		case err == nil:
			if started != nil {
				started <- nil
				started = nil
			}
			try, pause = 0, firstPause
			select {
			case <-s.exited:
				c.setPID(0)
				c.log.Warn("postgres died, restarting")
			case <-ctx.Done():
				c.shutDown(s)
				return
			}
		case ctx.Err() != nil:
			return
		case started != nil && try == firstTries:
			started <- err
			return
		case try < firstTries:
			c.log.Warn("postgres does not start, trying again", "err", err)
		default:
			c.log.Error("postgres does not start, trying again", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
			pause = min(2*pause, longPause)
		}
	}
}

// launch adopts the server of an earlier program or starts one, and waits until
// it answers. One that does not, or listens elsewhere, is stopped.
func (c *Cluster) launch(ctx context.Context) (server, error) {
	s, adopted := c.survivor()
	if adopted && !c.listens() {
		c.shutDown(s)
		adopted = false
	}
	if !adopted {
		var err error
		if s, err = c.spawn(); err != nil {
			return server{}, err
		}
	}
	c.setPID(s.process.Pid)
	if err := c.answers(ctx, s); err != nil {
		c.shutDown(s)
		return server{}, fmt.Errorf("%w; its log ends: %s", err, c.lastWords())
	}
	if adopted {
		c.log.Info("adopted the postgres of an earlier run", "pid", s.process.Pid)
	}
	return s, nil
}

// spawn starts a postmaster and a goroutine that waits for it.
func (c *Cluster) spawn() (server, error) {
	out, err := c.openLog()
	if err != nil {
		return server{}, err
	}
	defer out.Close()
	// Not bound to a context: the server is stopped by shutDown, in order.
	cmd := c.command(context.Background(), "postgres", "-D", c.data())
	cmd.Stdout, cmd.Stderr = out, out
	if c.cfg.Leashed {
		cmd.SysProcAttr.Pdeathsig = syscall.SIGQUIT
	}
	exited, started := make(chan struct{}), make(chan error, 1)
	c.done.Go(func() {
		// The kernel sends Pdeathsig when the thread that forked ends, so this
		// one is kept for as long as the server lives.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended is in its log
			close(exited)
		}
	})
	if err := <-started; err != nil {
		return server{}, fmt.Errorf("run postgres: %w", err)
	}
	return server{cmd.Process, exited}, nil
}

// answers waits until the server takes a connection.
func (c *Cluster) answers(ctx context.Context, s server) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		err := c.ping(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-s.exited:
			return errors.New("postgres ended")
		case <-ctx.Done():
			return fmt.Errorf("postgres does not answer: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// ping connects once. A killed server may leave a process that holds a connection
// and never speaks, so the wait for one is short.
func (c *Cluster) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, c.URL("postgres", Admin))
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

// shutDown asks for a fast shutdown, after patience for an immediate one, at last
// kills, and waits for the end. Nothing committed is lost by any of them.
func (c *Cluster) shutDown(s server) {
	defer c.setPID(0)
	for _, sig := range []os.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGKILL} {
		if err := s.process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
			c.log.Error("cannot signal postgres", "err", err)
		}
		select {
		case <-s.exited:
			return
		case <-time.After(patience):
		}
	}
	c.log.Error("postgres does not stop", "pid", s.process.Pid)
}

func (c *Cluster) logPath() string { return filepath.Join(c.cfg.Dir, "postgres.log") }

// openLog appends, and sets a log that has grown large aside.
func (c *Cluster) openLog() (*os.File, error) {
	if info, err := os.Stat(c.logPath()); err == nil && info.Size() > logRotateAt {
		if err := os.Rename(c.logPath(), c.logPath()+".1"); err != nil {
			return nil, fmt.Errorf("set log aside: %w", err)
		}
	}
	f, err := os.OpenFile(c.logPath(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open log: %w", err)
	}
	return f, nil
}

// lastWords are the last lines of the log, for an error's text.
func (c *Cluster) lastWords() string {
	b, err := os.ReadFile(c.logPath())
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return strings.Join(lines[max(0, len(lines)-3):], " | ")
}
