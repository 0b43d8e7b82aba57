package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"harkara/internal/chromium"
	"harkara/internal/custody"
	"harkara/internal/demo"
	"harkara/internal/label"
	"harkara/web"
	"harkara/workflows"
)

// page reads a page or an answer of the office.
func (h *hired) page(url string) string {
	h.t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		h.t.Fatalf("%s: %s, %v", url, resp.Status, err)
	}
	return string(text)
}

// command runs the program's own command line, and returns what it says.
func command(t *testing.T, want int, args ...string) string {
	t.Helper()
	var out, errOut bytes.Buffer
	if got := run(t.Context(), args, strings.NewReader(""), &out, &errOut); got != want {
		t.Errorf("harkara %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), got, want, &out, &errOut)
	}
	return out.String() + errOut.String()
}

// A record that somebody spoiled cannot be decided about: the command is quarantined,
// shown, tried again, and set aside, by page and command line, with who and why.
func TestStuckCommandIsFreed(t *testing.T) {
	h := hire(t, workflows.Files{Rules: custody.Today})
	base := h.shown()
	db, err := pgx.Connect(t.Context(), h.o.Engine.OwnerURL())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close(context.WithoutCancel(t.Context()))
	code := h.open("stuck/1")
	spoil := func() { // and again: mend
		t.Helper()
		if _, err := db.Exec(t.Context(), `UPDATE files SET hash = reverse(hash) WHERE code = $1`, string(code)); err != nil {
			t.Fatal(err)
		}
	}
	stick := func() string {
		t.Helper()
		c := newCommand(custody.Scan, code, in("a-102"))
		if _, err := h.o.Ledger.Put(t.Context(), []custody.Command{c}); err != nil {
			t.Fatal(err)
		}
		h.met(func() bool {
			row, err := h.o.Ledger.File(t.Context(), code)
			return err == nil && row.Quarantined
		})
		return string(c.ID)
	}
	list := func(want int) string { return command(t, want, "quarantine", "list", "--server", base) }
	if text := list(exitOK); !strings.Contains(text, "every stored command is decided") {
		t.Error(text)
	}

	spoil()
	first := stick()
	if text := h.page(base + "/attention"); !strings.Contains(text, "stuck/1") || !strings.Contains(text, "do not agree") || !strings.Contains(text, first) {
		t.Error("the page does not show it")
	}
	h.met(func() bool { return strings.Contains(h.page(base+"/"), `<b class="badge stuck">1<`) })
	if text := h.page(base + "/files/" + string(code)); !strings.Contains(text, "needs an administrator") {
		t.Error("the file does not show it")
	}
	if text := list(exitFailed); !strings.Contains(text, first) || !strings.Contains(text, "stuck/1") || !strings.Contains(text, "diverged") {
		t.Error(text)
	}
	if text := command(t, exitFailed, "quarantine", "retry", first, "--reason", "too early", "--server", base); !strings.Contains(text, "administrator must look") {
		t.Error(text)
	}
	spoil()
	if text := command(t, exitOK, "quarantine", "retry", first, "--reason", "record mended", "--server", base); !strings.Contains(text, "Received") {
		t.Error(text)
	}
	if row, err := h.o.Ledger.File(t.Context(), code); err != nil || row.Position.Room != "a-102" {
		t.Errorf("%+v, %v", row, err)
	}

	spoil()
	second := stick()
	spoil()
	command(t, exitOK, "quarantine", "void", second, "--reason", "scanned by mistake; order 7", "--server", base)
	command(t, exitFailed, "quarantine", "void", second, "--reason", "again", "--server", base)
	list(exitOK)
	last := h.entries(code)
	words, err := h.o.Ledger.Words(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	said := words[custody.CommandID(second)]
	if e := last[len(last)-1]; e.Reason != custody.Voided || e.By != (custody.Actor{Person: "visitor"}) || said[custody.VoidReasonField].Text != "scanned by mistake; order 7" ||
		e.Words[custody.VoidReasonField] != said.Digests(e.Command)[custody.VoidReasonField] {
		t.Errorf("the chain does not say who voided it and why: %+v, %+v", e, said)
	}
	text := command(t, exitOK, "history", "--server", base)
	for _, want := range []string{"retry of command " + first + ": too early", "retry of command " + first + ": record mended", "void of command " + second + ": scanned by mistake; order 7", "office,"} {
		if !strings.Contains(text, want) {
			t.Errorf("the history does not say %q:\n%s", want, text)
		}
	}
	h.do(newCommand(custody.Close, code, ""))
	verified(t, h.o)
}

// A breach is told once to each whom the ladder names, and stands on the page of his
// room.
func TestBreachIsToldOnceAndShown(t *testing.T) {
	h := hire(t, workflows.Files{Rules: custody.Today})
	h.budgets(1)
	base := h.shown()
	code := h.open("told/1")
	sample := demo.Sample(1)
	var posts []custody.PostID
	for _, p := range sample.Posts {
		posts = append(posts, p.ID)
	}
	told := func() (keys []string, breach custody.Notice) {
		list, err := h.o.Ledger.Told(t.Context(), posts, 1000)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range list {
			if n.Notice.File == code {
				keys = append(keys, n.Notice.Key)
				if n.Notice.Percent >= 100 {
					breach = n.Notice
				}
			}
		}
		return keys, breach
	}
	h.met(func() bool { _, breach := told(); return breach.Key != "" })
	h.do(newCommand(custody.Close, code, ""))
	want := 0
	for _, e := range h.entries(code) {
		if e.Reason == custody.RungDue {
			want += len(e.Told)
		}
	}
	h.met(func() bool { keys, _ := told(); return len(keys) >= want })
	keys, breach := told()
	slices.Sort(keys)
	if len(slices.Compact(slices.Clone(keys))) != want || len(keys) != want {
		t.Errorf("%d notices of %d: %v", len(keys), want, keys)
	}
	at := slices.IndexFunc(sample.Desks, func(d custody.Desk) bool { return d.Post == breach.Post })
	if at < 0 {
		t.Fatalf("%s has no desk", breach.Post)
	}
	if text := h.page(base + "/rooms/" + string(sample.Desks[at].Room)); !strings.Contains(text, "told/1") || !strings.Contains(text, fmt.Sprintf("Reminder at %d %% of the time allowed", breach.Percent)) {
		t.Error("the room's page does not show what was told")
	}
	verified(t, h.o)
}

// On a server that people must sign in to, a station opens a file on an unassigned
// label with its own token, and goes on scanning.
func TestKioskRegistersALabel(t *testing.T) {
	h := hire(t, workflows.Files{Rules: custody.Today})
	base := h.served(web.Config{})
	token, err := h.o.Ledger.Enrol(t.Context(), in("a-103"))
	if err != nil {
		t.Fatal(err)
	}
	code, err := h.o.Ledger.Mint(t.Context(), label.File)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.ArtifactDir()
	k := chromium.Start(t)
	look := chromium.Look{Lang: "ur", Width: 1280, Scheme: "light"}
	k.See(look, base+"/kiosk")
	k.Until(`!document.getElementById("token").hidden`)
	chromium.Ask[bool](k, fmt.Sprintf(`(() => { const f = document.getElementById("token"); f.elements[0].value = %q; f.requestSubmit(); return true; })()`, token))
	k.Until(`document.body.dataset.ready === "yes" && document.getElementById("room").textContent.includes("103")`)
	wedge(k, code)
	answered(k, "soft", code)
	k.Until(`!document.getElementById("register").hidden`)
	k.Shot(folder, "kiosk-unassigned")
	chromium.Ask[bool](k, `(() => { document.getElementById("register").requestSubmit(); return true; })()`)
	k.Until(`document.querySelector("form.form input[name=code]")?.value === ` + fmt.Sprintf("%q", code.Format()))
	if got := chromium.Ask[string](k, `document.querySelector("form.form select[name=department]").value`); got != "fin" {
		t.Errorf("department %q", got)
	}
	k.Audit()
	k.Shot(folder, "kiosk-register")
	chromium.Ask[bool](k, `(() => { const f = document.querySelector("form.form"); f.elements.number.value = "SO(Kiosk) `+string(code)+`"; f.requestSubmit(); return true; })()`)
	k.Until(`location.pathname === "/kiosk" && document.getElementById("done")?.textContent.includes(` + fmt.Sprintf("%q", code.Format()) + `)`)
	k.Until(`document.body.dataset.ready === "yes"`)
	k.Shot(folder, "kiosk-registered")
	row, err := h.o.Ledger.File(t.Context(), code)
	if err != nil || row.Position.Room != "a-103" || row.File.Number != "SO(Kiosk) "+string(code) || row.Position.Known != custody.ByScan {
		t.Errorf("%+v, %v", row, err)
	}
	wedge(k, code)
	answered(k, "soft", code) // it is here already
	k.Quiet()
	h.do(newCommand(custody.Close, code, ""))
	verified(t, h.o)
}
