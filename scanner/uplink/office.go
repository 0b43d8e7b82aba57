package uplink

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"harkara/web/wire"
)

// Why an address is of no use.
var (
	errNotOffice = errors.New("it does not prove to be the office")
	errRefused   = errors.New("the office does not accept this station's token: enrol it again")
	errAnswer    = errors.New("it does not answer as the office does")
)

// maxAnswer bounds an answer, in bytes.
const maxAnswer = 4 << 20

// turned means that the office's ledger is in another epoch than the queue knows.
type turned struct{ proof proof }

func (t turned) Error() string { return "the office's ledger is in epoch " + t.proof.Epoch }

// office is one address and its connections, each of which was proved.
type office struct {
	base   *url.URL
	client *http.Client
}

func (u *Uplink) newOffice(base *url.URL) *office {
	o := &office{base: base}
	o.client = &http.Client{
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
				conn, err := u.Dial(ctx, network, addr)
				if err != nil {
					return nil, err
				}
				return u.proved(ctx, o, conn)
			},
			DialTLSContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
				plain, err := u.Dial(ctx, network, addr)
				if err != nil {
					return nil, err
				}
				conn := tls.Client(plain, &tls.Config{ServerName: base.Hostname(), MinVersion: tls.VersionTLS12, RootCAs: u.Roots})
				if err := conn.HandshakeContext(ctx); err != nil {
					return nil, errors.Join(err, plain.Close())
				}
				return u.proved(ctx, o, conn)
			},
			MaxConnsPerHost: 1, IdleConnTimeout: time.Minute, DisableCompression: true,
		},
		// Another address would get the token unproved.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return o
}

// proof is what a server says of itself.
type proof struct {
	wire.Proof
	now    time.Time     // Now
	took   time.Duration // to ask
	moment Moment        // when it was asked
}

// ask makes the request for proof.
func (o *office) ask(ctx context.Context, challenge string) (*http.Request, error) {
	return http.NewRequestWithContext(ctx, http.MethodGet, o.base.String()+"/api/v1/office?challenge="+challenge, nil)
}

// check reads a proof. errNotOffice, errAnswer.
func (u *Uplink) check(o *office, challenge string, status int, body []byte, asked Moment) (proof, error) {
	p := proof{moment: asked, took: u.Clock().Monotonic - asked.Monotonic}
	if status != http.StatusOK {
		return p, unexpected(status, body)
	}
	if err := json.Unmarshal(body, &p.Proof); err != nil {
		return p, fmt.Errorf("%w: %w", errAnswer, err)
	}
	if !ed25519.Verify(u.Key, wire.Statement(challenge, o.base.Host, p.Epoch, p.Now), p.Signature) {
		return p, errNotOffice
	}
	var err error
	if p.now, err = time.Parse(time.RFC3339Nano, p.Now); err != nil {
		return p, fmt.Errorf("%w: %w", errAnswer, err)
	}
	return p, nil
}

// proved lets a new connection prove itself before anything else goes over it, and
// closes one that does not. turned.
func (u *Uplink) proved(ctx context.Context, o *office, conn net.Conn) (net.Conn, error) {
	p, err := u.prove(ctx, o, conn)
	if err == nil && p.Epoch != u.State().Epoch {
		err = turned{p}
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

func (u *Uplink) prove(ctx context.Context, o *office, conn net.Conn) (proof, error) {
	deadline := time.Now().Add(answerTime)
	if d, ok := ctx.Deadline(); ok && d.Before(deadline) {
		deadline = d
	}
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if err := conn.SetDeadline(deadline); err != nil {
		return proof{}, err
	}
	challenge, asked := rand.Text(), u.Clock()
	req, err := o.ask(ctx, challenge)
	if err != nil {
		return proof{}, err
	}
	if err := req.Write(conn); err != nil {
		return proof{}, fmt.Errorf("ask for proof: %w", err)
	}
	from := bufio.NewReader(conn)
	resp, err := http.ReadResponse(from, req)
	if err != nil {
		return proof{}, fmt.Errorf("read proof: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil {
		return proof{}, fmt.Errorf("read proof: %w", err)
	}
	p, err := u.check(o, challenge, resp.StatusCode, body, asked)
	if err != nil {
		return p, err
	}
	if resp.Close || from.Buffered() > 0 {
		return p, fmt.Errorf("%w: it does not keep the connection", errAnswer)
	}
	if !stop() {
		return p, ctx.Err()
	}
	return p, conn.SetDeadline(time.Time{})
}

// agree asks for proof again on the connection in use, which measures the clock,
// and makes sure that queue and office speak of the same epoch.
func (u *Uplink) agree(ctx context.Context, o *office) error {
	for range 3 { // an office that turns more often than that is broken
		challenge, asked := rand.Text(), u.Clock()
		status, body, err := u.call(ctx, o, http.MethodGet, "/api/v1/office", url.Values{"challenge": {challenge}}, nil, answerTime)
		var p proof
		var t turned
		switch {
		case errors.As(err, &t):
			p = t.proof
		case err != nil:
			return err
		default:
			if p, err = u.check(o, challenge, status, body, asked); err != nil {
				return err
			}
		}
		u.measure(p)
		if p.Epoch == u.State().Epoch {
			return nil
		}
		if err := u.turn(p.Epoch); err != nil {
			return err
		}
	}
	return fmt.Errorf("%w: its epoch changes all the time", errAnswer)
}

// turn brings the queue into the office's epoch. Nothing is under way when it is
// called: what is sent next is read from the queue after it.
func (u *Uplink) turn(epoch string) error {
	again, err := u.Queue.Epoch(epoch)
	if err != nil {
		return err
	}
	if again > 0 {
		u.Log.Warn("office was restored, what is kept is sent again", "commands", again)
	}
	u.update(func(s *State) { s.Epoch = epoch })
	return nil
}

// measure takes a proof for what it says of the office's clock.
func (u *Uplink) measure(p proof) {
	if p.took > time.Second && u.State().Clock.Boot == p.moment.Boot {
		return // too coarse to be better
	}
	local := p.moment.Wall.Add(p.took / 2)
	u.update(func(s *State) { s.Clock = Offset{p.now.Sub(local), p.took / 2, p.moment.Boot} })
}

// officeTime is the office's time as far as it is known.
func (u *Uplink) officeTime() time.Time {
	now, offset := u.Clock(), u.State().Clock
	if offset.Boot != now.Boot {
		return now.Wall
	}
	return now.Wall.Add(offset.Ahead)
}

// call makes a request with the token. errRefused, turned.
func (u *Uplink) call(ctx context.Context, o *office, method, path string, query url.Values, body []byte, limit time.Duration) (status int, answer []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if language := u.language(); language != "" {
		query.Set("lang", language)
	}
	target := *o.base
	target.Path, target.RawQuery = path, query.Encode()
	req, err := http.NewRequestWithContext(ctx, method, target.String(), bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+u.Token)
	req.Header.Set(wire.ClockHeader, wire.Clock(u.Clock()).String())
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := o.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return 0, nil, fmt.Errorf("read answer: %w", err)
	}
	if resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden {
		return 0, nil, errRefused
	}
	return resp.StatusCode, answer, nil
}

func unexpected(status int, body []byte) error {
	if p := wire.ProblemOf(body); p.Message != "" {
		return fmt.Errorf("%w: %d, %s", errAnswer, status, p.Message)
	}
	return fmt.Errorf("%w: status %d", errAnswer, status)
}
