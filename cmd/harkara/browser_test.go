package main

import (
	"context"
	"encoding/json"
	"fmt"
	"image/png"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"harkara/internal/chromium"
	"harkara/internal/custody"
	"harkara/internal/demo"
	"harkara/internal/label"
	"harkara/internal/paper"
	"harkara/scanner/decode"
	"harkara/web"
	"harkara/workflows"
)

// shown serves the shared office's pages as the demonstration does.
func (h *hired) shown() (base string) {
	h.t.Helper()
	tokens := map[custody.StationID]string{}
	for _, s := range demo.Sample(1).Stations {
		token, err := h.o.Ledger.Enrol(h.t.Context(), s.ID)
		if err != nil {
			h.t.Fatal(err)
		}
		tokens[s.ID] = token
	}
	return h.served(web.Config{Open: true, StationToken: func(s custody.StationID) string { return tokens[s] }})
}

// served serves the shared office's pages.
func (h *hired) served(cfg web.Config) (base string) {
	h.t.Helper()
	ctx, stop := context.WithCancel(h.t.Context())
	at, done := make(chan string, 1), make(chan error, 1)
	go func() { done <- h.o.Pages(ctx, "127.0.0.1:0", cfg, func(a string) { at <- a }) }()
	h.t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			h.t.Error(err)
		}
	})
	select {
	case a := <-at:
		return "http://" + a
	case err := <-done:
		done <- err
		h.t.Fatal(err)
	}
	return ""
}

// budgets sets the sample's unit of time for one test.
func (h *hired) budgets(scale custody.Seconds) {
	h.t.Helper()
	set := func(scale custody.Seconds) {
		if err := h.o.Ledger.SetOffice(context.WithoutCancel(h.t.Context()), demo.Sample(scale), "test", "budgets"); err != nil {
			h.t.Fatal(err)
		}
	}
	set(scale)
	h.t.Cleanup(func() { set(3600) })
}

// wedge types a burst as a keyboard-wedge scanner does. It is made inside the page: a
// busy machine that hands over keys one by one is slower than any scanner.
func wedge(b *chromium.Tab, code label.Code) {
	b.T.Helper()
	chromium.Ask[bool](b, fmt.Sprintf(`[..."%s\r"].every((c) => {
		const key = c === "\r" ? { code: "Enter", key: "Enter" } : { code: "Digit" + c, key: c };
		for (const type of ["keydown", "keyup"]) (document.activeElement || document.body).dispatchEvent(new KeyboardEvent(type, { ...key, bubbles: true, cancelable: true }));
		return true;
	})`, code))
}

// answered waits for a kiosk's answer to a code.
func answered(b *chromium.Tab, look string, code label.Code) {
	b.T.Helper()
	b.Until(fmt.Sprintf(`document.querySelector("#answer.%s #digits")?.textContent.replaceAll(" ", "") === %q`, look, code))
}

// A file is opened, its cover printed, read back and scanned at three kiosks in
// three ways, while a board beside them moves; then its deadline passes.
func TestOfficeInABrowser(t *testing.T) {
	for _, tt := range []struct{ lang, number, subject string }{
		{"en", "SO(Dev) 3-9/2026", "Water supply scheme Mastung"},
		{"ur", "ایف 17-3/2026", "سول ہسپتال کوئٹہ کی چھت کی مرمت"},
	} {
		t.Run(tt.lang, func(t *testing.T) {
			h := hire(t, workflows.Files{Rules: custody.Today})
			h.budgets(3)
			base := h.shown()
			folder := t.ArtifactDir()
			look := chromium.Look{Lang: tt.lang, Width: 1280, Scheme: "light"}
			desk := chromium.Start(t)
			board := desk.Another()
			board.See(look, base+"/")
			board.Until(`document.getElementById("live").dataset.state === "on"`)

			desk.See(look, base+"/open")
			chromium.Ask[bool](desk, fmt.Sprintf(`(() => {
				const f = document.querySelector("form.form");
				f.elements.number.value = %q; f.elements.subject.value = %q;
				f.elements.department.value = "fin"; f.elements.desk.value = "fin-ri"; f.elements.route.value = "fin-ordinary";
				f.requestSubmit();
				return true;
			})()`, tt.number, tt.subject))
			desk.Until(`/^\/files\/\d{14}$/.test(location.pathname)`)
			code := label.Code(strings.TrimPrefix(chromium.Ask[string](desk, "location.pathname"), "/files/"))
			desk.Shot(folder, tt.lang+"-opened")
			on := func(what string) string { return fmt.Sprintf(`document.getElementById("f%s")?.%s`, code, what) }
			board.Until(on(`textContent.includes("101")`))

			photo := h.printed(base, code, tt.number)

			first := desk.Another()
			first.See(look, base+"/kiosk?station=st-a-102")
			first.Until(`!document.getElementById("work").hidden`)
			wedge(first, code)
			answered(first, "up", code)
			first.Shot(folder, tt.lang+"-kiosk-wedge")
			board.Until(on(`textContent.includes("102")`))

			second := desk.Another()
			second.See(look, base+"/kiosk?station=st-a-104")
			second.Until(`!document.getElementById("work").hidden`)
			second.Do(chromedp.SetUploadFiles(chromedp.CSS("#photo"), []string{photo}))
			answered(second, "up", code)
			board.Until(on(`textContent.includes("104")`))
			wedge(second, label.Onward) // the file was read just before: it goes to its next stop
			second.Until(`document.querySelectorAll("#recent li").length === 2`)
			answered(second, "up", code)
			second.Shot(folder, tt.lang+"-kiosk-onward")
			board.Until(on(`textContent.includes("105")`))

			third := desk.Another()
			third.See(look, base+"/kiosk?station=st-a-105")
			third.Until(fmt.Sprintf(`document.getElementById("expected").textContent.replace(/[\u2066-\u2069]/g, "").includes(%q)`, tt.number))
			chromium.Ask[bool](third, fmt.Sprintf(`(() => { const f = document.getElementById("typed"); f.elements.code.value = %q; f.requestSubmit(); return true; })()`, code.Format()))
			answered(third, "up", code)
			third.Shot(folder, tt.lang+"-kiosk-typed")

			wedge(third, label.New(label.File, 5)) // nobody's
			answered(third, "down", label.New(label.File, 5))

			board.Until(on(`classList.contains("late")`))
			board.Shot(folder, tt.lang+"-board")
			desk.See(look, base+"/files/"+string(code))
			desk.Until(`document.querySelectorAll(".timeline li.rung").length >= 2`)
			desk.Until(`!!document.querySelector(".verdict.good")`)
			desk.Shot(folder, tt.lang+"-file")
			desk.See(chromium.Look{Lang: tt.lang, Width: 360, Scheme: "dark"}, base+"/")
			desk.Shot(folder, tt.lang+"-board-narrow")
			if tt.lang == "en" {
				sameGesture(t, third)
			}
			for _, b := range []*chromium.Tab{desk, board, first, second, third} {
				b.Quiet()
			}
			h.do(newCommand(custody.Close, code, ""))
			verified(t, h.o)
		})
	}
}

// printed takes a file's cover from its page and keeps it as a photograph.
func (h *hired) printed(base string, code label.Code, number string) (path string) {
	h.t.Helper()
	resp, err := http.Get(base + "/files/" + string(code) + "/cover.png")
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	img, err := png.Decode(resp.Body)
	if err != nil {
		h.t.Fatalf("%s: %v", resp.Status, err)
	}
	read := decode.New().Decode(decode.FromImage(img), decode.Options{Effort: decode.Full, All: true, Budget: chromium.Patience}).Symbols
	if formats := len(read); formats < 2 || slices.ContainsFunc(read, func(s decode.Symbol) bool { return s.Text != string(code) }) {
		h.t.Errorf("read back from the cover of %s: %+v", number, read)
	}
	taken, err := paper.Cover{Code: code, Number: number}.Image(110)
	if err != nil {
		h.t.Fatal(err)
	}
	path = filepath.Join(h.t.TempDir(), "photo.png")
	f, err := os.Create(path)
	if err != nil {
		h.t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, taken); err != nil {
		h.t.Fatal(err)
	}
	return path
}

// sameGesture runs the table of scanner/gesture through the browser's reducer.
func sameGesture(t *testing.T, b *chromium.Tab) {
	t.Helper()
	table, err := os.ReadFile("../../scanner/gesture/testdata/table.json")
	if err != nil {
		t.Fatal(err)
	}
	cards, err := json.Marshal(label.Gestures)
	if err != nil {
		t.Fatal(err)
	}
	wrong := chromium.Ask[[]string](b, fmt.Sprintf(`(async () => {
		const { step } = await import(performance.getEntriesByType("resource").find((e) => /\/gesture\.[0-9a-f]+\.js$/.test(e.name)).name);
		const cards = %s, wrong = [];
		for (const row of %s) {
			let state = {};
			row.steps.forEach((s, i) => {
				const got = step(JSON.parse(JSON.stringify(state)), { id: String(i + 1), text: s.text, method: s.method || "wedge", at: s.at, boot: s.boot || "" }, cards);
				state = got.state;
				const sorted = (c) => JSON.stringify(c, Object.keys(c).concat(Object.keys(c.with || {})).sort());
				if (got.says !== s.says || got.commands.map(sorted).join() !== s.gives.map(sorted).join())
					wrong.push(row.name + ": step " + (i + 1) + " says " + got.says + " and gives " + JSON.stringify(got.commands));
			});
		}
		return wrong;
	})()`, cards, table))
	for _, w := range wrong {
		t.Error(w)
	}
}
