package web

import (
	"context"
	"slices"
	"strings"
	"time"

	"harkara/internal/custody"
)

// Closed implements Closed: any part of a number or a subject, as it is written.
func (m *memory) Closed(_ context.Context, words []string, limit int) (list []custody.Row, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range m.files {
		text := strings.ToLower(f.file.Number + f.file.Subject)
		if row := m.row(f); row.Position.Phase == custody.Ended && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }) {
			list = append(list, row)
		}
	}
	return list[:min(limit, len(list))], m.away
}

// What an administrator looks after, of the ledger in memory.

func (m *memory) Quarantined(context.Context) (list []Stuck, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range m.files {
		if f.stuck {
			r := m.bodies[f.waiting[0]]
			list = append(list, Stuck{
				Command: r.Command, Who: m.words[r.Command.ID][custody.WhoField].Text, File: r.Command.Code, Number: f.file.Number, Received: r.Received, Attempts: 10, Cause: "diverged",
				Error: "file " + string(r.Command.Code) + ": ledger and workflow diverged", Behind: len(f.waiting) - 1,
			})
		}
	}
	slices.SortFunc(list, func(a, b Stuck) int { return a.Received.Compare(b.Received) })
	return list, m.away
}

func (m *memory) Retry(_ context.Context, id custody.CommandID, by custody.Actor, reason string) error {
	return m.free(id, "retry", by, reason)
}

func (m *memory) Void(_ context.Context, id custody.CommandID, by custody.Actor, reason string) error {
	return m.free(id, "void", by, reason)
}

func (m *memory) free(id custody.CommandID, act string, by custody.Actor, reason string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	f := m.files[m.bodies[id].Command.Code]
	if f == nil || !f.stuck || f.waiting[0] != id {
		return custody.ErrNotFound
	}
	if act == "void" {
		r := m.bodies[id]
		r.By, r.Void = by, true
		m.say(id, custody.VoidReasonField, reason)
		m.bodies[id] = r
	}
	m.audit = append(m.audit, Audited{m.now(), by, act, id, reason})
	f.stuck = false
	m.event(f, custody.Freed)
	m.decide(f)
	m.ring()
	return nil
}

func (m *memory) Audit(_ context.Context, limit int) ([]Audited, error) {
	return newest(m, &m.audit, limit)
}

func (m *memory) Refusals(_ context.Context, limit int) ([]Refusal, error) {
	return newest(m, &m.refused, limit)
}

func (m *memory) RefusedAt(_ context.Context, station custody.StationID, past time.Duration, limit int) (list []Refused, err error) {
	refused, err := newest(m, &m.refused, everything)
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range refused {
		if c := m.bodies[r.Outcome.Command].Command; c.Station == station && m.now().Sub(r.Received) <= past && len(list) < limit {
			list = append(list, Refused{c.Code, r.Outcome, c.At.Wall})
		}
	}
	return list, err
}

func (m *memory) Changes(_ context.Context, limit int) ([]Change, error) {
	return newest(m, &m.changes, limit)
}

func (m *memory) Drawer(_ context.Context, limit int) ([]Drawn, error) {
	drawer, err := newest(m, &m.drawer, limit)
	var list []Drawn
	for _, d := range drawer {
		one := Drawn{d.station, d.at, d.reason, []byte(d.raw), int64(len(d.raw)), []byte{0xab, 0xcd}}
		if m.quota > 0 && len(one.Body) > 5 {
			one.Body = one.Body[:5]
		}
		list = append(list, one)
	}
	return list, err
}

func (m *memory) Overdrawn(_ context.Context, station custody.StationID, limit int) ([]Overdrawn, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := len(m.drawer)
	if m.quota == 0 || n <= m.quota || station != "" && m.drawer[n-1].station != station {
		return nil, m.away
	}
	last := m.drawer[n-1]
	return []Overdrawn{{Station: last.station, Day: last.at.Truncate(24 * time.Hour), Whole: int64(m.quota), Short: int64(n - m.quota), Counted: 7, Bytes: 154 << 20, Last: last.at}}, m.away
}

func (m *memory) Told(_ context.Context, posts []custody.PostID, limit int) ([]Told, error) {
	list, err := newest(m, &m.notices, everything)
	list = slices.DeleteFunc(list, func(n Told) bool { return n.State != "delivered" || !slices.Contains(posts, n.Notice.Post) })
	return list[:min(limit, len(list))], err
}

func (m *memory) ToldTo(_ context.Context, officers []custody.OfficerID, limit int) ([]Told, error) {
	list, err := newest(m, &m.notices, everything)
	each := map[custody.OfficerID]int{}
	list = slices.DeleteFunc(list, func(n Told) bool {
		if n.State != "delivered" || !slices.Contains(officers, n.Notice.Officer) {
			return true
		}
		each[n.Notice.Officer]++
		return each[n.Notice.Officer] > limit
	})
	return list, err
}

func (m *memory) Untold(_ context.Context, limit int) ([]Told, error) {
	list, err := newest(m, &m.notices, everything)
	list = slices.DeleteFunc(list, func(n Told) bool { return n.State == "delivered" })
	return list[:min(limit, len(list))], err
}

const everything = 1 << 30

// newest is the end of a list, its last first.
func newest[T any](m *memory, kept *[]T, limit int) ([]T, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	list := slices.Clone(*kept)
	slices.Reverse(list)
	return list[:min(limit, len(list))], m.away
}
