package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/scanner/decode"
	"harkara/scanner/tiff"
	"harkara/web/gate"
	"harkara/web/wire"
)

// reading takes pictures in and unpacks them. A slot for unpacking is taken when the
// picture is there, so that who sends slowly holds up only itself; a station has one
// such slot at most, and those that wait get them in turn.
type reading struct {
	slots   chan struct{}
	silence time.Duration // without a byte, and the picture does not come any more

	mu     sync.Mutex
	shares map[custody.StationID]share
}

// share is what one station may do at once.
type share struct {
	bodies chan struct{} // pictures that are received or wait: in memory
	turn   chan struct{} // its picture that is unpacked or next
}

const (
	picturesAtOnce = 2 // unpacked: each may take 400 MB
	bodiesAtOnce   = 2 // of a station
	silenceMost    = 10 * time.Second
	uploadTime     = 90 * time.Second // of a picture over a slow line, until it is answered
	leastRate      = 16 << 10         // bytes of a picture in a second, after the first silenceMost
)

func newReading() *reading {
	return &reading{slots: make(chan struct{}, picturesAtOnce), silence: silenceMost, shares: map[custody.StationID]share{}}
}

func (r *reading) share(id custody.StationID) share {
	r.mu.Lock()
	defer r.mu.Unlock()
	l, known := r.shares[id]
	if !known {
		l = share{make(chan struct{}, bodiesAtOnce), make(chan struct{}, 1)}
		r.shares[id] = l
	}
	return l
}

// take takes slots one after another and returns what gives them back.
func take(ctx context.Context, slots ...chan struct{}) (release func(), err error) {
	taken := 0
	release = func() {
		for _, p := range slots[:taken] {
			<-p
		}
	}
	for _, p := range slots {
		select {
		case p <- struct{}{}:
			taken++
		case <-ctx.Done():
			release()
			return nil, ctx.Err()
		}
	}
	return release, nil
}

// code receives a station's picture, waits for its turn and returns what it shows.
func (r *reading) code(ctx context.Context, id custody.StationID, body func() ([]byte, error)) (label.Code, error) {
	l := r.share(id)
	release, err := take(ctx, l.bodies)
	if err != nil {
		return "", err
	}
	defer release()
	picture, err := body()
	if err != nil {
		return "", err
	}
	release, err = take(ctx, l.turn, r.slots)
	if err != nil {
		return "", err
	}
	defer release()
	grey, err := tiff.Load(ctx, bytes.NewReader(picture))
	if err != nil {
		return "", err
	}
	code, err := decode.All(ctx, grey).Code()
	if ctx.Err() != nil {
		return "", ctx.Err() // it was not looked at to the end
	}
	return code, err
}

// body receives a request's picture. Errors: errSilent, gate.ErrMalformed for what ends too
// early, http.MaxBytesError.
func (r *reading) body(w http.ResponseWriter, req *http.Request) ([]byte, error) {
	line := http.NewResponseController(w)
	began := time.Now()
	in := http.MaxBytesReader(w, req.Body, wire.MaxImage)
	var picture bytes.Buffer
	for {
		now := time.Now()
		slowest := began.Add(r.silence + time.Duration(picture.Len())*time.Second/leastRate)
		if now.After(slowest) {
			return nil, errSilent
		}
		line.SetReadDeadline(earliest(now.Add(r.silence), slowest, began.Add(uploadTime))) // where the connection has one
		_, err := io.CopyN(&picture, in, 64<<10)
		var large *http.MaxBytesError
		switch {
		case err == nil:
		case errors.Is(err, io.EOF):
			line.SetReadDeadline(began.Add(uploadTime)) // or it ends the waiting for an answer
			return picture.Bytes(), nil
		case errors.Is(err, os.ErrDeadlineExceeded):
			return nil, errSilent
		case errors.As(err, &large):
			return nil, err
		default:
			return nil, fmt.Errorf("%w: receive picture: %w", gate.ErrMalformed, err)
		}
	}
}

func earliest(first time.Time, others ...time.Time) time.Time {
	for _, t := range others {
		if t.Before(first) {
			first = t
		}
	}
	return first
}
