package bench

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Spent is the processor's time of this program and of every one below it, such as its
// PostgreSQL.
func Spent() (sum time.Duration, err error) {
	dirs, err := os.ReadDir("/proc")
	if err != nil {
		return 0, fmt.Errorf("read processes: %w", err)
	}
	parent, used := map[int]int{}, map[int]time.Duration{}
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
		fields := strings.Fields(rest) // proc(5), from the third on
		parent[pid], _ = strconv.Atoi(fields[1])
		for _, ticks := range fields[11:15] { // its own, and of those below it that are over
			n, _ := strconv.Atoi(ticks)
			used[pid] += time.Duration(n) * 10 * time.Millisecond // of USER_HZ
		}
	}
	for pid, took := range used {
		for above := pid; above > 1; above = parent[above] {
			if above == os.Getpid() {
				sum += took
				break
			}
		}
	}
	return sum, nil
}
