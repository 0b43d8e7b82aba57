package web

import (
	"encoding/json"
	"slices"
	"testing"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/web/wire"
)

// A station says what is in hand, then whither, by person, post and room; what it is about
// where its setting allows it. A secret file is called by the digits of its label, sealed,
// and its addressee is named.
func TestWhatThenWhither(t *testing.T) {
	for _, tt := range []struct {
		name, class, language string
		subjects              bool
		want                  wire.Say
	}{
		{"a door", "", "en", false, wire.Say{Number: "SO(Dev) 3-9/2025", Next: "Give to Saima Baloch, Deputy Secretary (Finance), Room 202"}},
		{"a room of its own", "", "en", true, wire.Say{Number: "SO(Dev) 3-9/2025", Subject: "Water supply scheme", Next: "Give to Saima Baloch, Deputy Secretary (Finance), Room 202"}},
		{"in Urdu", "", "ur", true, wire.Say{Number: "SO(Dev) 3-9/2025", Subject: "Water supply scheme", Next: "صائمہ بلوچ، ڈپٹی سیکرٹری (خزانہ)، کمرہ 202 کو دیں"}},
		{"confidential", "confidential", "en", true, wire.Say{Number: "SO(Dev) 3-9/2025", Next: "Give to Saima Baloch, Deputy Secretary (Finance), Room 202"}},
		{"secret", "secret", "en", true, wire.Say{Next: "Sealed, to Saima Baloch, Deputy Secretary (Finance) by name, Room 202"}},
		{"secret, in Urdu", "secret", "ur", true, wire.Say{Next: "سربمہر، صرف صائمہ بلوچ، ڈپٹی سیکرٹری (خزانہ) کے نام، کمرہ 202"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := open(t, true)
			r.t = t
			r.atDoor(tt.subjects)
			code := r.file("SO(Dev) 3-9/2025", "Water supply scheme")
			if tt.class != "" {
				r.classify(code, tt.class)
			}
			r.scan(code, "a-104", custody.Context{Onward: true})
			said := r.at(code, "{}", tt.language)
			if got := (wire.Say{Number: said.Number, Subject: said.Subject, Next: said.Next}); got != tt.want {
				t.Errorf("%+v, want %+v", got, tt.want)
			}
		})
	}
}

// atDoor sets whether the door may show what files are about.
func (r *running) atDoor(subjects bool) {
	r.t.Helper()
	office := testOffice()
	for i := range office.Stations {
		office.Stations[i].Subjects = office.Stations[i].ID == door && subjects
	}
	r.reorganise(office)
}

// A station's view says what the office's cards stand for, so that it can say so with the
// office away; a secret file that comes is called by its digits there.
func TestViewNamesCards(t *testing.T) {
	r := open(t, true)
	secret, plain := r.file("SO(Conf) 1/2026", zarghoon), r.file("SO(Dev) 3-9/2025", "Water supply scheme")
	r.classify(secret, "secret")
	for _, code := range []label.Code{secret, plain} {
		r.scan(code, "a-104", custody.Context{Onward: true})
	}
	desk, _ := r.office.DeskByID("fin-1")
	runner, _ := r.office.OfficerByID("runner-1")
	officer, _ := r.office.OfficerByID("of-fin-1")
	for language, want := range map[string]map[label.Code]string{
		"en": {desk.Code: "Deputy Secretary (Finance), Room 202", runner.Code: "Noor Ahmed", r.office.Holds[0].Code: "Finance Department", officer.Code: ""},
		"ur": {desk.Code: "ڈپٹی سیکرٹری (خزانہ)، کمرہ 202", runner.Code: "نور احمد", r.office.Holds[0].Code: "محکمہ خزانہ", officer.Code: ""},
	} {
		var view wire.View
		if err := json.Unmarshal(r.call("GET", "/api/v1/station?lang="+language, "", bearer(doorToken)...).Body.Bytes(), &view); err != nil {
			t.Fatal(err)
		}
		for code, name := range want {
			if view.Cards[code] != name {
				t.Errorf("%s is %q, want %q", code, view.Cards[code], name)
			}
		}
		var numbers []string
		for _, item := range view.Expected {
			numbers = append(numbers, item.Number)
		}
		slices.Sort(numbers)
		if want := []string{secret.Format(), "SO(Dev) 3-9/2025"}; !slices.Equal(numbers, want) {
			t.Errorf("expected are %v", numbers)
		}
	}
}
