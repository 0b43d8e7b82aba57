package demo

import (
	"harkara/internal/custody"
	"harkara/internal/label"
)

// holds are what files of a secretariat commonly wait for.
var holds = []struct {
	id   custody.HoldCardID
	name custody.Name
	days int
	of   custody.DepartmentID
}{
	{"finance", custody.Name{En: "Finance Department", Ur: "محکمہ خزانہ"}, 5, "fin"},
	{"law", custody.Name{En: "Law Department", Ur: "محکمہ قانون"}, 7, ""},
	{"papers", custody.Name{En: "Papers awaited", Ur: "کاغذات کا انتظار"}, 3, ""},
	{"court", custody.Name{En: "Court case", Ur: "عدالتی مقدمہ"}, 15, ""},
}

// reasons are why a file was late or comes back, in the words of who had it.
var reasons = []struct {
	id   custody.ReasonCardID
	name custody.Name
}{
	{"absent", custody.Name{En: "Nobody there", Ur: "کوئی موجود نہ تھا"}},
	{"assembly", custody.Name{En: "Assembly session", Ur: "اسمبلی اجلاس"}},
	{"incomplete", custody.Name{En: "Case incomplete", Ur: "کیس نامکمل"}},
	{"leave", custody.Name{En: "On leave", Ur: "رخصت پر"}},
	{"locked", custody.Name{En: "Room locked", Ur: "کمرہ بند تھا"}},
	{"refused", custody.Name{En: "Not accepted", Ur: "لینے سے انکار"}},
	{"tour", custody.Name{En: "On official tour", Ur: "سرکاری دورے پر"}},
	{"urgent", custody.Name{En: "Urgent work elsewhere", Ur: "دوسرا فوری کام"}},
}

// cards gives the office the hold and reason cards of the sample.
func cards(o *custody.Office) {
	for _, h := range holds {
		o.Holds = append(o.Holds, custody.HoldCard{ID: h.id, Code: code(label.Hold, "hold "+string(h.id)), Name: h.name, Days: h.days, Department: h.of})
	}
	for _, r := range reasons {
		o.Reasons = append(o.Reasons, custody.ReasonCard{ID: r.id, Code: code(label.Card, "reason "+string(r.id)), Name: r.name})
	}
}
