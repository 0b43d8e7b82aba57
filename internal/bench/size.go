package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"

	"github.com/jackc/pgx/v5"

	"harkara/internal/bench/spent"
	"harkara/internal/label"
)

// size is how much something takes, in bytes.
type size struct {
	Name  string
	Bytes int64
}

// sizes are of the office's databases, of this program's heap, and of its and PostgreSQL's
// memory.
func (m *measured) sizes(ctx context.Context) ([]size, error) {
	conn, err := pgx.Connect(ctx, m.office.Engine.OwnerURL())
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	rows, err := conn.Query(ctx, `SELECT datname, oid::bigint FROM pg_database WHERE datname IN ('harkara', 'temporal', 'temporal_visibility') ORDER BY datname`)
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[size])
	if err != nil {
		return nil, err
	}
	for i, db := range list {
		files, err := os.ReadDir(filepath.Join(m.data, "postgres", "data", "base", fmt.Sprint(db.Bytes)))
		if err != nil {
			return nil, err
		}
		list[i].Bytes = 0
		for _, f := range files {
			if info, err := f.Info(); err == nil { // else it is dropped
				list[i].Bytes += info.Size()
			}
		}
	}
	debug.FreeOSMemory()
	var heap runtime.MemStats
	runtime.ReadMemStats(&heap)
	memory, err := spent.Memory()
	return append(list, size{"heap", int64(heap.HeapAlloc)}, size{"memory, PostgreSQL's too", memory}), err
}

// opened are the open files of the office, with how many entries each has.
func (m *measured) opened(ctx context.Context) (map[label.Code]int, error) {
	opened := map[label.Code]int{}
	for after := label.Code(""); ; {
		files, err := m.office.Ledger.Files(ctx, after, 1000)
		if err != nil || len(files) == 0 {
			return opened, err
		}
		for _, f := range files {
			after = f.Code
			if f.Final == nil {
				opened[f.Code] = int(f.Head.Revision)
			}
		}
	}
}
