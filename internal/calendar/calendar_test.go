package calendar

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var pkt = time.FixedZone("PKT", Karachi)

func local(day, hour, minute int) time.Time { return time.Date(2022, 12, day, hour, minute, 0, 0, pkt) }

func when(text string) time.Time {
	at, err := time.ParseInLocation("2006-01-02 15:04", text, pkt)
	if err != nil {
		panic(err)
	}
	return at
}

func days(text string) Days {
	d, err := ParseDays(text)
	if err != nil {
		panic(err)
	}
	return d
}

// December 2022: the 1st is a Thursday.
func TestCasesOfNeighbours(t *testing.T) {
	winter := QuettaWinter("winter")
	with := func(change func(c *Calendar)) Calendar {
		c := QuettaWinter("winter")
		change(&c)
		return c
	}
	eid := with(func(c *Calendar) { c.Off = []Days{days("2022-12-06")} })
	snow := with(func(c *Calendar) { c.Shut = []Shut{{days("2022-12-06 to 2022-12-07"), []Span{{at(12, 0), day}}}} })
	prayers := with(func(c *Calendar) { // from Tuesday 10:00 on the break is from 12:30 to 13:30
		c.Was = []Era{{local(6, 10, 0), c.Week}}
		c.Week[2] = []Span{{at(8, 30), at(12, 30)}, {at(13, 30), at(16, 0)}}
	})
	hour := Calendar{ID: "hour", Offset: Karachi, Week: Week{3: {{at(11, 0), at(12, 0)}}}}
	quetta := Quetta("quetta")
	day1 := winter.Hours().Days(local(5, 9, 0), 1)
	for _, tt := range []struct {
		name string
		c    Calendar
		from time.Time
		d    time.Duration
		want time.Time
	}{
		{"1 Thursday 15:50 + 4 h crosses the Friday break (GLPI 22678)", winter, local(1, 15, 50), 4 * time.Hour, local(2, 12, 20)},
		{"1 Thursday 15:50 + 5 h ends after the Friday break", winter, local(1, 15, 50), 5 * time.Hour, local(2, 14, 20)},
		{"2 one working day is not 24 working hours (jmix 790)", winter, local(5, 8, 30), day1, local(5, 16, 0)},
		{"3 start before opening (jBPM 1830)", winter, local(5, 6, 0), time.Hour, local(5, 9, 30)},
		{"3 start in the break (jBPM 1830)", winter, local(5, 13, 45), time.Hour, local(5, 15, 0)},
		{"3 start on a closed day (jBPM 1830)", winter, local(4, 12, 0), time.Hour, local(5, 9, 30)},
		{"3 start on a holiday (jBPM 1830)", eid, local(6, 12, 0), time.Hour, local(7, 9, 30)},
		{"nothing to add", winter, local(4, 12, 0), 0, local(4, 12, 0)},
		{"ends with the day, not with the next", winter, local(5, 15, 0), time.Hour, local(5, 16, 0)},
		{"over the weekend", winter, local(2, 15, 0), time.Hour, local(5, 9, 0)},
		{"holiday on the day of breach", eid, local(5, 15, 0), 2 * time.Hour, local(7, 9, 30)},
		{"snow from noon, two days", snow, local(6, 11, 30), 5 * time.Hour, local(8, 9, 30)},
		{"a break that moves over a running leg", prayers, local(6, 9, 0), 5 * time.Hour, local(6, 15, 0)},
		{"a break as it was before it moved", prayers, local(5, 13, 0), time.Hour, local(5, 14, 30)},
		{"one working hour a week", hour, local(1, 9, 0), 3*time.Hour + time.Second, local(28, 11, 0).Add(time.Second)},
		{"48 working hours opened on a Saturday", winter, local(3, 11, 0), 48 * time.Hour, local(13, 16, 0)},
		{"year end, with a holiday of every year", with(func(c *Calendar) { c.Off = []Days{days("12-30 to 01-01")} }), local(29, 15, 30), time.Hour, time.Date(2023, 1, 2, 9, 0, 0, 0, pkt)},
		{"a season that starts while a leg runs", quetta, when("2022-10-31 15:00"), 2 * time.Hour, when("2022-11-01 09:30")},
		{"Ramadan begins", quetta, when("2024-03-11 15:30"), 90 * time.Minute, when("2024-03-12 10:00")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := tt.c.Hours()
			if got := h.Add(tt.from, tt.d); !got.Equal(tt.want) {
				t.Errorf("Add(%v, %v) = %v, want %v", tt.from, tt.d, got.In(pkt), tt.want)
			}
			if got := h.Working(tt.from, tt.want); got != tt.d {
				t.Errorf("Working(%v, %v) = %v, want %v", tt.from, tt.want, got, tt.d)
			}
		})
	}
}

// What falls due as work ends is due then; nobody hears of it before the next opening.
func TestDueAtClosing(t *testing.T) {
	h := QuettaWinter("winter").Hours()
	due := h.Add(local(2, 14, 30), time.Hour) // a Friday
	if closing := local(2, 15, 30); !due.Equal(closing) || h.Open(due) {
		t.Errorf("due %v, open %v", due.In(pkt), h.Open(due))
	}
	if next := h.Next(due); !next.Equal(local(5, 8, 30)) {
		t.Errorf("heard of %v", next.In(pkt))
	}
}

// A day of a budget is as long as that day.
func TestDaysAreAsLongAsTheyAre(t *testing.T) {
	h := Quetta("quetta").Hours()
	for _, tt := range []struct {
		at   string
		days int
		want time.Duration
	}{
		{"2022-12-05 11:00", 1, 7 * time.Hour},                 // a winter's Monday
		{"2022-12-01 11:00", 2, 13 * time.Hour},                // and Friday
		{"2022-12-01 17:00", 2, 13 * time.Hour},                // from Friday on
		{"2024-03-14 11:00", 2, 10 * time.Hour},                // Ramadan
		{"2022-12-03 11:00", 1, 7 * time.Hour},                 // a Saturday: Monday's
		{"2022-12-03 11:00", 0, 0},                             //
		{"2024-03-11 11:00", 2, 13*time.Hour + 30*time.Minute}, // the day before it and its first
	} {
		if got := h.Days(when(tt.at), tt.days); got != tt.want {
			t.Errorf("%d days from %s: %v, want %v", tt.days, tt.at, got, tt.want)
		}
	}
}

func anySpans(t *rapid.T, least int) (spans []Span) {
	end := 0
	for range rapid.IntRange(least, 3).Draw(t, "spans") {
		from := end + rapid.IntRange(1, 5*3600).Draw(t, "gap")
		to := from + rapid.IntRange(1, 6*3600).Draw(t, "length")
		if to > day {
			break
		}
		spans = append(spans, Span{from, to})
		end = to
	}
	return spans
}

func anyWeek(t *rapid.T) (w Week) {
	for d := range w {
		w[d] = anySpans(t, 0)
	}
	if w.total() == 0 {
		w[rapid.IntRange(0, 6).Draw(t, "day")] = []Span{{0, day}}
	}
	return w
}

// anyDays are near the instants that are drawn, also about the ends of years and Februaries.
func anyDays(t *rapid.T) (d Days) {
	date := func(name string) Date {
		return DateOf(time.Unix(rapid.Int64Range(begin, begin+4*365*day).Draw(t, name), 0), 0)
	}
	d.From = date("from")
	d.To = d.From.Add(rapid.SampledFrom([]int{0, 0, 1, 2, 29, 120}).Draw(t, "more"))
	switch rapid.IntRange(0, 5).Draw(t, "form") {
	case 0:
		d.To = Date{}
	case 1, 2:
		d.From.Year, d.To.Year = 0, 0
	case 3:
		d.From.Year, d.To = 0, Date{0, 2, 29}
	}
	return d
}

func anyCalendar(t *rapid.T) Calendar {
	c := Calendar{ID: "any", Offset: rapid.IntRange(-12*3600, 14*3600).Draw(t, "offset"), Week: anyWeek(t)}
	for n := range rapid.IntRange(0, 2).Draw(t, "eras") {
		c.Was = append(c.Was, Era{time.Unix(begin+int64(n+1)*400*day+rapid.Int64Range(0, 40*day).Draw(t, "until"), 0).UTC(), anyWeek(t)})
	}
	lengths := map[int]bool{}
	for range rapid.IntRange(0, 3).Draw(t, "seasons") {
		if d := anyDays(t); !lengths[d.count()] { // of one length the reference knows no order
			c.Seasons, lengths[d.count()] = append(c.Seasons, Season{d, anyWeek(t)}), true
		}
	}
	for range rapid.IntRange(0, 2).Draw(t, "shut") {
		c.Shut = append(c.Shut, Shut{anyDays(t), anySpans(t, 1)})
	}
	for range rapid.IntRange(0, 4).Draw(t, "off") {
		if d := anyDays(t); d.To != (Date{}) { // else nobody works ever after
			c.Off = append(c.Off, d)
		}
	}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	return c
}

const begin = 1_640_000_000 // in December 2021, where days and instants are drawn

func anyInstant(t *rapid.T, name string) time.Time {
	from, to := int64(begin-400*day), int64(begin+5*366*day)
	if rapid.IntRange(0, 9).Draw(t, "far") == 0 {
		from, to = -3*365*day, 80*365*day
	}
	return time.Unix(rapid.Int64Range(from, to).Draw(t, name), rapid.Int64Range(0, 999_999_999).Draw(t, "ns"))
}

func TestWorkingIsAdditive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, a := anyCalendar(t).Hours(), anyInstant(t, "a")
		b := a.Add(time.Duration(rapid.Int64Range(0, 800*day).Draw(t, "ab")) * time.Second)
		d := b.Add(time.Duration(rapid.Int64Range(0, int64(40*day*time.Second)).Draw(t, "bc")))
		if whole, parts := h.Working(a, d), h.Working(a, b)+h.Working(b, d); whole != parts {
			t.Fatalf("%v != %v", whole, parts)
		}
	})
}

func TestAddIsTheEarliestInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, from := anyCalendar(t).Hours(), anyInstant(t, "from")
		d := time.Duration(rapid.Int64Range(1, 30*day).Draw(t, "d")) * time.Second
		if _, ok := h.add(from, int64(d/time.Second)); !ok {
			return // hardly any work is done
		}
		to := h.Add(from, d)
		if got := h.Working(from, to); got != d {
			t.Fatalf("Working(from, Add(from, %v)) = %v", d, got)
		}
		if got := h.Working(from, to.Add(-time.Second)); got >= d {
			t.Fatalf("a second before, %v has passed already", got)
		}
		if longer := h.Add(from, d+time.Second); !longer.After(to) {
			t.Fatalf("Add is not monotone: %v then %v", to, longer)
		}
	})
}

func TestBackIsTheLatestInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, to := anyCalendar(t).Hours(), anyInstant(t, "to")
		d := time.Duration(rapid.Int64Range(1, 30*day).Draw(t, "d")) * time.Second
		if h.Working(to.AddDate(-200, 0, 0), to) < d {
			return
		}
		from := h.Back(to, d)
		if got := h.Working(from, to); got != d {
			t.Fatalf("Working(Back(to, %v), to) = %v", d, got)
		}
		if got := h.Working(from.Add(time.Second), to); got >= d {
			t.Fatalf("a second later, still %v", got)
		}
	})
}

// agrees compares everything that Hours says of a stretch with the reference.
func agrees(t interface{ Fatalf(string, ...any) }, c Calendar, from time.Time, n int) {
	h, ref := c.Hours(), reference(c)
	last := int64(-1)
	worked := int64(0)
	for i := range n {
		at := from.Unix() + int64(i)
		open := ref.open(at)
		if i%97 == 0 || open != (last == at-1) { // each edge, and some between
			if open != h.Open(time.Unix(at, 0)) {
				t.Fatalf("%v: open %v", time.Unix(at, 0).In(time.FixedZone("", c.Offset)), !open)
			}
		}
		if open {
			last = at
			worked++
			if worked%1009 == 1 {
				if got := h.Add(from, time.Duration(worked)*time.Second); got.Unix() != at+1 {
					t.Fatalf("Add(%v, %d s) = %v, second by second %v", from, worked, got, time.Unix(at+1, 0))
				}
			}
		}
	}
	to := from.Add(time.Duration(n) * time.Second)
	if got := h.Working(from, to); got != time.Duration(worked)*time.Second {
		t.Fatalf("Working = %v, second by second %d s", got, worked)
	}
	if got, day := h.Day(to), from.In(time.FixedZone("", c.Offset)); n == 0 && got != time.Duration(ref.working(midnight(day), midnight(day)+86400))*time.Second {
		t.Fatalf("Day = %v", got)
	}
}

func midnight(at time.Time) int64 {
	return time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, at.Location()).Unix()
}

func TestAgainstSecondBySecond(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyCalendar(t)
		agrees(t, c, anyInstant(t, "from"), rapid.IntRange(0, 4*day).Draw(t, "n"))
	})
}

// Years that are alike are made once; they are as the reference has them too.
func TestEveryDayOfManyYears(t *testing.T) {
	c := Quetta("quetta")
	c.Off = append(c.Off, days("02-29"), days("12-31 to 01-01"))
	c.Was = []Era{{when("2021-06-15 11:00"), QuettaWinter("").Week}}
	h, ref := c.Hours(), reference(c)
	for at := when("1996-01-01 10:07"); at.Year() < 2040; at = at.AddDate(0, 0, 1) {
		open := ref.on(at.Format(time.DateOnly), at.Weekday())(at.Unix(), at.Hour()*3600+at.Minute()*60)
		if h.Open(at) != open {
			t.Fatalf("%v: open %v", at, h.Open(at))
		}
	}
}

func FuzzAgainstSecondBySecond(f *testing.F) {
	f.Fuzz(rapid.MakeFuzz(func(t *rapid.T) {
		c := anyCalendar(t)
		agrees(t, c, anyInstant(t, "from"), rapid.IntRange(0, day).Draw(t, "n"))
	}))
}

func TestNextOpens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, at := anyCalendar(t).Hours(), anyInstant(t, "at")
		if _, ok := h.add(at, 1); !ok {
			return
		}
		next := h.Next(at)
		if !h.Open(next) || next.Before(at.Truncate(time.Second)) || h.Working(at, next) != 0 {
			t.Fatalf("Next(%v) = %v", at, next)
		}
	})
}

func TestDaysAreTheirText(t *testing.T) {
	for _, text := range []string{"2026-03-20", "2026-03-20 to 2026-03-22", "2027-01-01 on", "08-14", "02-29", "11-01 to 02-29", "2024-02-29"} {
		if d, err := ParseDays(text); err != nil || d.String() != text {
			t.Errorf("%q: %q, %v", text, d, err)
		}
	}
	for _, text := range []string{
		"", "2026-3-20", "2026-02-29", "02-30", "13-01", "2026-03-22 to 2026-03-20", "08-14 on", "08-14 to 2026-08-15", "2026-08-14 to 08-15",
		"2026-08-14 on to 2026-09-01", "1999-12-31", "2200-01-01", "2026-03-20 to ", " to 2026-03-20", "0000-03-20", "00-00",
	} {
		if d, err := ParseDays(text); !errors.Is(err, ErrDays) {
			t.Errorf("%q: %q, %v", text, d, err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		d := anyDays(t)
		raw, err := json.Marshal(d)
		var back Days
		if err != nil || json.Unmarshal(raw, &back) != nil || back != d {
			t.Fatalf("%s: %v, %v", raw, back, err)
		}
		if text := strings.Trim(string(raw), `"`); length(text) != d.count() && d.To != (Date{}) {
			t.Fatalf("%s: %d days", text, d.count())
		}
		at := DateOf(anyInstant(t, "at"), 0)
		if d.Has(at) != covers(d.String(), at.String()) {
			t.Fatalf("%s has %s: %v", d, at, d.Has(at))
		}
	})
}

func TestValidate(t *testing.T) {
	good := Week{{{0, 1}}}
	for name, c := range map[string]Calendar{
		"no id":           {Week: good},
		"no working time": {ID: "x"},
		"backwards":       {ID: "x", Week: Week{{{10, 5}}}},
		"overlap":         {ID: "x", Week: Week{{{0, 10}, {9, 20}}}},
		"touching":        {ID: "x", Week: Week{{{0, 10}, {10, 20}}}},
		"past midnight":   {ID: "x", Week: Week{{{0, day + 1}}}},
		"offset":          {ID: "x", Offset: day, Week: good},
		"no such day":     {ID: "x", Week: good, Off: []Days{{}}},
		"season":          {ID: "x", Week: good, Seasons: []Season{{Days: days("03-01"), Week: Week{{{10, 5}}}}}},
		"shut":            {ID: "x", Week: good, Shut: []Shut{{days("03-01"), []Span{{10, 5}}}}},
		"era":             {ID: "x", Week: good, Was: []Era{{Week: Week{{{10, 5}}}}}},
	} {
		if err := c.Validate(); !errors.Is(err, ErrCalendar) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, c := range []Calendar{Always("a"), QuettaWinter("w"), QuettaSummer("s"), Quetta("q")} {
		if err := c.Validate(); err != nil {
			t.Error(err)
		}
		if b, _ := json.Marshal(c); len(b) > 1500 {
			t.Errorf("%s takes %d bytes with every command whose worker does not know it", c.ID, len(b))
		}
	}
}

// A calendar without working time must answer, not hang a workflow.
func TestNoWorkingTimeAnswers(t *testing.T) {
	off := QuettaWinter("off")
	off.Off = []Days{days("2022-01-01 on")}
	for _, c := range []Calendar{{ID: "none"}, off} {
		h, now := c.Hours(), local(1, 9, 0)
		if got := h.Add(now, time.Hour); !got.After(now.AddDate(200, 0, 0)) {
			t.Errorf("Add = %v", got)
		}
		if got := (Calendar{ID: "none"}).Hours().Back(now, time.Hour); !got.Before(now.AddDate(-200, 0, 0)) {
			t.Errorf("Back = %v", got)
		}
		if got := h.Working(now, now.AddDate(1, 0, 0)); got != 0 {
			t.Errorf("Working = %v", got)
		}
		if got := h.Next(now); !got.Equal(now) {
			t.Errorf("Next = %v", got)
		}
		if got := h.Days(now, 3); got != 0 {
			t.Errorf("Days = %v", got)
		}
	}
}

// However little is worked, the answer is a time that can be written down.
func TestAddStaysWithinItsReach(t *testing.T) {
	idle := Calendar{ID: "idle", Week: Week{1: {{0, 1}}}}.Hours()
	for _, d := range []time.Duration{time.Hour, 10 * 366 * 24 * time.Hour, 1<<63 - 1} {
		if at := idle.Add(local(1, 9, 0), d); at.Year() > 2022+300 || !at.After(local(1, 9, 0)) {
			t.Errorf("%v of work end in %v", d, at)
		}
	}
}

func BenchmarkHours(b *testing.B) {
	c := Quetta("quetta")
	from := when("2024-02-01 09:00")
	b.Run("make", func(b *testing.B) {
		for b.Loop() {
			c.Hours().Open(from)
		}
	})
	h := c.Hours()
	for _, span := range []struct {
		name string
		d    time.Duration
	}{{"day", 7 * time.Hour}, {"months", 600 * time.Hour}, {"years", 10_000 * time.Hour}} {
		b.Run("Add/"+span.name, func(b *testing.B) {
			for b.Loop() {
				h.Add(from, span.d)
			}
		})
		to := h.Add(from, span.d)
		b.Run("Working/"+span.name, func(b *testing.B) {
			for b.Loop() {
				h.Working(from, to)
			}
		})
	}
}
