package web

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/net/html"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/people"
	"harkara/web/gate"
	"harkara/web/lang"
)

// hostile is a subject that tries to be a page.
const hostile = `<script>alert("x")</script><img src=x onerror=alert(1)> "quoted" & 'single' {{.Office}} </textarea></title>`

// shown is one page of the gallery.
type shown struct {
	name string
	path string
}

// signedIn reports whether a page is of who is signed in.
func (s shown) signedIn() bool { return s.path == "/pin" || strings.HasPrefix(s.path, "/settings") }

// gallery fills an office so that every state of a file and of the system can be
// seen, and lists every page that shows one.
func gallery(t testing.TB, r *running) []shown {
	t.Helper()
	desk := func(id string) label.Code {
		d, _ := r.office.DeskByID(custody.DeskID(id))
		return d.Code
	}
	badge := func(id string) label.Code {
		o, _ := r.office.OfficerByID(custody.OfficerID(id))
		return o.Code
	}
	long := r.file("No.S.O-(O&M) 2(5)/2013-S&GAD", "Repair of the roof of the Civil Hospital's old block before the rains, with estimate and drawings in triplicate")
	urdu := r.file("ایف آئی این/17-3/2026", "سول ہسپتال کوئٹہ کی چھت کی مرمت کا تخمینہ برائے منظوری")
	mixed := r.file("SO(Budget)/44-1/2026", "Release of funds – ریلیز فنڈز – district Ziarat")
	late := r.file("SO(Dev) 3-9/2025", "Water supply scheme Mastung, revised PC-I")
	script := r.file("SO(X)/<b>1</b>/2026", hostile)
	missing := r.file("DS(Reg) 1-1/2024", "Seniority list of grade 17")
	closed := r.file("SO(Estt) 8-2/2025", "Pension case of Mr Abdul Ghafoor")
	taken := r.file("SO(Budget)/45/2026", "Supplementary grant")
	wrong := r.file("SO(Health) 12/2026", "Purchase of two ambulances")

	r.clock.wait(40 * time.Minute)
	for _, code := range []label.Code{late, closed, wrong} {
		r.scan(code, "a-104", custody.Context{Onward: true})
	}
	r.scan(taken, "a-104", custody.Context{Runner: badge("runner-1")})
	r.clock.wait(12 * time.Minute)
	r.scan(late, "a-303", custody.Context{})
	r.scan(wrong, "b-307", custody.Context{}) // meant for another room
	r.scan(closed, "a-303", custody.Context{})
	r.do(custody.Command{Kind: custody.Close, Code: closed, Method: custody.ByHand, By: custody.Actor{Person: gate.Administrator, Proof: custody.BySignIn}, Reason: "disposed of; order 12 of 2026"})
	r.do(custody.Command{Kind: custody.Missing, Code: missing, Method: custody.ByHand, Reason: "not in the almirah"})
	r.clock.wait(3 * time.Minute)
	r.scan(mixed, "a-104", custody.Context{Desk: desk("hea-3")})
	r.scan(urdu, "a-104", custody.Context{Onward: true})
	r.scan(urdu, "a-104", custody.Context{Onward: true}) // a soft tick
	r.clock.wait(20 * time.Second)
	r.scan(urdu, "a-303", custody.Context{})
	for i := range 14 {
		code := r.file(fmt.Sprintf("SO(Gen) %d-%d/2026", i+1, 3*i), []string{"Leave without pay", "Transfer of a teacher", "رخصت بلا تنخواہ", "Supply of furniture"}[i%4])
		r.clock.wait(time.Duration(i) * time.Minute)
		r.scan(code, "a-104", custody.Context{Onward: true})
		if i%3 > 0 {
			r.scan(code, "a-303", custody.Context{})
		}
	}
	torn := r.file("SO(Budget)/46/2026", "Audit paras of 2024-25")
	r.do(custody.Command{Kind: custody.Alias, Code: torn, With: custody.Aliasing{Cover: "FIN-2019/0123"}, Method: custody.ByHand})
	r.scan("FIN-2019/0123", "a-303", custody.Context{})
	renewed, _ := r.Mint(t.Context(), label.File)
	r.do(custody.Command{Kind: custody.Reprint, Code: torn, With: custody.Printing{Cover: renewed}, Method: custody.ByHand, By: custody.Actor{Person: gate.Administrator, Proof: custody.BySignIn}, Reason: "torn by the string"})
	r.clock.wait(time.Minute)
	r.scan(torn, "a-104", custody.Context{}) // its old cover
	registered := r.file("SO(Budget)/47/2026", "Purchase of a generator")
	r.do(custody.Command{Kind: custody.Alias, Code: registered, With: custody.Aliasing{Cover: "FIN-2018/77"}, Method: custody.ByHand})
	r.do(custody.Command{Kind: custody.Mark, Code: long, Method: custody.ByHand, With: custody.Marking{Desk: "hea-1"}})
	r.do(custody.Command{Kind: custody.Undo, Code: long, Station: "st-b-307"}) // refused
	r.clock.wait(50 * time.Minute)
	r.climb()
	hidden := r.file("SO(Conf) 3/2026", zarghoon)
	r.classify(hidden, "secret")
	r.act(hidden, "amend", url.Values{"number": {"SO(Conf) 3-A/2026"}, "subject": {zarghoon + ", phase 2"}, "reason": {"order 4 of 2026"}})
	renamed := r.file("SO(Gen) 101/2026", "Suply of furniture")
	r.act(renamed, "amend", url.Values{"number": {"SO(Gen) 110-1/2026"}, "subject": {"Supply of furniture – فرنیچر کی فراہمی"}, "reason": {"written wrongly in the register"}})
	r.classify(renamed, "confidential")
	r.classify(renamed, "ordinary")
	r.mu.Lock()
	r.wake(r.files[renamed]) // that nothing came of
	r.mu.Unlock()
	waits := r.file("SO(Gen) 102/2026", "Sanction of a post of librarian")
	r.clock.wait(20 * time.Minute)
	r.do(custody.Command{Kind: custody.Hold, Code: waits, Station: "st-a-104", Method: custody.ByQR, With: custody.Holding{Card: r.office.Holds[0].Code}})
	r.act(waits, "hold", url.Values{"for": {string(r.office.Holds[0].ID)}, "letter": {"FD(R-II) 5-19/2026"}, "reason": {"their advice on the budget head"}})
	laid := r.file("SO(Gen) 103/2026", "Circulars of 2019")
	r.do(custody.Command{Kind: custody.LayBy, Code: laid, Station: "st-a-104", Method: custody.ByQR})
	r.heard["st-a-303"] = r.clock.now().Add(-4 * time.Second)
	r.heard["st-a-104"] = r.clock.now().Add(-2 * time.Hour)
	file := func(code label.Code) string { return "/files/" + string(code) }
	awayFromView(r, late, wrong)
	lost := label.New(label.File, 6)
	r.found = map[label.Code]Finding{
		closed: {closed, "final", "desk", "fin-sec", "hea-3"}, taken: {taken, "mute", "workflow", "", ""}, lost: {lost, "unregistered", "command 1", hostile, ""},
	}
	now := r.clock.now()
	r.examined = []Examination{
		{Began: now.Add(-time.Minute), Moved: now, Files: 12, Of: 30, Found: 1, Findings: []Finding{r.found[closed]}},
		{Began: now.Add(-25 * time.Hour), Moved: now, Ended: now.Add(-24 * time.Hour), Files: 30, Entries: 90, Of: 30, Spent: time.Minute, Found: 5, Findings: []Finding{r.found[lost], {"", "reference", "change 3", "", ""}}},
	}
	ended := people.ID("of-hea-1")
	for id, grants := range map[people.ID][]people.Grant{
		ended: {{Role: people.Manager, Department: "hea", Clearance: custody.Secret}}, "auditor": {{Role: people.Auditor}},
	} {
		officer, _ := r.office.OfficerByID(custody.OfficerID(id))
		if _, err := r.server.door.Add(t.Context(), people.Person{ID: id, Officer: officer.ID, Name: custody.Name{En: cmp.Or(officer.Name.En, "Auditor"), Ur: cmp.Or(officer.Name.Ur, "آڈیٹر")}, Grants: grants}, "administrator"); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.server.door.End(t.Context(), ended, r.clock.now(), "administrator"); err != nil {
		t.Fatal(err)
	}
	return []shown{
		{"board", "/"},
		{"attention", "/attention"},
		{"attention-again", "/attention?done=again"},
		{"attention-voided", "/attention?done=voided"},
		{"board-overdue", "/?show=overdue"},
		{"board-department", "/?department=hea"},
		{"board-search", "/?q=" + url.QueryEscape("budget 2026")},
		{"board-nothing", "/?q=nowhere"},
		{"rooms", "/rooms"},
		{"room", "/rooms/a-303"},
		{"room-empty", "/rooms/b-206"},
		{"room-unheard", "/rooms/b-105"},
		{"officer-runner", "/officers/runner-1"},
		{"officer-post", "/officers/of-hea-1"},
		{"file-held", file(long)},
		{"file-urdu", file(urdu)},
		{"file-late", file(late)},
		{"file-hostile", file(script)},
		{"file-missing", file(missing)},
		{"file-closed", file(closed)},
		{"file-runner", file(taken)},
		{"file-off-route", file(wrong)},
		{"file-mixed", file(mixed)},
		{"file-new", file(urdu) + "?new"},
		{"file-done", file(missing) + "?done=missing"},
		{"file-refused", file(long) + "?done=not_missing&refused"},
		{"file-relabelled", file(torn) + "?done=relabelled"},
		{"file-reprinted", file(registered) + "?done=reprinted"},
		{"file-aliased", file(registered) + "?done=aliased"},
		{"file-unaliased", file(registered) + "?done=unaliased"},
		{"file-old-cover", file(torn)},
		{"file-cover-taken", file(registered) + "?done=cover_taken&refused"},
		{"file-on-hold", file(waits)},
		{"file-needs-superior", file(waits) + "?done=needs_superior&refused"},
		{"file-laid-by", file(laid) + "?done=laid_by"},
		{"board-on-hold", "/?show=on_hold"},
		{"file-secret", file(hidden)},
		{"file-renamed", file(renamed) + "?done=amended"},
		{"file-acts", file(renamed) + "?"},
		{"file-taken", file(hidden) + "?"},
		{"file-classified", file(renamed) + "?done=classified"},
		{"board-old-code", "/?q=" + url.QueryEscape("2018/7")},
		{"error-moved", file(late) + "/cover.pdf"},
		{"file-waits", file(late) + "?done=waits"},
		{"open", "/open"},
		{"open-label", "/open?code=" + string(label.New(label.File, 7_000_900_000))},
		{"error", "/files/" + string(label.New(label.File, 5))},
		{"error-lost", "/files/" + string(label.New(label.File, 6))},
		{"error-code", "/files/123"},
		{"login", "/login"},
		{"persons", "/persons"},
		{"person", "/persons/administrator"},
		{"person-done", "/persons/" + string(ended) + "?done=end"},
		{"kiosk-choose", "/kiosk"},
		{"kiosk", "/kiosk?station=" + string(door)},
		{"settings", "/settings"},
		{"settings-done", "/settings?done=secret"},
		{"pin", "/pin"},
	}
}

// awayFromView leaves something in every list that an administrator looks after.
func awayFromView(r *running, stuck, other label.Code) {
	r.failing = true
	r.scan(stuck, "a-303", custody.Context{})
	r.clock.wait(4 * time.Minute)
	r.scan(stuck, "a-104", custody.Context{Onward: true})
	r.do(custody.Command{Kind: custody.Open, Code: label.New(label.File, 7_000_950_000), Method: custody.ByHand, By: custody.Actor{Person: gate.Administrator, Proof: custody.BySignIn}, With: custody.Opening{
		Number: "SO(Gen) 99/2026", Department: "fin", Desk: "fin-3",
	}})
	r.failing = false
	r.scan(label.New(label.File, 77), "a-104", custody.Context{})
	r.clock.wait(3 * time.Minute)
	r.call("GET", "/api/v1/station", "", bearer("guessed")...)
	r.call("GET", "/api/v1/station", "")
	r.call("GET", "/api/v1/station", "", bearer(adminToken)...)
	r.form("/login", url.Values{"name": {"of-fin-sec"}, "secret": {"guess"}})
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.clock.now()
	r.drawer = append(r.drawer,
		drawn{door, `{"kind":"scan","colour":"red"}`, `malformed command: json: unknown field "colour"`, now},
		drawn{door, hostile + "\x00\xff", "malformed command: invalid character '<'", now})
	r.quota = 1
	r.audit = append(r.audit, Audited{now.Add(-time.Hour), custody.Actor{Person: gate.Administrator, Proof: custody.BySignIn}, "retry", custody.CommandID(newID()), "engine mended; order 12"}, Audited{now, custody.Actor{Person: gate.Administrator, Proof: custody.ByToken}, "void", custody.CommandID(newID()), "دفتری حکم نمبر ۷ کے مطابق"})
	r.changes = append(r.changes, Change{now.AddDate(0, -2, 0), "Deputy Secretary (Admin)", "S&GAD order 4-2/2025: rooms of block B", custody.Actor{Person: "o-2", Proof: custody.ByConsole}, []Alteration{{"room", "b-cm", custody.Name{En: "Chief Minister's Secretariat", Ur: "وزیر اعلیٰ سیکرٹریٹ"}, "began", nil}, {"officer", "o-9", custody.Name{En: "Gul Muhammad", Ur: "گل محمد"}, "ended", nil}}}, Change{now, "", "", custody.Actor{Person: gate.Administrator, Proof: custody.BySignIn}, []Alteration{{"desk", "fin-ri", custody.Name{En: "R&I Branch", Ur: "وصول و اجرا شاخ"}, "changed", []string{"post", "room"}}, {"calendar", "winter", custody.Name{}, "changed", []string{"rev", "week"}}}})
	r.notices = append(r.notices, Told{
		Notice: custody.Notice{Key: "k", File: other, Post: "fin-0", Officer: "of-fin-0", Channel: "mail", Percent: 100, About: "fin-2", Due: now},
		State:  "unconfirmed", Detail: "connection closed after DATA", Changed: now, Number: "SO(Health) 12/2026",
	})
}

// rawKey finds a key that has no words.
var rawKey = regexp.MustCompile(`\b(app|attention|backup|badge|board|cause|class|command|delivery|day|examination|finding|month|notice|officer|role|entry|error|file|health|kiosk|known|lane|lock|leg|legend|list|live|login|mark|nav|open|people|person|phase|pin|reason|room|row|say|settings|slip|time|verdict)\.[a-z_]+[a-z0-9_.]*\b`)

// Every page in both languages: whole, in its language, with nothing of what
// people typed taken for markup.
func TestGallery(t *testing.T) {
	r := open(t, true)
	r.signed = adminToken
	pages := gallery(t, r)
	for _, tag := range lang.Tags {
		for _, page := range pages {
			t.Run(page.name+"-"+string(tag), func(t *testing.T) {
				cookies := "lang=" + string(tag)
				if page.signedIn() {
					cookies += "; " + gate.Session + "=" + adminToken
				}
				w := r.call("GET", page.path, "", "Cookie", cookies)
				body := w.Body.String()
				if isError := strings.HasPrefix(page.name, "error"); w.Code != http.StatusOK != isError {
					t.Fatalf("%d\n%s", w.Code, body)
				}
				inspect(t, tag, body)
			})
		}
	}
	if logs := r.log.String(); strings.Contains(logs, "request failed") {
		t.Error(logs)
	}
}

// inspect reads a page as a browser would.
func inspect(t *testing.T, tag lang.Tag, body string) {
	t.Helper()
	if strings.Contains(body, "ZgotmplZ") {
		t.Error("a value was refused by its template")
	}
	for _, bad := range []string{`<img src=x`, `alert("x")</script>`, `</textarea></title>`} {
		if strings.Contains(body, bad) {
			t.Errorf("what was typed became markup: %s", bad)
		}
	}
	tokens := html.NewTokenizer(strings.NewReader(body))
	var text strings.Builder
	var open []string
	ids := map[string]bool{}
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			if tokens.Err() != io.EOF {
				t.Fatal(tokens.Err())
			}
			if len(open) > 0 {
				t.Errorf("left open: %v", open)
			}
			checkWords(t, tag, text.String())
			return
		case html.TextToken:
			if !slices.Contains(open, "script") {
				text.Write(tokens.Text())
				text.WriteByte(' ')
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			token := tokens.Token()
			checkElement(t, tag, token, ids)
			if token.Type == html.StartTagToken && !slices.Contains([]string{"meta", "link", "input", "img", "br"}, token.Data) {
				open = append(open, token.Data)
			}
		case html.EndTagToken:
			token := tokens.Token()
			if len(open) == 0 || open[len(open)-1] != token.Data {
				t.Fatalf("</%s> closes %v", token.Data, open)
			}
			open = open[:len(open)-1]
		}
	}
}

func checkElement(t *testing.T, tag lang.Tag, e html.Token, ids map[string]bool) {
	t.Helper()
	value := map[string]string{}
	for _, a := range e.Attr {
		value[a.Key] = a.Val
		if strings.HasPrefix(a.Key, "on") || a.Key == "style" {
			t.Errorf("<%s %s>: the policy forbids it", e.Data, a.Key)
		}
	}
	if id := value["id"]; id != "" && ids[id] {
		t.Errorf("id %q twice", id)
	} else {
		ids[id] = true
	}
	switch e.Data {
	case "html":
		if value["lang"] != string(tag) || value["dir"] != tag.Dir() {
			t.Errorf("lang %q, dir %q", value["lang"], value["dir"])
		}
	case "img":
		if _, ok := value["alt"]; !ok {
			t.Error("a picture without words")
		}
	case "script":
		if value["src"] == "" && value["type"] != "application/json" {
			t.Error("a script in the page")
		}
	}
}

func checkWords(t *testing.T, tag lang.Tag, text string) {
	t.Helper()
	if key := rawKey.FindString(text); key != "" {
		t.Errorf("no words for %s", key)
	}
	if regexp.MustCompile(`\{\d\}`).MatchString(text) {
		t.Error("a placeholder is left")
	}
	if tag == lang.Urdu && !strings.Contains(text, "ہرکارہ") {
		t.Error("not in Urdu")
	}
}

// uuids are ids of commands for tests.
func newID() string { return uuid.NewString() }
