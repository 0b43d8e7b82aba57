package workflows

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"harkara/activities"
	"harkara/internal/calendar"
	"harkara/internal/custody"
	"harkara/internal/label"
)

var (
	epoch = time.Date(2025, 6, 2, 4, 0, 0, 0, time.UTC)
	code  = label.New(label.File, 4738291102)
	cal   = calendar.Always("always")
)

// office plays one file's life against the workflow in skipped time. It is the
// ledger and the dispatcher too: wakes and entries in order, each once.
type office struct {
	t         *testing.T
	env       *testsuite.TestWorkflowEnvironment
	seq       int64
	entries   []custody.Entry
	answers   []custody.Outcome
	refused   []error
	last      custody.Resolved
	away      bool          // the inbox takes nothing
	forgetful bool          // it takes what it says it did not
	lag       time.Duration // from a wake stored to its dispatch
	ahead     []func()      // stored before the next wake, and not decided yet
	inbox     map[custody.CommandID]bool
	asked     []time.Time // wakes, also those that were not stored
	delivered []string
	bare      bool // commands come without what they rely on

	incarnation custody.Incarnation // of the office; a run is of it unless run says otherwise
}

func newOffice(t *testing.T) *office {
	var suite testsuite.WorkflowTestSuite
	o := &office{t: t, env: suite.NewTestWorkflowEnvironment(), lag: time.Millisecond, inbox: map[custody.CommandID]bool{}}
	o.env.SetStartTime(epoch)
	Register(o.env, Files{Rules: custody.Today}, o.activities())
	return o
}

func (o *office) activities() *activities.Activities {
	return &activities.Activities{Inbox: o, Channel: o}
}

func (o *office) Wake(_ context.Context, in custody.Incarnation, c custody.Command) error {
	o.asked = append(o.asked, o.env.Now())
	if in != o.incarnation {
		return custody.ErrIncarnation
	}
	if o.away {
		return errors.New("the ledger is away")
	}
	if _, err := custody.ParseCommand(c.Bytes()); err != nil {
		o.t.Error(err)
	}
	if !o.inbox[c.ID] {
		o.inbox[c.ID] = true
		ahead := o.ahead
		o.ahead = nil
		o.at(o.lag, func() {
			for _, stored := range ahead {
				stored()
			}
			o.seq++
			o.send(custody.Resolved{Command: c, Seq: o.seq, Received: o.env.Now(), Ranks: custody.Ranks{{Post: "a"}, {Post: "b"}}})
		})
	}
	if o.forgetful {
		return errors.New("the connection was cut after the commit")
	}
	return nil
}

func (o *office) Current(_ context.Context, in custody.Incarnation) error {
	if in != o.incarnation {
		return custody.ErrIncarnation
	}
	return nil
}

func (o *office) Deliver(_ context.Context, n activities.Errand) error {
	o.delivered = append(o.delivered, n.Key)
	if len(o.delivered) < 3 {
		return errors.New("no paper in the printer")
	}
	return nil
}

func (o *office) head() custody.Head {
	if len(o.entries) == 0 {
		return custody.Head{}
	}
	last := o.entries[len(o.entries)-1]
	return custody.Head{Revision: last.Revision, Hash: last.Hash}
}

// commit appends as the ledger does and checks the whole chain again.
func (o *office) commit(out custody.Outcome) {
	for _, e := range out.Entries {
		if e.Revision > o.head().Revision {
			o.entries = append(o.entries, e)
		}
	}
	var stored [][]byte
	for _, e := range o.entries {
		stored = append(stored, e.Bytes())
	}
	if _, _, err := custody.Chain(custody.Head{}, code, stored); err != nil {
		o.t.Error(err)
	}
}

// contents is everything that these tests rely on of the office.
var contents = custody.Contents{}

var ladder = custody.Ladder{ID: "l", Rungs: []custody.Rung{{Percent: 100, To: []custody.Receiver{{}}, Channel: custody.Screen}}}

func place(desk string) *custody.Place {
	return &custody.Place{
		Desk: custody.DeskID(desk), Room: custody.RoomID(desk), Post: custody.PostID(desk), Budget: 3600,
		Hours: contents.Keep(cal.ID, cal), Ladder: contents.Keep("l", ladder),
	}
}

// command is the next one of the file, given in a room.
func (o *office) command(c custody.Command, here string) custody.Resolved {
	o.seq++
	c.ID = custody.CommandID(fmt.Sprintf("00000000-0000-0000-0000-%012d", o.seq))
	c.Code, c.At.Wall = code, o.env.Now()
	return custody.Resolved{Version: custody.ResolvedVersion, Command: c, Seq: o.seq, Received: o.env.Now(), Here: place(here), To: place(here), Holder: o.holder(), Transit: 600}
}

// holder is where the file's desk is now, as the dispatcher looks it up.
func (o *office) holder() *custody.Place {
	for _, e := range slices.Backward(o.entries) {
		if e.Leg != nil {
			return place(string(e.Leg.Place.Desk))
		}
	}
	return nil
}

func (o *office) send(r custody.Resolved) { o.deliver(r, o.head()) }

func (o *office) deliver(r custody.Resolved, head custody.Head) {
	o.last = r
	brings := contents
	if o.bare {
		brings = nil
	}
	o.env.UpdateWorkflow(CommandUpdate, fmt.Sprintf("%s-%d", r.Command.ID, o.env.Now().UnixNano()), &testsuite.TestUpdateCallback{
		OnReject: func(err error) { o.refused = append(o.refused, err) },
		OnAccept: func() {},
		OnComplete: func(v any, err error) {
			if err != nil {
				o.t.Error(err)
				return
			}
			out := v.(custody.Outcome)
			o.answers = append(o.answers, out)
			o.commit(out)
		},
	}, Delivery{Command: r.Bytes(), Contents: brings, Head: head, Incarnation: o.incarnation})
}

// at does something so long from now.
func (o *office) at(after time.Duration, f func()) { o.env.RegisterDelayedCallback(f, after) }

func (o *office) open() {
	o.at(0, func() {
		o.send(o.command(custody.Command{Kind: custody.Open, With: custody.Opening{Department: "fin"}}, "a"))
	})
}

func (o *office) scan(after time.Duration, room string) {
	o.at(after, func() {
		o.send(o.command(custody.Command{Kind: custody.Scan, Station: custody.StationID(room), Method: custody.ByQR}, room))
	})
}

func (o *office) plain(after time.Duration, kind custody.CommandKind) {
	o.at(after, func() { o.send(o.command(custody.Command{Kind: kind}, "a")) })
}

// end rolls the run over at last, so that it returns its snapshot.
func (o *office) end(after time.Duration) custody.State {
	o.at(after, func() { o.env.SignalWorkflow(RolloverSignal, nil) })
	return o.run(custody.Begin(code))
}

func (o *office) run(from custody.State) custody.State {
	o.t.Helper()
	o.env.ExecuteWorkflow(FileType, From(from, o.incarnation))
	if !o.env.IsWorkflowCompleted() {
		o.t.Fatal("the run did not end")
	}
	err := o.env.GetWorkflowError()
	var next *workflow.ContinueAsNewError
	if !errors.As(err, &next) {
		if err != nil {
			o.t.Fatal(err)
		}
		return custody.State{}
	}
	var start Start
	if err := json.Unmarshal(next.Input.Payloads[0].Data, &start); err != nil || start.Program != Program {
		o.t.Fatal(err, start.Program)
	}
	return start.State
}

func (o *office) reasons() []custody.Reason {
	var out []custody.Reason
	for _, e := range o.entries {
		out = append(out, e.Reason)
	}
	return out
}

func (o *office) want(reasons ...custody.Reason) {
	o.t.Helper()
	if got := o.reasons(); !slices.Equal(got, reasons) {
		o.t.Errorf("entries %v, want %v", got, reasons)
	}
}
