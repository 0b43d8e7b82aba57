package ledger

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"harkara/internal/custody"
)

// bell wakes whoever waits for a change, in this process at once and in others
// through NOTIFY. It is never the truth: a poll stands behind it, and waiters
// look at the tables. NOTIFY is sent outside the transactions that changed
// something, several changes at once: inside, it would make commits wait for
// each other.
type bell struct {
	name    string // tells this process's notifications from others'
	pool    *pgxpool.Pool
	answers func(context.Context, []custody.CommandID) (map[custody.CommandID]answer, error)
	log     *slog.Logger
	poll    time.Duration // how long a change may go unnoticed where NOTIFY fails

	rung chan struct{} // something changed that other processes were not told of
	stop context.CancelFunc
	done sync.WaitGroup

	put recent

	mu      sync.Mutex
	changes watchers // of anything
	work    watchers // of commands that may be taken
	waiters map[custody.CommandID]map[chan answer]struct{}
}

type watchers map[chan struct{}]struct{}

func (w watchers) wake() {
	for c := range w {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

const (
	pollEvery = time.Second
	tellEvery = 20 * time.Millisecond
)

const (
	notify = `SELECT pg_notify('harkara', $1)`
	listen = `LISTEN harkara`
)

func newBell(pool *pgxpool.Pool, answers func(context.Context, []custody.CommandID) (map[custody.CommandID]answer, error), log *slog.Logger, poll time.Duration) *bell {
	ctx, stop := context.WithCancel(context.Background())
	b := &bell{
		name: rand.Text(), pool: pool, answers: answers, log: log, poll: poll, rung: make(chan struct{}, 1), stop: stop,
		changes: watchers{}, work: watchers{}, waiters: map[custody.CommandID]map[chan answer]struct{}{},
	}
	b.done.Go(func() { b.tell(ctx) })
	b.done.Go(func() { b.listen(ctx) })
	return b
}

func (b *bell) close() {
	b.stop()
	b.done.Wait()
}

// ring says that something changed, and whether a command may be taken that could not be
// before.
func (b *bell) ring(work bool) {
	b.wake(work)
	select {
	case b.rung <- struct{}{}:
	default:
	}
}

func (b *bell) wake(work bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.changes.wake()
	if work {
		b.work.wake()
	}
}

func (b *bell) watch(what watchers) (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	b.mu.Lock()
	defer b.mu.Unlock()
	what[c] = struct{}{}
	return c, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(what, c)
	}
}

// tell sends NOTIFY for what was rung in this process.
func (b *bell) tell(ctx context.Context) {
	for {
		select {
		case <-b.rung:
		case <-ctx.Done():
			return
		}
		telling, cancel := context.WithTimeout(ctx, timeout)
		_, err := b.pool.Exec(telling, notify, b.name)
		cancel()
		if err != nil && ctx.Err() == nil {
			b.log.Warn("other processes are not woken", "err", err)
		}
		select {
		case <-time.After(tellEvery):
		case <-ctx.Done():
			return
		}
	}
}

// listen turns notifications of other processes into wakes, and polls behind.
func (b *bell) listen(ctx context.Context) {
	for {
		err := b.session(ctx)
		if ctx.Err() != nil {
			return
		}
		b.log.Warn("ledger's bell is away", "err", err)
		select {
		case <-time.After(b.poll):
		case <-ctx.Done():
			return
		}
		b.look(ctx)
	}
}

// session listens on a connection of its own until that fails. A server that fell
// silent is found out by asking it at every poll.
func (b *bell) session(ctx context.Context) error {
	conn, err := b.connect(ctx)
	if err != nil {
		return err
	}
	defer func() {
		leaving, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Close(leaving) // nothing depends on a farewell
	}()
	for {
		b.look(ctx)
		wait, cancel := context.WithTimeout(ctx, b.poll)
		err := b.wait(wait, conn)
		cancel()
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			asking, cancel := context.WithTimeout(ctx, timeout)
			err = conn.Ping(asking)
			cancel()
		}
		if err != nil {
			return err
		}
	}
}

func (b *bell) connect(ctx context.Context) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, b.pool.Config().ConnConfig.Copy())
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	if _, err := conn.Exec(ctx, listen); err != nil {
		return nil, errors.Join(fmt.Errorf("listen: %w", err), conn.Close(ctx))
	}
	return conn, nil
}

// wait returns when another process notified: this one is awake already.
func (b *bell) wait(ctx context.Context, conn *pgx.Conn) error {
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil || n.Payload != b.name {
			return err
		}
	}
}

// look answers waiters whose command another process decided, and wakes everybody
// else to look for himself.
func (b *bell) look(ctx context.Context) {
	b.wake(true)
	b.mu.Lock()
	ids := make([]custody.CommandID, 0, len(b.waiters))
	for id := range b.waiters {
		ids = append(ids, id)
	}
	b.mu.Unlock()
	if len(ids) == 0 {
		return
	}
	answers, err := b.answers(ctx, ids)
	if err != nil {
		if ctx.Err() == nil {
			b.log.Warn("answers are not read", "err", err)
		}
		return
	}
	for id, a := range answers {
		if a.decided() {
			b.answered(id, a)
		}
	}
}
