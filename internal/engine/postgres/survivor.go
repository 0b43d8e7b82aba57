package postgres

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// survivor looks for a server that an earlier program left running on this
// cluster. That it is ours is read from the kernel: what it was run with, and the
// folder it works in. The pid file alone proves nothing after a reboot.
func (c *Cluster) survivor() (server, bool) {
	pid := c.serverPID()
	if pid <= 1 {
		return server{}, false
	}
	// The handle is taken before the look, so that it cannot mean a later process
	// with the same number.
	process, err := os.FindProcess(pid)
	if err != nil {
		return server{}, false
	}
	if !c.ours(pid) || process.Signal(syscall.Signal(0)) != nil {
		return server{}, false
	}
	exited := make(chan struct{})
	c.done.Go(func() {
		defer close(exited)
		// Not our child, so it cannot be waited for.
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for process.Signal(syscall.Signal(0)) == nil {
			<-tick.C
		}
	})
	return server{process, exited}, true
}

// Lines of postmaster.pid (PostgreSQL's src/include/utils/pidfile.h).
const (
	pidLine    = 1
	socketLine = 5
)

// pidFile returns a line of postmaster.pid, empty where there is none.
func (c *Cluster) pidFile(line int) string {
	b, err := os.ReadFile(filepath.Join(c.data(), "postmaster.pid"))
	if err != nil {
		return ""
	}
	lines := strings.Split(string(b), "\n")
	if line > len(lines) {
		return ""
	}
	return strings.TrimSpace(lines[line-1])
}

// serverPID is what the pid file names, dead or alive; 0 where there is none.
func (c *Cluster) serverPID() int {
	pid, err := strconv.Atoi(c.pidFile(pidLine))
	if err != nil {
		return 0
	}
	return pid
}

// listens reports whether a survivor's socket is where this program looks for it:
// the temporary folder may have changed.
func (c *Cluster) listens() bool { return c.pidFile(socketLine) == c.socket }

// ours asks the kernel what a process was run with and where it works.
func (c *Cluster) ours(pid int) bool {
	cmdline, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		return false
	}
	var args []string
	for arg := range bytes.SplitSeq(bytes.TrimRight(cmdline, "\x00"), []byte{0}) {
		args = append(args, string(arg))
	}
	if filepath.Base(args[0]) != "postgres" || !slices.Equal(args[1:], []string{"-D", c.data()}) {
		return false
	}
	works, err := os.Stat(fmt.Sprintf("/proc/%d/cwd", pid))
	if err != nil {
		return false
	}
	data, err := os.Stat(c.data())
	return err == nil && os.SameFile(works, data)
}
