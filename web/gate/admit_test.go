package gate

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"harkara/internal/custody"
	"harkara/internal/damp"
	"harkara/internal/people"
	"harkara/internal/people/peopletest"
)

var monday = time.Date(2026, 1, 12, 9, 0, 0, 0, time.UTC)

// double is a gate with a directory in memory and a clock that is set.
type double struct {
	*Gate
	people *peopletest.Memory
	now    time.Time
	known  map[string]custody.StationID
	heard  map[custody.StationID]time.Time
	away   error
	seen   people.Principal // of whoever was let in last
}

func (d *double) Office(context.Context, time.Time) (*custody.Office, error) {
	return &custody.Office{Stations: []custody.Station{{ID: "st-1"}}}, nil
}

func (d *double) Authenticate(_ context.Context, token string) (custody.StationID, error) {
	id, ok := d.known[token]
	if d.away == nil && !ok {
		return "", custody.ErrNotFound
	}
	return id, d.away
}

func (d *double) Heartbeat(_ context.Context, id custody.StationID, at time.Time) error {
	d.heard[id] = at
	return nil
}

func newDouble(open bool) *double {
	d := &double{now: monday, known: map[string]custody.StationID{"door": "st-1"}, heard: map[custody.StationID]time.Time{}}
	log, now := slog.New(slog.DiscardHandler), func() time.Time { return d.now }
	d.people = peopletest.New(now)
	d.people.Seat(people.Person{ID: "boss", Grants: []people.Grant{{Role: people.Administrator}}}, "office")
	d.people.Seat(people.Person{ID: "clerk", Grants: []people.Grant{{Role: people.Clerk}}}, "counter")
	d.Gate = New(Config{
		Directory: d, People: people.NewDoor(d.people, now), Open: open, Log: log, Noise: damp.New(log, now), Now: now,
		Failures: []Failure{{ErrUnauthorised, http.StatusUnauthorized, "error.unauthorised"}, {ErrForbidden, http.StatusForbidden, "error.forbidden"}, {people.ErrLocked, http.StatusLocked, "error.locked"}},
	})
	return d
}

// request is one of an API, with a station's token, a person's session, or nothing.
func request(token string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "http://localhost/api/v1/x", nil)
	switch token {
	case "":
	case "office", "counter":
		r.AddCookie(&http.Cookie{Name: Session, Value: token})
	default:
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return r
}

// goAway has the ledger be away, or back.
func (d *double) goAway(err error) {
	d.away = err
	d.people.Before["Session"], d.people.Before["Bearer"] = err, err
}

func (d *double) call(a people.Rule, token string) (status int) {
	w := httptest.NewRecorder()
	d.Route(a, RequestTime, func(w http.ResponseWriter, r *http.Request) error {
		d.seen = Of(r)
		return WriteJSON(w, http.StatusOK, "in")
	}).ServeHTTP(w, request(token))
	return w.Code
}

// Who is let in has one principal, which says all that he may; who is not has none.
func TestPrincipals(t *testing.T) {
	reader := people.May(people.Administrator)
	office, _ := newDouble(false).Office(t.Context(), monday)
	of := func(id people.ID, role people.Role) people.Principal {
		p := people.Person{ID: id, Grants: []people.Grant{{Role: role}}}.Principal(office, monday)
		p.Proof = custody.BySignIn
		return p
	}
	public, guest, full, clerk, door := people.Principal{}, visitor.Principal(office, monday), of("boss", people.Administrator), of("clerk", people.Clerk), people.AtStation(office, "st-1")
	away := errors.New("the ledger is away")
	for _, c := range []struct {
		name   string
		open   bool
		access people.Rule
		token  string
		away   error
		status int
		want   people.Principal
	}{
		{"anybody", false, people.Anyone, "", nil, 200, public},
		{"an administrator where anybody may", false, people.Anyone, "office", nil, 200, public},
		{"an administrator", false, reader, "office", nil, 200, full},
		{"a station reads pages", false, reader, "door", nil, 403, public},
		{"a stranger", false, reader, "guess", nil, 401, public},
		{"nobody", false, reader, "", nil, 401, public},
		{"an administrator, the ledger away", false, reader, "office", away, 500, public},
		{"a station", false, people.Station, "door", nil, 200, door},
		{"a station's form", false, people.StationForm, "door", nil, 200, door},
		{"an administrator scans", false, people.Station, "office", nil, 401, public},
		{"a clerk", false, reader, "counter", nil, 403, public},
		{"a clerk in what is his own", false, people.SignedIn, "counter", nil, 200, clerk},
		{"nobody in what is his own", false, people.SignedIn, "", nil, 401, public},
		{"the demonstration's visitor in what is his own", true, people.SignedIn, "", nil, 401, public},
		{"the demonstration's clerk", true, reader, "counter", nil, 403, public},
		{"the demonstration's visitor", true, reader, "", nil, 200, guest},
		{"its administrator", true, reader, "office", nil, 200, full},
		{"its stranger", true, reader, "guess", nil, 200, guest},
		{"a station reads its pages", true, reader, "door", nil, 200, guest},
		{"its administrator, the ledger away", true, reader, "office", away, 200, guest},
		{"its station without a token", true, people.Station, "", nil, 401, public},
	} {
		d := newDouble(c.open)
		d.goAway(c.away)
		if status := d.call(c.access, c.token); status != c.status || !d.seen.Same(c.want) {
			t.Errorf("%s: %d, %+v", c.name, status, d.seen)
		}
	}
}

// Who is let in stays as long as he would be let in as the same; a ledger that is away
// proves nothing.
func TestStill(t *testing.T) {
	for _, open := range []bool{false, true} {
		d := newDouble(open)
		reader := people.May(people.Administrator)
		r, err := d.admit(reader, request("office"))
		if err != nil || Of(r).ID != "boss" {
			t.Fatal(err, Of(r))
		}
		still := func(name string, want bool) {
			t.Helper()
			d.now = d.now.Add(believed)
			if got := d.Still(reader, r); got != want {
				t.Errorf("open %v, %s: %v", open, name, got)
			}
		}
		still("as he came", true)
		d.goAway(errors.New("the ledger is away"))
		still("the ledger away", true)
		d.goAway(nil)
		d.people.Seat(people.Person{ID: "boss"}, "office")
		still("without his role", false)
		d.people.Seat(people.Person{ID: "boss", Grants: []people.Grant{{Role: people.Administrator}}, Ended: d.now}, "office")
		still("ended", false)
		d.people.Seat(people.Person{ID: "boss", Grants: []people.Grant{{Role: people.Administrator}}}, "office")
		still("back again", true)
		who := signedIn(t, d, "office")
		if err := d.People.Lock(t.Context(), who.Session); err != nil {
			t.Fatal(err)
		}
		still("locked", true)
		if err := d.People.SignOut(t.Context(), who.Session); err != nil {
			t.Fatal(err)
		}
		still("signed out", false)
	}
}

// signedIn is whose a session is.
func signedIn(t *testing.T, d *double, secret string) Signed {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "http://localhost/", nil)
	r.AddCookie(&http.Cookie{Name: Session, Value: secret})
	who, _, err := d.Locked(r)
	if err != nil {
		t.Fatal(err)
	}
	return who
}

// A token is believed for a moment without asking the ledger; a revoked one is worth
// nothing after it, and a refused one is asked about every time.
func TestTokensAreBelievedForAMoment(t *testing.T) {
	d := newDouble(false)
	set := func(known bool) {
		if delete(d.known, "door"); known {
			d.known["door"] = "st-1"
		}
	}
	step := func(name string, want int) {
		t.Helper()
		if got := d.call(people.Station, "door"); got != want {
			t.Errorf("%s: %d, want %d", name, got, want)
		}
	}
	step("enrolled", http.StatusOK)
	set(false)
	d.now = d.now.Add(believed - time.Millisecond)
	step("revoked a moment ago", http.StatusOK)
	d.now = d.now.Add(time.Millisecond)
	step("revoked", http.StatusUnauthorized)
	set(true)
	step("enrolled again", http.StatusOK)
	set(false)
	d.now = d.now.Add(-time.Hour)
	step("the clock was set back", http.StatusUnauthorized)
}

// A station that scans all the time is noted now and then.
func TestHeartbeatsAreNotedNowAndThen(t *testing.T) {
	d := newDouble(false)
	noted := func() time.Time {
		d.call(people.Station, "door")
		return d.heard["st-1"]
	}
	if first := noted(); !first.Equal(monday) {
		t.Fatalf("noted at %v", first)
	}
	d.now = d.now.Add(noteEvery - time.Millisecond)
	if got := noted(); !got.Equal(monday) {
		t.Errorf("noted again at %v", got)
	}
	d.now = d.now.Add(time.Millisecond)
	if got := noted(); !got.Equal(monday.Add(noteEvery)) {
		t.Errorf("noted at %v", got)
	}
}

// Whoever calls from ever new addresses fills no memory.
func TestRefusedCallsAreBounded(t *testing.T) {
	d := newDouble(false)
	for i := range 3 * maxRefused {
		r := request("")
		r.RemoteAddr = strings.Repeat("1", i%50+1) + string(rune('a'+i/50)) + ":80"
		if _, err := d.admit(people.May(people.Administrator), r); !errors.Is(err, ErrUnauthorised) {
			t.Fatal(err)
		}
	}
	if n := len(d.Refused(10 * maxRefused)); n != maxRefused {
		t.Errorf("%d are remembered", n)
	}
}
