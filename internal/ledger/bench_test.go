package ledger

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
	"harkara/internal/engine/postgres"
	"harkara/internal/engine/postgres/pgtest"
)

// measured runs bench with and without waiting for the disk, each for so many
// callers at once, and prints rate and median.
func measured(b *testing.B, callers []int, prepare func(b *testing.B, s *Store) func(i int)) {
	for _, fsync := range []string{"off", "on"} {
		for _, n := range callers {
			b.Run(fmt.Sprintf("fsync=%s/callers=%d", fsync, n), func(b *testing.B) {
				setFsync(b, fsync)
				call := prepare(b, open(b).store)
				took := make([]time.Duration, b.N)
				next := make(chan int)
				var wg sync.WaitGroup
				b.ResetTimer()
				for range n {
					wg.Go(func() {
						for i := range next {
							start := time.Now()
							call(i)
							took[i] = time.Since(start)
						}
					})
				}
				for i := range b.N {
					next <- i
				}
				close(next)
				wg.Wait()
				b.StopTimer()
				slices.Sort(took)
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "/s")
				b.ReportMetric(float64(took[b.N/2].Microseconds()), "p50-µs")
				b.ReportMetric(float64(took[b.N*99/100].Microseconds()), "p99-µs")
			})
		}
	}
}

func setFsync(b *testing.B, value string) {
	conn, err := pgx.Connect(b.Context(), pgtest.Cluster(b).URL("postgres", postgres.Admin))
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, statement := range []string{"ALTER SYSTEM SET fsync = " + value, "SELECT pg_reload_conf()"} {
		if _, err := conn.Exec(b.Context(), statement); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPut(b *testing.B) {
	measured(b, []int{1, 8, 64}, func(b *testing.B, s *Store) func(int) {
		commands := make([]custody.Command, b.N)
		for i := range commands {
			commands[i] = scanning(newCode(b))
		}
		return func(i int) { put(b, s, commands[i]) }
	})
}

// Every caller brings outcomes of eight files, as a dispatcher under load does.
func BenchmarkCommit(b *testing.B) {
	const together = 8
	measured(b, []int{1, 4}, func(b *testing.B, s *Store) func(int) {
		d := newDecider()
		batches := make([][]custody.Outcome, b.N)
		var commands []custody.Command
		for range b.N * together {
			commands = append(commands, opening(newCode(b)))
		}
		for c := range slices.Chunk(commands, 500) {
			put(b, s, c...)
		}
		for i, c := range commands {
			out, err := d.decide(Work{Command: c, File: c.Code, Seq: 1, Received: time.Now()})
			if err != nil {
				b.Fatal(err)
			}
			batches[i/together] = append(batches[i/together], out)
		}
		return func(i int) {
			if _, err := s.Commit(b.Context(), batches[i]); err != nil {
				b.Error(err)
			}
		}
	})
}

// One scan's whole way through the ledger, nobody else about.
func BenchmarkScan(b *testing.B) {
	measured(b, []int{1}, func(b *testing.B, s *Store) func(int) {
		d, code := newDecider(), newCode(b)
		put(b, s, opening(code))
		drain(b, s, d)
		return func(int) {
			put(b, s, scanning(code))
			work, err := s.Lease(b.Context(), "me", custody.Each(10), time.Minute)
			if err != nil || len(work) != 1 {
				b.Fatal(work, err)
			}
			if err := s.StoreResolved(b.Context(), map[custody.CommandID][]byte{work[0].Command.ID: []byte("{}")}, nil); err != nil {
				b.Fatal(err)
			}
			out, err := d.decide(work[0])
			if err != nil {
				b.Fatal(err)
			}
			if err := record(b.Context(), s, out); err != nil {
				b.Fatal(err)
			}
		}
	})
}
