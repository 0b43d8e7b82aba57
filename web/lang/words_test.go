package lang

import (
	"strings"
	"testing"
)

// Words that readers of both languages found better than those which stood there: what
// says a thing says it so, and the word that misled stands nowhere.
func TestWordsThatReadersChose(t *testing.T) {
	for _, tt := range []struct {
		tag  Tag
		says map[string]string // by key
		not  string            // anywhere; empty: it is right elsewhere
	}{
		{English, map[string]string{"say.none": "No next stop is set", "say.ask": "No next stop is set: scan a desk card"}, "It stays with you"},
		{English, map[string]string{"known.register": "as entered {0}, not yet scanned"}, "by office record"},
		{English, map[string]string{"act.correct": "Correct its location"}, "Put its place right"},
		{English, map[string]string{"board.waiting": "Scan kept, not yet entered"}, "not yet decided"},
		{English, map[string]string{"attention.stuck": "Scans that need a decision"}, "ommands that could not be decided"},
		{English, map[string]string{"room.told": "Reminders", "kiosk.told": "Reminders"}, "Told to this room"},
		{English, map[string]string{"rung.twice": "Escalation: twice the time allowed"}, ""},
		{English, map[string]string{"room.ground": "Block {0}, ground floor"}, "floor 0"},
		{English, map[string]string{"card.done": "End of batch", "kiosk.card_done": "End of batch"}, ""},
		{English, map[string]string{"file.whose": "Time runs with"}, "harged to"},

		{Urdu, map[string]string{"card.undo": "آخری اسکین منسوخ کریں", "kiosk.undo": "آخری اسکین منسوخ کریں", "reason.undone": "آخری اسکین منسوخ ہوا"}, "واپس لیں"},
		{Urdu, map[string]string{"role.runner": "نائب قاصد", "row.runner": "نائب قاصد"}, ""},
		{Urdu, map[string]string{"file.timeline": "فائل کی نقل و حرکت"}, "زنجیر"},
		{Urdu, map[string]string{"finding.broken": "ریکارڈ کا تسلسل ٹوٹا ہوا ہے"}, "سلسلہ"},
		{Urdu, map[string]string{"ask.desk": "ڈیسک", "room.desks": "ڈیسک"}, "میز"},
		{Urdu, map[string]string{"leg.to": "{0} کی طرف روانہ"}, "بنام"},
		{Urdu, map[string]string{"login.title": "لاگ اِن", "nav.logout": "لاگ آؤٹ"}, "داخل ہوں"},
		{Urdu, map[string]string{"attention.drawer": "غیر مندرج اسکین"}, "دراز"},
		{Urdu, map[string]string{"entry.told": "جنہیں اطلاع دی گئی:"}, "مطلع"},
		{Urdu, map[string]string{"badge.off_route": "مقررہ راستے سے ہٹ کر", "board.off_route": "مقررہ راستے سے ہٹ کر"}, "غلط کمرے"},
		{Urdu, map[string]string{"board.waiting": "اسکین محفوظ، اندراج باقی"}, "فیصلہ باقی"},
		{Urdu, map[string]string{"act.hold.do": "انتظار میں رکھیں"}, "التوا"},
		{Urdu, map[string]string{"file.whose": "وقت کس کے نام"}, "ذمہ دار"},
		{Urdu, map[string]string{"verdict.accepted": "درج ہو گیا", "verdict.refused": "درج نہیں ہوا"}, ""},
		{Urdu, map[string]string{"say.astray": "یہ فائل اس کمرے کی نہیں", "say.give": "{0}، {1} کو دیں"}, ""},
		{Urdu, map[string]string{"card.done": "گڈی ختم"}, ""},
		{Urdu, map[string]string{"card.onward": "آگے بھیجیں"}, ""},
		{Urdu, map[string]string{"room.ground": "بلاک {0}، گراؤنڈ فلور"}, "منزل 0"},
		{Urdu, map[string]string{"act.missing": "فائل نہیں مل رہی", "command.missing": "فائل نہیں مل رہی", "reason.missing": "فائل نہیں مل رہی"}, "گمشدہ"},
		{Urdu, nil, "گم شدہ"},
		{Urdu, nil, "منزلیں"},
		{Urdu, nil, "نہیں ہلی"},
	} {
		for key, want := range tt.says {
			if got := catalogue[tt.tag][key]; got != want {
				t.Errorf("%s: %q, want %q", key, got, want)
			}
		}
		for key, text := range catalogue[tt.tag] {
			if tt.not != "" && strings.Contains(text, tt.not) {
				t.Errorf("%s says %q: %s", key, tt.not, text)
			}
		}
	}
	for key, text := range catalogue[Urdu] { // the program's name alone is its word
		if strings.Contains(text, "ہرکارہ") && key != "app.name" {
			t.Errorf("%s: %s", key, text)
		}
	}
}
