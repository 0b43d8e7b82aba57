package custody

import (
	"sync"
	"time"

	"harkara/internal/calendar"
)

// Clocks are what running clocks come to in an office: one place where its calendars are
// ready to be counted on. Several may ask at once.
type Clocks struct {
	of    *Office
	mu    sync.Mutex
	ready map[inBuilding]*calendar.Hours
}

type inBuilding struct{ calendar, building string }

// NewClocks returns an office's.
func NewClocks(o *Office) *Clocks { return &Clocks{of: o, ready: map[inBuilding]*calendar.Hours{}} }

// Hours is a post's calendar as it counts in a room; nil: there is none.
func (c *Clocks) Hours(post PostID, room RoomID) *calendar.Hours {
	p, _ := c.of.PostByID(post)
	return c.hours(p.Calendar, c.of.building(room))
}

func (c *Clocks) hours(id, building string) *calendar.Hours {
	k := inBuilding{id, building}
	c.mu.Lock()
	defer c.mu.Unlock()
	if h, ok := c.ready[k]; ok {
		return h
	}
	if ordered, ok := c.of.Hours(id, building); ok {
		c.ready[k] = ordered.Hours()
	}
	return c.ready[k]
}

// Due is when a file's budget is used up; of one that waits for so many days, when it has
// waited. Zero: no clock runs on it that a calendar moves.
func (c *Clocks) Due(p Position) time.Time {
	if count := p.Wait.Count; count.Days > 0 {
		if h := c.hours(count.Calendar, ""); h != nil {
			return count.ends(h)
		}
		return p.Wait.Until
	}
	h := c.Hours(p.Post, p.Room)
	if !p.runs() || h == nil {
		return time.Time{}
	}
	return h.Add(p.Since, max(0, p.Budget-p.Consumed).Duration())
}

// Worked is what is worked on a file, by who holds it, from when he has it to an instant.
func (c *Clocks) Worked(p Position, at time.Time) Seconds {
	h := c.Hours(p.Post, p.Room)
	if !p.runs() || h == nil {
		return 0
	}
	return SecondsOf(h.Working(p.Since, at))
}

// runs reports whether a clock runs on the file.
func (p Position) runs() bool {
	return (p.Phase == Held || p.Phase == Transit) && p.Budget > 0 && !p.Waits()
}

// Move is a running clock that is another by a change of the office's days.
type Move struct {
	Was, Is   time.Time // when it is due; of a file that waits, until when it does
	Withdrawn bool      // its breach was told, and is none
	Late      bool      // it is late by the change
	Past      bool      // by what was worked already
}

// Moves says how a file's clock moves from an office's days to another's, at an instant;
// false: it does not.
func Moves(was, is *Clocks, p Position, now time.Time) (Move, bool) {
	m := Move{Was: was.Due(p), Is: is.Due(p)}
	if m.Was.Equal(m.Is) {
		return Move{}, false
	}
	m.Past = was.Worked(p, now) != is.Worked(p, now)
	if p.runs() {
		m.Withdrawn = p.Breached && m.Is.After(now)
		m.Late = m.Was.After(now) && !m.Is.After(now)
	}
	return m, true
}
