package web

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/web/wire"
)

// at gives the door a scan, with what a card says beside, and returns what it is told.
func (r *running) at(code label.Code, with, language string) wire.Say {
	r.t.Helper()
	body := fmt.Sprintf(`{"id":%q,"kind":"scan","code":%q,"method":"qr","with":%s,"at":{"wall":%q}}`, newID(), code, with, r.clock.now().Format(time.RFC3339))
	a := decoded(r.t.(*testing.T), r.call("POST", "/api/v1/scans?wait=5s&lang="+language, body, bearer(doorToken)...))
	if len(a.Results) != 1 || a.Results[0].Say == nil {
		r.t.Fatalf("%+v", a)
	}
	return *a.Results[0].Say
}

// A file that was meant for another room is neither a yes nor a no: however often it is
// scanned here, it is to be given there, and once it is sent there all is well.
func TestFileForAnotherRoom(t *testing.T) {
	for language, words := range map[string][3]string{
		"en": {"Not for this room", "Give to ", "Room 202"},
		"ur": {"یہ فائل اس کمرے کی نہیں", "کو دیں", "کمرہ 202"},
	} {
		t.Run(language, func(t *testing.T) {
			r := open(t, true)
			r.t = t
			to, _ := r.office.DeskByID("fin-1")
			code := r.file("SO(Dev) 3-9/2025", "Water supply scheme")
			r.scan(code, "a-104", custody.Context{Desk: to.Code})
			for n, wait := range []time.Duration{time.Minute, time.Second, time.Hour} {
				r.clock.wait(wait)
				if said := r.at(code, "{}", language); said.Tone != wire.ToneAstray || said.Word != words[0] || !strings.Contains(said.Next, words[1]) || !strings.Contains(said.Next, words[2]) {
					t.Errorf("scan %d: %+v", n+1, said)
				}
			}
			if said := r.at(code, fmt.Sprintf(`{"desk":%q}`, to.Code), language); said.Tone != wire.ToneUp {
				t.Errorf("sent on: %+v", said)
			}
			expected := r.file("SO(Dev) 4-9/2025", "Roads")
			r.scan(expected, "a-104", custody.Context{Onward: true})
			if said := r.at(expected, "{}", language); said.Tone != wire.ToneUp {
				t.Errorf("expected here: %+v", said)
			}
		})
	}
}

// A file that is first seen by its being sent back is told to be both; where nobody sent
// it, that is said and not hidden behind a plain yes.
func TestFirstSeenAndSentBackIsSaid(t *testing.T) {
	for language, words := range map[string][2]string{
		"en": {"First seen; its clock starts", "Nobody sent this file"},
		"ur": {"پہلی بار دیکھی گئی", "یہ فائل کسی نے نہیں بھیجی"},
	} {
		r := open(t, true)
		r.t = t
		code, err := r.Mint(t.Context(), label.File)
		if err != nil {
			t.Fatal(err)
		}
		r.do(custody.Command{Kind: custody.Open, Code: code, Method: custody.ByHand, With: custody.Opening{Number: "SO 1", Department: "fin", Imported: true}})
		body := fmt.Sprintf(`{"id":%q,"kind":"back","code":%q,"method":"qr","reason":"unsigned","at":{"wall":%q}}`, newID(), code, r.clock.now().Format(time.RFC3339))
		a := decoded(t, r.call("POST", "/api/v1/scans?wait=5s&lang="+language, body, bearer(doorToken)...))
		if len(a.Results) != 1 || a.Results[0].Say == nil {
			t.Fatalf("%+v", a)
		}
		if said := a.Results[0].Say; said.Tone != wire.ToneUp || !strings.Contains(said.Headline, words[0]) || !strings.Contains(said.Headline, words[1]) {
			t.Errorf("%+v", said)
		}
	}
}
