// Package peopletest keeps persons and sessions in memory, for tests.
package peopletest

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/people"
)

// Memory is a people.Store. What Fault says happens to a method by its name: Before, it
// does nothing; after, it does it and says that it failed.
type Memory struct {
	mu       sync.Mutex
	now      func() time.Time
	persons  map[people.ID]people.Person
	secrets  map[people.ID]map[people.Kind]people.Secret
	sessions map[string]*kept // by digest
	events   []people.Event
	last     int64

	Badges map[label.Code]people.ID
	Before map[string]error
	After  map[string]error
	Slow   func(ctx context.Context, method string) // nil: nothing takes time
}

type kept struct {
	people.Session
	device string
	ended  bool
}

var _ people.Store = (*Memory)(nil)

// New makes an empty one.
func New(now func() time.Time) *Memory {
	return &Memory{
		now: now, persons: map[people.ID]people.Person{}, secrets: map[people.ID]map[people.Kind]people.Secret{},
		sessions: map[string]*kept{}, Badges: map[label.Code]people.ID{}, Before: map[string]error{}, After: map[string]error{},
	}
}

// Seat adds a person who is signed in by a session's secret, as if he had done so now; the
// same is his token.
func (m *Memory) Seat(p people.Person, secret string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.persons[p.ID] = p
	m.last++
	now := m.now()
	m.secrets[p.ID] = map[people.Kind]people.Secret{people.Token: {Kind: people.Token, Hash: people.Digest(secret)}}
	m.sessions[people.Digest(secret)] = &kept{Session: people.Session{ID: m.last, Person: p.ID, Network: "192.0.2.1", Began: now, Seen: now, Ends: now.AddDate(1, 0, 0)}}
}

// begin waits and says whether a method fails without having done anything. It returns
// with mu held.
func (m *Memory) begin(ctx context.Context, method string) error {
	if m.Slow != nil {
		m.Slow(ctx, method)
	}
	m.mu.Lock()
	if err := ctx.Err(); err != nil {
		return err
	}
	return m.Before[method]
}

// Persons is people.Roll's.
func (m *Memory) Persons(ctx context.Context) (list []people.Listed, err error) {
	err = m.begin(ctx, "Persons")
	defer m.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(m.persons)) {
		l := people.Listed{Person: m.persons[id]}
		for _, s := range m.secrets[id] {
			l.Opens = append(l.Opens, s.Kind)
			if s.Kind == people.Once || s.Kind == people.RenewPIN {
				l.Until = s.Until
			}
		}
		slices.Sort(l.Opens)
		for _, s := range m.sessions {
			if s.Person == id && s.Seen.After(l.Seen) {
				l.Seen = s.Seen
			}
		}
		list = append(list, l)
	}
	return list, err
}

// Claimant is people.Roll's.
func (m *Memory) Claimant(ctx context.Context, id people.ID, badge label.Code, from people.From, since time.Time) (c people.Claimant, err error) {
	err = m.begin(ctx, "Claimant")
	defer m.mu.Unlock()
	if badge != "" {
		id = m.Badges[badge]
	}
	p, there := m.persons[id]
	if err == nil && !there {
		err = custody.ErrNotFound
	}
	if err != nil {
		return c, err
	}
	c.Person, c.Secrets = p, slices.Collect(maps.Values(m.secrets[id]))
	for _, s := range m.sessions {
		if s.Person == id && !s.Seen.Before(since) {
			c.Device = c.Device || s.device == from.Device
			c.Network = c.Network || s.Network == from.Network
		}
	}
	return c, nil
}

// Alter is people.Roll's.
func (m *Memory) Alter(ctx context.Context, c people.Change) error {
	err := m.begin(ctx, "Alter")
	defer m.mu.Unlock()
	if err != nil {
		return err
	}
	was, there := m.persons[c.Person.ID]
	if !there && c.Act != people.Added {
		return custody.ErrNotFound
	}
	at := slices.IndexFunc(slices.Collect(maps.Values(m.secrets[c.Person.ID])), func(s people.Secret) bool { return s.Hash == c.Spends })
	if c.Spends != "" && at < 0 {
		return custody.ErrNotFound
	}
	is := was
	switch c.Act {
	case people.Added:
		is.ID, is.Name, is.Officer, is.Ended = c.Person.ID, c.Person.Name, c.Person.Officer, time.Time{}
		if !there || len(c.Person.Grants) > 0 {
			is.Grants = c.Person.Grants
		}
	case people.Granted:
		is.Grants = c.Person.Grants
	case people.EndSet, people.Resumed:
		is.Ended = c.Person.Ended
	case people.Preferred:
		is.Language, is.Digits = c.Person.Language, c.Person.Digits
	}
	before := m.administrators()
	m.persons[is.ID] = is
	if before > 0 && m.administrators() == 0 {
		m.persons[is.ID] = was
		return people.ErrLast
	}
	if m.secrets[is.ID] == nil {
		m.secrets[is.ID] = map[people.Kind]people.Secret{}
	}
	maps.DeleteFunc(m.secrets[is.ID], func(k people.Kind, s people.Secret) bool {
		return c.Spends != "" && s.Hash == c.Spends || slices.Contains(c.Drop, k)
	})
	for _, s := range c.Set {
		m.secrets[is.ID][s.Kind] = s
	}
	if c.Ends {
		m.end(is.ID, 0, c.Kept)
	}
	if c.Act != people.Preferred {
		m.events = append(m.events, people.Event{At: m.now(), By: c.By, Act: c.Act, Person: is.ID, Name: is.Name, Detail: c.Detail})
	}
	return m.After["Alter"]
}

func (m *Memory) administrators() (n int) {
	for _, p := range m.persons {
		if p.Administers() && p.Ended.IsZero() {
			n++
		}
	}
	return n
}

// Events is people.Roll's.
func (m *Memory) Events(ctx context.Context, since time.Time, limit int) (list []people.Event, err error) {
	err = m.begin(ctx, "Events")
	defer m.mu.Unlock()
	for _, e := range slices.Backward(m.events) {
		if !e.At.Before(since) && len(list) < limit {
			list = append(list, e)
		}
	}
	return list, err
}

// Begin is people.Sessions'.
func (m *Memory) Begin(ctx context.Context, digest, device string, s people.Session) (int64, error) {
	err := m.begin(ctx, "Begin")
	defer m.mu.Unlock()
	if err != nil {
		return 0, err
	}
	m.last++
	s.ID = m.last
	m.sessions[digest] = &kept{Session: s, device: device}
	return s.ID, m.After["Begin"]
}

// Session is people.Sessions'.
func (m *Memory) Session(ctx context.Context, digest string) (people.Person, people.Session, error) {
	err := m.begin(ctx, "Session")
	defer m.mu.Unlock()
	s := m.sessions[digest]
	if err == nil && (s == nil || s.ended) {
		err = custody.ErrNotFound
	}
	if err != nil {
		return people.Person{}, people.Session{}, err
	}
	return m.persons[s.Person], s.Session, nil
}

// Note is people.Sessions'.
func (m *Memory) Note(ctx context.Context, id int64, seen time.Time) error {
	return m.with(ctx, "Note", id, func(s *kept) {
		if seen.After(s.Seen) {
			s.Seen = seen
		}
	})
}

// Latch is people.Sessions'.
func (m *Memory) Latch(ctx context.Context, id int64, since time.Time) error {
	return m.with(ctx, "Latch", id, func(s *kept) { s.Locked = since })
}

func (m *Memory) with(ctx context.Context, method string, id int64, f func(*kept)) error {
	err := m.begin(ctx, method)
	defer m.mu.Unlock()
	if err != nil {
		return err
	}
	for _, s := range m.sessions {
		if s.ID == id {
			f(s)
		}
	}
	return m.After[method]
}

// SessionsOf is people.Sessions'.
func (m *Memory) SessionsOf(ctx context.Context, id people.ID) (list []people.Session, err error) {
	err = m.begin(ctx, "SessionsOf")
	defer m.mu.Unlock()
	for _, s := range m.sessions {
		if s.Person == id && !s.ended {
			list = append(list, s.Session)
		}
	}
	slices.SortFunc(list, func(a, b people.Session) int { return int(b.ID - a.ID) })
	return list, err
}

// End is people.Sessions'.
func (m *Memory) End(ctx context.Context, id people.ID, session, kept int64) error {
	err := m.begin(ctx, "End")
	defer m.mu.Unlock()
	if err != nil {
		return err
	}
	if n := m.end(id, session, kept); n == 0 && session != 0 {
		return custody.ErrNotFound
	}
	return m.After["End"]
}

func (m *Memory) end(id people.ID, session, kept int64) (n int) {
	for _, s := range m.sessions {
		if s.Person == id && !s.ended && (session == 0 || s.ID == session) && s.ID != kept {
			s.ended = true
			n++
		}
	}
	return n
}

// Bearer is people.Sessions'.
func (m *Memory) Bearer(ctx context.Context, digest string, now time.Time) (people.Person, error) {
	err := m.begin(ctx, "Bearer")
	defer m.mu.Unlock()
	if err != nil {
		return people.Person{}, err
	}
	for id, kinds := range m.secrets {
		if s, ok := kinds[people.Token]; ok && s.Hash == digest && (s.Until.IsZero() || now.Before(s.Until)) {
			return m.persons[id], nil
		}
	}
	return people.Person{}, custody.ErrNotFound
}

// Text is everything that is kept, to look for what must not be.
func (m *Memory) Text() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var b strings.Builder
	for digest := range m.sessions {
		b.WriteString(digest + " ")
	}
	for _, kinds := range m.secrets {
		for _, s := range kinds {
			b.WriteString(s.Hash + " ")
		}
	}
	return b.String()
}
