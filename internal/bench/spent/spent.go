// Package spent is what a program and those below it take of the machine.
package spent

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Processor is the processor's time of this program and of every one below it, such as its
// PostgreSQL.
func Processor() (sum time.Duration, err error) {
	stats, err := family()
	for _, fields := range stats {
		for _, ticks := range fields[11:15] { // its own, and of those below it that are over
			n, _ := strconv.Atoi(ticks)
			sum += time.Duration(n) * 10 * time.Millisecond // of USER_HZ
		}
	}
	return sum, err
}

// Memory is the memory of this program and of every one below it, in bytes; what several
// share counts once.
func Memory() (sum int64, err error) {
	stats, err := family()
	for pid := range stats {
		sum += held(pid)
	}
	return sum, err
}

func held(pid int) int64 {
	rollup, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0 // it is over
	}
	for line := range strings.Lines(string(rollup)) {
		if fields := strings.Fields(line); fields[0] == "Pss:" {
			kb, _ := strconv.ParseInt(fields[1], 10, 64)
			return kb << 10
		}
	}
	return 0
}

// family has what the kernel says of this process and of every one below it, by pid: the
// fields of proc(5)'s stat from the third on.
func family() (map[int][]string, error) {
	dirs, err := os.ReadDir("/proc")
	if err != nil {
		return nil, fmt.Errorf("read processes: %w", err)
	}
	all := map[int][]string{}
	for _, d := range dirs {
		pid, err := strconv.Atoi(d.Name())
		if err != nil {
			continue
		}
		stat, err := os.ReadFile("/proc/" + d.Name() + "/stat")
		if err != nil {
			continue // it is over
		}
		_, rest, _ := strings.Cut(string(stat), ") ")
		all[pid] = strings.Fields(rest)
	}
	ours := map[int][]string{}
	for pid, fields := range all {
		for above := pid; above > 1 && all[above] != nil; above, _ = strconv.Atoi(all[above][1]) {
			if above == os.Getpid() {
				ours[pid] = fields
				break
			}
		}
	}
	return ours, nil
}
