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

// QuettaWinter is a sample, not law: the winter hours of 2022-23 as reported,
// Monday to Thursday 08:30-16:00 with a break 13:30-14:00, Friday to 15:30 with
// prayers 13:15-14:15.
func QuettaWinter(id string) Calendar {
	return office(id, []Span{{at(8, 30), at(13, 30)}, {at(14, 0), at(16, 0)}}, []Span{{at(8, 30), at(13, 15)}, {at(14, 15), at(15, 30)}})
}

// QuettaSummer is a sample, not law: the summer hours of 2025 as reported, Monday
// to Thursday 08:00-16:00, Friday to 15:30, with winter's breaks.
func QuettaSummer(id string) Calendar {
	return office(id, []Span{{at(8, 0), at(13, 30)}, {at(14, 0), at(16, 0)}}, []Span{{at(8, 0), at(13, 15)}, {at(14, 15), at(15, 30)}})
}

func office(id string, weekday, friday []Span) Calendar {
	return Calendar{ID: id, Offset: Karachi, Sample: true, Week: Week{1: weekday, 2: weekday, 3: weekday, 4: weekday, 5: friday}}
}

func at(hour, minute int) int { return hour*3600 + minute*60 }
