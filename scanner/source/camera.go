package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Limits of a camera.
const (
	maxFrame   = 8 << 20          // bytes of a picture
	frameTime  = 10 * time.Second // without one, the camera is lost
	everyShot  = 400 * time.Millisecond
	badFrames  = 20 // in a row that are no pictures, and the camera is lost
	headerTime = 10 * time.Second
)

// Film is a camera that sends JPEG pictures without end over HTTP (MJPEG), as
// ustreamer does for a USB camera.
type Film struct {
	Device
	URL string
}

// Run looks at the camera's pictures until ctx ends; while one is looked at, those
// that come are passed over.
func (f *Film) Run(ctx context.Context, hear Hear) error {
	w := newWatcher(newEye(), hear)
	return f.keep(ctx, func(ctx context.Context, ready func()) error {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		parts, closing, err := openFilm(ctx, f.URL)
		if err != nil {
			return err
		}
		defer closing.Close()
		newest, failed := make(chan []byte, 1), make(chan error, 1)
		go func() { failed <- frames(ctx, parts, newest) }()
		lost := time.NewTimer(frameTime)
		defer lost.Stop()
		for {
			select {
			case raw := <-newest:
				lost.Reset(frameTime)
				if err := w.see(ctx, raw, ready); err != nil {
					cancel()
					return errors.Join(err, <-failed)
				}
			case err := <-failed:
				return err
			case <-lost.C:
				cancel()
				<-failed
				return fmt.Errorf("no picture for %v", frameTime)
			}
		}
	})
}

func openFilm(ctx context.Context, address string) (*multipart.Reader, io.Closer, error) {
	resp, err := get(ctx, address)
	if err != nil {
		return nil, nil, err
	}
	kind, params, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	boundary := strings.TrimPrefix(params["boundary"], "--") // some cameras count the dashes in
	if err != nil || !strings.HasPrefix(kind, "multipart/") || boundary == "" {
		return nil, nil, errors.Join(fmt.Errorf("camera sends %q, not a film", resp.Header.Get("Content-Type")), resp.Body.Close())
	}
	return multipart.NewReader(resp.Body, boundary), resp.Body, nil
}

// frames keeps the newest picture in newest until the film ends.
func frames(ctx context.Context, parts *multipart.Reader, newest chan []byte) error {
	for {
		part, err := parts.NextRawPart()
		if err != nil {
			return fmt.Errorf("read film: %w", err)
		}
		raw, err := io.ReadAll(io.LimitReader(part, maxFrame+1))
		if err != nil {
			return fmt.Errorf("read film: %w", err)
		}
		if len(raw) > maxFrame {
			return fmt.Errorf("a picture of the film has more than %d bytes", maxFrame)
		}
		select {
		case <-newest:
		default:
		}
		select {
		case newest <- raw:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Shots is a camera that gives one picture when asked.
type Shots struct {
	Device
	URL   string
	Every time.Duration // 0: 0.4 s
}

// Run asks for pictures until ctx ends.
func (s *Shots) Run(ctx context.Context, hear Hear) error {
	every := s.Every
	if every == 0 {
		every = everyShot
	}
	w := newWatcher(newEye(), hear)
	return s.keep(ctx, func(ctx context.Context, ready func()) error {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			raw, err := shot(ctx, s.URL)
			if err != nil {
				return err
			}
			if err := w.see(ctx, raw, ready); err != nil {
				return err
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-tick.C:
			}
		}
	})
}

func shot(ctx context.Context, address string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, frameTime)
	defer cancel()
	resp, err := get(ctx, address)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxFrame+1))
	if err != nil {
		return nil, fmt.Errorf("read picture: %w", err)
	}
	if len(raw) > maxFrame {
		return nil, fmt.Errorf("the picture has more than %d bytes", maxFrame)
	}
	return raw, nil
}

// watcher shows pictures to an eye.
type watcher struct {
	eye     eye
	hearing hearing
	hear    Hear
	began   time.Time
	bad     int // in a row
}

func newWatcher(e eye, hear Hear) *watcher {
	return &watcher{eye: e, hear: hear, began: time.Now()}
}

// see looks at one picture; a camera that sends no pictures is an error.
func (w *watcher) see(ctx context.Context, raw []byte, ready func()) error {
	at := time.Since(w.began)
	g, err := loadFrame(ctx, raw)
	if err != nil {
		if w.bad++; w.bad >= badFrames {
			w.bad = 0
			return err
		}
		return nil
	}
	w.bad = 0
	ready()
	if r, news := w.hearing.heard(w.eye.Look(g, at), at); news {
		w.hear(r)
	}
	return nil
}

// camera answers within its times, and is asked as it was named: no proxy, no
// other place.
var camera = &http.Client{
	Transport:     &http.Transport{ResponseHeaderTimeout: headerTime, IdleConnTimeout: time.Minute},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func get(ctx context.Context, address string) (*http.Response, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("the camera's address cannot be read") // it may hold a password
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("ask camera %s: %w", u.Redacted(), err)
	}
	resp, err := camera.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask camera: %w", err) // net/url hides the password
	}
	if resp.StatusCode != http.StatusOK {
		return nil, errors.Join(fmt.Errorf("camera %s answers %s", u.Redacted(), resp.Status), resp.Body.Close())
	}
	return resp, nil
}
