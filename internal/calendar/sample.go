package calendar

// Karachi is the offset of Asia/Karachi in seconds: UTC+5, no daylight saving.
const Karachi = 5 * 60 * 60

// Always is a calendar on which every second is worked, for demonstrations.
func Always(id string) Calendar {
	c := Calendar{ID: id, Offset: Karachi, Sample: true}
	for d := range c.Week {
		c.Week[d] = []Span{{0, day}}
	}
	return c
}

// The hours of offices in Quetta, samples and not law. Winter is as reported for 2022-23:
// Monday to Thursday 08:30-16:00 with a break 13:30-14:00, Friday to 15:30 with prayers
// 13:15-14:15. Summer is as reported for 2025: 08:00-16:00, Friday to 15:30; the breaks are
// winter's. Ramadan is as reported for 2024: 09:00-15:00, Friday to 13:00.
var (
	winter  = fiveDays([]Span{{at(8, 30), at(13, 30)}, {at(14, 0), at(16, 0)}}, []Span{{at(8, 30), at(13, 15)}, {at(14, 15), at(15, 30)}})
	summer  = fiveDays([]Span{{at(8, 0), at(13, 30)}, {at(14, 0), at(16, 0)}}, []Span{{at(8, 0), at(13, 15)}, {at(14, 15), at(15, 30)}})
	ramadan = fiveDays([]Span{{at(9, 0), at(15, 0)}}, []Span{{at(9, 0), at(13, 0)}})
)

// QuettaWinter is a sample, not law: the winter hours all year.
func QuettaWinter(id string) Calendar { return sample(id, winter) }

// QuettaSummer is a sample, not law: the summer hours all year.
func QuettaSummer(id string) Calendar { return sample(id, summer) }

// Quetta is a sample, not law: summer hours, winter's from November to February, and those
// of Ramadan in 2024, from 12 March to 9 April.
func Quetta(id string) Calendar {
	c := sample(id, summer)
	c.Seasons = []Season{
		{Days{Date{0, 11, 1}, Date{0, 2, 29}}, winter},
		{Days{Date{2024, 3, 12}, Date{2024, 4, 9}}, ramadan},
	}
	return c
}

func sample(id string, w Week) Calendar {
	return Calendar{ID: id, Offset: Karachi, Sample: true, Week: w}
}

func fiveDays(weekday, friday []Span) Week {
	return Week{1: weekday, 2: weekday, 3: weekday, 4: weekday, 5: friday}
}

func at(hour, minute int) int { return hour*3600 + minute*60 }
