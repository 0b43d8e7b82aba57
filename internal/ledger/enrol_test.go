package ledger

import (
	"crypto/ed25519"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

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
	if len(code) != 12 || strings.Trim(code, "0123456789") != "" {
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

func TestWrongCodesCount(t *testing.T) {
	s := open(t).store
	code := invite(t, s, "s1")
	wrong := code[:11] + string('0'+(code[11]-'0'+1)%10)
	for _, nonsense := range []string{"", "1", strings.Repeat("9", 40), "'; DROP --x"} {
		notAdmitted(t, s, nonsense, machineToken)
	}
	for range 4 {
		notAdmitted(t, s, wrong, machineToken)
	}
	if _, err := s.Redeem(t.Context(), code, machineToken); err != nil {
		t.Fatal("four wrong tries are too many: ", err)
	}
	code = invite(t, s, "s2")
	wrong = code[:11] + string('0'+(code[11]-'0'+1)%10)
	for range 5 {
		notAdmitted(t, s, wrong, machineToken)
	}
	notAdmitted(t, s, code, "the right code, too late")
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
