package engine

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"google.golang.org/protobuf/types/known/durationpb"
)

// retention is how long Temporal keeps closed runs; the audit is in the ledger.
const retention = 3 * 24 * time.Hour

// bearer sends the embedded server's secret with every call.
type bearer string

// GetHeaders implements the client's HeadersProvider.
func (b bearer) GetHeaders(context.Context) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + string(b)}, nil
}

// dial makes a client that connects at its first call. secret is the embedded
// server's, or empty.
func dial(remote Remote, secret string, log *slog.Logger) (client.Client, error) {
	options := client.Options{HostPort: remote.Address, Namespace: remote.Namespace, Logger: sdklog.NewStructuredLogger(quiet(log))}
	if secret != "" {
		options.HeadersProvider = bearer(secret)
		// Nothing leaves the machine, and packing cost 7 % of the processor.
		options.ConnectionOptions.GrpcCompression = &client.GrpcCompressionNone{}
	}
	if remote.TLS {
		options.ConnectionOptions.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if remote.APIKey != "" {
		options.Credentials = client.NewAPIKeyStaticCredentials(remote.APIKey)
	}
	c, err := client.NewLazyClient(options)
	if err != nil {
		return nil, fmt.Errorf("make Temporal client for %s: %w", remote.Address, err)
	}
	return c, nil
}

// Ready waits until Temporal answers and serves the namespace, which it registers
// where it may and must. An external Temporal that is away is waited for until
// ctx ends; one that refuses the program is an error at once.
func (e *Engine) Ready(ctx context.Context) error {
	namespace, service := e.namespace(), e.client.WorkflowService()
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

func (e *Engine) namespace() string {
	if n := e.cfg.Temporal.Namespace; n != "" {
		return n
	}
	return Namespace
}

// probe asks for a workflow that does not exist: the answer that it does not
// comes through every service and from the store.
func (e *Engine) probe(ctx context.Context) error {
	_, err := e.client.DescribeWorkflowExecution(ctx, "harkara-probe", "")
	if isA[*serviceerror.NotFound](err) {
		return nil
	}
	return err
}

func isA[E error](err error) bool {
	_, is := errors.AsType[E](err)
	return is
}
