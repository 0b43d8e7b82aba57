package custody

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"harkara/internal/label"
)

// ChargeID names an order by which somebody has, or has not, a post for some time.
type ChargeID string

// Charge is what an order says of who is in a post for some time. What has neither begun
// nor ended is for the future, and stands beside the rest.
type Charge struct {
	ID      ChargeID  `json:"id"`
	Post    PostID    `json:"post"`
	As      As        `json:"as"`
	Officer OfficerID `json:"officer,omitempty"` // who has it; of a leave who stands in, empty: nobody does
	From    Moment    `json:"from"`
	Until   Moment    `json:"until,omitempty"` // empty: until further orders
	Order   string    `json:"order"`           // its number
}

// As is how somebody has a charge.
type As string

// The ways.
const (
	Posting    As = "posting"    // the post is his, and the one before is not
	Additional As = "additional" // he has it beside his own, while nobody is in it
	Leave      As = "leave"      // its own officer is away, and he stands in
)

// Ways lists them.
var Ways = []As{Posting, Additional, Leave}

// Moment is a time as orders write it, by the office's clocks: a day, "2026-12-01", or a
// minute of one, "2026-12-01 13:00". What is until a day lasts to its end.
type Moment string

const (
	dayForm    = "2006-01-02"
	minuteForm = "2006-01-02 15:04"
)

// ParseMoment reads a moment in any digits.
func ParseMoment(text string) (Moment, error) {
	m := Moment(Plain(label.Latin(text)))
	if _, _, ok := m.on(time.UTC); !ok {
		return "", fmt.Errorf("moment %q", text)
	}
	return m, nil
}

// on reads a moment; days: it is a whole one.
func (m Moment) on(zone *time.Location) (at time.Time, day, ok bool) {
	if at, err := time.ParseInLocation(minuteForm, string(m), zone); err == nil {
		return at, false, true
	}
	at, err := time.ParseInLocation(dayForm, string(m), zone)
	return at, true, err == nil
}

// Zone is by which the office reads a clock: its calendars count local days.
func (o *Office) Zone() *time.Location {
	if len(o.Calendars) == 0 {
		return time.UTC
	}
	return time.FixedZone("", o.Calendars[0].Offset)
}

// Span is when a charge begins, and when it has ended: zero, until further orders. What
// was validated has both.
func (o *Office) Span(c Charge) (from, until time.Time) {
	zone := o.Zone()
	from, _, _ = c.From.on(zone)
	until, day, ok := c.Until.on(zone)
	switch {
	case !ok:
		until = time.Time{}
	case day:
		until = until.AddDate(0, 0, 1)
	}
	return from, until
}

// AsOf has the office answer who was in a post at an instant; before it no charge is in
// force. Whoever shares an office with others does not call it.
func (o *Office) AsOf(at time.Time) {
	o.InForce = nil
	for _, c := range o.Charges {
		if from, until := o.Span(c); !at.Before(from) && (until.IsZero() || at.Before(until)) {
			o.InForce = append(o.InForce, c)
		}
	}
	slices.SortStableFunc(o.InForce, func(a, b Charge) int {
		x, _ := o.Span(a)
		y, _ := o.Span(b)
		return y.Compare(x)
	})
}

// charged is the charge of a post that is in force, of several the one that began last.
func (o *Office) charged(post PostID, as As) (Charge, bool) {
	return first(o.InForce, func(c Charge) bool { return c.Post == post && c.As == as })
}

// Holder is whose post it is at the office's instant, away or not; false: it is vacant.
func (o *Office) Holder(post PostID) (Officer, bool) {
	if c, ok := o.charged(post, Posting); ok {
		return o.OfficerByID(c.Officer)
	}
	return first(o.Officers, func(p Officer) bool {
		return post != "" && p.Post == post && !slices.ContainsFunc(o.InForce, func(c Charge) bool { // he has gone to another
			in, _ := o.charged(c.Post, Posting)
			return c.As == Posting && c.Post != post && in.Officer == p.ID
		})
	})
}

// Away reports whether an officer is on leave of a post of his, and so is no substitute
// of anybody either.
func (o *Office) Away(id OfficerID) bool {
	return slices.ContainsFunc(o.InForce, func(c Charge) bool {
		holder, ok := o.Holder(c.Post)
		return c.As == Leave && ok && holder.ID == id
	})
}

// Standing is who is in a post at one instant, and why.
type Standing struct {
	Officer Officer
	Charge  Charge    // by which he is; zero: it is his post
	For     OfficerID // who is away; empty: the post is his own, or vacant
}

// InOffice is who acts in a post at the office's instant: its officer, else who stands in
// while he is on leave, else who has additional charge. false: nobody does.
func (o *Office) InOffice(post PostID) (in Standing, ok bool) {
	holder, held := o.Holder(post)
	leave, onLeave := o.charged(post, Leave)
	if held && !onLeave && !o.Away(holder.ID) {
		in.Officer = holder
		in.Charge, _ = o.charged(post, Posting)
		return in, true
	}
	in.For = holder.ID
	for _, as := range []As{Leave, Additional} {
		c, charged := o.charged(post, as)
		if as == Leave {
			c, charged = leave, onLeave
		}
		if officer, known := o.OfficerByID(c.Officer); charged && known && !o.Away(officer.ID) {
			in.Officer, in.Charge = officer, c
			return in, true
		}
	}
	return in, false
}

// OfficerIn returns who acts in the post: see InOffice.
func (o *Office) OfficerIn(post PostID) (Officer, bool) {
	in, ok := o.InOffice(post)
	return in.Officer, ok
}

// PostsOf are the posts in which an officer acts at the office's instant: his own first.
func (o *Office) PostsOf(id OfficerID) []PostID {
	var own, others []PostID
	for _, p := range o.Posts {
		in, ok := o.InOffice(p.ID)
		switch {
		case !ok || in.Officer.ID != id:
		case in.Charge == Charge{} || in.Charge.As == Posting:
			own = append(own, p.ID)
		default:
			others = append(others, p.ID)
		}
	}
	return append(own, others...)
}

// Edges are the instants at which some charge begins or ends: between two of them the same
// people are in office.
func (o *Office) Edges() (list []time.Time) {
	for _, c := range o.Charges {
		from, until := o.Span(c)
		list = append(list, from)
		if !until.IsZero() {
			list = append(list, until)
		}
	}
	return list
}

// charges sees that each is of a post and an officer who are there, and lasts.
func (p *problems) charges() {
	for i, c := range p.of.Charges {
		at := func(field string) string { return where("charges", c.ID, field) }
		refer(p, at("post"), c.Post, (*Office).PostByID, "a post", true)
		refer(p, at("officer"), c.Officer, (*Office).OfficerByID, "an officer", c.As != Leave)
		if !slices.Contains(Ways, c.As) {
			p.bad(at("as"), string(c.As), `"posting", "additional" or "leave"`)
		}
		if strings.TrimSpace(c.Order) == "" || len(c.Order) > MaxReason || Plain(c.Order) != c.Order {
			p.bad(at("order"), c.Order, "the number of the order, at most %d bytes", MaxReason)
		}
		_, _, begins := c.From.on(p.of.Zone())
		_, _, ends := c.Until.on(p.of.Zone())
		const expected = `a day, "2026-12-01", or a minute of one, "2026-12-01 13:00"`
		if !begins {
			p.bad(at("from"), string(c.From), expected)
		}
		if c.Until != "" && !ends {
			p.bad(at("until"), string(c.Until), expected)
		}
		from, until := p.of.Span(c)
		if begins && ends && !until.After(from) {
			p.bad(at("until"), string(c.Until), "an end after its beginning")
		}
		for _, other := range p.of.Charges[:i] {
			if f, u := p.of.Span(other); other.Post == c.Post && other.As == c.As && (u.IsZero() || from.Before(u)) && (until.IsZero() || f.Before(until)) && c.As == Leave {
				p.bad(at("from"), string(c.From), "a leave apart from %q of the same post", other.ID)
			}
		}
	}
}
