package ledger

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"harkara/internal/custody"
	"harkara/internal/engine/postgres"
)

const machineToken = "a token that a machine drew, long enough"

func invite(t *testing.T, s *Store, station custody.StationID) string {
	t.Helper()
	code, expires, err := s.Invite(t.Context(), station)
	if err != nil {
		t.Fatal(err)
	}
	if len(code) != selectorDigits+secretDigits || strings.Trim(code, "0123456789") != "" {
		t.Fatalf("code %q", code)
	}
	if left := time.Until(expires); left < 23*time.Hour || left > 25*time.Hour {
		t.Fatal("it lasts ", left)
	}
	return code
}

func notAdmitted(t *testing.T, s *Store, code, token string) {
	t.Helper()
	if station, err := s.Redeem(t.Context(), code, token); !errors.Is(err, custody.ErrNotFound) {
		t.Errorf("code %q gives %q, %v", code, station, err)
	}
}

func TestCodeIsExchangedOnce(t *testing.T) {
	s := open(t).store
	old, err := s.Enrol(t.Context(), "s1")
	if err != nil {
		t.Fatal(err)
	}
	code := invite(t, s, "s1")
	if _, err := s.Authenticate(t.Context(), old); err != nil {
		t.Error("an invitation ends the station's token before it is used: ", err)
	}
	for range 2 { // the first answer was lost
		if station, err := s.Redeem(t.Context(), code, machineToken); err != nil || station != "s1" {
			t.Fatal(station, err)
		}
	}
	if station, err := s.Authenticate(t.Context(), machineToken); err != nil || station != "s1" {
		t.Error(station, err)
	}
	if _, err := s.Authenticate(t.Context(), old); !errors.Is(err, custody.ErrNotFound) {
		t.Error("the older token goes on: ", err)
	}
	notAdmitted(t, s, code, "another machine's token")
	if _, err := s.Authenticate(t.Context(), "another machine's token"); !errors.Is(err, custody.ErrNotFound) {
		t.Error("a second machine is let in: ", err)
	}
}

// Whoever tries codes ends none: an officer's own is good after any number of tries.
func TestTryingEndsNoCode(t *testing.T) {
	s := open(t).store
	code := invite(t, s, "s1")
	for range 20 {
		notAdmitted(t, s, wrong(code), machineToken)
	}
	if station, err := s.Redeem(t.Context(), code, machineToken); err != nil || station != "s1" {
		t.Error(station, err)
	}
}

// wrong is a code with the selector of another.
func wrong(code string) string {
	return code[:len(code)-1] + string('0'+(code[len(code)-1]-'0'+1)%10)
}

// Every code that is not right costs the same work, so that time tells nothing: the
// same statements, and one stretch of as many rounds.
func TestWrongCodesCostTheSame(t *testing.T) {
	o := open(t)
	s := o.store
	code, used, over := invite(t, s, "s1"), invite(t, s, "s2"), invite(t, s, "s3")
	if _, err := s.Redeem(t.Context(), used, machineToken); err != nil {
		t.Fatal(err)
	}
	if _, err := raw(t, o.url(postgres.Owner)).Exec(t.Context(), `UPDATE invitations SET expires_at = now() - interval '1 second' WHERE station = 's3'`); err != nil {
		t.Fatal(err)
	}
	free := "0000"
	for _, taken := range []string{code, used, over} {
		for strings.HasPrefix(taken, free) {
			free = string(free[0]+1) + free[1:]
		}
	}
	var work []string
	watched := connect(t, o.url(postgres.App))
	cfg := watched.pool.Config()
	cfg.ConnConfig.Tracer = statements{&work}
	pool, err := pgxpool.NewWithConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	plain := watched.pool
	watched.pool = pool
	defer func() { watched.pool = plain }()
	watched.stretch = func(secret string, salt []byte) []byte {
		work = append(work, fmt.Sprintf("stretch with %d of salt", len(salt)))
		return stretch(secret, salt)
	}
	want := []string{selectInvitation, "stretch with 16 of salt"}
	for name, try := range map[string]string{
		"no such selector": free + "000000000000", "wrong": wrong(code), "used by another": used, "used, and wrong": wrong(used), "too old": over, "too old, and wrong": wrong(over),
		"nothing": "", "too short": code[:12], "too long": code + "0", "nonsense": "'; DROP --x", "nonsense of its length": "\u0664\u0664\u0664\u0664\u0664\u0664\u0664\u0664",
	} {
		work = nil
		if notAdmitted(t, watched, try, "another machine's token"); !slices.Equal(work, want) {
			t.Errorf("%s: %q", name, work)
		}
	}
}

// statements notes what is executed.
type statements struct{ list *[]string }

func (s statements) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	*s.list = append(*s.list, q.SQL)
	return ctx
}
func (statements) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// However many guess, so many are judged at once; who has gone makes room.
func TestGuessesTakeTurns(t *testing.T) {
	s := open(t).store
	code := invite(t, s, "s1")
	began, goOn := make(chan struct{}), make(chan struct{})
	s.stretch = func(secret string, salt []byte) []byte {
		began <- struct{}{}
		<-goOn
		return stretch(secret, salt)
	}
	var all sync.WaitGroup
	for range stretchesAtOnce {
		all.Go(func() { notAdmitted(t, s, wrong(code), machineToken) })
		<-began
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err := s.Redeem(gone, wrong(code), machineToken); !errors.Is(err, context.Canceled) {
		t.Error("who has gone is judged: ", err)
	}
	close(goOn)
	all.Wait()
}

func TestCodesEnd(t *testing.T) {
	o := open(t)
	s := o.store
	first := invite(t, s, "s1")
	second := invite(t, s, "s1")
	other := invite(t, s, "s2")
	notAdmitted(t, s, first, machineToken)
	conn := raw(t, o.url(postgres.Owner))
	if _, err := conn.Exec(t.Context(), `UPDATE invitations SET expires_at = now() - interval '1 second' WHERE station = 's2'`); err != nil {
		t.Fatal(err)
	}
	notAdmitted(t, s, other, machineToken)
	if _, err := s.Redeem(t.Context(), second, machineToken); err != nil {
		t.Error(err)
	}
	var plain int
	if err := conn.QueryRow(t.Context(), `SELECT count(*) FROM invitations i WHERE i::text LIKE '%' || $1 || '%'`, second[4:]).Scan(&plain); err != nil || plain != 0 {
		t.Error("a code is kept as it is: ", plain, err)
	}
}

// Of many machines that bring one code at once, one becomes the station.
func TestOneOfManyIsEnrolled(t *testing.T) {
	s := open(t).store
	code := invite(t, s, "s1")
	var all sync.WaitGroup
	tokens := []string{"token of a", "token of b", "token of c", "token of d"}
	for _, token := range tokens {
		all.Go(func() {
			if _, err := s.Redeem(t.Context(), code, token); err != nil && !errors.Is(err, custody.ErrNotFound) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	in := 0
	for _, token := range tokens {
		if _, err := s.Authenticate(t.Context(), token); err == nil {
			in++
		}
	}
	if in != 1 {
		t.Errorf("%d machines are in", in)
	}
}

func TestSeal(t *testing.T) {
	o := open(t)
	public, err := o.store.OfficeKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	signature, err := connect(t, o.url(postgres.App)).Sign(t.Context(), []byte("a challenge")) // another program of the office
	if err != nil || !ed25519.Verify(public, []byte("a challenge"), signature) {
		t.Error("two programs of an office have two keys: ", err)
	}
	conn := raw(t, o.url(postgres.App))
	for _, statement := range []string{"UPDATE office_key SET seed = seed", "DELETE FROM office_key", "DELETE FROM epochs", "UPDATE epochs SET reason = ''", "DELETE FROM invitations"} {
		if _, err := conn.Exec(t.Context(), statement); sqlState(err) != "42501" {
			t.Errorf("%s: %v", statement, err)
		}
	}
}

func TestEpoch(t *testing.T) {
	o := open(t)
	epoch := func(s *Store) string {
		t.Helper()
		e, err := s.Epoch(t.Context())
		if err != nil || e == "" {
			t.Fatal(e, err)
		}
		return e
	}
	first := epoch(o.store)
	if epoch(connect(t, o.url(postgres.App))) != first {
		t.Error("two programs of an office say two epochs")
	}
	if err := o.store.BeginEpoch(t.Context(), "restored from Monday's backup"); err != nil {
		t.Fatal(err)
	}
	second := epoch(o.store)
	if second == first {
		t.Error("a restored office is the same")
	}
	// A database that hides its cluster has epochs all the same.
	if _, err := raw(t, o.url(postgres.Admin)).Exec(t.Context(), `REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC`); err != nil {
		t.Fatal(err)
	}
	third := epoch(o.store)
	if third == second || third != epoch(o.store) {
		t.Error("an epoch without its cluster: ", third)
	}
}
