package people_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/people"
	"harkara/internal/people/peopletest"
)

var monday = time.Date(2026, 1, 12, 9, 0, 0, 0, time.UTC)

// building is a door with a store in memory and a clock that is set.
type building struct {
	*people.Door
	store *peopletest.Memory
	now   time.Time
}

const password = "correct horse 7"

var badge = label.New(label.Badge, 4711)

func open(t *testing.T) *building {
	t.Helper()
	b := &building{now: monday}
	b.store = peopletest.New(func() time.Time { return b.now })
	b.Door = people.NewDoor(b.store, func() time.Time { return b.now })
	b.add(t, people.Person{ID: "boss", Name: custody.Name{En: "Boss"}, Grants: []people.Grant{{Role: people.Administrator}}})
	b.add(t, people.Person{ID: "of-1", Officer: "of-1", Name: custody.Name{En: "Gul Muhammad"}})
	b.store.Badges[badge] = "of-1"
	return b
}

func (b *building) add(t *testing.T, p people.Person) {
	t.Helper()
	if err := b.Equip(t.Context(), p, password, "a test"); err != nil {
		t.Fatal(err)
	}
}

func from(network string) people.From { return people.From{Network: network, Agent: "a test"} }

// in signs in and must succeed.
func (b *building) in(t *testing.T, a people.Attempt) people.In {
	t.Helper()
	in, err := b.SignIn(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func (b *building) attempt(name, secret string) error {
	_, err := b.SignIn(context.Background(), people.Attempt{Name: name, Secret: secret, From: from("10.0.0.1")})
	return err
}

// Who is let in by what.
func TestSignIn(t *testing.T) {
	b := open(t)
	person, session, err := b.Who(t.Context(), b.in(t, people.Attempt{Name: "of-1", Secret: password}).Secret)
	if err != nil || person.ID != "of-1" || session.Person != "of-1" {
		t.Fatal(person, session, err)
	}
	if err := b.Choose(t.Context(), person, session, password, "864203", from("")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what, name, secret string
		want               error
	}{
		{"by password", "of-1", password, nil},
		{"by badge and password", badge.Format(), password, nil},
		{"by badge and PIN", string(badge), "864203", nil},
		{"by a PIN in Urdu digits", string(badge), "۸۶۴۲۰۳", nil},
		{"by name and PIN", "of-1", "864203", people.ErrWrong},
		{"wrong password", "of-1", "correct horse 8", people.ErrWrong},
		{"nobody", "of-2", password, people.ErrWrong},
		{"nobody's badge", string(label.New(label.Badge, 1)), "864203", people.ErrWrong},
		{"a file's code", string(label.New(label.File, 4711)), "864203", people.ErrWrong},
		{"nothing", "", "", people.ErrWrong},
		{"a novel", strings.Repeat("x", 5000), password, people.ErrWrong},
	} {
		if err := b.attempt(c.name, c.secret); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.what, err)
		}
		b.now = b.now.Add(time.Hour)
	}
	if err := b.End(t.Context(), "of-1", b.now, "a test"); err != nil {
		t.Fatal(err)
	}
	if err := b.attempt("of-1", password); !errors.Is(err, people.ErrWrong) {
		t.Error("an ended person: ", err)
	}
	if strings.Contains(b.store.Text(), password) || strings.Contains(b.store.Text(), "864203") {
		t.Error("a secret is kept")
	}
}

// A one-time secret works once, within its days, and only to choose one's own.
func TestOneTimeSecrets(t *testing.T) {
	b := open(t)
	once, err := b.Reset(t.Context(), "of-1", "boss")
	if err != nil {
		t.Fatal(err)
	}
	try := func(secret, choice string) error {
		_, err := b.SignIn(t.Context(), people.Attempt{Name: "of-1", Secret: secret, Choice: choice, From: from("10.0.0.1")})
		return err
	}
	for _, c := range []struct {
		what, secret, choice string
		want                 error
	}{
		{"the older password", password, "", people.ErrWrong},
		{"as it is written", once, "", people.ErrChoose},
		{"as it is typed", strings.ToLower(strings.ReplaceAll(once, "-", " ")), "", people.ErrChoose},
		{"a short choice", once, "short", people.ErrShort},
		{"an obvious one", once, "123456", people.ErrObvious},
		{"a good one", once, "a better horse", nil},
		{"once more", once, "another horse", people.ErrWrong},
		{"the new one", "a better horse", "", nil},
	} {
		if err := try(c.secret, c.choice); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.what, err)
		}
	}
	late, err := b.Reset(t.Context(), "of-1", "boss")
	if err != nil {
		t.Fatal(err)
	}
	b.now = b.now.Add(73 * time.Hour)
	if err := try(late, "a later horse"); !errors.Is(err, people.ErrWrong) {
		t.Error("a late one: ", err)
	}
}

// A session ends by itself, locks by itself where several use the machine, and ends at once
// where it is ended, wherever its secret has gone.
func TestSessions(t *testing.T) {
	b := open(t)
	at := func(d time.Duration, secret string) error {
		was := b.now
		defer func() { b.now = was }()
		b.now = b.now.Add(d)
		_, _, err := b.Who(t.Context(), secret)
		return err
	}
	shared := b.in(t, people.Attempt{Name: "of-1", Secret: password, Shared: true})
	own := b.in(t, people.Attempt{Name: "of-1", Secret: password})
	if shared.Secret == own.Secret || shared.Session.ID == own.Session.ID {
		t.Error("two sign-ins have one secret")
	}
	for _, c := range []struct {
		what   string
		secret string
		after  time.Duration
		want   error
	}{
		{"shared, at once", shared.Secret, 0, nil},
		{"shared, left alone", shared.Secret, 13 * time.Minute, people.ErrLocked},
		{"shared, for hours", shared.Secret, 3 * time.Hour, people.ErrNoSession},
		{"own, over a night", own.Secret, 20 * time.Hour, nil},
		{"own, over a week", own.Secret, 7 * 24 * time.Hour, people.ErrNoSession},
		{"another's", "guess", 0, people.ErrNoSession},
		{"none", "", 0, people.ErrNoSession},
	} {
		if err := at(c.after, c.secret); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.what, err)
		}
	}
	for range 14 * 12 { // somebody works on, all day and beyond
		b.now = b.now.Add(5 * time.Minute)
		if _, s, err := b.Who(t.Context(), shared.Secret); err == nil {
			if err := b.Active(t.Context(), s); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := at(0, shared.Secret); !errors.Is(err, people.ErrNoSession) {
		t.Error("a session without end: ", err)
	}
	p, s, err := b.Who(t.Context(), own.Secret)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.SignOut(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if err := at(0, own.Secret); !errors.Is(err, people.ErrNoSession) {
		t.Error("a stolen secret after sign-out: ", err)
	}
	if err := b.SignOut(t.Context(), s); err != nil {
		t.Error("signed out twice: ", err)
	}
	other := b.in(t, people.Attempt{Name: "boss", Secret: password})
	if err := b.Revoke(t.Context(), p.ID, other.Session.ID, 0); !errors.Is(err, custody.ErrNotFound) {
		t.Error("another's session: ", err)
	}
	if err := at(0, other.Secret); err != nil {
		t.Error("another's session was ended: ", err)
	}
}

// A locked session goes on by its person's secret alone.
func TestLock(t *testing.T) {
	b := open(t)
	in := b.in(t, people.Attempt{Name: "of-1", Secret: password, Shared: true})
	if err := b.Lock(t.Context(), in.Session); err != nil {
		t.Fatal(err)
	}
	p, s, err := b.Who(t.Context(), in.Secret)
	if !errors.Is(err, people.ErrLocked) || p.ID != "of-1" {
		t.Fatal(p, err)
	}
	if err := b.Unlock(t.Context(), p, s, "another horse", from("")); !errors.Is(err, people.ErrWrong) {
		t.Error(err)
	}
	if _, _, err := b.Who(t.Context(), in.Secret); !errors.Is(err, people.ErrLocked) {
		t.Error("unlocked by a wrong secret: ", err)
	}
	if err := b.Unlock(t.Context(), p, s, password, from("")); err != nil {
		t.Error(err)
	}
	if _, _, err := b.Who(t.Context(), in.Secret); err != nil {
		t.Error(err)
	}
	b.now = b.now.Add(time.Hour) // it locks by itself
	p, s, err = b.Who(t.Context(), in.Secret)
	if !errors.Is(err, people.ErrLocked) {
		t.Fatal(err)
	}
	if err := b.Unlock(t.Context(), p, s, password, from("")); err != nil {
		t.Error(err)
	}
	if _, _, err := b.Who(t.Context(), in.Secret); err != nil {
		t.Error(err)
	}
}

// The last administrator stays, whatever is tried.
func TestTheLastAdministratorStays(t *testing.T) {
	b := open(t)
	for what, try := range map[string]func() error{
		"ended":            func() error { return b.End(t.Context(), "boss", b.now, "boss") },
		"ended some day":   func() error { return b.End(t.Context(), "boss", b.now.AddDate(0, 1, 0), "boss") },
		"without his role": func() error { return b.Grant(t.Context(), "boss", nil, "boss") },
		"of one department": func() error {
			return b.Grant(t.Context(), "boss", []people.Grant{{Role: people.Administrator, Department: "fin"}}, "boss")
		},
	} {
		if err := try(); !errors.Is(err, people.ErrLast) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := b.Grant(t.Context(), "of-1", []people.Grant{{Role: people.Administrator}}, "boss"); err != nil {
		t.Fatal(err)
	}
	if err := b.End(t.Context(), "boss", b.now, "of-1"); err != nil {
		t.Error("with another there: ", err)
	}
}

// A PIN is renewed by two who are neither the forgetful one nor each other; an
// administrator's is not, and no password comes of it.
func TestTwoOfficersRenewAPIN(t *testing.T) {
	b := open(t)
	b.add(t, people.Person{ID: "of-2"})
	b.add(t, people.Person{ID: "of-3"})
	for _, c := range []struct {
		what, whose     string
		first           people.ID
		second, secret_ string
		want            error
	}{
		{"the same twice", "of-1", "of-2", "of-2", password, people.ErrSecond},
		{"himself", "of-1", "of-2", "of-1", password, people.ErrSecond},
		{"himself first", "of-1", "of-1", "of-2", password, people.ErrSecond},
		{"a wrong password", "of-1", "of-2", "of-3", "wrong horse 77", people.ErrWrong},
		{"an administrator's", "boss", "of-2", "of-3", password, people.ErrNotHere},
		{"nobody's", "of-9", "of-2", "of-3", password, custody.ErrNotFound},
	} {
		if _, err := b.RenewPIN(t.Context(), c.whose, c.first, c.second, c.secret_, from("10.0.0.1")); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.what, err)
		}
	}
	once, err := b.RenewPIN(t.Context(), string(badge), "of-2", "of-3", password, from("10.0.0.1"))
	if err != nil {
		t.Fatal(err)
	}
	a := people.Attempt{Name: "of-1", Secret: once, Choice: "a taken horse"}
	if _, err := b.SignIn(t.Context(), a); !errors.Is(err, people.ErrShort) {
		t.Error("a password by a PIN's secret: ", err)
	}
	a.Choice = "864203"
	b.in(t, a)
	if err := b.attempt(string(badge), "864203"); err != nil {
		t.Error(err)
	}
	events, err := b.Events(t.Context(), 10)
	if err != nil || len(events) < 2 || events[1].By != "of-2, of-3" || events[1].Act != people.Reset {
		t.Errorf("%+v, %v", events, err)
	}
}

// A change of one's own password needs the present one, and ends the other sessions. A PIN
// sets no password.
func TestChoose(t *testing.T) {
	b := open(t)
	here, there := b.in(t, people.Attempt{Name: "of-1", Secret: password}), b.in(t, people.Attempt{Name: "of-1", Secret: password})
	choose := func(secret, choice string) error {
		return b.Choose(t.Context(), here.Person, here.Session, secret, choice, from(""))
	}
	for _, c := range []struct {
		secret, choice string
		want           error
	}{
		{"wrong horse 77", "a better horse", people.ErrWrong},
		{password, "864203", nil},
		{"864203", "a better horse", people.ErrWrong},
		{"864203", "975314", nil},
		{password, "a better horse", nil},
	} {
		if err := choose(c.secret, c.choice); !errors.Is(err, c.want) {
			t.Errorf("%q by %q: %v", c.choice, c.secret, err)
		}
	}
	if _, _, err := b.Who(t.Context(), here.Secret); err != nil {
		t.Error(err)
	}
	if _, _, err := b.Who(t.Context(), there.Secret); !errors.Is(err, people.ErrNoSession) {
		t.Error("the other session: ", err)
	}
}

// Tokens are a person's until they end; a program has no session.
func TestBearer(t *testing.T) {
	b := open(t)
	b.add(t, people.Person{ID: "register", Grants: []people.Grant{{Role: people.Program}}})
	token, err := b.Issue(t.Context(), "register", b.now.Add(time.Hour), "boss")
	if err != nil {
		t.Fatal(err)
	}
	if p, err := b.Bearer(t.Context(), token); err != nil || p.ID != "register" {
		t.Error(p, err)
	}
	if _, _, err := b.Who(t.Context(), token); !errors.Is(err, people.ErrNoSession) {
		t.Error("a token is a session: ", err)
	}
	if strings.Contains(b.store.Text(), token) {
		t.Error("the token is kept")
	}
	b.now = b.now.Add(time.Hour)
	if _, err := b.Bearer(t.Context(), token); !errors.Is(err, people.ErrNoSession) {
		t.Error("an old token: ", err)
	}
	again, err := b.Issue(t.Context(), "register", b.now.Add(time.Hour), "boss")
	if err != nil {
		t.Fatal(err)
	}
	if err := b.End(t.Context(), "register", b.now, "boss"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Bearer(t.Context(), again); !errors.Is(err, people.ErrNoSession) {
		t.Error("an ended program: ", err)
	}
}

// The store refuses, does and says that it failed, or is slow: nobody is let in who should
// not be, and whoever tries again comes in.
func TestFaultsOfTheStore(t *testing.T) {
	away := errors.New("the ledger is away")
	for _, method := range []string{"Claimant", "Begin", "Alter"} {
		for _, done := range []bool{false, true} {
			t.Run(fmt.Sprint(method, done), func(t *testing.T) {
				b := open(t)
				once, err := b.Reset(t.Context(), "of-1", "boss")
				if err != nil {
					t.Fatal(err)
				}
				fault := b.store.Before
				if done {
					fault = b.store.After
				}
				fault[method] = away
				a := people.Attempt{Name: "of-1", Secret: once, Choice: "a better horse", From: from("10.0.0.1")}
				in, err := b.SignIn(t.Context(), a)
				if reads := method == "Claimant" && done; !reads && (!errors.Is(err, away) || in.Secret != "") {
					t.Errorf("%+v, %v", in, err)
				}
				delete(fault, method)
				_, err = b.SignIn(t.Context(), a)
				if errors.Is(err, people.ErrWrong) { // what he chose is kept: the answer was lost
					a.Secret, a.Choice = "a better horse", ""
					_, err = b.SignIn(t.Context(), a)
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
	}
	b := open(t)
	b.store.Slow = func(ctx context.Context, method string) {
		if method == "Claimant" {
			<-ctx.Done()
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.SignIn(ctx, people.Attempt{Name: "of-1", Secret: password}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	in := open(t)
	s := in.in(t, people.Attempt{Name: "of-1", Secret: password})
	in.store.Before["End"] = away
	if err := in.SignOut(t.Context(), s.Session); !errors.Is(err, away) {
		t.Error("signed out, it says: ", err)
	}
	in.store.Before["Session"] = away
	if _, _, err := in.Who(t.Context(), s.Secret); !errors.Is(err, away) {
		t.Error(err)
	}
}
