package ledger

import (
	"context"
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
	pool   *pgxpool.Pool
	settle func(context.Context, []string) ([]custody.Outcome, error) // answers of those that are decided
	log    *slog.Logger

	rung chan struct{}
	stop context.CancelFunc
	done sync.WaitGroup

	mu       sync.Mutex
	watchers map[chan struct{}]struct{}
	waiters  map[custody.CommandID][]chan custody.Outcome
}

const (
	channel   = "harkara"
	poll      = time.Second
	tellEvery = 20 * time.Millisecond
)

const notify = `SELECT pg_notify('harkara', '')`

func newBell(pool *pgxpool.Pool, settle func(context.Context, []string) ([]custody.Outcome, error), log *slog.Logger) *bell {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	ctx, stop := context.WithCancel(context.Background())
	b := &bell{
		pool: pool, settle: settle, log: log, rung: make(chan struct{}, 1), stop: stop,
		watchers: map[chan struct{}]struct{}{}, waiters: map[custody.CommandID][]chan custody.Outcome{},
	}
	b.done.Go(func() { b.tell(ctx) })
	b.done.Go(func() { b.listen(ctx) })
	return b
}

func (b *bell) close() {
	b.stop()
	b.done.Wait()
}

// ring says that something changed.
func (b *bell) ring() {
	b.wake()
	select {
	case b.rung <- struct{}{}:
	default:
	}
}

func (b *bell) wake() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for w := range b.watchers {
		select {
		case w <- struct{}{}:
		default:
		}
	}
}

func (b *bell) watch() (<-chan struct{}, func()) {
	w := make(chan struct{}, 1)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.watchers[w] = struct{}{}
	return w, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.watchers, w)
	}
}

// await registers for one command's answer.
func (b *bell) await(id custody.CommandID) (<-chan custody.Outcome, func()) {
	c := make(chan custody.Outcome, 1)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiters[id] = append(b.waiters[id], c)
	return c, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		list := b.waiters[id]
		for i, w := range list {
			if w == c {
				list = append(list[:i:i], list[i+1:]...)
				break
			}
		}
		if len(list) == 0 {
			delete(b.waiters, id)
		} else {
			b.waiters[id] = list
		}
	}
}

// settled hands an answer to whoever waits for it.
func (b *bell) settled(o custody.Outcome) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, w := range b.waiters[o.Command] {
		select {
		case w <- o:
		default:
		}
	}
	delete(b.waiters, o.Command)
}

// tell sends NOTIFY for what was rung in this process.
func (b *bell) tell(ctx context.Context) {
	for {
		select {
		case <-b.rung:
		case <-ctx.Done():
			return
		}
		if _, err := b.pool.Exec(ctx, notify); err != nil && ctx.Err() == nil {
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
	for ctx.Err() == nil {
		err := b.session(ctx)
		if ctx.Err() != nil {
			return
		}
		b.log.Warn("ledger's bell is away", "err", err)
		select {
		case <-time.After(poll):
		case <-ctx.Done():
		}
		b.wake()
	}
}

func (b *bell) session(ctx context.Context) error {
	conn, err := pgx.ConnectConfig(ctx, b.pool.Config().ConnConfig.Copy())
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, "LISTEN "+channel); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	for {
		wait, cancel := context.WithTimeout(ctx, poll)
		_, err := conn.WaitForNotification(wait)
		cancel()
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
		b.collect(ctx)
		b.wake()
	}
}

// collect answers waiters whose command another process decided.
func (b *bell) collect(ctx context.Context) {
	b.mu.Lock()
	ids := make([]string, 0, len(b.waiters))
	for id := range b.waiters {
		ids = append(ids, string(id))
	}
	b.mu.Unlock()
	if len(ids) == 0 {
		return
	}
	outcomes, err := b.settle(ctx, ids)
	if err != nil {
		b.log.Warn("answers are not read", "err", err)
		return
	}
	for _, o := range outcomes {
		b.settled(o)
	}
}

const selectOutcomes = `SELECT outcome FROM inbox WHERE id = ANY ($1::uuid[]) AND state = 'applied'`

// settle returns the answers of those commands that are decided.
func (s *Store) settle(ctx context.Context, ids []string) ([]custody.Outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	rows, err := s.pool.Query(ctx, selectOutcomes, ids)
	if err != nil {
		return nil, fmt.Errorf("read outcomes: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[custody.Outcome])
}

// Await returns the answer to a stored command, waiting for it until ctx ends.
func (s *Store) Await(ctx context.Context, id custody.CommandID) (custody.Outcome, error) {
	answer, stop := s.bell.await(id)
	defer stop()
	done, err := s.settle(ctx, []string{string(id)})
	if err != nil {
		return custody.Outcome{}, err
	}
	if len(done) == 1 {
		return done[0], nil
	}
	select {
	case o := <-answer:
		return o, nil
	case <-ctx.Done():
		return custody.Outcome{}, ctx.Err()
	}
}
