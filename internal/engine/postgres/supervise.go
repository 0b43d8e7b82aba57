package postgres

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// supervise keeps a postmaster running until ctx ends, then stops it. The first
// success or failure goes to started.
func (c *Cluster) supervise(ctx context.Context, started chan<- error) {
	backoff := 100 * time.Millisecond
	for first := true; ; first = false {
		exited, err := c.launch(ctx)
		if first {
			started <- err
			if err != nil {
				return
			}
		}
		if err == nil {
			backoff = 100 * time.Millisecond
			select {
			case <-exited:
				c.setPID(0)
				if ctx.Err() == nil {
					c.log.Warn("postgres died, restarting")
				}
			case <-ctx.Done():
				c.shutDown(exited)
				return
			}
		} else if ctx.Err() == nil {
			c.log.Error("postgres does not start", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(backoff):
			backoff = min(2*backoff, 10*time.Second)
		}
	}
}

// launch adopts a surviving postmaster of this folder or starts one, and waits
// until it answers. The channel closes when the postmaster has exited.
func (c *Cluster) launch(ctx context.Context) (<-chan struct{}, error) {
	if pid := c.survivor(); pid != 0 {
		c.log.Info("adopting the postgres of an earlier run", "pid", pid)
		exited := watch(pid)
		if err := c.answers(ctx, exited); err == nil {
			c.setPID(pid)
			return exited, nil
		}
		// It is ours but does not answer: stop it as after a power cut.
		if err := syscall.Kill(pid, syscall.SIGQUIT); err == nil {
			<-exited
		}
	}
	logFile, err := os.OpenFile(filepath.Join(c.cfg.Dir, "postgres.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open log: %w", err)
	}
	defer logFile.Close()
	cmd := c.command("postgres", "-D", c.data())
	cmd.Stdout, cmd.Stderr = logFile, logFile
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start postgres: %w", err)
	}
	exited := make(chan struct{})
	c.done.Go(func() { wait(cmd, exited) })
	if err := c.answers(ctx, exited); err != nil {
		_ = cmd.Process.Signal(syscall.SIGINT)
		<-exited
		return nil, fmt.Errorf("%w (see %s)", err, logFile.Name())
	}
	c.setPID(cmd.Process.Pid)
	return exited, nil
}

// wait reaps the postmaster; how it ended is in its log.
func wait(cmd *exec.Cmd, exited chan<- struct{}) {
	_ = cmd.Wait()
	close(exited)
}

// survivor returns the pid of a postmaster that runs on this cluster's folder.
// The pid file alone proves nothing after a reboot, so the process's own command
// line and folder are asked.
func (c *Cluster) survivor() int {
	f, err := os.Open(filepath.Join(c.data(), "postmaster.pid"))
	if err != nil {
		return 0
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	if !lines.Scan() {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(lines.Text()))
	if err != nil || pid <= 1 {
		return 0
	}
	cmdline, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		return 0
	}
	args := strings.Split(strings.TrimRight(string(cmdline), "\x00"), "\x00")
	if len(args) != 3 || filepath.Base(args[0]) != "postgres" || args[2] != c.data() {
		return 0
	}
	return pid
}

// watch polls a process that is not our child.
func watch(pid int) <-chan struct{} {
	exited := make(chan struct{})
	go func() {
		defer close(exited)
		for syscall.Kill(pid, 0) == nil || errors.Is(syscall.Kill(pid, 0), syscall.EPERM) {
			time.Sleep(200 * time.Millisecond)
		}
	}()
	return exited
}

// answers waits until the server takes a connection.
func (c *Cluster) answers(ctx context.Context, exited <-chan struct{}) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var err error
	for {
		var conn *pgx.Conn
		if conn, err = pgx.Connect(ctx, c.URL("postgres", Owner)); err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-exited:
			return errors.New("postgres exited")
		case <-ctx.Done():
			return fmt.Errorf("postgres does not answer: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// shutDown asks for a fast shutdown, and after patience for an immediate one.
func (c *Cluster) shutDown(exited <-chan struct{}) {
	pid := c.PID()
	defer c.setPID(0)
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT} {
		if err := syscall.Kill(pid, sig); err != nil {
			return
		}
		select {
		case <-exited:
			return
		case <-time.After(patience):
		}
	}
	c.log.Error("postgres does not stop", "pid", pid)
}

func (c *Cluster) setPID(pid int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pid = pid
}
