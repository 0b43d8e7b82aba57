package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/web/gate"
)

// zarghoon is what a secret file is about.
const zarghoon = "Transfers after the Zarghoon inquiry"

// classify has somebody order who may read what a file is about.
func (r *running) classify(code label.Code, class string) *url.URL {
	r.t.Helper()
	return r.act(code, "classify", url.Values{"class": {class}, "who": {"Secretary (Finance)"}, "reason": {"order 3 of 2026"}})
}

// What a file that is not open to everybody is about stands on its own page and in its own
// JSON, for an administrator's token, and nowhere else; no search finds it.
func TestASecretSubjectIsShownNowhere(t *testing.T) {
	for _, class := range []string{"secret", "confidential"} {
		t.Run(class, func(t *testing.T) {
			r := open(t, true)
			code, other := r.file("SO(Conf) 1/2026", zarghoon), r.file("SO(Conf) 2/2026", "Water supply")
			if to := r.classify(code, class); to.Query().Get("done") != "classified" {
				t.Fatal(to)
			}
			r.act(code, "amend", url.Values{"subject": {zarghoon + ", phase 2"}, "reason": {"it went on"}})
			r.scan(code, "a-104", custody.Context{Onward: true})
			r.scan(code, "a-303", custody.Context{})
			r.failing = true
			r.do(custody.Command{Kind: custody.Amend, Code: code, Method: custody.ByHand, Who: "administrator", Reason: "again", With: custody.Naming{Subject: zarghoon + ", stuck"}})
			r.failing = false
			secret := func(body string) bool { return strings.Contains(body, "Zarghoon") }

			page, object := "/files/"+string(code), "/api/v1/files/"+string(code)
			shows := map[string]bool{page: true, object: true}
			fill := strings.NewReplacer("{$}", "", "{room}", "a-303", "{post}", "fin-3", "{officer}", "of-fin-2", "{code}", string(code), "{cover}", "cover.svg", "{name}", "urdu.ttf", "{station}", string(door))
			seen := 0
			for _, route := range r.server.routes() {
				method, pattern, _ := strings.Cut(route.pattern, " ")
				if method != http.MethodGet {
					continue
				}
				path := fill.Replace(pattern)
				for who, token := range map[string]string{"nobody": "", "a station": doorToken, "an administrator": adminToken} {
					var headers []string
					if token != "" {
						headers = bearer(token)
					}
					w := r.call(method, path, "", headers...)
					told := secret(w.Body.String())
					if want := shows[path] && token == adminToken; told != want {
						t.Errorf("%s by %s: %d, told %v", path, who, w.Code, told)
					}
					if told {
						seen++
					}
				}
			}
			if seen != len(shows) {
				t.Errorf("told %d times", seen)
			}
			if body := r.call("GET", page, "", "Cookie", gate.Session+"="+adminToken).Body.String(); !secret(body) || strings.Contains(body, "are for administrators") {
				t.Error("who has signed in is not told")
			}
			for path, body := range map[string]string{
				"/?q=zarghoon":                              "",
				"/?q=transfers+inquiry":                     "",
				"/api/v1/files?dry_run":                     fmt.Sprintf(`{"number":"C/9","subject":%q,"department":"fin","desk":"fin-3"}`, zarghoon),
				"/api/v1/files":                             `{"number":"SO(Conf) 1/2026","department":"fin","desk":"fin-3"}`,
				"/api/v1/files/" + string(other) + "/amend": `{"number":"SO(Conf) 1/2026","reason":"a slip"}`,
			} {
				method := http.MethodPost
				if body == "" {
					method = http.MethodGet
				}
				w := r.call(method, path, body, bearer(adminToken)...)
				text := w.Body.String()
				found := strings.Contains(text, string(code))
				if asks := strings.Contains(body, "SO(Conf) 1"); found != asks || strings.Contains(text, "Zarghoon") && !strings.Contains(body, "Zarghoon") {
					t.Errorf("%s: %d %s", path, w.Code, text)
				}
			}
			for _, form := range []struct {
				path   string
				fields url.Values
				status int
			}{
				{"/open", url.Values{"number": {"SO(Conf) 1/2026"}, "department": {"fin"}, "desk": {"fin-3"}}, http.StatusConflict},
				{"/files/" + string(other) + "/amend", url.Values{"number": {"SO(Conf) 1/2026"}, "reason": {"a slip"}}, http.StatusConflict},
				{"/kiosk/open", url.Values{"token": {doorToken}, "code": {string(label.New(label.File, 78))}, "number": {"SO(Conf) 1/2026"}, "department": {"fin"}}, http.StatusSeeOther}, // it is nobody's there
			} {
				w := r.call("POST", form.path, form.fields.Encode(), "Content-Type", "application/x-www-form-urlencoded", "Cookie", gate.Session+"="+adminToken)
				if w.Code != form.status || secret(w.Body.String()) {
					t.Errorf("%s: %d %v", form.path, w.Code, secret(w.Body.String()))
				}
			}
			if secret(r.log.String()) {
				t.Error("it stands in the log")
			}
		})
	}
}

// What was withheld is there again once the file is ordinary.
func TestAnOrdinaryFileIsFoundByItsSubject(t *testing.T) {
	r := open(t, true)
	code := r.file("SO(Conf) 1/2026", zarghoon)
	for _, tt := range []struct {
		class string
		found bool
	}{{"secret", false}, {"ordinary", true}} {
		r.classify(code, tt.class)
		body := r.call("GET", "/?q=zarghoon", "").Body.String()
		if found := strings.Contains(body, "/files/"+string(code)); found != tt.found {
			t.Errorf("%s: found %v", tt.class, found)
		}
		if w := r.call("GET", "/files/"+string(code), ""); (w.Code == http.StatusOK) != tt.found || strings.Contains(w.Body.String(), zarghoon) != tt.found {
			t.Errorf("%s: its page %d %s", tt.class, w.Code, w.Body)
		}
	}
	if to := r.classify(code, "ordinary"); to.Query().Get("done") != "classified" || to.Query().Has("refused") {
		t.Errorf("classified as it is: %s", to)
	}
}

// Over the live feed who may know is told what others are not.
func TestLiveFeedTellsASecretSubjectToWhoIsCleared(t *testing.T) {
	r, address := following(t, true)
	code := r.file("SO(Conf) 1/2026", zarghoon)
	r.classify(code, "secret")
	_, seq, _ := r.Board(t.Context())
	at := fmt.Sprintf("%s/api/v1/live?scope=file&code=%s&after=%d", address, code, seq)
	cleared := watch(t, at, http.Header{"Cookie": {gate.Session + "=" + adminToken}})
	r.act(code, "amend", url.Values{"number": {"SO(Conf) 1-A/2026"}, "subject": {zarghoon + ", phase 2"}, "reason": {"it went on"}})
	if _, name := next(t, cleared, "name"); !strings.Contains(name, "phase 2") || !strings.Contains(name, "1-A/2026") {
		t.Errorf("who is cleared: %s", name)
	}
	for who, header := range map[string]http.Header{"nobody": nil, "a station": {"Authorization": {"Bearer " + doorToken}}} {
		req := r.request("GET", strings.TrimPrefix(at, address), "")
		for name, value := range header {
			req.Header[name] = value
		}
		if w := r.serve(req); w.Code != http.StatusNotFound {
			t.Errorf("%s watches it: %d", who, w.Code)
		}
	}
}

// An amendment changes what differs from what its form showed, and asks about a number
// that another file has.
func TestAmend(t *testing.T) {
	r := open(t, true)
	code, other := r.file("SO(Dev) 1/2026", "Water suply"), r.file("SO(Dev) 2/2026", "Roads")
	shown := url.Values{"was_number": {"SO(Dev) 1/2026"}, "was_subject": {"Water suply"}, "number": {"SO(Dev) 1/2026"}, "reason": {"a slip"}}
	send := func(change url.Values) (int, string) {
		fields := url.Values{}
		for _, values := range []url.Values{shown, change} {
			for key, value := range values {
				fields[key] = value
			}
		}
		w := r.call("POST", "/files/"+string(code)+"/amend", fields.Encode(), "Content-Type", "application/x-www-form-urlencoded")
		return w.Code, w.Body.String()
	}
	id := newID()
	for range 2 { // sent twice it is one
		if status, body := send(url.Values{"id": {id}, "subject": {"Water\r\nsupply"}}); status != http.StatusSeeOther {
			t.Fatal(status, body)
		}
	}
	if row := r.row(code); row.File.Number != "SO(Dev) 1/2026" || row.File.Subject != "Water supply" || row.Position.Revision != 2 {
		t.Errorf("%+v", row)
	}
	if page := r.call("GET", "/files/"+string(code), "").Body.String(); !regexp.MustCompile(`Water suply</bdi> <svg.*?</svg> <bdi dir="auto">Water supply</bdi>`).MatchString(page) || !strings.Contains(page, "chain is whole") {
		t.Error("its page does not say what it was called")
	}
	for name, tt := range map[string]struct {
		change url.Values
		status int
		says   string
	}{
		"nothing":         {url.Values{"subject": {"Water suply"}}, 422, "Neither"},
		"no reason":       {url.Values{"subject": {"x"}, "reason": {" "}}, 422, "reason"},
		"a code":          {url.Values{"subject": {"x"}, "number": {other.Format()}}, 422, "code of a label"},
		"no number":       {url.Values{"subject": {"x"}, "number": {"\u200f()\u200e"}}, 303, ""},
		"signs alone":     {url.Values{"subject": {"x"}, "number": {" \u0640 "}}, 422, "number"},
		"too long":        {url.Values{"subject": {strings.Repeat("x", custody.MaxSubject+1)}}, 422, "too long"},
		"another's":       {url.Values{"subject": {"Water suply"}, "number": {"so(dev) 2 / 2026"}}, 409, `name="anyway"`},
		"another's again": {url.Values{"subject": {"Water suply"}, "number": {"so(dev) 2 / 2026"}, "anyway": {"so(dev)9"}}, 409, "SO(Dev) 2/2026"},
	} {
		if status, body := send(tt.change); status != tt.status || !strings.Contains(body, tt.says) {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	before := len(r.outcomes)
	if status, _ := send(url.Values{"subject": {"Water suply"}, "number": {"so(dev) 2 / 2026"}, "anyway": {string(custody.KeyOf("SO(Dev) 2/2026"))}}); status != http.StatusSeeOther || len(r.outcomes) != before+1 {
		t.Errorf("with a yes: %d", status)
	}
	if row := r.row(code); row.File.Number != "so(dev) 2 / 2026" {
		t.Errorf("%+v", row.File)
	}

	w := r.call("POST", "/api/v1/files/"+string(other)+"/amend?wait=5s", `{"number":"SO(Dev)2/2026","reason":"a slip"}`)
	var asks numberTaken
	if err := json.Unmarshal(w.Body.Bytes(), &asks); err != nil || w.Code != http.StatusConflict || asks.Error.Code != "number_taken" || len(asks.Files) == 0 {
		t.Errorf("%d %s, %v", w.Code, w.Body, err)
	}
	w = r.call("POST", "/api/v1/files/"+string(other)+"/amend?wait=5s", `{"number":"SO(Dev)3/2026","subject":"Roads and bridges","reason":"a slip"}`)
	if a := decoded(t, w); w.Code != http.StatusOK || a.Outcome == nil || a.Outcome.Reason != custody.Amended || r.row(other).File.Subject != "Roads and bridges" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestClassify(t *testing.T) {
	r := open(t, true)
	r.signed = adminToken
	code := r.file("SO(Dev) 1/2026", "Water supply")
	for body, status := range map[string]int{
		`{"class":"private","who":"Secretary","reason":"order 3"}`:                                           422,
		`{"who":"Secretary","reason":"order 3"}`:                                                             422,
		`{"class":"secret","reason":"order 3"}`:                                                              422,
		`{"class":"secret","who":"Secretary"}`:                                                               422,
		fmt.Sprintf(`{"class":"secret","who":%q,"reason":"order 3"}`, strings.Repeat("x", custody.MaxWho+1)): 422,
		`{"class":"secret","who":"Secretary","reason":"order 3"}`:                                            200,
		`{"class":"secret","who":"` + strings.Repeat("سیکرٹری ", 4) + `","reason":"حکم نمبر 3"}`:             200,
	} {
		if w := r.call("POST", "/api/v1/files/"+string(code)+"/classify?wait=5s", body); w.Code != status {
			t.Errorf("%s: %d %s", body, w.Code, w.Body)
		}
	}
	if row := r.row(code); row.File.Class != custody.Secret || row.File.Subject != "" {
		t.Errorf("%+v", row.File)
	}
	if page := r.call("GET", "/", "").Body.String(); !strings.Contains(page, `class="badge secret"`) {
		t.Error("the board does not say that it is secret")
	}
}

// A word that somebody altered behind the ledger's back is not shown, and breaks the chain.
func TestAlteredWordsAreFound(t *testing.T) {
	r := open(t, true)
	code := r.file("SO(Dev) 1/2026", "Water supply")
	r.act(code, "missing", url.Values{"reason": {"not in the almirah"}})
	page := func() string { return r.call("GET", "/files/"+string(code), "").Body.String() }
	if body := page(); !strings.Contains(body, "not in the almirah") || !strings.Contains(body, "chain is whole") {
		t.Fatal(body)
	}
	alter := func(change func(custody.Words)) {
		r.mu.Lock()
		defer r.mu.Unlock()
		for id, words := range r.words {
			if r.bodies[id].Command.Kind == custody.Missing {
				change(words)
			}
		}
	}
	alter(func(w custody.Words) {
		word := w[custody.ReasonField]
		word.Text = "lost by the messenger"
		w[custody.ReasonField] = word
	})
	if body := page(); strings.Contains(body, "messenger") || !strings.Contains(body, "Somebody changed the record") {
		t.Error(body)
	}
	alter(func(w custody.Words) { delete(w, custody.ReasonField) })
	if body := page(); strings.Contains(body, "almirah") || !strings.Contains(body, "words are altered or missing") {
		t.Error(body)
	}
}

// A station's reminders, of its room and of a badge, call a secret file by its digits.
func TestRemindersOfASecretFileSayItsDigits(t *testing.T) {
	r := open(t, true)
	code := r.file("FIN-9/2026", "Water supply")
	if to := r.classify(code, "secret"); to.Query().Get("done") != "classified" {
		t.Fatal(to)
	}
	r.clock.wait(30 * time.Hour)
	r.climb()
	w := r.call("GET", "/api/v1/station", "", bearer(doorToken)...)
	if body := w.Body.String(); strings.Contains(body, "FIN-9/2026") || !strings.Contains(body, `"number":"`+code.Format()) {
		t.Error(body)
	}
}
