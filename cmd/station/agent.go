package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	stdlog "log"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"harkara/internal/damp"
	"harkara/scanner/source"
	"harkara/scanner/spool"
	"harkara/scanner/uplink"
	"harkara/web/kiosk"
	"harkara/web/lang"
)

type runCmd struct {
	Settings `embed:""`
}

// hearer is anything that codes come from.
type hearer interface {
	Run(ctx context.Context, hear source.Hear) error
}

// agent is a running station.
type agent struct {
	id     uplink.Identity
	log    *slog.Logger
	noise  *damp.Log // what may come again and again
	spool  *spool.Spool
	uplink *uplink.Uplink
	hooks  hooks
	hub    hub
	kiosk  *kiosk.Kiosk // the page; nil: none
	data   string

	say    io.Writer  // nil, or where answers are printed
	saying sync.Mutex // one line at a time

	batch     batch
	answering sync.WaitGroup // goroutines that wait for the office's answers
	ending    chan struct{}  // closed when they need not any more

	mu       sync.Mutex // owns what follows
	lang     lang.Tag   // of the answers: the newest page's
	lost     map[string]string
	server   uplink.Status
	queued   queueState      // that pages were told last
	view     json.RawMessage // the office's last
	refusals refusals
	alarmed  time.Time // when one was last heard
	written  time.Time // when it was last put on the disk
}

// queue is the spool as the uplink wants it.
type queue struct{ *spool.Spool }

func (q queue) Next(limit int) ([]uplink.Item, error) {
	items, err := q.Spool.Next(limit)
	out := make([]uplink.Item, len(items))
	for i, item := range items {
		out[i] = uplink.Item(item)
	}
	return out, err
}

// Run is the station until ctx ends. What was heard by then is on the disk.
func (c *runCmd) Run(w *world) error {
	a, err := c.open(w)
	if err != nil {
		return err
	}
	err = c.serve(w, a)
	if closing := a.spool.Close(); err == nil && closing != nil {
		err = fmt.Errorf("close spool: %w", closing)
	}
	return err
}

func (c *runCmd) open(w *world) (*agent, error) {
	id, open, err := loadIdentity(c.Data, c.TokenFile)
	if err != nil {
		return nil, err
	}
	clock, err := spool.Machine()
	if err != nil {
		return nil, err
	}
	log := w.log.With("station", id.Station)
	for _, path := range open {
		log.Warn("others can read this station's token: chmod 600", "file", path)
	}
	noise := damp.New(log, time.Now)
	a := &agent{
		id: id, log: log, noise: noise, data: c.Data, lang: lang.Parse(c.Lang), ending: make(chan struct{}), lost: map[string]string{}, server: uplink.Away,
		hooks: hooks{newHook("lamp", c.Lamp, noise), newHook("beeper", c.Beeper, noise)},
	}
	if c.Stdin {
		a.say = w.out
	}
	if a.view, err = os.ReadFile(filepath.Join(c.Data, viewFile)); err != nil || !json.Valid(a.view) {
		a.view = nil // none yet
	}
	for _, r := range listed(a.view) {
		a.refusals.add(r.ID)
	}
	if a.kiosk, err = kiosk.New(); err != nil {
		return nil, err
	}
	addresses := c.Server
	if len(addresses) == 0 {
		addresses = id.Addresses
	}
	if a.spool, err = spool.Open(filepath.Join(c.Data, spoolFile(id)), clock, log); err != nil {
		return nil, err
	}
	a.uplink, err = uplink.New(uplink.Config{
		Addresses: addresses, Key: id.Key, Token: id.Token, Language: c.Lang, Queue: queue{a.spool}, Log: log, Changed: a.changed, Unclaimed: a.unclaimed,
		Clock: func() uplink.Moment { return uplink.Moment(clock()) },
	})
	if err != nil {
		return nil, errors.Join(err, a.spool.Close())
	}
	log.Info("station runs", append(c.redacted(), "office_key", id.Fingerprint(), "addresses", addresses)...)
	return a, nil
}

// drain is how long answers and pages are waited for at the end.
const drain = 3 * time.Second

// serve runs sources, uplink, hooks and the local server until ctx ends, and ends
// them in that order of what they need: nothing is heard when nothing can keep it.
func (c *runCmd) serve(w *world, a *agent) error {
	listener, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", c.Addr, err)
	}
	ctx, cancel := context.WithCancel(w.ctx)
	defer cancel()
	rest, end := context.WithCancel(context.WithoutCancel(ctx)) // outlives the sources
	defer end()

	var hearing, running sync.WaitGroup
	running.Go(func() { a.uplink.Run(rest) })
	a.hooks.run(rest, &running)
	running.Go(func() { a.noise.Run(rest) })
	server := &http.Server{ErrorLog: stdlog.New(a.noise.Writer("http"), "", 0), Handler: a.handler(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 32 << 10}
	failed := make(chan error, 1)
	running.Go(func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			failed <- fmt.Errorf("serve: %w", err)
			cancel()
		}
	})
	fmt.Fprintf(w.out, "ready on http://%s\n", listener.Addr())
	for _, s := range c.sources(w, a) {
		hearing.Go(func() {
			if err := s.Run(ctx, a.hear); err != nil {
				a.log.Error("source ended", "err", err)
			}
		})
	}
	if c.onlyStdin() {
		hearing.Wait() // a pipe's end is the end
		a.settle(ctx)
		cancel()
	}
	<-ctx.Done()
	hearing.Wait()
	close(a.ending)
	a.answering.Wait()
	a.hub.end()
	drained, stop := context.WithTimeout(rest, drain)
	defer stop()
	err = server.Shutdown(drained)
	end()
	running.Wait()
	select {
	case failure := <-failed:
		return failure
	default:
		return err
	}
}

// onlyStdin reports whether nothing can be heard once standard input has ended.
func (c *runCmd) onlyStdin() bool {
	return c.Stdin && len(c.Keyboard)+len(c.Serial)+len(c.Camera)+len(c.Snapshot)+len(c.Folder) == 0
}

// settle waits until the answers to what was read are known, or that they come
// later.
func (a *agent) settle(ctx context.Context) {
	done := make(chan struct{})
	go func() { defer close(done); a.answering.Wait() }()
	timer := time.NewTimer(patience + drain)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// sources makes what the settings name.
func (c *runCmd) sources(w *world, a *agent) (list []hearer) {
	device := func(name string) source.Device { return source.Device{Name: name, Log: a.log, Tell: a.told} }
	profile := source.Profile{Prefix: c.Prefix, Suffix: c.Suffix}
	for _, path := range c.Keyboard {
		list = append(list, &source.Keyboard{Device: device("keyboard " + path), Path: path, Profile: profile})
	}
	for _, line := range c.Serial {
		path, baud := serialLine(line)
		list = append(list, &source.Serial{Device: device("serial " + path), Path: path, Baud: baud, Profile: profile})
	}
	for i, address := range c.Camera {
		list = append(list, &source.Film{Device: device(fmt.Sprintf("camera %d", i+1)), URL: address})
	}
	for i, address := range c.Snapshot {
		list = append(list, &source.Shots{Device: device(fmt.Sprintf("snapshot %d", i+1)), URL: address})
	}
	for _, path := range c.Folder {
		list = append(list, &source.Folder{Device: device("folder " + path), Path: path})
	}
	if c.Stdin {
		list = append(list, &source.Lines{Device: device("standard input"), From: w.in, Profile: profile})
	}
	return list
}

// told is told by sources that a device is lost or there, or has ended.
func (a *agent) told(name string, lost error) {
	ended := errors.Is(lost, source.ErrEnded)
	if ended {
		lost = nil
	}
	why := ""
	if lost != nil {
		why = lost.Error()
	}
	a.mu.Lock()
	before, known := a.lost[name]
	if a.lost[name] = why; ended {
		delete(a.lost, name)
	}
	a.mu.Unlock()
	switch {
	case lost != nil:
		a.hooks.answer("lost")
	case known && before != "":
		a.hooks.lamp.play("found")
	}
	a.hub.tell("source", sourceState{name, why})
}

// sourceState is how one source is; Lost is empty where it is there.
type sourceState struct {
	Name string `json:"name"`
	Lost string `json:"lost,omitempty"`
}

func (a *agent) sourceStates() []sourceState {
	a.mu.Lock()
	defer a.mu.Unlock()
	list := []sourceState{}
	for _, name := range slices.Sorted(maps.Keys(a.lost)) {
		list = append(list, sourceState{name, a.lost[name]})
	}
	return list
}

// viewEvery is how often the office's view is put on the disk, for a start without
// the office.
const viewEvery = time.Minute

// changed is told by the uplink that its state changed.
func (a *agent) changed() {
	state := a.uplink.State()
	news := a.refused(listed(state.View)...)
	a.mu.Lock()
	turned := a.server != state.Status
	a.server = state.Status
	keep := state.View != nil && (a.view == nil || news || time.Since(a.written) > viewEvery)
	if state.View != nil {
		a.view = state.View
	}
	if keep {
		a.written = time.Now()
	}
	a.mu.Unlock()
	if keep {
		if err := writeFile(filepath.Join(a.data, viewFile), state.View); err != nil {
			a.log.Warn("view is not kept", "err", err)
		}
	}
	if turned {
		a.hooks.lamp.play(string(state.Status))
	}
	a.tellQueue()
}
