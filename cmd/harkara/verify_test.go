package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"harkara/internal/audit"
	"harkara/internal/custody"
	"harkara/internal/demo"
	"harkara/internal/engine/postgres"
	"harkara/internal/label"
	"harkara/web"
	"harkara/web/lang"
	"harkara/workflows"
)

// edit is something that a saboteur does to one file, or to two, with the database in his
// hands. $1 is the file's code, $2 the other's.
type edit struct {
	name  string
	life  string // of the file; empty: held
	do    []string
	craft func(*hired, label.Code) []string // what is made of its chain
	found audit.Kind                        // by a superuser whom neither grants nor triggers hold
	role  audit.Kind                        // as the program itself; empty: it is refused
	other audit.Kind                        // of the second file
}

const (
	refused = audit.Kind("")
	onRoute = `(SELECT body::jsonb->'route'->>'digest' FROM entries WHERE code = $1 AND revision = 1)`
	setBack = `
WITH past AS (SELECT code, outcome->'position' AS position FROM inbox WHERE code = $1 AND seq = 2),
    woken AS (UPDATE queues q SET wake = (past.position->>'wake')::timestamptz FROM past WHERE q.code = past.code)
UPDATE files SET revision = 2, seq = 2, hash = (SELECT hash FROM entries e WHERE e.code = files.code AND e.revision = 2), position = past.position
FROM past WHERE files.code = past.code`
	anotherPlace = `UPDATE files SET position = position || '{"%s": %s}' WHERE code = $1`
)

// A saboteur's afternoon. A whole history that is written again at every place is not in
// it.
var afternoon = []edit{
	{name: "an entry is edited", do: []string{`UPDATE entries SET body = replace(body, 'st-a-102', 'st-a-103') WHERE code = $1 AND revision = 2`}, found: audit.Broken},
	{name: "an entry is edited and sealed anew", craft: func(h *hired, c label.Code) []string { return h.forged(c, 2, 2) }, found: audit.Broken},
	{name: "the last entry is edited and sealed anew", craft: func(h *hired, c label.Code) []string { return h.forged(c, 3, 3) }, found: audit.Head},
	{name: "the chain is sealed anew and the registry with it", craft: func(h *hired, c label.Code) []string { return h.forged(c, 2, 0) }, found: audit.Sealed},
	{name: "a closed file is sealed anew with its snapshot", life: "closed", craft: func(h *hired, c label.Code) []string { return h.forged(c, 2, 0) }, found: audit.Sealed},
	{name: "an entry is invented", craft: (*hired).invented, found: audit.Answer, role: audit.Answer},
	{name: "the last entry is deleted", do: []string{`DELETE FROM entries WHERE code = $1 AND revision = 3`}, found: audit.Head},
	{name: "the last entry is deleted and the registry set back", do: []string{`DELETE FROM entries WHERE code = $1 AND revision = 3`, setBack}, found: audit.Answer},
	{name: "the last act is deleted everywhere", do: []string{
		`DELETE FROM entries WHERE code = $1 AND revision = 3`, setBack, `DELETE FROM inbox WHERE code = $1 AND seq = 3`, `UPDATE queues SET last = 2, done = 2 WHERE code = $1`,
		`DELETE FROM feed WHERE seq = (SELECT max(seq) FROM feed WHERE code = $1)`,
	}, found: audit.Workflow},
	{name: "entries are reordered", do: []string{
		`UPDATE entries SET revision = revision + 100 WHERE code = $1 AND revision IN (2, 3)`, `UPDATE entries SET revision = 105 - revision WHERE code = $1 AND revision > 100`,
	}, found: audit.Broken},
	{name: "when it was recorded is edited beside the entry", do: []string{`UPDATE entries SET recorded_at = recorded_at - interval '1 day' WHERE code = $1 AND revision = 2`}, found: audit.Column},
	{name: "when it happened is edited beside the entry", do: []string{`UPDATE entries SET happened_at = happened_at - interval '1 day' WHERE code = $1 AND revision = 3`}, found: audit.Column},
	{name: "the hash beside the entry is edited", do: []string{`UPDATE entries SET hash = reverse(hash) WHERE code = $1 AND revision = 1`}, found: audit.Column},

	{name: "a file is deleted", do: []string{
		`DELETE FROM entries WHERE code = $1`, `DELETE FROM feed WHERE code = $1`, `DELETE FROM numbers WHERE file = $1`, `DELETE FROM files WHERE code = $1`,
	}, found: audit.Unregistered},
	{name: "a file is deleted from the registry", do: []string{`DELETE FROM files WHERE code = $1`}, found: audit.Unregistered},
	{name: "a file is deleted everywhere", do: []string{
		`DELETE FROM entries WHERE code = $1`, `DELETE FROM feed WHERE code = $1`, `DELETE FROM numbers WHERE file = $1`, `DELETE FROM files WHERE code = $1`,
		`DELETE FROM inbox WHERE code = $1`, `DELETE FROM queues WHERE code = $1`,
	}, found: audit.Stray},
	{name: "a queue is deleted", do: []string{`DELETE FROM queues WHERE code = $1`}, found: audit.Unqueued},
	{name: "a queue has a gap", do: []string{`UPDATE queues SET last = last + 1 WHERE code = $1`}, found: audit.Turn, role: audit.Turn},

	{name: "an applied command is deleted", do: []string{`DELETE FROM inbox WHERE code = $1 AND seq = 2`}, found: audit.Command},
	{name: "a command is altered", do: []string{`UPDATE inbox SET body = replace(body, '"method":"qr"', '"method":"wedge"') WHERE code = $1 AND seq = 2`}, found: audit.Command},
	{name: "when a command came is altered", do: []string{`UPDATE inbox SET received_at = received_at - interval '1 hour' WHERE code = $1 AND seq = 2`}, found: audit.Command},
	{name: "commands change their turns", do: []string{
		`UPDATE inbox SET seq = seq + 100 WHERE code = $1 AND seq IN (2, 3)`, `UPDATE inbox SET seq = 105 - seq WHERE code = $1 AND seq > 100`,
	}, found: audit.Command},
	{name: "an answer is altered", do: []string{`UPDATE inbox SET outcome = jsonb_set(outcome, '{position,desk}', '"fin-sec"') WHERE code = $1 AND seq = 2`}, found: audit.Answer},
	{name: "a refusal is taken off the list", life: "refused", do: []string{`DELETE FROM refusals WHERE command IN (SELECT id FROM inbox WHERE code = $1)`}, found: audit.Refusal},

	{name: "words are deleted", do: []string{`UPDATE inbox SET texts = NULL, salts = NULL WHERE code = $1 AND seq = 1`}, found: audit.Word},
	{name: "salts are swapped", do: []string{
		`UPDATE inbox SET salts = jsonb_build_object('number', salts->'subject', 'subject', salts->'number') WHERE code = $1 AND seq = 1`,
	}, found: audit.Word},
	{name: "a number is changed everywhere but in the chain", do: []string{
		`UPDATE inbox SET texts = texts || '{"number": "other/1"}' WHERE code = $1 AND seq = 1`, `UPDATE files SET number = 'other/1' WHERE code = $1`,
	}, found: audit.Word},
	{name: "numbers are swapped", do: []string{`UPDATE files f SET number = o.number FROM files o WHERE (f.code, o.code) IN (($1, $2), ($2, $1))`}, found: audit.Name, role: audit.Name, other: audit.Name},
	{name: "a subject is changed", do: []string{`UPDATE files SET subject = 'another' WHERE code = $1`}, found: audit.Name, role: audit.Name},
	{name: "a file is not found by its number", do: []string{`DELETE FROM numbers WHERE file = $1`}, found: audit.Number, role: audit.Number},

	{name: "a department is changed", do: []string{`UPDATE files SET department = 'hea' WHERE code = $1`}, found: audit.Registry, role: audit.Registry},
	{name: "a file is made secret", do: []string{`UPDATE files SET class = 'secret' WHERE code = $1`}, found: audit.Registry, role: audit.Registry},
	{name: "a desk is changed", do: []string{fmt.Sprintf(anotherPlace, "desk", `"fin-sec"`)}, found: audit.Position, role: audit.Position},
	{name: "a deadline is changed", do: []string{fmt.Sprintf(anotherPlace, "deadline", `"2031-01-01T00:00:00Z"`)}, found: audit.Position, role: audit.Position},
	{name: "a file is never woken", do: []string{`UPDATE queues SET wake = NULL WHERE code = $1`}, found: audit.Position, role: audit.Position},
	{name: "a closed file's room is changed", life: "closed", do: []string{fmt.Sprintf(anotherPlace, "room", `"b-rec"`)}, found: audit.Position, role: audit.Position},
	{name: "a closed file's snapshot is changed", life: "closed", do: []string{`UPDATE files SET final = jsonb_set(final, '{leg,place,desk}', '"fin-sec"') WHERE code = $1`}, found: audit.Final, role: audit.Final},
	{name: "a closed file is open", life: "closed", do: []string{`UPDATE files SET final = NULL WHERE code = $1`}, found: audit.Final, role: audit.Final},

	{name: "a notice is deleted", life: "told", do: []string{`DELETE FROM notices WHERE code = $1 AND body->>'channel' = 'screen' AND body->>'percent' = '150'`}, found: audit.Untold},
	{name: "a notice is invented", life: "told", do: []string{
		`INSERT INTO notices (key, code, body, state) SELECT key || '-2', code, body || jsonb_build_object('key', key || '-2'), 'delivered' FROM notices WHERE code = $1 AND body->>'channel' = 'mail'`,
	}, found: audit.Invented, role: audit.Invented},
	{name: "a notice is to somebody else", life: "told", do: []string{`UPDATE notices SET body = body || '{"officer": "of-cs-0"}' WHERE code = $1 AND body->>'channel' = 'mail'`}, found: audit.Notice, role: audit.Notice},
	{name: "a delivery is forged", life: "told", do: []string{`UPDATE notices SET state = 'delivered', changed_at = now() WHERE code = $1 AND body->>'channel' = 'mail'`}, found: audit.Delivery, role: audit.Delivery},

	{name: "a cover leads elsewhere", life: "covered", do: []string{`UPDATE covers SET file = $2 WHERE file = $1`}, found: audit.Cover, other: audit.Cover},
	{name: "a cover leads nowhere", life: "covered", do: []string{`DELETE FROM covers WHERE file = $1`}, found: audit.Cover, role: audit.Cover},
	{name: "the feed forgets", do: []string{`DELETE FROM feed WHERE code = $1 AND reason = 'opened'`}, found: audit.Feed},
	{name: "the feed says otherwise", do: []string{`UPDATE feed SET reason = 'sent' WHERE seq = (SELECT max(seq) FROM feed WHERE code = $1)`}, found: audit.Feed},
	{name: "a route is what it never was", life: "routed", do: []string{
		`ALTER TABLE contents DROP CONSTRAINT IF EXISTS contents_check`, `UPDATE contents SET body = replace(body, 'budget', 'budgets') WHERE digest = ` + onRoute,
	}, found: audit.Content},
}

// Whoever can write to the database, past its guards or as the program itself, is found
// out: each edit is named by verification, and by the file's page in the same words, and
// nothing else is. What the program's role is refused is an answer too.
func TestASaboteursAfternoonIsFound(t *testing.T) {
	a := setApart(t)
	h := a.hire()
	mailing := demo.Sample(3600)
	mailing.Policy.Transit = 4 // its rungs within eight seconds
	mailing.Ladders[0].Rungs[0].Channel = "mail"
	if err := h.o.Ledger.SetOffice(t.Context(), mailing, "test", "rungs that fail"); err != nil {
		t.Fatal(err)
	}
	base, token := h.served(web.Config{Open: true}), administers(t, h.o)
	owner, program := connected(t, a.databases(postgres.Admin)), connected(t, a.databases(postgres.App))
	a.saboteur(owner)

	type victim struct {
		edit
		code, other label.Code
		conn        *pgx.Conn
		want        audit.Kind
		found       string // what verification says
	}
	var victims []*victim
	for _, e := range afternoon { // those that are told of run their time meanwhile
		victims = append(victims, &victim{edit: e, conn: owner, want: e.found}, &victim{edit: e, conn: program, want: e.role})
	}
	slices.SortStableFunc(victims, func(a, b *victim) int { return strings.Compare(b.life, a.life) })
	for i, v := range victims {
		v.code = h.lived(v.life, fmt.Sprintf("%s/%d", v.name, i))
		if v.edit.other != "" {
			v.other = h.lived("", fmt.Sprintf("%s/%d/other", v.name, i))
		}
	}
	for _, v := range victims {
		if v.life == "told" {
			h.toldOf(v.code)
		}
	}
	whole := h.lived("", "whole")
	gone := h.lived("", "its workflow is gone")
	verify := append([]string{"verify"}, a.flags()...)
	if code, out := harkara(t, verify...); code != exitOK || !strings.Contains(out, "every chain is whole") {
		t.Fatalf("before: %d\n%s", code, out)
	}
	if page, _ := h.text(base, token, whole); !strings.Contains(page, "The chain is whole") {
		t.Errorf("the page of a whole file: %s", page)
	}

	blame := map[string]*victim{}
	for _, v := range victims {
		statements := v.do
		if v.craft != nil {
			statements = v.craft(h, v.code)
		}
		if err := sabotage(t.Context(), v.conn, statements, v.code, v.other); v.want == refused {
			if state := stateOf(err); state != "42501" {
				t.Errorf("%s, as the program: %v", v.name, err)
			}
			continue
		} else if err != nil {
			t.Fatalf("%s: %v", v.name, err)
		}
		blame[v.code.Format()] = v
		if v.other != "" {
			blame[v.other.Format()] = &victim{edit: v.edit, code: v.other, want: v.edit.other}
		}
	}
	if err := h.o.Engine.Temporal().TerminateWorkflow(t.Context(), workflows.FileID(gone), "", "test"); err != nil {
		t.Fatal(err)
	}
	blame[gone.Format()] = &victim{edit: edit{name: "a workflow is terminated"}, code: gone, want: audit.Homeless}
	if err := sabotage(t.Context(), owner, []string{`UPDATE reference SET valid_from = valid_from - interval '30 days' WHERE revision = 2 AND kind = 'ladder'`}, "", ""); err != nil {
		t.Fatal(err)
	}

	code, out := harkara(t, verify...)
	if code != exitFailed {
		t.Errorf("exit code %d", code)
	}
	house := map[string]bool{}
	for line := range strings.Lines(out) {
		rest, problem := strings.CutPrefix(strings.TrimSpace(line), "✗ ")
		if !problem {
			continue
		}
		of, says, _ := strings.Cut(rest, ": ")
		if of == "the office" {
			what, _, _ := strings.Cut(says, ": ")
			house[what] = true
			continue
		}
		v := blame[strings.TrimPrefix(of, "file ")]
		if v == nil {
			t.Errorf("blamed for nothing: %s", rest)
			continue
		}
		v.found = says
	}
	for _, v := range blame {
		what := lang.English.Text("finding." + string(v.want))
		rest, ok := strings.CutPrefix(v.found, what+": ")
		if !ok {
			t.Errorf("%s, %s: verification says %q, want %s", v.name, v.life, v.found, what)
			continue
		}
		place, values, _ := strings.Cut(rest, ": ")
		if page, _ := h.text(base, token, v.code); !strings.Contains(page, strings.TrimSpace(what+": "+place+" "+values)) {
			t.Errorf("%s: verification says %q, the page %s", v.name, v.found, page)
		}
	}
	for _, kind := range []audit.Kind{audit.Reference, audit.Gap, audit.Sum} {
		if !house[lang.English.Text("finding."+string(kind))] {
			t.Errorf("%s is not found", kind)
		}
	}
	if page, status := h.text(base, token, whole); status != http.StatusOK || !strings.Contains(page, "The chain is whole") {
		t.Errorf("the page of a whole file, in the end: %s", page)
	}
}

// saboteur lets a superuser past every trigger and reference.
func (a *apart) saboteur(conn *pgx.Conn) {
	a.t.Helper()
	if _, err := conn.Exec(a.t.Context(), `SET session_replication_role = replica`); err != nil {
		a.t.Fatal(err)
	}
}

// sabotage runs statements in one transaction; each touches something.
func sabotage(ctx context.Context, conn *pgx.Conn, statements []string, code, other label.Code) error {
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		for _, s := range statements {
			var args []any
			for i, c := range []label.Code{code, other} {
				if strings.Contains(s, fmt.Sprintf("$%d", i+1)) {
					args = append(args, c)
				}
			}
			tag, err := tx.Exec(ctx, s, args...)
			if err != nil {
				return fmt.Errorf("%s: %w", s, err)
			}
			if tag.RowsAffected() == 0 && !strings.HasPrefix(s, "ALTER") {
				return fmt.Errorf("%s: nothing is there", s)
			}
		}
		return nil
	})
}

func stateOf(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code
	}
	return ""
}

// routes are other departments', each for one file.
var routes = []custody.RouteID{"hea-money", "edu-money"}

// lived opens a file and gives it a life of three entries and more.
func (h *hired) lived(life, number string) label.Code {
	h.t.Helper()
	code, err := h.o.Ledger.Mint(h.t.Context(), label.File)
	if err != nil {
		h.t.Fatal(err)
	}
	c := newCommand(custody.Open, code, "")
	begun := custody.Opening{Number: number, Subject: "about " + life, Department: "fin", Desk: "fin-ri", Route: "fin-ordinary"}
	if life == "routed" {
		begun.Route, routes = routes[0], append(routes[1:], routes[0])
	}
	c.With = begun
	h.do(c)
	if life == "told" {
		sent := newCommand(custody.Scan, code, in("a-101"))
		sent.With = custody.Context{Onward: true}
		h.do(sent)
		return code
	}
	h.do(newCommand(custody.Scan, code, in("a-102")))
	h.do(newCommand(custody.Scan, code, in("a-103")))
	switch life {
	case "closed":
		h.do(newCommand(custody.Close, code, ""))
	case "refused":
		h.do(newCommand(custody.Reopen, code, ""))
	case "covered":
		alias := newCommand(custody.Alias, code, "")
		alias.With = custody.Aliasing{Cover: label.Code("OLD-" + string(code[3:10]))}
		h.do(alias)
	}
	return code
}

// toldOf waits until every rung of a transit was told, and what left the house came back
// undelivered. Then the file is received.
func (h *hired) toldOf(code label.Code) {
	h.t.Helper()
	h.met(func() bool {
		ev, err := h.o.Ledger.EvidenceOf(h.t.Context(), code)
		if err != nil {
			h.t.Fatal(err)
		}
		n := 0
		for _, notice := range ev.Notices {
			if notice.State == "delivered" || notice.State == "failed" {
				n++
			}
		}
		return n == len(ev.Notices) && len(ev.Entries) > 2 && strings.Contains(string(ev.Entries[len(ev.Entries)-1].Body), `"rung":200`)
	})
	h.do(newCommand(custody.Scan, code, in("a-102")))
}

// sealed gives a text that is to be an entry its hash.
func sealed(body string) (entry, hash string) {
	open, _, _ := strings.Cut(body, `,"hash":"`)
	hash = fmt.Sprintf("%x", sha256.Sum256([]byte(open+"}")))
	return open + `,"hash":"` + hash + `"}`, hash
}

func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// forged is what gives an entry another content and seals it and those behind it anew, up
// to one; 0: all, and the registry with them.
func (h *hired) forged(code label.Code, from, to int64) (statements []string) {
	h.t.Helper()
	entries := h.entries(code)
	before, after := entries[from-1].Prev, ""
	for _, e := range entries[from-1:] {
		if to > 0 && e.Revision > to {
			return statements
		}
		body := string(e.Bytes())
		if e.Revision == from {
			body = strings.Replace(body, `"method":"qr"`, `"method":"typed"`, 1)
		}
		if after != "" {
			body = strings.Replace(body, string(before), after, 1)
		}
		body, after = sealed(body)
		before = e.Hash
		statements = append(statements, fmt.Sprintf(`UPDATE entries SET body = %s, hash = '%s' WHERE code = $1 AND revision = %d`, quoted(body), after, e.Revision))
	}
	if to > 0 {
		return statements
	}
	return append(statements, fmt.Sprintf(`UPDATE files SET hash = '%s', final = jsonb_set(final, '{head,hash}', '"%s"') WHERE code = $1`, after, after))
}

// invented is what puts one entry more behind a chain, and the registry after it.
func (h *hired) invented(code label.Code) []string {
	h.t.Helper()
	entries := h.entries(code)
	last := entries[len(entries)-1]
	body := string(last.Bytes())
	body = strings.Replace(body, fmt.Sprintf(`"revision":%d,`, last.Revision), fmt.Sprintf(`"revision":%d,`, last.Revision+1), 1)
	body = strings.Replace(body, `"prev":"`+string(last.Prev), `"prev":"`+string(last.Hash), 1)
	body, hash := sealed(body)
	return []string{
		fmt.Sprintf(`INSERT INTO entries (code, revision, hash, happened_at, received_at, recorded_at, body)
			SELECT code, revision + 1, '%s', happened_at, received_at, recorded_at, %s FROM entries WHERE code = $1 AND revision = %d`, hash, quoted(body), last.Revision),
		fmt.Sprintf(`UPDATE files SET revision = revision + 1, hash = '%s', position = position || '{"revision": %d}' WHERE code = $1`, hash, last.Revision+1),
	}
}

var tags = regexp.MustCompile(`<[^>]*>`)

// text is what an administrator sees of a file's page, or of what stands for it.
func (h *hired) text(base, token string, code label.Code) (page string, status int) {
	h.t.Helper()
	req, err := http.NewRequestWithContext(h.t.Context(), http.MethodGet, base+"/files/"+string(code), nil)
	if err != nil {
		h.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(string(raw), ""))), " "), resp.StatusCode
}

// What needs the ledger alone works beside the program that runs the office; a second
// office on its folder is refused, and told whose it is.
func TestCommandsBesideARunningOffice(t *testing.T) {
	running(t)
	data := filepath.Join(shared.dir, "data")
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"office", "--data", data}, exitOK, `"Sample Secretariat"`},
		{[]string{"station", "token", "--data", data, string(in("a-101"))}, exitOK, ""},
		{[]string{"serve", "--data", data, "--addr", "127.0.0.1:0"}, exitFailed, fmt.Sprintf("in use by another harkara, process %d: stop that one first", os.Getpid())},
	} {
		if code, out := harkara(t, c.args...); code != c.code || !strings.Contains(out, c.says) {
			t.Errorf("%v: %d\n%s", c.args, code, out)
		}
	}
}
