package engine

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/protobuf/types/known/durationpb"
)

const (
	firstPause = 100 * time.Millisecond
	longPause  = 10 * time.Second
	firstTries = 6 // to bring Temporal up, until its log says that a person must look
)

// Ready brings an embedded Temporal up, and waits until Temporal answers and serves
// the namespace, which it registers where it may and must. One that is away or does
// not come up is waited for until ctx ends; one that refuses the program is an error
// at once.
func (e *Engine) Ready(ctx context.Context) error {
	if err := e.raise(ctx); err != nil {
		return fmt.Errorf("bring Temporal up: %w", err)
	}
	namespace, service := e.Namespace(), e.Temporal().WorkflowService()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := e.probe(ctx)
		if isA[*serviceerror.NamespaceNotFound](err) {
			// Also what a server says whose cache does not know a fresh one yet.
			_, err = service.RegisterNamespace(ctx, &workflowservice.RegisterNamespaceRequest{
				Namespace: namespace, WorkflowExecutionRetentionPeriod: durationpb.New(retention),
			})
			if err == nil || isA[*serviceerror.NamespaceAlreadyExists](err) {
				err = errors.New("namespace is not served yet")
			}
		}
		switch {
		case err == nil:
			return nil
		case isA[*serviceerror.PermissionDenied](err):
			return fmt.Errorf("use namespace %s of Temporal: %w", namespace, err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("wait for Temporal: %w", errors.Join(ctx.Err(), err))
		}
	}
}

// raise gives the engine its client. The store may be killed meanwhile: it tries
// until ctx ends.
func (e *Engine) raise(ctx context.Context) error {
	e.raising.Lock()
	defer e.raising.Unlock()
	pause := firstPause
	for try := 1; e.Temporal() == nil; try++ {
		err := e.embed(ctx)
		if err == nil {
			return nil
		}
		switch {
		case ctx.Err() != nil:
			return errors.Join(ctx.Err(), err)
		case e.visits:
		case try < firstTries:
			e.cfg.Log.Warn("temporal does not start, trying again", "err", err)
		default:
			e.cfg.Log.Error("temporal does not start, trying again", "err", err)
		}
		select {
		case <-time.After(pause):
			pause = min(2*pause, longPause)
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		}
	}
	return nil
}

// embed runs a Temporal, or finds the visited program's.
func (e *Engine) embed(ctx context.Context) error {
	if e.visits {
		address, secret, err := e.findDoor()
		if err != nil {
			return err
		}
		return e.connect(nil, address, secret)
	}
	began := time.Now()
	if err := migrate(ctx, e.cluster); err != nil {
		return err
	}
	e.cfg.Log.Info("schemas ready", "took", time.Since(began).Round(time.Millisecond))
	secret := rand.Text()
	s, err := startServer(e.cluster, secret, e.memory, e.quiet)
	if err != nil {
		return err
	}
	if err := errors.Join(e.openDoor(s.address, secret), e.connect(s, s.address, secret)); err != nil {
		return errors.Join(err, s.stop())
	}
	e.cfg.Log.Info("temporal ready", "took", time.Since(began).Round(time.Millisecond))
	return nil
}

func (e *Engine) connect(s *server, address, secret string) error {
	c, err := dial(e.remote(address), secret, e.quiet)
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.server, e.client = s, c
	return nil
}

// Namespace is where this engine has the workflows.
func (e *Engine) Namespace() string {
	if n := e.cfg.Temporal.Namespace; n != "" {
		return n
	}
	return Namespace
}

// NamespaceID is what Temporal knows the namespace by. One that was lost and registered
// again has another, also under the same name.
func (e *Engine) NamespaceID(ctx context.Context) (string, error) {
	is, err := e.Temporal().WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: e.Namespace()})
	if err != nil {
		return "", fmt.Errorf("describe namespace %s: %w", e.Namespace(), err)
	}
	return is.NamespaceInfo.Id, nil
}

// probe asks for a workflow that does not exist: the answer that it does not
// comes through every service and from the store.
func (e *Engine) probe(ctx context.Context) error {
	c := e.Temporal()
	if c == nil {
		return ErrStarting
	}
	_, err := c.DescribeWorkflowExecution(ctx, "harkara-probe", "")
	if isA[*serviceerror.NotFound](err) {
		return nil
	}
	return err
}

func isA[E error](err error) bool {
	_, is := errors.AsType[E](err)
	return is
}
