package custody

import (
	"encoding/json"
	"testing"
)

// A building reads as it was ever written, and one with a single name is written as before.
func TestBuildingKeepsItsForm(t *testing.T) {
	for text, want := range map[string]Building{
		`"S&GAD <Block>"`: {En: "S&GAD <Block>"}, `"A"`: {En: "A"}, `""`: {}, `{"en":"A","ur":"اے"}`: {En: "A", Ur: "اے"},
	} {
		var room struct {
			Building Building `json:"building"`
		}
		if err := json.Unmarshal([]byte(`{"building":`+text+`}`), &room); err != nil || room.Building != want {
			t.Errorf("%s: %+v, %v", text, room.Building, err)
		}
		plain, err := json.Marshal(struct {
			Building any `json:"building"`
		}{json.RawMessage(text)})
		again, err2 := json.Marshal(room)
		if err != nil || err2 != nil || string(again) != string(plain) {
			t.Errorf("%s is written %s (%v, %v)", text, again, err, err2)
		}
	}
	if err := json.Unmarshal([]byte(`7`), new(Building)); err == nil {
		t.Error("a number is a building")
	}
}
