package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"harkara/internal/custody"
	"harkara/internal/people"
	"harkara/web/gate"
	"harkara/web/lang"
)

// assisted is the office where Finance's R&I branch has named its Deputy Secretary's officer
// among its staff.
func assisted() *custody.Office {
	o := testOffice()
	for i := range o.Posts {
		if o.Posts[i].ID == "fin-3" {
			o.Posts[i].Staff = []custody.OfficerID{"of-fin-1"}
		}
	}
	return o
}

// Whoever acts is named in both languages: the person, his post, for whom and by what he is
// known; where nobody said who it was, the room.
func TestActorsAreNamed(t *testing.T) {
	o := assisted()
	for _, tt := range []struct {
		by     custody.Actor
		at     custody.StationID
		en, ur string
	}{
		{custody.Actor{}, "", "", ""},
		{custody.Actor{}, door, "the room", "کمرہ"},
		{custody.Actor{Proof: custody.ByConsole}, "", "at the server's console", "سرور کے کنسول سے"},
		{custody.Actor{Person: people.FirstAdministrator, Proof: custody.BySignIn}, "", "administrator (signed in)", "منتظم (لاگ اِن سے)"},
		{custody.Actor{Person: people.FirstAdministrator}, "", "administrator", "منتظم"},
		{custody.Actor{Person: "of-fin-1", Post: "fin-1", Proof: custody.ByBadge}, door, "Saima Baloch, Deputy Secretary (Finance) (by badge)", "صائمہ بلوچ، ڈپٹی سیکرٹری (خزانہ) (بیج سے)"},
		{
			custody.Actor{Person: "runner-1", For: custody.Person{Post: "fin-1", Officer: "of-fin-1"}, Proof: custody.ByToken},
			"",
			"Noor Ahmed, for Deputy Secretary (Finance) (Saima Baloch) (by a program's token)", "نور احمد، برائے ڈپٹی سیکرٹری (خزانہ) (صائمہ بلوچ) (پروگرام کے ٹوکن سے)",
		},
		{custody.Actor{Person: "runner-1", For: custody.Person{Post: "fin-1"}}, "", "Noor Ahmed, for Deputy Secretary (Finance)", "نور احمد، برائے ڈپٹی سیکرٹری (خزانہ)"},
	} {
		for tag, want := range map[lang.Tag]string{lang.English: tt.en, lang.Urdu: tt.ur} {
			if got := (speaker{voice: voice{tag}, office: o, then: o}).actor(tt.by, tt.at); got != want {
				t.Errorf("%+v: %q, want %q", tt.by, got, want)
			}
		}
	}
	for _, proof := range custody.Proofs {
		for _, tag := range []lang.Tag{lang.English, lang.Urdu} {
			if key := "by." + string(proof); tag.Text(key) == key {
				t.Errorf("no words for %s", key)
			}
		}
	}
}

// An act on a page or by a program is the person's who asks it, and a station's badge is
// the office's to look up.
func TestActsHaveNames(t *testing.T) {
	r := open(t, false)
	r.reorganise(assisted())
	r.persons.Seat(people.Person{ID: "of-fin-1", Officer: "of-fin-1", Grants: []people.Grant{{Role: people.Administrator}}}, "of-fin-1's")
	code := r.file("SO(Dev) 3-9/2025", "Water supply scheme")
	last := func() custody.Entry {
		t.Helper()
		past, err := r.server.past(t.Context(), code)
		if err != nil {
			t.Fatal(err)
		}
		return past.entries[len(past.entries)-1]
	}
	ask := func(headers ...string) int {
		t.Helper()
		return r.call("POST", "/api/v1/files/"+string(code)+"/mark?wait=5s", `{"desk":"fin-2"}`, headers...).Code
	}
	cookie := []string{"Cookie", gate.Session + "=" + adminToken}
	for _, tt := range []struct {
		name    string
		headers []string
		status  int
		want    custody.Actor
	}{
		{"a program", bearer(adminToken), http.StatusOK, custody.Actor{Person: people.FirstAdministrator, Proof: custody.ByToken}},
		{"a browser", cookie, http.StatusOK, custody.Actor{Person: people.FirstAdministrator, Proof: custody.BySignIn}},
		{"an officer's program, for whose staff he is", bearer("of-fin-1's"), http.StatusOK, custody.Actor{
			Person: "of-fin-1", Post: "fin-1", For: custody.Person{Post: "fin-3", Officer: "of-fin-3"}, Proof: custody.ByToken,
		}},
		{"a program of nobody's", bearer("o-x's"), http.StatusUnauthorized, custody.Actor{}},
	} {
		before := last().Revision
		if got := ask(tt.headers...); got != tt.status {
			t.Errorf("%s: %d", tt.name, got)
		}
		if e := last(); tt.status == http.StatusOK && (e.By != tt.want || e.Revision == before) {
			t.Errorf("%s: entry %d by %+v", tt.name, e.Revision, e.By)
		}
	}
	officer, _ := r.office.OfficerByID("of-fin-1")
	scan := strings.Replace(scanJSON(uuid.NewString(), code), `"qr",`, `"qr","badge":"`+string(officer.Code)+`",`, 1)
	if w := r.call("POST", "/api/v1/scans?wait=5s", scan, bearer(doorToken)...); w.Code != http.StatusOK {
		t.Fatal(w.Body)
	}
	if e := last(); e.By != (custody.Actor{Person: "of-fin-1", Post: "fin-1", Proof: custody.ByBadge}) {
		t.Errorf("the badge's owner is %+v", e.By)
	}
	if text := r.page("/files/" + string(code)); !strings.Contains(text, "Saima Baloch, Deputy Secretary (Finance) (by badge)") || !strings.Contains(text, "administrator (by a program&#39;s token)") {
		t.Error("the page does not say who acted")
	}
	forged := strings.Replace(scanJSON(uuid.NewString(), code), `"qr",`, `"qr","by":{"person":"of-fin-1"},`, 1)
	if w := r.call("POST", "/api/v1/scans?wait=5s", forged, bearer(doorToken)...); !strings.Contains(w.Body.String(), `"stored":true`) || !strings.Contains(w.Body.String(), `"error"`) {
		t.Errorf("a station says who acts: %s", w.Body)
	}
	if e := last(); e.By.Proof != custody.ByBadge {
		t.Errorf("a forged act is in the chain: %+v", e)
	}
}
