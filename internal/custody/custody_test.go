package custody

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"harkara/internal/calendar"
	"harkara/internal/label"
)

// An office of six rooms a, b, c, ...; room a has a second desk a2.
var (
	epoch  = time.Date(2025, 6, 2, 4, 0, 0, 0, time.UTC) // Monday 09:00 in Quetta
	file   = label.New(label.File, 4738291102)
	runner = OfficerID("runner")
	cal    = calendar.QuettaSummer("summer")
	ladder = Ladder{ID: "sample", Rungs: []Rung{
		{Percent: 75, To: []Receiver{{}}, Channel: Screen},
		{Percent: 100, To: []Receiver{{}, {Superior: 1}}, Channel: Screen},
		{Percent: 150, To: []Receiver{{Superior: 2}}, Channel: Screen},
	}}
)

// relied holds the contents of everything that tests rely on.
var relied = Contents{}

func place(desk string) *Place {
	return &Place{
		Desk: DeskID(desk), Room: RoomID(desk[:1]), Post: PostID("post-" + desk), Officer: OfficerID("off-" + desk), Budget: 2 * 3600,
		Hours: relied.Keep(cal.ID, cal), Ladder: relied.Keep(string(ladder.ID), ladder),
	}
}

// by is a place on another ladder.
func (p *Place) by(l Ladder) *Place { p.Ladder = relied.Keep(string(l.ID), l); return p }

// on is a place with other hours.
func (p *Place) on(c calendar.Calendar) *Place { p.Hours = relied.Keep(c.ID, c); return p }

// route is one through desks, each with its post's budget.
func route(id string, desks ...string) Ref {
	var stops []Planned
	for _, d := range desks {
		p := place(d)
		stops = append(stops, Planned{p.dest(), p.Budget, 0})
	}
	return relied.Keep(id, stops)
}

// staff stands on top of one another, everybody in his post.
var staff = Ranks{
	{Post: "post-a", Superior: "post-b", Officer: "off-a"},
	{Post: "post-b", Superior: "post-c", Officer: "off-b"},
	{Post: "post-c", Officer: "off-c"},
	{Post: "post-a2", Superior: "post-c", Officer: "off-a2"},
	{Post: "post-d", Superior: "post-c"},
	{Post: "post-e", Superior: "post-c", Officer: "off-e"},
}

// clerk drives one file's life as a dispatcher would: numbering commands, looking up what
// they need, confirming every outcome, and remembering what the ledger would hold.
type clerk struct {
	rules   Rules
	state   State
	now     time.Time
	seq     int64
	head    Head
	entries []Entry
	stored  [][]byte
	notices []Notice
	last    Resolved
	route   Ref                          // as the office has it now
	hours   map[DeskID]calendar.Calendar // of each desk; nil: summer's

	abolished DeskID // is no desk of the office any more
}

func newClerk() *clerk { return &clerk{rules: Today, state: Begin(file), now: epoch} }

func (k *clerk) wait(d time.Duration) *clerk { k.now = k.now.Add(d); return k }

// resolve fills in what the intake would: the next seq, an id, the clocks.
func (k *clerk) resolve(c Command, here, to *Place) Resolved {
	k.seq++
	c.ID = CommandID(fmt.Sprintf("00000000-0000-0000-0000-%012d", k.seq))
	about := label.Code("")
	if c.Code == "" {
		c.Code = file
	} else if c.Code != file {
		about = file
	}
	if c.At.Wall.IsZero() {
		c.At.Wall = k.now
	}
	if here != nil && c.Station == "" {
		c.Station = StationID("at-" + here.Room)
	}
	return Resolved{Version: ResolvedVersion, Command: c, File: about, Stray: k.stray(c), Seq: k.seq, Received: k.now, Here: here, To: to, Transit: 1800}
}

// stray looks up a code as the ledger does.
func (k *clerk) stray(c Command) bool {
	return c.Reads() != file && Covers(k.entries)[c.Reads()] == 0
}

// do has a command decided and committed.
func (k *clerk) do(r Resolved) Outcome {
	k.look(&r)
	k.state = k.state.Confirm(k.head)
	if err := k.state.Check(r, relied, k.head); err != nil {
		panic(err)
	}
	if !k.state.Answered(r) {
		came := Contents{} // what Check asked for, and nothing else
		for _, d := range append(k.state.Relies(), r.Relies()...) {
			came[d] = relied[d]
		}
		recorded, err := json.Marshal(k.rules.Decide(k.state, r, came, k.now))
		if err != nil {
			panic(err)
		}
		if all := storedJSON(k.rules.Decide(k.state, r, relied, k.now)); !bytes.Equal(recorded, all) {
			panic(fmt.Sprintf("decided by what did not come with the command:\n%s\n%s", recorded, all))
		}
		var d Decision
		if err := json.Unmarshal(recorded, &d); err != nil {
			panic(err)
		}
		k.state = k.state.Take(d, r.Seq)
	}
	out := k.state.Outcome()
	k.last = r
	k.commit(out)
	return out
}

// look brings what the file itself needs: its holder and its route as they are, the next
// stop. Each desk has hours of its own where k has some.
func (k *clerk) look(r *Resolved) {
	p := k.state.Position()
	if r.Holder == nil && p.Desk != "" && p.Desk != k.abolished {
		r.Holder = place(string(p.Desk))
	}
	switch {
	case r.Route.ID != "":
		k.route = r.Route
	case p.Path.Route != "":
		r.Route = k.route
	}
	if ctx, ok := r.Command.With.(Context); ok && ctx.Onward && r.To == nil && r.Here != nil {
		if to := p.Onward(relied.stops(r.Route), r.Here.Room, r.Here.Desk); to != "" {
			r.To = place(string(to))
		}
	}
	for _, p := range []*Place{r.Here, r.To, r.Holder} {
		if p != nil && k.hours != nil {
			p.on(k.hours[p.Desk])
		}
	}
}

func (k *clerk) commit(out Outcome) {
	for _, e := range out.Entries {
		if e.Revision > k.head.Revision {
			k.entries = append(k.entries, e)
			k.stored = append(k.stored, e.Bytes())
			k.head = Head{Revision: e.Revision, Hash: e.Hash}
		}
	}
	k.notices = append(k.notices, out.Notices...)
}

func (k *clerk) open(stops ...string) Outcome {
	r := k.resolve(Command{Kind: Open, With: Opening{Department: "fin"}}, place("a"), nil)
	if len(stops) > 0 {
		r.Route = route("r", stops...)
	}
	return k.do(r)
}

func (k *clerk) scan(room string) Outcome {
	return k.do(k.resolve(Command{Kind: Scan, Method: ByQR}, place(room), nil))
}

func (k *clerk) typed(room string) Outcome {
	return k.do(k.resolve(Command{Kind: Scan, Method: ByTyped}, place(room), nil))
}

func (k *clerk) send(room, desk string) Outcome {
	return k.do(k.resolve(Command{Kind: Scan, Method: ByQR, With: Context{Desk: label.New(label.Desk, 1)}}, place(room), place(desk)))
}

func (k *clerk) onward(room string) Outcome {
	return k.do(k.resolve(Command{Kind: Scan, Method: ByQR, With: Context{Onward: true}}, place(room), nil))
}

func (k *clerk) take(room string) Outcome {
	r := k.resolve(Command{Kind: Scan, Method: ByQR, With: Context{Runner: label.New(label.Badge, 1)}}, place(room), nil)
	carrier.note(look{out: &r}, runner)
	return k.do(r)
}

func (k *clerk) undo(room string) Outcome {
	return k.do(k.resolve(Command{Kind: Undo}, place(room), nil))
}

func (k *clerk) scanCode(room string, code label.Code) Outcome {
	return k.do(k.resolve(Command{Kind: Scan, Method: ByQR, Code: code}, place(room), nil))
}

func (k *clerk) reprint(fresh label.Code) Outcome {
	return k.do(k.resolve(Command{Kind: Reprint, With: Printing{Cover: fresh}, Reason: "torn"}, nil, nil))
}

func (k *clerk) alias(code label.Code) Outcome {
	return k.do(k.resolve(Command{Kind: Alias, With: Aliasing{Cover: code}}, nil, nil))
}

func (k *clerk) unalias(code label.Code) Outcome {
	return k.do(k.resolve(Command{Kind: Unalias, With: Unaliasing{Cover: code}, Reason: "it is another file's"}, nil, nil))
}

func (k *clerk) plain(kind CommandKind, to *Place) Outcome {
	return k.do(k.resolve(Command{Kind: kind, Reason: "because"}, nil, to))
}

// waker is the file's next wake as it would be stored now.
func (k *clerk) waker() Resolved {
	k.seq++
	return Resolved{Command: k.state.Position().Waker(), Seq: k.seq, Received: k.now, Ranks: staff}
}

// wake has the file look at its clock; it returns the rung that this told.
func (k *clerk) wake() (Entry, bool) {
	out := k.do(k.waker())
	if out.Reason != RungDue {
		return Entry{}, false
	}
	return out.Entries[len(out.Entries)-1], true
}
