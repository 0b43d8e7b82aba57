package engine

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// Health says what answers now; a nil error means that it does. While Temporal is
// away commands are stored and not decided; while the database is away they are
// not stored.
type Health struct {
	Database error
	Temporal error
}

type health struct {
	mu  sync.Mutex
	now Health
}

const (
	watchEvery = time.Second
	watchWait  = 2 * time.Second // for an answer, before it counts as none
)

// Health returns what the engine saw last, at most watchEvery and watchWait ago.
func (e *Engine) Health() Health {
	e.health.mu.Lock()
	defer e.health.mu.Unlock()
	return e.health.now
}

// watch looks at database and Temporal until ctx ends, and logs what changes.
func (e *Engine) watch(ctx context.Context) {
	db := &ping{url: e.LedgerURL()}
	defer db.close()
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		// A look is not cut short by Close: it is brief, and the server would log
		// the cut as a failure.
		e.look(context.WithoutCancel(ctx), db)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (e *Engine) look(ctx context.Context, db *ping) {
	ctx, cancel := context.WithTimeout(ctx, watchWait)
	defer cancel()
	var now Health
	var both sync.WaitGroup
	both.Go(func() { now.Database = db.do(ctx) })
	both.Go(func() { now.Temporal = e.calm(e.probe(ctx), time.Now()) })
	both.Wait()
	e.health.mu.Lock()
	before := e.health.now
	e.health.now = now
	e.health.mu.Unlock()
	e.tell("database", before.Database, now.Database)
	e.tell("temporal", before.Temporal, now.Temporal)
}

func (e *Engine) tell(what string, before, now error) {
	switch {
	case now == ErrStarting:
	case now != nil && (before == nil || before == ErrStarting):
		e.cfg.Log.Warn(what+" does not answer", "err", now)
	case now == nil && before != nil && before != ErrStarting:
		e.cfg.Log.Info(what + " answers again")
	}
}

// ping keeps one connection to ask over.
type ping struct {
	url  string
	conn *pgx.Conn
}

func (p *ping) do(ctx context.Context) error {
	if p.conn == nil || p.conn.IsClosed() {
		conn, err := pgx.Connect(ctx, p.url)
		if err != nil {
			return fmt.Errorf("connect to ledger: %w", err)
		}
		p.conn = conn
	}
	if err := p.conn.Ping(ctx); err != nil {
		return fmt.Errorf("ask ledger: %w", err)
	}
	return nil
}

func (p *ping) close() {
	if p.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), watchWait)
	defer cancel()
	_ = p.conn.Close(ctx) // nothing is in flight on it
}
