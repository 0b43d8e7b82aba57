package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"harkara/internal/demo"
	"harkara/internal/engine"
	"harkara/internal/engine/postgres"
	"harkara/internal/office"
)

// apart is an office with a database and a namespace of its own on the shared engine,
// which it uses as one that is elsewhere: over TLS, with an API key, by a line that
// can be cut.
type apart struct {
	t         testing.TB
	name      string
	line      *line
	secret    string
	admin     *pgx.Conn // superuser in its database
	databases func(role string) string
}

var aparts atomic.Int64

func setApart(t testing.TB) *apart {
	t.Helper()
	running(t)
	data := filepath.Join(shared.dir, "data")
	door, err := os.ReadFile(filepath.Join(data, "temporal"))
	if err != nil {
		t.Fatal(err)
	}
	address, secret, _ := strings.Cut(strings.TrimSpace(string(door)), "\n")
	a := &apart{t: t, name: fmt.Sprintf("apart_%d", aparts.Add(1)), secret: secret, line: newLine(t, address)}
	a.databases = func(role string) string { return ledgerAt(data, a.name, role) }
	everywhere := connected(t, ledgerAt(data, "postgres", postgres.Admin))
	if _, err := everywhere.Exec(t.Context(), "CREATE DATABASE "+a.name+" OWNER "+postgres.Owner); err != nil {
		t.Fatal(err)
	}
	a.admin = connected(t, a.databases(postgres.Admin))
	return a
}

// ledgerAt is the address of a database in the cluster of a data folder.
func ledgerAt(data, database, role string) string {
	u := url.URL{Scheme: "postgres", User: url.User(role), Path: "/" + database, RawQuery: url.Values{
		"host": {filepath.Join(data, "postgres/run")}, "port": {"5432"}, "passfile": {filepath.Join(data, "postgres/pgpass")},
	}.Encode()}
	return u.String()
}

func connected(t testing.TB, address string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func (a *apart) exec(statement string, args ...any) {
	a.t.Helper()
	if _, err := a.admin.Exec(a.t.Context(), statement, args...); err != nil {
		a.t.Fatalf("%s: %v", statement, err)
	}
}

func (a *apart) config() engine.Config {
	return engine.Config{
		DatabaseURL: a.databases(postgres.App), OwnerURL: a.databases(postgres.Owner), Log: testLog(a.t),
		Temporal: engine.Remote{Address: a.line.address(), Namespace: a.name, TLS: true, APIKey: a.secret},
	}
}

// flags are config for the command line.
func (a *apart) flags() []string {
	c := a.config()
	return []string{
		"--database-url", c.DatabaseURL, "--database-owner-url", c.OwnerURL, "--temporal-address", c.Temporal.Address,
		"--temporal-namespace", c.Temporal.Namespace, "--temporal-tls", "--temporal-api-key", c.Temporal.APIKey,
	}
}

// open runs worker and dispatcher, as `harkara serve` does.
func (a *apart) open() *hired {
	a.t.Helper()
	o, err := office.Open(a.t.Context(), a.config(), office.Roles{Worker: true, Dispatch: true})
	if err == nil {
		err = o.Ledger.SetOffice(a.t.Context(), demo.Sample(3600), "test", "set up")
	}
	if err != nil {
		a.t.Fatal(err)
	}
	return &hired{t: a.t, o: o}
}

// hire is open until the test ends.
func (a *apart) hire() *hired {
	a.t.Helper()
	h := a.open()
	a.t.Cleanup(func() {
		if err := h.o.Close(); err != nil {
			a.t.Error(err)
		}
	})
	return h
}

// line is a TLS front of a server that speaks in the clear. It can be cut.
type line struct {
	listener net.Listener
	target   string
	done     sync.WaitGroup

	mu      sync.Mutex
	refuses bool
	passes  chan struct{} // closed while what comes in goes out
	conns   map[net.Conn]struct{}
}

func newLine(t testing.TB, target string) *line {
	t.Helper()
	l := &line{target: target, conns: map[net.Conn]struct{}{}, passes: make(chan struct{})}
	close(l.passes)
	var err error
	if l.listener, err = tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{ourselves}, NextProtos: []string{"h2"}}); err != nil {
		t.Fatal(err)
	}
	l.done.Go(l.accept)
	t.Cleanup(func() {
		l.heal()
		_ = l.listener.Close()
		l.hangUp()
		l.done.Wait()
	})
	return l
}

func (l *line) address() string { return l.listener.Addr().String() }

// refuse breaks every connection and takes no other.
func (l *line) refuse() {
	l.mu.Lock()
	l.refuses = true
	l.mu.Unlock()
	l.hangUp()
}

// silence lets nothing through, and breaks nothing.
func (l *line) silence() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.passes = make(chan struct{})
}

// heal ends both.
func (l *line) heal() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refuses = false
	select {
	case <-l.passes:
	default:
		close(l.passes)
	}
}

func (l *line) hangUp() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.conns {
		_ = c.Close()
	}
}

func (l *line) accept() {
	for {
		client, err := l.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", l.target)
		l.mu.Lock()
		if err != nil || l.refuses {
			l.mu.Unlock()
			_ = client.Close()
			if err == nil {
				_ = server.Close()
			}
			continue
		}
		l.conns[client], l.conns[server] = struct{}{}, struct{}{}
		l.mu.Unlock()
		l.done.Go(func() { l.carry(client, server) })
		l.done.Go(func() { l.carry(server, client) })
	}
}

// carry passes on one direction of a connection.
func (l *line) carry(from, to net.Conn) {
	defer func() {
		_, _ = from.Close(), to.Close()
		l.mu.Lock()
		delete(l.conns, from)
		l.mu.Unlock()
	}()
	for buf := make([]byte, 32<<10); ; {
		n, err := from.Read(buf)
		l.mu.Lock()
		passes := l.passes
		l.mu.Unlock()
		<-passes
		if _, failed := to.Write(buf[:n]); err != nil || failed != nil {
			return
		}
	}
}

// ourselves is the certificate of every line.
var ourselves tls.Certificate

// trustOurselves makes it, and lets this process and those that it starts trust it as
// they trust their machine's authorities. The folder is to be removed.
func trustOurselves() (dir string, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "harkara tests"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return "", err
	}
	ourselves = tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	if dir, err = os.MkdirTemp("", "harkara-authority"); err != nil {
		return "", err
	}
	path := filepath.Join(dir, "authority.pem")
	return dir, errors.Join(
		os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600),
		os.Setenv("SSL_CERT_FILE", path),
	)
}
