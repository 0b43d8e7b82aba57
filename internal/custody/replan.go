package custody

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"harkara/internal/label"
)

// Replan is the office's own: its days are others than a file's clock was reckoned by.
const Replan CommandKind = "replan"

// Replanned is what it comes to: the clock is reckoned by the calendar of now.
const Replanned Reason = "replanned"

func init() {
	register(Kind{
		Name: Replan, Undo: Beside,
		By:    by(TheOffice),
		Comes: []Reason{Replanned},
	}, (*act).replan)
}

// Replanning says by which change of the office: so that each change replans a file once,
// however often its command is stored.
type Replanning struct {
	Office int64 `json:"office"` // revision
}

// Replanner returns the command that has a file's clock reckoned anew after a change.
func Replanner(file label.Code, office int64) Command {
	with := Replanning{office}
	return Command{ID: with.id(file), Kind: Replan, Code: file, With: with}
}

func (r Replanning) id(file label.Code) CommandID {
	return ownID(fmt.Appendf(nil, "replan of %s: office %d", file, r.Office))
}

func (r Replanning) check(c Command) error {
	if c.ID != r.id(c.Code) {
		return malformed("a replan has the id that its file and the office's revision make")
	}
	return nil
}

// ownID is a UUID of the office's own version, drawn from what makes a command this one.
func ownID(of []byte) CommandID {
	sum := sha256.Sum256(of)
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	return CommandID(fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16]))
}

// Heard is somebody who was told that a file is late, and since when it was.
type Heard struct {
	Person
	Percent int       `json:"percent"`
	Due     time.Time `json:"due"`
}

// replan reckons the clock by the hours that begun has taken over. What was used in earlier
// stays is kept. A breach that is none by them is withdrawn, and everybody is told who was
// told of it; lesser rungs stay told. Where nothing is otherwise it leaves no entry.
func (a *act) replan(Replanning) {
	if a.s.Leg.Phase == Ended {
		a.tick(Replanned)
		return
	}
	a.s.Quiet = time.Time{}
	withdrawn := a.withdraw()
	a.reckon()
	if len(withdrawn) == 0 && a.s.Deadline.Equal(a.was.Deadline) && a.s.Wake.Equal(a.was.Wake) && a.s.Leg.Wait == a.was.Leg.Wait {
		a.tick(Replanned)
		return
	}
	var told []Person
	for _, h := range a.c.Heard {
		if slices.Contains(withdrawn, h.Percent) && !h.Due.Before(a.s.Leg.stayed()) && !slices.Contains(told, h.Person) {
			told = append(told, h.Person)
		}
	}
	a.record(Replanned, func(e *Entry) {
		if e.Withdrawn = withdrawn; len(told) > 0 {
			e.Told, e.Channel = told, Screen
		}
	})
	a.notices = append(a.notices, a.s.Notices(a.entries[len(a.entries)-1])...)
}

// withdraw takes back the rungs from the breach on that have not fallen due, and returns
// their percents, lowest first.
func (a *act) withdraw() (percents []int) {
	c, passed := a.clock(), a.s.Rung
	if !c.leg.running() {
		return nil
	}
	done, n := c.leg.Consumed+c.leg.worked(c.hours, a.at), 0
	for n < passed {
		used, ok := c.rungAt(n)
		if !ok || c.rung(n).Percent >= breach && used > done {
			break
		}
		n++
	}
	for k := n; k < passed; k++ {
		if p := c.rung(k).Percent; !slices.Contains(percents, p) {
			percents = append(percents, p)
		}
	}
	if n < passed {
		if a.s.Rung, a.s.Percent = n, 0; n > 0 {
			a.s.Percent = c.rung(n - 1).Percent
		}
	}
	return percents
}

// breach is the percent of the rung that says a file is late.
const breach = 100
