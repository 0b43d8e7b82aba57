package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
)

// Alter puts another office in force, as the ledger would.
func (m *memory) Alter(_ context.Context, by custody.Actor, order string, change func(*custody.Office)) error {
	next := *m.office
	next.Charges = slices.Clip(next.Charges)
	change(&next)
	var wrong []error
	for _, p := range next.Problems() {
		if strings.HasPrefix(p.At, "charges/") {
			wrong = append(wrong, p)
		}
	}
	if err := errors.Join(wrong...); err != nil {
		return err
	}
	next.Sort()
	next.AsOf(m.now())
	m.reorganise(&next)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.changes = append(m.changes, Change{At: m.now(), Reason: order, By: by})
	return nil
}

// asOfNow has the office answer by the clock of now, as the ledger's does.
func (r *running) asOfNow() {
	o := *r.office
	o.AsOf(r.clock.now())
	r.reorganise(&o)
}

// charge puts an order in force.
func (r *running) charge(c custody.Charge) {
	r.t.Helper()
	if err := r.Alter(r.t.Context(), custody.Actor{Proof: custody.ByConsole}, c.Order, func(o *custody.Office) { o.Charges = append(o.Charges, c) }); err != nil {
		r.t.Fatal(err)
	}
}

// established is an office whose posts are filled by orders on its pages.
func established(t testing.TB, changes ...func(*Config)) *running {
	return open(t, true, append(changes, func(c *Config) { c.Establishment = c.Directory.(*memory) })...)
}

// A form is shown to who may send it, and to nobody else.
func TestFormsOfAPostAreTheAdministrators(t *testing.T) {
	r := established(t)
	for token, p := range roles {
		r.persons.Seat(p, token)
	}
	for path, form := range map[string]string{"/posts/fin-3": "/posts/fin-3/charge", "/posts/fin-3/handover?began=2026-01-12T04:00:00Z": "/posts/fin-3/handover"} {
		for role, may := range map[string]bool{"administrator": true, "officer": false, "auditor": false} {
			w := r.call("GET", path, "", as(role)...)
			if shown := strings.Contains(w.Body.String(), `action="`+form+`"`); w.Code != http.StatusOK || shown != may {
				t.Errorf("%s by %s: %d, form %v", path, role, w.Code, shown)
			}
		}
	}
}

// A leave with a substitute is ordered on the post's page: from its first day the other is
// named wherever the post's officer was, and both languages say for whom he stands in.
func TestLeaveOnThePageOfAPost(t *testing.T) {
	r := established(t)
	code := r.file("SO(Dev) 3-9/2025", "Water supply scheme")
	before := r.page("/posts/fin-3")
	officer, _ := r.office.OfficerIn("fin-3")
	if !strings.Contains(before, officer.Name.En) || !strings.Contains(before, "SO(Dev) 3-9/2025") {
		t.Errorf("the page does not say who is in it and what it holds: %s", before)
	}
	order := url.Values{"as": {"leave"}, "officer": {"of-fin-1"}, "from": {"2026-01-13"}, "until": {"2026-01-14"}, "order": {"S&GAD 4/2026"}}
	for name, spoil := range map[string]string{"no order": "order", "no day": "from", "no way": "as"} {
		bad := url.Values{}
		for k, v := range order {
			if k != spoil {
				bad[k] = v
			}
		}
		if status, _ := r.form("/posts/fin-3/charge", bad); status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, status)
		}
	}
	if status, to := r.form("/posts/fin-3/charge", order); status != http.StatusSeeOther || to != "/posts/fin-3?done" {
		t.Fatal(status, to)
	}
	if status, _ := r.form("/posts/none/charge", order); status != http.StatusNotFound {
		t.Errorf("no post: %d", status)
	}
	shown := func(lang string) string {
		return r.call("GET", "/posts/fin-3?lang="+lang, "").Body.String()
	}
	if text := shown("en"); strings.Contains(text, "stands in for") || !strings.Contains(text, "On leave: stands in") {
		t.Errorf("on the day before: %s", text)
	}
	r.clock.wait(24 * time.Hour)
	r.asOfNow()
	if text := shown("en"); !strings.Contains(text, "stands in for "+officer.Name.En+", S&amp;GAD 4/2026") || !strings.Contains(text, "Saima Baloch") {
		t.Errorf("on its first day: %s", text)
	}
	if text := shown("ur"); !strings.Contains(text, "قائم مقام برائے "+officer.Name.Ur) {
		t.Errorf("in Urdu: %s", text)
	}
	if text := r.page("/officers/of-fin-1"); !strings.Contains(text, "SO(Dev) 3-9/2025") || !strings.Contains(text, `href="/posts/fin-3"`) {
		t.Errorf("the substitute does not have its files: %s", text)
	}
	if text := r.page("/officers/" + string(officer.ID)); strings.Contains(text, "SO(Dev) 3-9/2025") {
		t.Error("who is on leave still has them")
	}
	r.climb()
	if row := r.row(code); row.Position.Post != "fin-3" {
		t.Errorf("the file left its post: %+v", row.Position)
	}
	r.clock.wait(48 * time.Hour)
	r.asOfNow()
	if text := shown("en"); strings.Contains(text, "stands in for") {
		t.Errorf("after its last day: %s", text)
	}
	legs := r.told(code).Legs
	if got := legs[len(legs)-1].Officer; !strings.HasPrefix(got, officer.Name.En+"; Saima Baloch from ") || strings.Count(got, "; ") != 2 {
		t.Errorf("the leg names %q", got)
	}
}

// Charge is handed over: what is swept at the room's station or ticked is produced, the
// rest is declared missing in the name of who took over, and is a matter for the officer
// above. The clocks stay.
func TestHandingOverCharge(t *testing.T) {
	r := established(t)
	var codes []label.Code
	for _, n := range []string{"1/2026", "2/2026", "3/2026", "4/2026"} {
		codes = append(codes, r.file(n, "Budget"))
	}
	r.clock.wait(time.Hour)
	w := r.call("GET", "/posts/fin-3/handover", "")
	list := w.Header().Get("Location")
	if w.Code != http.StatusSeeOther || !strings.HasPrefix(list, "/posts/fin-3/handover?began=2026-01-12T05") {
		t.Fatal(w.Code, list)
	}
	r.clock.wait(time.Minute)
	r.scan(codes[0], "a-104", custody.Context{})
	if text := r.page(list); strings.Count(text, "scanned") < 1 || !strings.Contains(text, "1 / 4") {
		t.Errorf("the sweep is not seen: %s", text)
	}
	var h struct{ Produced []label.Code }
	if err := json.Unmarshal(r.call("GET", "/api/v1"+list, "").Body.Bytes(), &h); err != nil || !slices.Equal(h.Produced, codes[:1]) {
		t.Errorf("%v, %v", h, err)
	}
	to, _ := r.office.OfficerByID("of-fin-1")
	from, _ := r.office.OfficerIn("fin-3")
	began := strings.SplitN(list, "=", 2)[1]
	began, _ = url.QueryUnescape(began)
	form := url.Values{
		"began": {began}, "officer": {"of-fin-1"}, "order": {"S&GAD 9/2026"}, "produced": {string(codes[1])},
		"badge_from": {string(to.Code)}, "badge_to": {string(to.Code)},
	}
	if status, _ := r.form("/posts/fin-3/handover", form); status != http.StatusUnprocessableEntity {
		t.Errorf("another's badge: %d", status)
	}
	form.Set("badge_from", string(from.Code))
	deadline := r.row(codes[2]).Position.Deadline
	status, back := r.form("/posts/fin-3/handover", form)
	if status != http.StatusSeeOther || !strings.HasSuffix(back, "&done&missing=2") {
		t.Fatal(status, back)
	}
	for i, code := range codes {
		row := r.row(code)
		if row.Position.Missing != (i >= 2) || row.Position.Post != "fin-3" {
			t.Errorf("file %d: %+v", i, row.Position)
		}
	}
	if got := r.row(codes[2]).Position.Deadline; !got.Equal(deadline) {
		t.Errorf("the clock moved from %v to %v", deadline, got)
	}
	past, err := r.server.past(t.Context(), codes[3])
	if err != nil {
		t.Fatal(err)
	}
	n := len(past.entries) - 1
	if e := past.entries[n]; e.By != (custody.Actor{Person: "of-fin-1", Post: "fin-3", Proof: custody.ByBadge}) || !strings.Contains(past.texts[n][custody.ReasonField], "S&GAD 9/2026") {
		t.Errorf("%+v, %v", e.By, past.texts[n])
	}
	if in, _ := r.office.OfficerIn("fin-3"); in.ID != "of-fin-1" {
		t.Errorf("in office is %q", in.ID)
	}
	text := r.page("/attention")
	_, section, _ := strings.Cut(text, `id="missing"`)
	section, _, _ = strings.Cut(section, "</section>")
	superior, _ := r.office.PostByID("fin-3")
	above, _ := r.office.PostByID(superior.Superior)
	if !strings.Contains(section, "3/2026") || !strings.Contains(section, "4/2026") || strings.Contains(section, "2/2026") && !strings.Contains(section, "/2026") || !strings.Contains(section, above.Name.En) {
		t.Errorf("no matter for the officer above: %s", section)
	}
	if status, _ := r.form("/posts/fin-3/handover", form); status != http.StatusUnprocessableEntity {
		t.Errorf("handed over twice: %d", status)
	}
}
