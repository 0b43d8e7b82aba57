package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"harkara/internal/calendar"
	"harkara/internal/custody"
	"harkara/internal/label"
)

// memory is a ledger and its engine in memory: commands are decided by the rules of
// today as soon as they are stored, unless the engine is away.
type memory struct {
	mu       sync.Mutex
	now      func() time.Time
	office   *custody.Office
	files    map[label.Code]*paperFile
	covers   map[label.Code]label.Code // the file of each code that is not a first one
	former   []former                  // the offices before it, oldest first
	events   []custody.Event           // rows are looked up when read
	bodies   map[custody.CommandID]custody.Resolved
	words    map[custody.CommandID]custody.Words // what was typed into them
	contents custody.Contents
	outcomes map[custody.CommandID]custody.Outcome
	decided  map[custody.CommandID]chan struct{}
	drawer   []drawn
	tokens   map[string]custody.StationID
	heard    map[custody.StationID]time.Time
	watchers map[chan struct{}]struct{}
	minted   uint64

	away    error // reading and storing fail with it
	full    error // only storing fails
	holding bool  // the engine is away: commands are stored, not decided
	failing bool  // commands come to the engine and cannot be decided
	quota   int   // records of the drawer that are whole, whoever sent them; 0: all

	audit   []Audited // newest last, as all of these
	refused []Refusal
	changes []Change
	notices []Told

	found    map[label.Code]Finding
	examined []Examination // newest first
}

// former is an office that was in force before an instant.
type former struct {
	office *custody.Office
	until  time.Time
}

type drawn struct {
	station custody.StationID
	raw     string
	reason  string
	at      time.Time
}

type paperFile struct {
	file    custody.File
	state   custody.State
	head    custody.Head
	stored  [][]byte
	seq     int64
	waiting []custody.CommandID
	stuck   bool // the first of them is quarantined
}

func newMemory(now func() time.Time) *memory {
	return &memory{
		now: now, office: testOffice(), files: map[label.Code]*paperFile{}, covers: map[label.Code]label.Code{}, bodies: map[custody.CommandID]custody.Resolved{},
		words: map[custody.CommandID]custody.Words{}, contents: custody.Contents{},
		outcomes: map[custody.CommandID]custody.Outcome{}, decided: map[custody.CommandID]chan struct{}{},
		tokens: map[string]custody.StationID{}, heard: map[custody.StationID]time.Time{}, watchers: map[chan struct{}]struct{}{},
	}
}

func (m *memory) Put(_ context.Context, commands []custody.Command) ([]custody.Receipt, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := errors.Join(m.away, m.full); err != nil {
		return nil, fmt.Errorf("%w: %w", custody.ErrNotStored, err)
	}
	receipts := make([]custody.Receipt, len(commands))
	for i, c := range commands {
		if err := c.Validate(); err != nil {
			return nil, err
		}
		if old, again := m.bodies[c.ID]; again {
			receipts[i] = custody.Receipt{ID: c.ID, Seq: old.Seq, Repeated: true, Reused: !m.same(old, c)}
			if receipts[i].Reused {
				m.drawer = append(m.drawer, drawn{c.Station, string(c.Bytes()), custody.ErrReused.Error(), m.now()})
			}
			continue
		}
		code := m.fileOf(c.Code)
		if code.Kind() == 0 {
			m.drawer = append(m.drawer, drawn{c.Station, string(c.Bytes()), "no file has this code", m.now()})
			receipts[i] = custody.Receipt{ID: c.ID}
			continue
		}
		f := m.files[code]
		if f == nil {
			f = &paperFile{state: custody.Begin(code), file: custody.File{Code: code}}
			m.files[code] = f
		}
		f.seq++
		r := m.resolve(m.split(c), f.seq)
		if code != c.Code {
			r.File = code
		}
		m.bodies[c.ID] = r
		m.decided[c.ID] = make(chan struct{})
		f.waiting = append(f.waiting, c.ID)
		receipts[i] = custody.Receipt{ID: c.ID, Seq: f.seq}
		if !m.holding {
			m.decide(f)
		}
	}
	m.ring()
	return receipts, nil
}

// same reports whether a command is the one that was stored. Called with mu held.
func (m *memory) same(old custody.Resolved, c custody.Command) bool {
	bare, texts := c.Split()
	return bytes.Equal(old.Command.Bytes(), bare.Bytes()) && maps.EqualFunc(texts, m.words[c.ID], func(text string, w custody.Word) bool { return w.Text == text })
}

// fileOf is the file that a code was given to, or the code itself.
func (m *memory) fileOf(code label.Code) label.Code {
	if file, ok := m.covers[code]; ok {
		return file
	}
	return code
}

func (m *memory) Command(_ context.Context, id custody.CommandID) (custody.Command, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.bodies[id]
	if !ok {
		return custody.Command{}, errors.Join(m.away, custody.ErrNotFound)
	}
	texts := custody.Texts{}
	for field, word := range m.words[id] {
		texts[field] = word.Text
	}
	return r.Command.Join(texts), m.away
}

// split keeps what was typed into a command apart from it. Called with mu held.
func (m *memory) split(c custody.Command) custody.Command {
	c, texts := c.Split()
	for field, text := range texts {
		m.say(c.ID, field, text)
	}
	return c
}

func (m *memory) say(id custody.CommandID, field custody.Field, text string) {
	if m.words[id] == nil {
		m.words[id] = custody.Words{}
	}
	m.words[id][field] = custody.Word{Salt: fmt.Sprintf("%032x", len(m.words)), Text: text}
}

func (m *memory) Words(_ context.Context, code label.Code) (map[custody.CommandID]custody.Words, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	words := map[custody.CommandID]custody.Words{}
	for id, w := range m.words {
		if m.bodies[id].About() == code {
			words[id] = maps.Clone(w)
		}
	}
	return words, m.away
}

func (m *memory) ToDrawer(_ context.Context, station custody.StationID, raw []byte, reason string) (whole bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := errors.Join(m.away, m.full); err != nil {
		return false, fmt.Errorf("%w: %w", custody.ErrNotStored, err)
	}
	m.drawer = append(m.drawer, drawn{station, string(raw), reason, m.now()})
	return m.quota == 0 || len(m.drawer) <= m.quota, nil
}

func (m *memory) Await(ctx context.Context, id custody.CommandID) (custody.Outcome, error) {
	m.mu.Lock()
	done, ok := m.decided[id]
	f := m.files[m.bodies[id].Command.Code]
	stuck := f != nil && f.stuck && f.waiting[0] == id
	m.mu.Unlock()
	switch {
	case !ok:
		return custody.Outcome{}, custody.ErrNotFound
	case stuck:
		return custody.Outcome{}, custody.ErrQuarantined
	}
	select {
	case <-done:
	case <-ctx.Done():
		return custody.Outcome{}, ctx.Err()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.outcomes[id], nil
}

func (m *memory) Mint(_ context.Context, kind label.Kind) (label.Code, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.minted++
	return label.New(kind, 7_000_000_000+m.minted*7919), nil
}

// row is a file as it is now. Called with mu held.
func (m *memory) row(f *paperFile) custody.Row {
	row := custody.Row{File: f.file, Position: f.state.Position(), Pending: len(f.waiting), Quarantined: f.stuck}
	if row.File.Class != custody.Ordinary {
		row.File.Subject = ""
	}
	for _, code := range slices.Sorted(maps.Keys(m.covers)) {
		if m.covers[code] == f.file.Code {
			row.Codes = append(row.Codes, code)
		}
	}
	return row
}

func (m *memory) Board(context.Context) ([]custody.Row, int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var rows []custody.Row
	for _, f := range m.files {
		if f.head.Revision > 0 && f.state.Leg.Phase != custody.Ended {
			rows = append(rows, m.row(f))
		}
	}
	return rows, int64(len(m.events)), m.away
}

func (m *memory) File(_ context.Context, code label.Code) (custody.Row, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f := m.files[m.fileOf(code)]
	if f == nil || f.head.Revision == 0 {
		return custody.Row{}, errors.Join(m.away, custody.ErrNotFound)
	}
	return m.row(f), m.away
}

func (m *memory) Entries(_ context.Context, code label.Code) ([][]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if f := m.files[code]; f != nil {
		return slices.Clone(f.stored), m.away
	}
	return nil, m.away
}

func (m *memory) Lanes(context.Context) (w custody.Lanes[custody.Waiting], err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range m.files {
		if f.stuck {
			continue // those wait for a person
		}
		for _, id := range f.waiting {
			people := &w[custody.People]
			if at := m.bodies[id].Received; people.Commands == 0 || at.Before(people.Since) {
				people.Since = at
			}
			people.Commands++
		}
	}
	return w, m.away
}

func (m *memory) Waiting(context.Context) (map[label.Code]int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	pending := map[label.Code]int{}
	for code, f := range m.files {
		if f.head.Revision > 0 && f.state.Leg.Phase != custody.Ended && len(f.waiting) > 0 {
			pending[code] = len(f.waiting)
		}
	}
	return pending, m.away
}

func (m *memory) Feed(_ context.Context, after int64, limit int) ([]custody.Event, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.away != nil {
		return nil, m.away
	}
	from := min(after, int64(len(m.events)))
	events := slices.Clone(m.events[from:min(from+int64(limit), int64(len(m.events)))])
	for i := range events {
		events[i].Row = m.row(m.files[events[i].Row.File.Code])
	}
	return events, nil
}

func (m *memory) Watch() (<-chan struct{}, func()) {
	w := make(chan struct{}, 1)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.watchers[w] = struct{}{}
	return w, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.watchers, w)
	}
}

func (m *memory) ring() {
	for w := range m.watchers {
		select {
		case w <- struct{}{}:
		default:
		}
	}
}

func (m *memory) Office(_ context.Context, at time.Time) (*custody.Office, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range m.former {
		if at.Before(f.until) {
			return f.office, nil
		}
	}
	return m.office, nil
}

// reorganise puts another office in force from now on.
func (m *memory) reorganise(o *custody.Office) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.former = append(m.former, former{m.office, m.now()})
	m.office = o
}

func (m *memory) Authenticate(_ context.Context, token string) (custody.StationID, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	id, ok := m.tokens[token]
	if !ok {
		return "", custody.ErrNotFound
	}
	return id, nil
}

func (m *memory) Heartbeat(_ context.Context, id custody.StationID, at time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.heard[id] = at
	return nil
}

func (m *memory) Heartbeats(context.Context) (map[custody.StationID]time.Time, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := map[custody.StationID]time.Time{}
	for id, at := range m.heard {
		out[id] = at
	}
	return out, nil
}

// testOffice has two departments in two buildings, with vacancies and Urdu names,
// on Quetta's winter hours.
func testOffice() *custody.Office {
	o := &custody.Office{
		Revision: 1, Name: custody.Name{En: "Civil Secretariat", Ur: "سول سیکرٹریٹ"}, Sample: true,
		Policy: custody.Policy{Transit: 1800}, Calendars: []calendar.Calendar{calendar.QuettaWinter("winter")},
		Ladders: []custody.Ladder{{ID: "usual", Rungs: []custody.Rung{
			{Percent: 75, To: []custody.Receiver{{}}, Channel: custody.Screen},
			{Percent: 100, To: []custody.Receiver{{}, {Superior: 1}}, Channel: custody.Screen},
		}}},
		Departments: []custody.Department{
			{ID: "fin", Name: custody.Name{En: "Finance", Ur: "خزانہ"}}, {ID: "hea", Name: custody.Name{En: "Health", Ur: "صحت"}},
		},
	}
	people := []custody.Name{
		{En: "Gul Muhammad", Ur: "گل محمد"},
		{En: "Saima Baloch", Ur: "صائمہ بلوچ"},
		{En: "Abdul Wahid", Ur: "عبدالواحد"},
		{En: "Rukhsana Kakar", Ur: "رخسانہ کاکڑ"},
		{En: "Mir Hassan", Ur: "میر حسن"},
		{En: "Asma Hazara", Ur: "اسماء ہزارہ"},
		{},
		{En: "Jan Ali", Ur: "جان علی"},
	}
	n := uint64(0)
	for d, department := range o.Departments {
		superior := custody.PostID("")
		for i, post := range []custody.Name{
			{En: "Secretary", Ur: "سیکرٹری"}, {En: "Deputy Secretary", Ur: "ڈپٹی سیکرٹری"}, {En: "Section Officer", Ur: "سیکشن افسر"}, {En: "R&I Branch", Ur: "وصول و اجرا شاخ"},
		} {
			n++
			number := fmt.Sprintf("%d0%d", i%3+1, 4*d+i+1)
			room := custody.RoomID(fmt.Sprintf("%c-%s", 'a'+d, number))
			id := fmt.Sprintf("%s-%d", department.ID, i)
			o.Rooms = append(o.Rooms, custody.Room{ID: room, Name: custody.Name{En: "Room " + number, Ur: "کمرہ " + number}, Department: department.ID, Building: custody.Building{En: string(rune('A' + d)), Ur: []string{"اے", "بی"}[d]}, Floor: i % 3})
			o.Stations = append(o.Stations, custody.Station{ID: custody.StationID("st-" + room), Room: room, Name: custody.Name{En: "Door of room " + number, Ur: "دروازہ کمرہ " + number}})
			o.Desks = append(o.Desks, custody.Desk{ID: custody.DeskID(id), Code: label.New(label.Desk, 52_000_000_000+n*7919), Room: room, Post: custody.PostID(id), Receiving: true})
			o.Posts = append(o.Posts, custody.Post{
				ID: custody.PostID(id), Name: custody.Name{En: post.En + " (" + department.Name.En + ")", Ur: post.Ur + " (" + department.Name.Ur + ")"},
				Department: department.ID, Superior: superior, Calendar: "winter", Ladder: "usual", Budget: custody.Seconds(2 * 3600 * (i + 1)),
			})
			superior = custody.PostID(id)
			if name := people[n-1]; name.En != "" {
				o.Officers = append(o.Officers, custody.Officer{ID: custody.OfficerID("of-" + id), Code: label.New(label.Badge, 61_000_000_000+n*7919), Name: name, Role: custody.RoleOfficer, Post: custody.PostID(id)})
			}
		}
		o.Routes = append(o.Routes, custody.Route{
			ID: custody.RouteID(department.ID + "-usual"), Name: custody.Name{En: "Ordinary case", Ur: "عام معاملہ"}, Department: department.ID,
			Stops: []custody.Stop{
				{Desk: custody.DeskID(department.ID + "-3"), Budget: 2 * 3600},
				{Desk: custody.DeskID(department.ID + "-2"), Budget: 8 * 3600},
				{Desk: custody.DeskID(department.ID + "-1"), Budget: 8 * 3600},
				{Desk: custody.DeskID(department.ID + "-0"), Budget: 8 * 3600},
			},
		})
	}
	o.Holds = []custody.HoldCard{
		{ID: "finance", Code: label.New(label.Hold, 71_000_000_000), Name: custody.Name{En: "Finance Department", Ur: "محکمہ خزانہ"}, Days: 5, Department: "fin"},
		{ID: "law", Code: label.New(label.Hold, 71_000_007_919), Name: custody.Name{En: "Law Department", Ur: "محکمہ قانون"}, Days: 7},
	}
	o.Officers = append(o.Officers, custody.Officer{ID: "runner-1", Code: label.New(label.Badge, 99_000_000_000), Name: custody.Name{En: "Noor Ahmed", Ur: "نور احمد"}, Role: custody.RoleRunner})
	o.Sort()
	return o
}
