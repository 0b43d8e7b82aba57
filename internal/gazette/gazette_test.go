package gazette

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"harkara/internal/calendar"
	"harkara/internal/custody"
)

func days(text string) calendar.Days {
	d, err := calendar.ParseDays(text)
	if err != nil {
		panic(err)
	}
	return d
}

var eid = custody.Name{En: "Eid-ul-Fitr", Ur: "عید الفطر"}

func TestLists(t *testing.T) {
	for name, tt := range map[string]struct {
		list string
		want []custody.Holiday
	}{
		"CSV": {
			"\ufefffrom,to,name_en,name_ur,provisional,order,id,calendars\r\n۲۰۲۶-۰۳-۲۰,2026-03-22,Eid-ul-Fitr,,yes,S-1/2026,,\r\n,,,,,,,\r\n08-14,,Independence Day,,,,14-august,\r\n2026-07-15,2026-08-14,Court vacation,عدالتی تعطیلات,no,,,court bar\r\n",
			[]custody.Holiday{
				{ID: "14-august", Name: custody.Name{En: "Independence Day", Ur: "یوم آزادی"}, Days: days("08-14")},
				{ID: "eid-ul-fitr-2026", Name: eid, Days: days("2026-03-20 to 2026-03-22"), Provisional: true, Order: "S-1/2026"},
				{ID: "court-vacation-2026", Name: custody.Name{En: "Court vacation", Ur: "عدالتی تعطیلات"}, Days: days("2026-07-15 to 2026-08-14"), Calendars: []string{"court", "bar"}},
			},
		},
		"days that follow one another, and those that do not": {
			"name_en;from\nEid-ul-Fitr;2026-03-21\nEid-ul-Fitr;2026-03-20\nEid-ul-Fitr;2026-03-24\n",
			[]custody.Holiday{{ID: "eid-ul-fitr-2026", Name: eid, Days: days("2026-03-20 to 2026-03-21")}, {ID: "eid-ul-fitr-2026-2", Name: eid, Days: days("2026-03-24")}},
		},
		"iCalendar": {
			"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n" +
				"BEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20260320\r\nDTEND;VALUE=DATE:20260323\r\nSUMMARY:Eid-ul-\r\n Fitr\r\nSTATUS:TENTATIVE\r\nEND:VEVENT\r\n" +
				"BEGIN:VEVENT\r\nUID:2\r\nDTSTART;VALUE=DATE:20200814\r\nRRULE:FREQ=YEARLY\r\nSUMMARY:Independence Day\r\nEND:VEVENT\r\n" +
				"BEGIN:VEVENT\r\nUID:3\r\nDTSTART:20260501T000000Z\r\nSUMMARY:Labour Day\r\nEND:VEVENT\r\n" +
				"BEGIN:VEVENT\r\nUID:4\r\nDTSTART;VALUE=DATE:20260502\r\nSUMMARY:None\r\nSTATUS:CANCELLED\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
			[]custody.Holiday{
				{ID: "independence-day", Name: custody.Name{En: "Independence Day", Ur: "یوم آزادی"}, Days: days("08-14")},
				{ID: "eid-ul-fitr-2026", Name: eid, Days: days("2026-03-20 to 2026-03-22"), Provisional: true},
				{ID: "labour-day-2026", Name: custody.Name{En: "Labour Day", Ur: "یوم مزدور"}, Days: days("2026-05-01")},
			},
		},
	} {
		got, err := Read([]byte(tt.list))
		if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
	}
}

// Everything that is wrong is said at once, in its place.
func TestFaultsOfAList(t *testing.T) {
	for list, want := range map[string][]string{
		"":                          {"line 1: found nothing"},
		"from,name_en\n":            {"no holidays"},
		"date,name\n2026-03-20,Eid": {`line 1: found the column "date"`, `found the column "name"`, `no column "from"`, `no column "name_en"`},
		"from,name_en,provisional\n20.3.2026,Ashura,\n2026-03-20,Nowruz,maybe": {`line 2: found "20.3.2026" to ""`, `line 3: found "maybe" as provisional`, `line 3: "Nowruz" has no name in both languages`},
		"from,name_en\n2026-03-20,\"Ashura":                                    {"line 2"},
		"from,name_en\n2026-03-20,\xff":                                        {"not UTF-8"},
		"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Ashura\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nDTSTART:20260101\r\nRRULE:FREQ=WEEKLY\r\nSUMMARY:Ashura\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n": {`event 1, "Ashura": found no day`, `event 2, "Ashura": found the rule FREQ=WEEKLY`},
	} {
		_, err := Read([]byte(list))
		for _, says := range want {
			if err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("%q: %v, without %s", list, err, says)
			}
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("from,name_en\n2026-03-20,Ashura"))
	f.Add([]byte("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20260101\r\nSUMMARY:Ashura\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		list, err := Read(raw)
		ids := map[custody.HolidayID]bool{}
		for _, h := range list {
			if err == nil && (h.Days.Validate() != nil || ids[h.ID]) {
				t.Errorf("%+v", h)
			}
			ids[h.ID] = true
		}
	})
}
