package web

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"harkara/internal/chromium"
	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/web/wire"
)

// What a station's scans can come to, by how its panel shows it; what is in neither list
// is accepted.
var (
	ticks    = []custody.Reason{custody.SentAlready, custody.SeenAlready, custody.Enquiry}
	refusals = []custody.Reason{
		custody.NoSuchFile, custody.NoSuchPlace, custody.NotHere, custody.IsClosed, custody.OldCover, custody.NotRegistered, custody.NoNextStop, custody.TypedCannot,
		custody.Elsewhere, custody.NotWhy, custody.NoSender, custody.OnTheWay, custody.NotMissing, custody.NotSeenYet, custody.AlreadyOpen, custody.NotClosed, custody.NotWaiting,
		custody.NeedsSuperior, custody.NotTheirs, custody.NoSuchDay, custody.OthersActed, custody.NothingToUndo, custody.TooLateToUndo,
	}
)

// panelled is one answer of the gallery.
type panelled struct {
	Title  string          `json:"title"`
	Code   label.Code      `json:"code"`
	Result json.RawMessage `json:"result"`
}

// answered has the office answer a scan of a code at the door with an outcome, in words.
func (r *running) answered(code label.Code, o custody.Outcome, language string) (raw json.RawMessage, said wire.Say) {
	r.t.Helper()
	o.Command = custody.CommandID(newID())
	body := scanJSON(string(o.Command), code)
	r.call("POST", "/api/v1/scans", body, bearer(doorToken)...)
	r.mu.Lock()
	r.outcomes[o.Command] = o
	r.mu.Unlock()
	var a struct{ Results []json.RawMessage }
	w := r.call("POST", "/api/v1/scans?wait=5s&lang="+language, body, bearer(doorToken)...)
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || len(a.Results) != 1 {
		r.t.Fatal(err, w.Body)
	}
	var result wire.Result
	if err := json.Unmarshal(a.Results[0], &result); err != nil || result.Say == nil {
		r.t.Fatal(err, string(a.Results[0]))
	}
	return a.Results[0], *result.Say
}

// panels are every answer that the office gives a station.
func panels(t *testing.T, r *running, language string) (list []panelled) {
	t.Helper()
	r.atDoor(true)
	to := func(id custody.DeskID) custody.Context {
		d, _ := r.office.DeskByID(id)
		return custody.Context{Desk: d.Code}
	}
	standing := func(number, subject string, scans ...func(label.Code) custody.Outcome) (label.Code, custody.Position) {
		code := r.file(number, subject)
		var out custody.Outcome
		for _, scan := range scans {
			r.clock.wait(2 * time.Minute)
			out = scan(code)
		}
		if out.Position.Revision == 0 {
			t.Fatalf("%s: %+v", number, out)
		}
		return code, out.Position
	}
	scan := func(room string, ctx custody.Context) func(label.Code) custody.Outcome {
		return func(code label.Code) custody.Outcome { return r.scan(code, room, ctx) }
	}
	give := func(kind custody.CommandKind, with custody.Payload) func(label.Code) custody.Outcome {
		return func(code label.Code) custody.Outcome {
			return r.do(custody.Command{Kind: kind, Code: code, Station: door, Method: custody.ByQR, With: with})
		}
	}
	byOrder := func(kind custody.CommandKind) func(label.Code) custody.Outcome {
		return func(code label.Code) custody.Outcome {
			return r.do(custody.Command{Kind: kind, Code: code, Method: custody.ByHand, By: custody.Actor{Person: "administrator"}, Reason: "order 4"})
		}
	}
	sent, came := scan("a-104", custody.Context{Onward: true}), scan(strings.TrimPrefix(string(door), "st-"), custody.Context{})
	type state struct {
		code label.Code
		at   custody.Position
	}
	at := map[string]state{}
	put := func(name, number, subject string, scans ...func(label.Code) custody.Outcome) {
		code, pos := standing(number, subject, scans...)
		at[name] = state{code, pos}
	}
	put("here", "SO(Dev) 3-9/2025", "Water supply scheme Mastung, revised PC-I", sent, came)
	put("urdu", "ایف آئی این/17-3/2026", "سول ہسپتال کوئٹہ کی چھت کی مرمت کا تخمینہ برائے منظوری", sent, came)
	put("long", "No.S.O-(O&M) 2(5)/2013-S&GAD", "Repair of the roof of the Civil Hospital's old block before the rains, with estimate and drawings in triplicate", sent, came)
	put("astray", "SO(Budget)/44-1/2026", "Release of funds – ریلیز فنڈز – district Ziarat", scan("a-104", to("fin-1")), came)
	put("way", "DS(Reg) 1-1/2024", "Seniority list of grade 17", sent, came, scan("a-303", to("fin-1")))
	put("last", "SO(Gen) 101/2026", "Supply of furniture – فرنیچر کی فراہمی", sent, came, scan("a-303", to("fin-0")), scan("a-101", custody.Context{}))
	put("closed", "SO(Estt) 8-2/2025", "Pension case of Mr Abdul Ghafoor", sent, came, byOrder(custody.Close))
	put("waits", "SO(Gen) 102/2026", "Sanction of a post of librarian", sent, came, give(custody.Hold, custody.Holding{Card: r.office.Holds[0].Code}))
	put("laid", "SO(Gen) 103/2026", "Circulars of 2019", sent, came, give(custody.LayBy, nil))
	put("secret", "SO(Conf) 3/2026", zarghoon, sent, came)
	put("secret-astray", "SO(Conf) 4/2026", zarghoon, scan("a-104", to("fin-1")), came)
	r.classify(at["secret"].code, "secret")
	r.classify(at["secret-astray"].code, "secret")
	reasons := map[custody.Reason]bool{}
	for _, k := range custody.Kinds() {
		if k.By.Has(custody.StationHere) || k.By.Has(custody.StationElsewhere) {
			for _, reason := range k.Comes {
				reasons[reason] = true
			}
		}
	}
	for _, reason := range []custody.Reason{custody.NoSuchFile, custody.Unassigned, custody.NoSuchPlace, custody.NotHere, custody.IsClosed, custody.OldCover, custody.NotRegistered, custody.Voided} {
		reasons[reason] = true
	}
	states := map[custody.Reason]string{
		custody.OffRoute: "astray", custody.Sent: "way", custody.SentAlready: "way", custody.Redirected: "way", custody.Taken: "way", custody.SentBack: "way", custody.SentUp: "way",
		custody.IsClosed: "closed", custody.SeenClosed: "closed", custody.OnHold: "waits", custody.LaidBy: "laid", custody.NoNextStop: "last", custody.Inferred: "urdu", custody.Confirmed: "long",
	}
	add := func(title, name string, verdict custody.Verdict, reason custody.Reason) {
		s := at[name]
		if name == "" {
			s.code = label.New(label.File, 7_000_900_000)
		}
		raw, said := r.answered(s.code, custody.Outcome{Verdict: verdict, Reason: reason, Position: s.at}, language)
		if said.Word == "" || said.Tone == "" || strings.HasPrefix(said.Headline, "reason.") {
			t.Errorf("%s says %+v", title, said)
		}
		list = append(list, panelled{title, s.code, raw})
	}
	for _, reason := range slices.Sorted(maps.Keys(reasons)) {
		verdict, name := custody.Accepted, "here"
		switch {
		case slices.Contains(ticks, reason):
			verdict = custody.Ticked
		case slices.Contains(refusals, reason):
			verdict = custody.Refused
		}
		if other, ok := states[reason]; ok {
			name = other
		}
		if reason == custody.NoSuchFile || reason == custody.Unassigned {
			name = ""
		}
		add(string(reason), name, verdict, reason)
	}
	add("seen_already of another room's", "astray", custody.Ticked, custody.SeenAlready)
	add("received, secret", "secret", custody.Accepted, custody.Received)
	add("off_route, secret", "secret-astray", custody.Accepted, custody.OffRoute)
	add("received, no next stop", "last", custody.Accepted, custody.Received)
	r.atDoor(false)
	add("received, no subjects here", "here", custody.Accepted, custody.Received)
	return list
}

// own has the kiosk's page lay out panels: those that it is given, and after the last of
// these what a station says by itself.
const own = `(async (list, last) => {
	const of = (name) => import(performance.getEntriesByType("resource").find((e) => e.name.includes("/" + name + ".")).name);
	const { answerOf, show } = await of("panel"), { answers, say } = await of("page");
	const grid = document.createElement("div"), panel = document.getElementById("answer");
	grid.style.cssText = "display:grid;gap:1rem;grid-template-columns:minmax(0,1fr)";
	const add = (title, answer) => {
		show(answer);
		const figure = document.createElement("figure"), caption = document.createElement("figcaption");
		figure.style.margin = "0";
		caption.dir = "ltr";
		caption.textContent = title;
		figure.append(caption, panel.cloneNode(true));
		grid.append(figure);
	};
	for (const { title, code, result } of list) add(title, { ...answerOf(result), code });
	const code = "16980000000172";
	if (last) {
		add("ready", { look: "ready", word: say("ready") });
		add("heard", { look: "heard", word: say("heard"), code });
		add("doubt", { look: "doubt", word: say("move"), code, headline: say("move_next") });
		add("stored", { ...answerOf({}), code });
		add("kept", { look: "kept", word: say("kept"), code, headline: say("kept_next") });
		add("kept, named", { look: "kept", word: say("kept"), what: "SO(Dev) 3-9/2025", code, headline: say("kept_next") });
		add("kept, old cover", { look: "kept", word: say("kept"), code: "FIN-2018/77", headline: say("kept_old") });
		add("kept, refused", { look: "kept", word: say("kept"), code, headline: say("kept_refused") });
		add("unsent", { look: "down", word: say("unsent"), code, headline: say("unsent_next") });
		add("not kept", { look: "down", word: say("not_kept"), code });
		add("token", { look: "down", word: say("refused_token"), headline: say("refused_token") });
		for (const word of ["foreign", "part", "slow", "two_files", "photo_late", "photo_needs_server"]) add(word, { look: "down", word: say("no"), code: "]C101950123456789032", headline: say(word) });
		for (const [name, { tone, words }] of Object.entries(answers)) add(name, tone === "down" ? { look: "down", word: say("no"), code, headline: say(words) } : { look: tone, word: say(words), what: name === "desk" ? "Deputy Secretary (Finance), Room 202" : "" });
	}
	document.getElementById("work").style.display = "none";
	document.getElementById("work").after(grid);
	const out = [];
	for (const p of grid.querySelectorAll(".answer")) {
		const box = p.getBoundingClientRect(), title = p.previousSibling.textContent;
		if (box.height > parseFloat(getComputedStyle(p).minBlockSize) + 1) out.push(title + " makes the panel grow to " + Math.round(box.height) + " px");
		for (const e of p.querySelectorAll("*")) { const r = e.getBoundingClientRect(); if (r.width && (r.left < box.left || r.right > box.right + 1)) out.push(title + ": beyond the panel: " + e.id); }
		if (/kiosk\.|reason\.|say\.|\{\d\}/.test(p.textContent)) out.push(title + ": no words: " + p.textContent);
	}
	return out;
})`

// Every answer of a station as its clerk sees it: in both languages, narrow and wide, by
// day and night. Pictures of all are kept with -artifacts.
func TestPanelsInChromium(t *testing.T) {
	if testing.Short() {
		t.Skip("many panels in a browser; left out with -short")
	}
	const atOnce = 12
	r := open(t, true)
	r.t = t
	shown := map[string][]panelled{}
	for _, language := range []string{"en", "ur"} {
		shown[language] = panels(t, r, language)
	}
	b, url := browse(t, r)
	folder := t.ArtifactDir()
	for _, l := range []chromium.Look{{Lang: "en", Width: 1366, Scheme: "light"}, {Lang: "ur", Width: 1366, Scheme: "dark"}, {Lang: "en", Width: 360, Scheme: "dark"}, {Lang: "ur", Width: 360, Scheme: "light"}} {
		t.Run(l.String(), func(t *testing.T) {
			b.T = t
			chunks := slices.Collect(slices.Chunk(shown[l.Lang], atOnce))
			for n, chunk := range append(chunks, nil) {
				b.See(l, url+"/kiosk?station="+string(door))
				b.Until(`document.body.dataset.ready === "yes"`)
				raw, err := json.Marshal(append([]panelled{}, chunk...))
				if err != nil {
					t.Fatal(err)
				}
				for _, wrong := range chromium.Ask[[]string](b, fmt.Sprintf(`%s(%s, %t)`, own, raw, chunk == nil)) {
					t.Error(wrong)
				}
				b.Shot(folder, fmt.Sprintf("panel-%s-%d", l, n+1))
				b.Audit()
				b.Quiet()
			}
		})
	}
	b.T = t
}
