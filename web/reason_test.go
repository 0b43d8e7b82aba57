package web

import (
	"testing"

	"harkara/internal/custody"
	"harkara/web/lang"
)

func TestRungsAndFloorsInWords(t *testing.T) {
	v := voice{lang.English}
	for said, want := range map[string]string{
		v.reason(custody.RungDue, 75):   "Reminder at 75 % of the time allowed",
		v.reason(custody.RungDue, 100):  "Reminder at 100 % of the time allowed",
		v.reason(custody.RungDue, 150):  "Escalation at 150 % of the time allowed",
		v.reason(custody.RungDue, 200):  "Escalation: twice the time allowed",
		v.reason(custody.Received, 200): "Received",
		v.floor("A", 0):                 "Block A, ground floor",
		v.floor("A", 2):                 "Block A, floor 2",
		v.floor("A", -1):                "Block A, floor -1",
	} {
		if said != want {
			t.Errorf("%q, want %q", said, want)
		}
	}
}
