package custody

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"harkara/internal/label"
)

// establishment is an office of three posts, one above the other, each with its officer,
// and a fourth officer without one.
func establishment(charges ...Charge) *Office {
	hours := cal
	hours.ID = "c"
	o := &Office{Charges: charges, Ladders: []Ladder{ladder}}
	o.Calendars = append(o.Calendars, hours)
	for i, id := range []string{"so", "ds", "sec", "spare"} {
		officer := Officer{ID: OfficerID("of-" + id), Code: label.New(label.Badge, uint64(i)), Role: RoleOfficer}
		if id != "spare" {
			officer.Post = PostID(id)
			o.Posts = append(o.Posts, Post{ID: PostID(id), Calendar: "c", Ladder: ladder.ID, Budget: 3600})
		}
		o.Officers = append(o.Officers, officer)
	}
	o.Posts[0].Superior, o.Posts[1].Superior = "ds", "sec"
	o.Sort()
	return o
}

// at is an instant by the office's clocks, in December 2026.
func (o *Office) at(day int, clock string) *Office {
	at, err := time.ParseInLocation(minuteForm, fmt.Sprintf("2026-12-%02d %s", day, clock), o.Zone())
	if err != nil {
		panic(err)
	}
	o.AsOf(at)
	return o
}

func charge(id string, post PostID, as As, officer OfficerID, from, until Moment) Charge {
	return Charge{ID: ChargeID(id), Post: post, As: as, Officer: officer, From: from, Until: until, Order: "S&GAD 4/2026"}
}

// Who acts in a post is found at each instant: its officer, else his substitute, else who
// has additional charge; a posting takes a post over, and takes its officer out of his own.
func TestWhoIsInOffice(t *testing.T) {
	leave := charge("l", "so", Leave, "of-spare", "2026-12-10", "2026-12-12")
	for _, tt := range []struct {
		name    string
		charges []Charge
		day     int
		clock   string
		want    OfficerID // in "so"
		away    OfficerID
	}{
		{"his own", nil, 10, "09:00", "of-so", ""},
		{"the evening before a leave", []Charge{leave}, 9, "23:59", "of-so", ""},
		{"its first minute", []Charge{leave}, 10, "00:00", "of-spare", "of-so"},
		{"its last minute", []Charge{leave}, 12, "23:59", "of-spare", "of-so"},
		{"the day after", []Charge{leave}, 13, "00:00", "of-so", ""},
		{"a leave without a substitute", []Charge{charge("l", "so", Leave, "", "2026-12-10", "")}, 11, "09:00", "", "of-so"},
		{"nobody named, but an additional charge", []Charge{charge("l", "so", Leave, "", "2026-12-10", ""), charge("a", "so", Additional, "of-ds", "2026-12-01", "")}, 11, "09:00", "of-ds", "of-so"},
		{"a substitute who is on leave himself", []Charge{charge("l", "so", Leave, "of-ds", "2026-12-10", ""), charge("m", "ds", Leave, "", "2026-12-11", "2026-12-11")}, 11, "09:00", "", "of-so"},
		{"and back", []Charge{charge("l", "so", Leave, "of-ds", "2026-12-10", ""), charge("m", "ds", Leave, "", "2026-12-11", "2026-12-11")}, 12, "09:00", "of-ds", "of-so"},
		{"additional charge of a post that has its officer", []Charge{charge("a", "so", Additional, "of-ds", "2026-12-01", "")}, 11, "09:00", "of-so", ""},
		{"posted in, in the forenoon", []Charge{charge("p", "so", Posting, "of-spare", "2026-12-10 12:00", "")}, 10, "11:59", "of-so", ""},
		{"at noon", []Charge{charge("p", "so", Posting, "of-spare", "2026-12-10 12:00", "")}, 10, "12:00", "of-spare", ""},
		{"its officer was posted to another", []Charge{charge("p", "ds", Posting, "of-so", "2026-12-10", "")}, 10, "12:00", "", ""},
		{"the next posting counts", []Charge{charge("p", "so", Posting, "of-spare", "2026-12-10", ""), charge("q", "so", Posting, "of-ds", "2026-12-11", "")}, 11, "12:00", "of-ds", ""},
		{"vacant, with additional charge", []Charge{charge("p", "ds", Posting, "of-so", "2026-12-10", ""), charge("a", "so", Additional, "of-so", "2026-12-10", "")}, 11, "12:00", "of-so", ""},
	} {
		o := establishment(tt.charges...).at(tt.day, tt.clock)
		in, ok := o.InOffice("so")
		if in.Officer.ID != tt.want || in.For != tt.away || ok != (tt.want != "") {
			t.Errorf("%s: %q for %q", tt.name, in.Officer.ID, in.For)
		}
		if err := errorsOf(o, "charges/"); err != "" {
			t.Errorf("%s: %s", tt.name, err)
		}
	}
}

// errorsOf are what is wrong with a part of an office.
func errorsOf(o *Office, part string) string {
	var list []string
	for _, p := range o.Problems() {
		if strings.HasPrefix(p.At, part) {
			list = append(list, p.Error())
		}
	}
	return strings.Join(list, "\n")
}

func TestChargesAreChecked(t *testing.T) {
	good := charge("c", "so", Leave, "of-spare", "2026-12-10", "2026-12-12 13:00")
	for name, spoil := range map[string]func(*Charge){
		"expected the id of a post":          func(c *Charge) { c.Post = "none" },
		"expected the id of an officer":      func(c *Charge) { c.Officer = "none" },
		`"posting", "additional" or "leave"`: func(c *Charge) { c.As = "acting" },
		"the number of the order":            func(c *Charge) { c.Order = " " },
		"from: found \"10.12.2026\"":         func(c *Charge) { c.From = "10.12.2026" },
		"an end after its beginning":         func(c *Charge) { c.Until = "2026-12-09" },
	} {
		c := good
		spoil(&c)
		if err := errorsOf(establishment(c), "charges/c"); !strings.Contains(err, name) {
			t.Errorf("%s: %s", name, err)
		}
	}
	other := charge("d", "so", Leave, "of-ds", "2026-12-12", "")
	if err := errorsOf(establishment(good, other), "charges/"); !strings.Contains(err, `apart from "c"`) {
		t.Errorf("two leaves at once: %s", err)
	}
	if err := errorsOf(establishment(charge("c", "so", Posting, "", "2026-12-10", "")), "charges/c"); !strings.Contains(err, "an officer") {
		t.Errorf("nobody is posted: %s", err)
	}
}

// Whatever is ordered: a rung about a post reaches people who are in office when it
// sounds, each once, or a vacant top; and an office is the same between two edges.
func TestRungsReachWhoIsInOffice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var list []Charge
		for i := range rapid.IntRange(0, 6).Draw(t, "charges") {
			from := rapid.IntRange(1, 20).Draw(t, "from")
			c := charge(fmt.Sprint("c", i), rapid.SampledFrom([]PostID{"so", "ds", "sec"}).Draw(t, "post"), rapid.SampledFrom(Ways).Draw(t, "as"),
				rapid.SampledFrom([]OfficerID{"of-so", "of-ds", "of-sec", "of-spare"}).Draw(t, "officer"), Moment(fmt.Sprintf("2026-12-%02d", from)), "")
			if until := rapid.IntRange(0, 25).Draw(t, "until"); until >= from {
				c.Until = Moment(fmt.Sprintf("2026-12-%02d", until))
			}
			list = append(list, c)
		}
		day := rapid.IntRange(1, 25).Draw(t, "day")
		o := establishment(list...).at(day, "10:00")
		told := o.Ranks(o, "so").Receivers("so", []Receiver{{}, {Superior: 1}, {Superior: 2}})
		if len(told) == 0 {
			t.Fatal("nobody is told")
		}
		for i, p := range told {
			if in, _ := o.OfficerIn(p.Post); in.ID != p.Officer {
				t.Fatalf("%+v is told, in office is %q", p, in.ID)
			}
			if p.Officer != "" && (o.Away(p.Officer) || slices.ContainsFunc(told[:i], func(o Person) bool { return o.Officer == p.Officer })) {
				t.Fatalf("%+v of %+v", p, told)
			}
		}
		now := time.Date(2026, 12, day, 10, 0, 0, 0, o.Zone())
		next := now.AddDate(1, 0, 0)
		for _, e := range o.Edges() {
			if e.After(now) && e.Before(next) {
				next = e
			}
		}
		later := *o
		later.AsOf(next.Add(-time.Second))
		for _, p := range o.Posts {
			a, _ := o.InOffice(p.ID)
			if b, _ := later.InOffice(p.ID); a != b {
				t.Fatalf("%s changes hands between edges: %+v, %+v", p.ID, a, b)
			}
		}
	})
}
