package custody

import (
	"strings"
	"testing"

	"harkara/internal/label"
)

func TestCardsOfTheOffice(t *testing.T) {
	name := Name{En: "Finance", Ur: "خزانہ"}
	hold := HoldCard{ID: "fin", Code: label.New(label.Hold, 1), Name: name, Days: 5}
	reason := ReasonCard{ID: "leave", Code: label.New(label.Card, 2), Name: name}
	for want, spoil := range map[string]func(h *HoldCard, r *ReasonCard){
		"":                                       func(*HoldCard, *ReasonCard) {},
		"holds/fin/days: found 0,":               func(h *HoldCard, _ *ReasonCard) { h.Days = 0 },
		"holds/fin/days: found 251,":             func(h *HoldCard, _ *ReasonCard) { h.Days = 251 },
		"holds/fin/name/ur: found nothing":       func(h *HoldCard, _ *ReasonCard) { h.Name.Ur = "" },
		"reasons/leave/name/en: found nothing":   func(_ *HoldCard, r *ReasonCard) { r.Name.En = "" },
		"of a hold's card":                       func(h *HoldCard, _ *ReasonCard) { h.Code = label.New(label.Desk, 1) },
		`reasons/leave/code: found "4"`:          func(_ *HoldCard, r *ReasonCard) { r.Code = "4" },
		"has the code of a command card":         func(_ *HoldCard, r *ReasonCard) { r.Code = label.Undo },
		`holds/fin/code: found "40000000000135"`: func(h *HoldCard, _ *ReasonCard) { h.Code = label.New(label.Card, 1) },
		`holds/fin/department: found "law"`:      func(h *HoldCard, _ *ReasonCard) { h.Department = "law" },
		`holds/fin/calendar: found "court"`:      func(h *HoldCard, _ *ReasonCard) { h.Calendar = "court" },
	} {
		h, r := hold, reason
		spoil(&h, &r)
		err := Office{Policy: Policy{Transit: 1}, Holds: []HoldCard{h}, Reasons: []ReasonCard{r}}.Validate()
		if (err == nil) != (want == "") || err != nil && (!strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n")) {
			t.Errorf("%q: %v", want, err)
		}
	}
	o := Office{Holds: []HoldCard{{ID: "z"}, hold}, Reasons: []ReasonCard{{ID: "z"}, reason}}
	o.Sort()
	if o.Holds[0] != hold || o.Reasons[0] != reason {
		t.Error(o.Holds, o.Reasons)
	}
}
