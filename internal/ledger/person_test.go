package ledger

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"harkara/internal/custody"
	"harkara/internal/engine/postgres"
	"harkara/internal/label"
	"harkara/internal/people"
)

const horse = "correct horse 7"

// peopled is a ledger with an administrator and an officer, and its door.
func peopled(t *testing.T) (book, *people.Door) {
	t.Helper()
	b := open(t)
	o := sample()
	o.Officers[0].Name = custody.Name{En: "Gul Muhammad", Ur: "گل محمد"}
	set(t, b.store, o)
	d := people.NewDoor(b.store.People(), time.Now)
	for _, p := range []people.Person{
		{ID: "boss", Name: custody.Name{En: "Boss"}, Grants: []people.Grant{{Role: people.Administrator, Clearance: custody.Secret}}},
		{ID: "o1", Officer: "o1", Name: custody.Name{En: "an older name"}},
	} {
		if err := d.Equip(t.Context(), p, horse, "a test"); err != nil {
			t.Fatal(err)
		}
	}
	return b, d
}

// A person is kept as he was made, with what the office calls him, and signs in by name
// and badge; of his secrets there are digests alone.
func TestPersons(t *testing.T) {
	b, d := peopled(t)
	list, err := d.Persons(t.Context())
	if err != nil || len(list) != 2 || !slices.Equal(list[0].Grants, []people.Grant{{Role: people.Administrator, Clearance: custody.Secret}}) || !slices.Equal(list[1].Opens, []people.Kind{people.Password}) || !list[1].Seen.IsZero() || !list[1].Until.IsZero() {
		t.Fatalf("%+v, %v", list, err)
	}
	if list[1].Name.Ur != "گل محمد" {
		t.Errorf("he is called %v", list[1].Name)
	}
	secret := ""
	for _, name := range []string{"o1", label.New(label.Badge, 1).Format()} {
		in, err := d.SignIn(t.Context(), people.Attempt{Name: name, Secret: horse, Shared: true, From: people.From{Network: "10.0.0.1", Agent: "a browser"}})
		if err != nil || in.Person.ID != "o1" {
			t.Fatal(name, err)
		}
		secret = in.Secret
	}
	p, s, err := d.Who(t.Context(), secret)
	if err != nil || p.ID != "o1" || p.Name.En != "Gul Muhammad" || !s.Shared || s.Network != "10.0.0.1" || s.Agent != "a browser" || !s.Locked.IsZero() {
		t.Fatalf("%+v, %+v, %v", p, s, err)
	}
	for _, kept := range []string{secret, horse} {
		for _, table := range []string{"sessions", "person_secrets", "person_events", "persons"} {
			var text string
			if err := b.store.pool.QueryRow(t.Context(), "SELECT coalesce(string_agg(x::text, ' '), '') FROM "+table+" x").Scan(&text); err != nil || strings.Contains(text, kept) {
				t.Errorf("%s has a secret, %v", table, err)
			}
		}
	}
	gone := sample()
	gone.Officers = nil
	set(t, b.store, gone)
	if _, _, err := d.Who(t.Context(), secret); !errors.Is(err, people.ErrNoSession) {
		t.Error("an officer whom the office has no more: ", err)
	}
}

// What is altered of a person is what the act is about; the last administrator stays, also
// where two would go at once.
func TestAlteredPersons(t *testing.T) {
	_, d := peopled(t)
	is := func(id people.ID) people.Listed {
		t.Helper()
		p, err := d.Listed(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	stale := is("o1").Person
	grants := []people.Grant{{Role: people.Manager, Department: "fin"}, {Role: people.Officer, Post: "p1", For: "o2"}}
	if err := d.Grant(t.Context(), "o1", grants, "boss"); err != nil {
		t.Fatal(err)
	}
	if err := d.Prefer(t.Context(), stale, "ur", people.UrduDigits); err != nil {
		t.Fatal(err)
	}
	if p := is("o1"); !slices.Equal(p.Grants, grants) || p.Language != "ur" || p.Digits != people.UrduDigits {
		t.Errorf("%+v", p)
	}
	if err := d.End(t.Context(), "boss", time.Now(), "boss"); !errors.Is(err, people.ErrLast) {
		t.Error(err)
	}
	if err := d.Grant(t.Context(), "boss", nil, "boss"); !errors.Is(err, people.ErrLast) {
		t.Error(err)
	}
	if err := d.Grant(t.Context(), "o1", []people.Grant{{Role: people.Administrator}}, "boss"); err != nil {
		t.Fatal(err)
	}
	result := make(chan error, 2)
	for _, id := range []people.ID{"boss", "o1"} {
		go func() { result <- d.End(t.Context(), id, time.Now(), "each other") }()
	}
	first, second := <-result, <-result
	if (first == nil) == (second == nil) || !errors.Is(errors.Join(first, second), people.ErrLast) {
		t.Errorf("both go: %v, %v", first, second)
	}
	if err := d.Grant(t.Context(), "nobody", grants, "boss"); !errors.Is(err, custody.ErrNotFound) {
		t.Error(err)
	}
	if _, err := d.Add(t.Context(), people.Person{ID: "o9", Officer: "o9"}, "boss"); !errors.Is(err, people.ErrNoOfficer) {
		t.Error(err)
	}
	events, err := d.Events(t.Context(), 100)
	if err != nil || len(events) != 5 || events[4].Act != people.Added || events[4].By != "a test" {
		t.Errorf("%+v, %v", events, err)
	}
}

// A one-time secret is spent once, also by two at once.
func TestOneTimeSecretsAreSpent(t *testing.T) {
	_, d := peopled(t)
	once, err := d.Reset(t.Context(), "o1", "boss")
	if err != nil {
		t.Fatal(err)
	}
	if p, err := d.Listed(t.Context(), "o1"); err != nil || !slices.Equal(p.Opens, []people.Kind{people.Once}) || p.Until.Before(time.Now()) {
		t.Fatalf("%+v, %v", p, err)
	}
	result := make(chan error, 2)
	for _, choice := range []string{"a better horse", "another horse"} {
		go func() {
			_, err := d.SignIn(t.Context(), people.Attempt{Name: "o1", Secret: once, Choice: choice, From: people.From{Network: "10.0.0.1"}})
			result <- err
		}()
	}
	first, second := <-result, <-result
	if (first == nil) == (second == nil) || !errors.Is(errors.Join(first, second), people.ErrWrong) {
		t.Errorf("%v, %v", first, second)
	}
}

// Sessions lock, are noted, ended one by one and together; browsers and networks are known
// by them.
func TestKeptSessions(t *testing.T) {
	b, d := peopled(t)
	store := b.store.People()
	from := people.From{Network: "10.0.0.1"}
	var ins []people.In
	for range 3 {
		in, err := d.SignIn(t.Context(), people.Attempt{Name: "o1", Secret: horse, From: from})
		if err != nil {
			t.Fatal(err)
		}
		ins, from.Device = append(ins, in), in.Device
	}
	later := time.Now().Add(time.Minute).UTC().Truncate(time.Microsecond)
	for _, at := range []time.Time{later, later.Add(-time.Hour)} {
		if err := store.Note(t.Context(), ins[0].Session.ID, at); err != nil {
			t.Fatal(err)
		}
	}
	if _, s, err := d.Who(t.Context(), ins[0].Secret); err != nil || !s.Seen.Equal(later) {
		t.Errorf("%+v, %v", s, err)
	}
	if err := d.Lock(t.Context(), ins[0].Session); err != nil {
		t.Fatal(err)
	}
	p, s, err := d.Who(t.Context(), ins[0].Secret)
	if !errors.Is(err, people.ErrLocked) {
		t.Fatal(err)
	}
	if err := d.Unlock(t.Context(), p, s, horse, from); err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.Who(t.Context(), ins[0].Secret); err != nil {
		t.Fatal(err)
	}
	if err := d.Revoke(t.Context(), "boss", ins[1].Session.ID, 0); !errors.Is(err, custody.ErrNotFound) {
		t.Error("another's: ", err)
	}
	if err := d.Revoke(t.Context(), "o1", ins[1].Session.ID, 0); err != nil {
		t.Error(err)
	}
	if err := d.Revoke(t.Context(), "o1", 0, ins[2].Session.ID); err != nil {
		t.Error(err)
	}
	if list, err := d.Open(t.Context(), "o1"); err != nil || len(list) != 1 || list[0].ID != ins[2].Session.ID {
		t.Errorf("%+v, %v", list, err)
	}
	since := time.Now().Add(-time.Hour)
	for _, k := range []struct {
		device, network string
		want            [2]bool
	}{{people.Digest(from.Device), "10.0.0.1", [2]bool{true, true}}, {people.Digest("x"), "10.0.0.2", [2]bool{}}, {people.Digest(from.Device), "10.0.0.2", [2]bool{true, false}}} {
		c, err := store.Claimant(t.Context(), "o1", "", people.From{Device: k.device, Network: k.network}, since)
		if err != nil || [2]bool{c.Device, c.Network} != k.want {
			t.Errorf("%+v: %v %v, %v", k, c.Device, c.Network, err)
		}
	}
	if _, err := store.Claimant(t.Context(), "o2", "", from, since); !errors.Is(err, custody.ErrNotFound) {
		t.Error(err)
	}
	again, err := store.Begin(t.Context(), people.Digest(ins[2].Secret), people.Digest("x"), ins[2].Session)
	if err != nil || again != ins[2].Session.ID {
		t.Error("kept twice: ", again, err)
	}
}

func TestTokensOfPersons(t *testing.T) {
	_, d := peopled(t)
	token, err := d.Issue(t.Context(), "boss", time.Now().Add(time.Hour), "boss")
	if err != nil {
		t.Fatal(err)
	}
	if p, err := d.Bearer(t.Context(), token); err != nil || p.ID != "boss" || !p.Administers() {
		t.Error(p, err)
	}
	if _, err := d.Bearer(t.Context(), token+"x"); !errors.Is(err, people.ErrNoSession) {
		t.Error(err)
	}
	if _, err := d.Issue(t.Context(), "boss", time.Now().Add(time.Hour), "boss"); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Bearer(t.Context(), token); !errors.Is(err, people.ErrNoSession) {
		t.Error("an older token: ", err)
	}
}

// What was done to persons is not undone by anybody, and nonsense is not kept.
func TestPersonsAreGuarded(t *testing.T) {
	b, _ := peopled(t)
	app, owner := raw(t, b.url(postgres.App)), raw(t, b.url(postgres.Owner))
	for statement, conn := range map[string]*pgx.Conn{
		"UPDATE person_events SET who = ''": owner, "DELETE FROM person_events": owner, "TRUNCATE person_events CASCADE": owner,
		"DELETE FROM persons": app, "UPDATE persons SET id = 'x'": app, "UPDATE sessions SET person = 'boss'": app, "UPDATE person_secrets SET person = 'boss'": app,
	} {
		if _, err := conn.Exec(t.Context(), statement); sqlState(err) != "42501" {
			t.Errorf("%s: %v", statement, err)
		}
	}
	for _, statement := range []string{
		"INSERT INTO persons (id, name) VALUES ('a b', '{}')", "INSERT INTO persons (id, name, officer) VALUES ('x', '{}', 'y')",
		"INSERT INTO person_secrets (person, kind, hash) VALUES ('boss', 'pin', repeat('a', 64))", "INSERT INTO person_secrets (person, kind, hash) VALUES ('boss', 'token', 'the token itself')",
	} {
		if _, err := app.Exec(t.Context(), statement); sqlState(err) != "23514" {
			t.Errorf("%s: %v", statement, err)
		}
	}
}
