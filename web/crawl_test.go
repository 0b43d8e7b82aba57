package web

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/internal/people"
)

// hoarded is files that few may know of, and by what one would know them.
type hoarded struct {
	codes []label.Code
	words []string
}

// tells is what of those a text tells.
func (h hoarded) tells(text string) (told []string) {
	for _, w := range h.words {
		if strings.Contains(text, w) {
			told = append(told, w)
		}
	}
	return told
}

// hoard opens files whose every word is a canary: one that its desk holds, one on its way
// to another department, one that was closed, one whose command is stuck.
func hoard(r *running, class string) (h hoarded) {
	file := func(n int) label.Code {
		code := r.file(fmt.Sprintf("CANARY(%d)/2026", n), fmt.Sprintf("Zarghoon canary %d", n))
		r.act(code, "classify", url.Values{"class": {class}, "who": {"Canary Secretary"}, "reason": {"canary order"}})
		h.codes = append(h.codes, code)
		return code
	}
	lies, goes, closed, stuck := file(1), file(2), file(3), file(4)
	r.clock.wait(time.Minute)
	r.act(lies, "alias", url.Values{"cover": {"CANARY-OLD-7"}})
	r.act(lies, "amend", url.Values{"subject": {"Zarghoon canary, phase 2"}, "reason": {"canary slip"}})
	r.scan(lies, "a-104", custody.Context{Onward: true})
	r.clock.wait(time.Minute)
	r.scan(lies, "a-303", custody.Context{})
	r.act(lies, "hold", url.Values{"for": {"law"}, "letter": {"canary letter 5"}, "reason": {"canary advice"}})
	desk, _ := r.office.DeskByID("hea-1")
	r.scan(goes, "a-104", custody.Context{Desk: desk.Code})
	r.act(closed, "close", url.Values{"reason": {"canary disposal"}})
	r.do(custody.Command{Kind: custody.Undo, Code: lies, Station: "st-b-307"}) // refused
	r.clock.wait(30 * time.Hour)
	r.climb()
	r.failing = true
	r.do(custody.Command{Kind: custody.Close, Code: stuck, Method: custody.ByHand, Who: "Canary Clerk", Reason: "canary stuck"})
	r.failing = false
	r.call("GET", "/files/"+string(lies), "", bearer("guessed")...)
	h.words = []string{"CANARY", "anary", "Zarghoon"}
	for _, code := range h.codes {
		h.words = append(h.words, string(code), code.Format())
	}
	return h
}

// crawled are the addresses of everything that shows files, and what probes for them.
func crawled(r *running, h hoarded, ordinary label.Code) (calls [][3]string) {
	get := func(paths ...string) {
		for _, p := range paths {
			calls = append(calls, [3]string{"GET", p, ""})
		}
	}
	post := func(path, body string) { calls = append(calls, [3]string{"POST", path, body}) }
	get("/", "/?department=fin", "/?department=hea", "/?q=zarghoon", "/?q=canary", "/?q=ANARY-OLD-7", "/?q=CANARY-OLD-7", "/rooms", "/files.csv", "/files.csv?q=canary", "/files.csv?department=hea", "/rooms.csv", "/attention", "/open",
		"/api/v1/board", "/api/v1/rooms", "/api/v1/attention", "/api/v1/reference", "/api/v1/station", "/api/v1/files?number=CANARY(1)/2026", "/files/CANARY-OLD-7", "/api/v1/files/CANARY-OLD-7")
	for _, show := range []string{"overdue", "soon", "waiting", "on_hold"} {
		get("/?show=" + show)
	}
	for _, post := range r.office.Posts {
		list := "/posts/" + string(post.ID) + "/handover?began=2026-01-12T04:00:00Z"
		get("/posts/"+string(post.ID), list, "/api/v1"+list)
	}
	for _, room := range r.office.Rooms {
		get("/rooms/"+string(room.ID), "/rooms/"+string(room.ID)+"/files.csv", "/api/v1/rooms/"+string(room.ID))
	}
	for _, o := range r.office.Officers {
		get("/officers/" + string(o.ID))
	}
	for _, code := range append(slices.Clone(h.codes), ordinary) {
		file, object := "/files/"+string(code), "/api/v1/files/"+string(code)
		get(file, file+"/cover.pdf", file+"/cover.svg", file+"/cover.png?size=a4", object, object+"/entries", "/?q="+string(code), "/api/v1/live?scope=file&after=0&code="+string(code))
	}
	for i, code := range h.codes {
		post("/api/v1/files/"+string(code)+"/close", `{"reason":"x"}`)
		post("/api/v1/files/"+string(code)+"/levitate", `{}`)
		number := fmt.Sprintf("CANARY(%d)/2026", i+1)
		post("/api/v1/files?dry_run", fmt.Sprintf(`{"number":%q,"subject":"Zarghoon canary %d","department":"fin","desk":"fin-3"}`, number, i+1))
	}
	return calls
}

// masked is a text without what differs from one moment to the next, or tells how much
// happened in the whole office.
func masked(text string) string {
	for _, m := range []struct{ of, by string }{
		{`data-(seq|now|as-of)="\d+"`, ""},
		{`"seq":\d+`, ""},
		{`name="id" value="[^"]*"`, ""},
		{`[0-9a-f]{12,}`, ""},
		{`[0-9a-f]{4,8}-[0-9a-f-]+`, ""}, // seals and ids, which are drawn
	} {
		text = regexp.MustCompile(m.of).ReplaceAllString(text, m.by)
	}
	return text
}

// What few may know of nobody else finds, wherever he looks: nothing of it is in what he
// gets, and to whom it is nothing everything is as if there were none. Who is cleared finds
// it.
func TestCrawlForCanaries(t *testing.T) {
	for class, roles := range map[string]map[string]string{ // what each is to see
		"secret": {
			"cleared": "whole", adminToken: "whole", "administrator": "little", "auditor": "little", "manager": "grey", "officer": "grey", "clerk": "nothing", "health": "grey",
			"wall": "nothing", "program": "nothing", "station": "little", "nobody": "nothing",
		},
		"confidential": {
			"cleared": "whole", adminToken: "whole", "administrator": "grey", "auditor": "grey", "manager": "grey", "officer": "grey", "clerk": "grey", "health": "grey",
			"wall": "grey", "program": "grey", "nobody": "nothing",
		},
	} {
		with, without := staffed(t), staffed(t)
		ordinary, same := with.file("SO(Dev) 1/2026", "Water supply"), without.file("SO(Dev) 1/2026", "Water supply")
		if ordinary != same {
			t.Fatal("the two offices are not alike")
		}
		h := hoard(with, class)
		without.clock.wait(with.clock.now().Sub(without.clock.now()))
		without.climb()
		calls := crawled(with, h, ordinary)
		for role, sees := range roles {
			told := 0
			for _, c := range calls {
				if class == "confidential" && role == "station" {
					continue // the paper itself is in its hands
				}
				headers := as(role)
				a, b := with.call(c[0], c[1], c[2], headers...), without.call(c[0], c[1], c[2], headers...)
				text := a.Body.String() + fmt.Sprint(a.Header())
				asked := text // what one asked with comes back to him
				for _, said := range []string{c[1], c[2], url.QueryEscape(c[1])} {
					if said != "" {
						asked = strings.ReplaceAll(asked, said, "")
					}
				}
				if q, err := url.Parse(c[1]); err == nil && q.Query().Get("q") != "" {
					asked = strings.ReplaceAll(asked, q.Query().Get("q"), "")
					asked = strings.ReplaceAll(asked, url.QueryEscape(q.Query().Get("q")), "")
				}
				leaks := h.tells(asked)
				if len(leaks) > 0 && sees == "whole" {
					told++
				}
				if len(leaks) > 0 && sees != "whole" && !(role == "station" && strings.HasPrefix(c[1], "/api/v1/station") && !slices.ContainsFunc(leaks, func(w string) bool { return strings.Contains(w, "anary") || w == "Zarghoon" || w == "CANARY" })) {
					t.Errorf("%s: %s %s by %s (%d) tells %q", class, c[0], c[1], role, a.Code, leaks)
				}
				if sees == "nothing" && (a.Code != b.Code || masked(a.Body.String()) != masked(b.Body.String())) {
					t.Errorf("%s: %s %s by %s (%d, %d) is not as if there were none:\n%s", class, c[0], c[1], role, a.Code, b.Code, difference(masked(a.Body.String()), masked(b.Body.String())))
				}
			}
			if sees == "whole" && told < 20 {
				t.Errorf("%s: %s is cleared, and told %d times", class, role, told)
			}
		}
		if log := with.log.String(); strings.Contains(log, "anary") || strings.Contains(log, "Zarghoon") {
			t.Error("the log tells: ", log)
		}
	}
}

// difference is where two texts begin to differ.
func difference(a, b string) string {
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	from := max(0, i-60)
	return fmt.Sprintf("…%.160s\n…%.160s", a[from:], b[from:])
}

// A file whose number another one has, of which the giver is not to know, gets it without a
// word.
func TestANumberThatASecretFileHasIsFree(t *testing.T) {
	r := staffed(t)
	h := hoard(r, "secret")
	for role, status := range map[string]int{"clerk": http.StatusCreated, "cleared": http.StatusConflict} {
		body := fmt.Sprintf(`{"number":"CANARY(1)/2026","department":"fin","desk":"fin-2","code":%q}`, label.New(label.File, uint64(len(role))))
		if w := r.call("POST", "/api/v1/files?wait=5s", body, bearer(role)...); w.Code != status || role == "clerk" && strings.Contains(w.Body.String(), string(h.codes[0])) {
			t.Errorf("%s: %d %s", role, w.Code, w.Body)
		}
	}
}

// What is sent to those who watch says no more than their pages do.
func TestLiveFramesTellNoCanary(t *testing.T) {
	r := staffed(t)
	fence := r.file("SO(Dev) 1/2026", "Water supply")
	address := r.follow()
	h := hoard(r, "secret")
	_, seq, _ := r.Board(t.Context())
	if _, err := r.server.board.Latest(t.Context(), people.Office); err != nil { // before that they were everybody's
		t.Fatal(err)
	}
	type line struct{ role, scope string }
	texts := map[line]func() string{}
	for _, role := range []string{"administrator", "auditor", "manager", "officer", "clerk", "health", "wall"} {
		for _, scope := range []string{"board", "board&q=canary", "board&show=overdue", "rooms", "room&room=a-303", "room&room=b-206"} {
			// from before anything happened: what was missed comes first
			for _, after := range []int64{0, seq} {
				conn := watch(t, fmt.Sprintf("%s/api/v1/live?scope=%s&after=%d", address, scope, after), http.Header{"Authorization": {"Bearer " + role}})
				texts[line{role, fmt.Sprint(scope, after)}] = func() string {
					var all strings.Builder
					for {
						m := updateOf(t, conn)
						for _, d := range m.Deltas {
							all.WriteString(d.ID + d.HTML)
						}
						if strings.Contains(all.String(), string(fence)) || m.Seq >= int64(len(r.events)) {
							return all.String()
						}
					}
				}
			}
		}
	}
	r.scan(h.codes[0], "a-202", custody.Context{})
	r.act(h.codes[1], "amend", url.Values{"subject": {"Zarghoon canary, phase 3"}, "reason": {"canary"}})
	r.act(h.codes[1], "close", url.Values{"reason": {"canary"}})
	r.scan(fence, "a-303", custody.Context{})
	for l, text := range texts {
		if leaks := h.tells(strings.ReplaceAll(text(), "q=canary", "")); len(leaks) > 0 {
			t.Errorf("%s, who watches %s, is told %q", l.role, l.scope, leaks)
		}
	}
}
