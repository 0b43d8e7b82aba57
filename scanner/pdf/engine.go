package pdf

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"time"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

const (
	// idleFor is how long what was compiled is kept after a document, in case another
	// comes: compiling takes seconds, and it holds 150 MB.
	idleFor = time.Minute

	// mostMemory bounds what one document may take while it is drawn, in pages of 64 KB.
	mostMemory = 512 << 20 >> 16
)

// engine is PDFium, compiled when the first document comes and given back when none
// came for a while. One document is drawn at a time.
type engine struct {
	turn chan struct{} // holds a token while somebody owns pool
	pool pdfium.Pool   // nil when there is none
	idle *time.Timer
}

var shared = newEngine()

func newEngine() *engine {
	e := &engine{turn: make(chan struct{}, 1)}
	e.idle = time.AfterFunc(idleFor, e.rest)
	return e
}

// take waits for a turn, and for PDFium to be compiled. Who gets nil must give.
func (e *engine) take(ctx context.Context) error {
	select {
	case e.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	if e.pool != nil {
		return nil
	}
	made := make(chan error, 1)
	go func() {
		pool, err := compile()
		e.pool = pool
		made <- err
	}()
	select {
	case err := <-made:
		if err != nil {
			<-e.turn
		}
		return err
	case <-ctx.Done(): // compiling cannot be ended, and is not in vain
		go func() { <-made; e.give() }()
		return ctx.Err()
	}
}

// give ends a turn.
func (e *engine) give() {
	e.idle.Reset(idleFor)
	<-e.turn
}

// rest gives back what is not in use.
func (e *engine) rest() {
	select {
	case e.turn <- struct{}{}:
	default:
		return // who has the turn will set the clock again
	}
	if e.pool != nil {
		_ = e.pool.Close() // it has no instances any more, and nothing to say
		e.pool = nil
		debug.FreeOSMemory()
	}
	<-e.turn
}

// compile makes PDFium ready. It sees no files, and its calls can be ended. Where wazero
// has no compiler, as on 32-bit machines, it is interpreted.
func compile() (pdfium.Pool, error) {
	pool, err := webassembly.Init(webassembly.Config{
		MaxTotal: 1,
		MaxIdle:  0,
		FSConfig: wazero.NewFSConfig(),
		Stdout:   io.Discard,
		Stderr:   io.Discard,
		RuntimeConfig: wazero.NewRuntimeConfig().
			WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling).
			WithCloseOnContextDone(true).
			WithMemoryLimitPages(mostMemory),
	})
	if err != nil {
		return nil, fmt.Errorf("start PDFium: %w", err)
	}
	return pool, nil
}

// instance is a PDFium of one document's own: nothing of it outlives close.
type instance struct{ pdfium.Pdfium }

// errEnded means that a call was ended for its context.
var errEnded = errors.New("ended")

// within runs calls of an instance, and ends them, and the instance, when ctx ends.
func (i instance) within(ctx context.Context, calls func() error) error {
	killed := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(killed)
		_ = i.Kill() // it can only be dead already
	})
	err := calls()
	if !stop() {
		<-killed
		return errEnded
	}
	return err
}

func (i instance) close() { _ = i.Close() } // a dead one says that it is dead
