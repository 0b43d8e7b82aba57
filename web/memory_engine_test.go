package web

import (
	"cmp"

	"harkara/internal/custody"
)

// release lets the engine come back.
func (m *memory) release() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.holding = false
	for _, f := range m.files {
		m.decide(f)
	}
	m.ring()
}

// decide works off a file's queue. Called with mu held.
func (m *memory) decide(f *paperFile) {
	for ; len(f.waiting) > 0 && !f.stuck; f.waiting = f.waiting[1:] {
		r := m.bodies[f.waiting[0]]
		if m.failing && !r.Void {
			f.stuck = true
			m.event(f, custody.Stuck)
			return
		}
		claims, reads := r.Command.Claims(), r.Command.Reads()
		r.Taken = m.files[claims] != nil || claims != "" && m.fileOf(claims) != claims && m.fileOf(claims) != f.file.Code
		r.Stray = reads != f.file.Code && m.covers[reads] != f.file.Code
		r.Words = m.words[r.Command.ID].Digests(r.Command.ID)
		out := m.apply(f, m.look(f, r))
		if said := m.words[r.Command.ID]; out.Reason == custody.Opened || out.Reason == custody.Amended {
			f.file.Number = cmp.Or(said[custody.NumberField].Text, f.file.Number)
			f.file.Subject = cmp.Or(said[custody.SubjectField].Text, f.file.Subject)
		}
		f.file.Department, f.file.Opened, f.file.Class = f.state.Department, f.state.Opened, f.state.Class
		m.commit(f, out)
		out.Entries = nil
		m.outcomes[r.Command.ID] = out
		if out.Verdict == custody.Refused {
			m.refused = append(m.refused, Refusal{f.file.Code, f.file.Number, out, m.now()})
		}
		close(m.decided[r.Command.ID])
	}
}

// apply has a command decided.
func (m *memory) apply(f *paperFile, r custody.Resolved) custody.Outcome {
	f.state = f.state.Confirm(f.head)
	if err := f.state.Check(r, m.contents, f.head); err != nil {
		panic(err)
	}
	f.state = f.state.Take(custody.Today.Decide(f.state, r, m.contents, m.now()), r.Seq)
	return f.state.Outcome()
}

// look brings what the file itself needs beside what the command names.
func (m *memory) look(f *paperFile, r custody.Resolved) custody.Resolved {
	p := f.state.Position()
	return m.office.Resolve(r, &p, m.contents)
}

func (m *memory) commit(f *paperFile, out custody.Outcome) {
	for _, e := range out.Entries {
		if e.Revision <= f.head.Revision {
			continue
		}
		f.stored = append(f.stored, e.Bytes())
		switch e.Reason {
		case custody.Relabelled, custody.Aliased:
			m.covers[e.Cover] = e.File
		case custody.Unaliased:
			delete(m.covers, e.Cover)
		}
		f.head = custody.Head{Revision: e.Revision, Hash: e.Hash}
		m.event(f, e.Reason)
	}
	for _, n := range out.Notices {
		m.notices = append(m.notices, Told{Notice: n, State: "delivered", Changed: m.now(), Number: f.file.Number, Class: f.file.Class})
	}
}

// event puts something about a file on the feed. Called with mu held.
func (m *memory) event(f *paperFile, reason custody.Reason) {
	if f.head.Revision > 0 {
		m.events = append(m.events, custody.Event{Seq: int64(len(m.events)) + 1, At: m.now(), Reason: reason, Row: custody.Row{File: f.file}})
	}
}

// climb records every rung that is due.
func (m *memory) climb() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range m.files {
		for !f.state.Wake.IsZero() && !f.state.Wake.After(m.now()) {
			m.wake(f)
		}
	}
	m.ring()
}

// wake has a file look at its clock. Called with mu held.
func (m *memory) wake(f *paperFile) {
	p := f.state.Position()
	f.seq++
	wake := custody.Resolved{Version: custody.ResolvedVersion, Command: p.Waker(), Seq: f.seq, Received: m.now(), Ranks: m.office.Ranks(m.office, p.Post)}
	if p.To != "" {
		wake.Ranks = m.office.Ranks(m.office, p.Post, custody.PostID(p.To))
	}
	m.commit(f, m.apply(f, m.look(f, wake)))
}

func (m *memory) resolve(c custody.Command, seq int64) custody.Resolved {
	return custody.Resolved{Version: custody.ResolvedVersion, Command: c, Seq: seq, Received: m.now(), Transit: m.office.Policy.Transit}
}
