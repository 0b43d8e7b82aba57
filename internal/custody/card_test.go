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
		"":                                func(*HoldCard, *ReasonCard) {},
		"hold fin: 0 days":                func(h *HoldCard, _ *ReasonCard) { h.Days = 0 },
		"hold fin: 251 days":              func(h *HoldCard, _ *ReasonCard) { h.Days = 251 },
		"hold fin: it needs a name":       func(h *HoldCard, _ *ReasonCard) { h.Name.Ur = "" },
		"reason leave: it needs a name":   func(_ *HoldCard, r *ReasonCard) { r.Name.En = "" },
		"is no card's code":               func(h *HoldCard, _ *ReasonCard) { h.Code = label.New(label.Desk, 1) },
		`reason leave: "4" is no card's`:  func(_ *HoldCard, r *ReasonCard) { r.Code = "4" },
		"is on a command card too":        func(_ *HoldCard, r *ReasonCard) { r.Code = label.Undo },
		`"40000000000135" is no card's`:   func(h *HoldCard, _ *ReasonCard) { h.Code = label.New(label.Card, 1) },
		"hold fin: no department \"law\"": func(h *HoldCard, _ *ReasonCard) { h.Department = "law" },
		"hold fin: no calendar \"court\"": func(h *HoldCard, _ *ReasonCard) { h.Calendar = "court" },
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
