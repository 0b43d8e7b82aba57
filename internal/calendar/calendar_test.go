package calendar

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var pkt = time.FixedZone("PKT", Karachi)

func local(day, hour, minute int) time.Time { return time.Date(2022, 12, day, hour, minute, 0, 0, pkt) }

// December 2022: the 1st is a Thursday.
func TestCasesOfNeighbours(t *testing.T) {
	c := QuettaWinter("winter")
	for _, tt := range []struct {
		name string
		from time.Time
		d    time.Duration
		want time.Time
	}{
		{"1 Thursday 15:50 + 4 h crosses the Friday break (GLPI 22678)", local(1, 15, 50), 4 * time.Hour, local(2, 12, 20)},
		{"1 Thursday 15:50 + 5 h ends after the Friday break", local(1, 15, 50), 5 * time.Hour, local(2, 14, 20)},
		{"2 one working day is not 24 working hours (jmix 790)", local(5, 8, 30), c.Day(local(5, 9, 0)), local(5, 16, 0)},
		{"3 start before opening (jBPM 1830)", local(5, 6, 0), time.Hour, local(5, 9, 30)},
		{"3 start in the break (jBPM 1830)", local(5, 13, 45), time.Hour, local(5, 15, 0)},
		{"3 start on a closed day (jBPM 1830)", local(4, 12, 0), time.Hour, local(5, 9, 30)},
		{"nothing to add", local(4, 12, 0), 0, local(4, 12, 0)},
		{"ends with the day, not with the next", local(5, 15, 0), time.Hour, local(5, 16, 0)},
		{"over the weekend", local(2, 15, 0), time.Hour, local(5, 9, 0)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := c.Add(tt.from, tt.d); !got.Equal(tt.want) {
				t.Errorf("Add(%v, %v) = %v, want %v", tt.from, tt.d, got.In(pkt), tt.want)
			}
			if got := c.Working(tt.from, tt.want); got != tt.d {
				t.Errorf("Working(%v, %v) = %v, want %v", tt.from, tt.want, got, tt.d)
			}
		})
	}
}

func anyCalendar(t *rapid.T) Calendar {
	c := Calendar{ID: "any", Offset: rapid.IntRange(-12*3600, 14*3600).Draw(t, "offset")}
	for d := range c.Week {
		end := 0
		for range rapid.IntRange(0, 3).Draw(t, "spans") {
			from := end + rapid.IntRange(1, 5*3600).Draw(t, "gap")
			to := from + rapid.IntRange(1, 6*3600).Draw(t, "length")
			if to > day {
				break
			}
			c.Week[d] = append(c.Week[d], Span{from, to})
			end = to
		}
	}
	if c.Week.total() == 0 {
		c.Week[rapid.IntRange(0, 6).Draw(t, "day")] = []Span{{0, day}}
	}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	return c
}

func anyInstant(t *rapid.T, name string) time.Time {
	return time.Unix(rapid.Int64Range(-3*365*day, 80*365*day).Draw(t, name), rapid.Int64Range(0, 999_999_999).Draw(t, "ns"))
}

func TestWorkingIsAdditive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, a := anyCalendar(t), anyInstant(t, "a")
		b := a.Add(time.Duration(rapid.Int64Range(0, 40*day).Draw(t, "ab")) * time.Second)
		d := b.Add(time.Duration(rapid.Int64Range(0, int64(40*day*time.Second)).Draw(t, "bc")))
		if whole, parts := c.Working(a, d), c.Working(a, b)+c.Working(b, d); whole != parts {
			t.Fatalf("%v != %v", whole, parts)
		}
	})
}

func TestAddIsTheEarliestInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, from := anyCalendar(t), anyInstant(t, "from")
		twoCenturies := 200 * 52 * int64(c.Week.total()) // a time.Duration spans three
		d := time.Duration(rapid.Int64Range(1, min(30*day, twoCenturies)).Draw(t, "d")) * time.Second
		to := c.Add(from, d)
		if got := c.Working(from, to); got != d {
			t.Fatalf("Working(from, Add(from, %v)) = %v", d, got)
		}
		if got := c.Working(from, to.Add(-time.Second)); got >= d {
			t.Fatalf("a second before, %v has passed already", got)
		}
		if longer := c.Add(from, d+time.Second); !longer.After(to) {
			t.Fatalf("Add is not monotone: %v then %v", to, longer)
		}
	})
}

func TestBackIsTheLatestInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, to := anyCalendar(t), anyInstant(t, "to")
		d := time.Duration(rapid.Int64Range(1, 30*day).Draw(t, "d")) * time.Second
		from := c.Back(to, d)
		if got := c.Working(from, to); got != d {
			t.Fatalf("Working(Back(to, %v), to) = %v", d, got)
		}
		if got := c.Working(from.Add(time.Second), to); got >= d {
			t.Fatalf("a second later, still %v", got)
		}
	})
}

func TestAgainstSecondBySecond(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyCalendar(t)
		from := anyInstant(t, "from")
		n := rapid.IntRange(0, 2*day).Draw(t, "n")
		slow := 0
		for i := range n {
			at := time.Unix(from.Unix()+int64(i), 0)
			clock := at.In(time.FixedZone("", c.Offset))
			sec := clock.Hour()*3600 + clock.Minute()*60 + clock.Second()
			open := false
			for _, s := range c.Week[clock.Weekday()] {
				open = open || sec >= s[0] && sec < s[1]
			}
			if open != c.Open(at) {
				t.Fatalf("Open(%v) = %v", clock, !open)
			}
			if open {
				slow++
			}
		}
		if got := c.Working(from, from.Add(time.Duration(n)*time.Second)); got != time.Duration(slow)*time.Second {
			t.Fatalf("Working = %v, second by second %d s", got, slow)
		}
	})
}

func TestNextOpens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, at := anyCalendar(t), anyInstant(t, "at")
		next := c.Next(at)
		if !c.Open(next) || next.Before(at.Truncate(time.Second)) || c.Working(at, next) != 0 {
			t.Fatalf("Next(%v) = %v", at, next)
		}
	})
}

func TestValidate(t *testing.T) {
	for name, c := range map[string]Calendar{
		"no id":           {Week: Week{{{0, 1}}}},
		"no working time": {ID: "x"},
		"backwards":       {ID: "x", Week: Week{{{10, 5}}}},
		"overlap":         {ID: "x", Week: Week{{{0, 10}, {9, 20}}}},
		"touching":        {ID: "x", Week: Week{{{0, 10}, {10, 20}}}},
		"past midnight":   {ID: "x", Week: Week{{{0, day + 1}}}},
		"offset":          {ID: "x", Offset: day, Week: Week{{{0, 1}}}},
	} {
		if err := c.Validate(); !errors.Is(err, ErrCalendar) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, c := range []Calendar{Always("a"), QuettaWinter("w"), QuettaSummer("s")} {
		if err := c.Validate(); err != nil {
			t.Error(err)
		}
		if b, _ := json.Marshal(c); len(b) > 400 {
			t.Errorf("%s takes %d bytes in every file's state", c.ID, len(b))
		}
	}
}

// A calendar without working time must answer, not hang a workflow.
func TestNoWorkingTimeAnswers(t *testing.T) {
	c, now := Calendar{ID: "none"}, local(1, 9, 0)
	if got := c.Add(now, time.Hour); !got.After(now.AddDate(200, 0, 0)) {
		t.Errorf("Add = %v", got)
	}
	if got := c.Back(now, time.Hour); !got.Before(now.AddDate(-200, 0, 0)) {
		t.Errorf("Back = %v", got)
	}
	if got := c.Working(now, now.AddDate(1, 0, 0)); got != 0 {
		t.Errorf("Working = %v", got)
	}
}

// However little is worked, the answer is a time that can be written down.
func TestAddStaysWithinItsReach(t *testing.T) {
	idle := Calendar{ID: "idle", Week: Week{1: {{0, 1}}}}
	for _, d := range []time.Duration{time.Hour, 10 * 366 * 24 * time.Hour, 1<<63 - 1} {
		if at := idle.Add(local(1, 9, 0), d); at.Year() > 2022+300 || !at.After(local(1, 9, 0)) {
			t.Errorf("%v of work end in %v", d, at)
		}
	}
}
