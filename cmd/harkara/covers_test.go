package main

import (
	"fmt"
	"image/png"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"harkara/internal/chromium"
	"harkara/internal/custody"
	"harkara/internal/label"
	"harkara/workflows"
)

// A torn cover is printed again on the file's page, an old code registered and scanned
// at a kiosk: in a browser, on the real engine.
func TestCoversInABrowser(t *testing.T) {
	for _, lang := range []string{"en", "ur"} {
		t.Run(lang, func(t *testing.T) {
			h := hire(t, workflows.Files{Rules: custody.Today})
			base, folder := h.shown(), t.ArtifactDir()
			look := chromium.Look{Lang: lang, Width: 1280, Scheme: "light"}
			code := h.open("SO(Cover) " + lang)
			old, nobodys := label.Code(map[string]string{"en": "201900123", "ur": "201900456"}[lang]), label.Code("777000777")
			page := base + "/files/" + string(code)
			desk := chromium.Start(t)
			beside := desk.Another()
			for _, b := range []*chromium.Tab{desk, beside} {
				b.See(look, page)
				b.Until(`document.getElementById("live").dataset.state === "on" && !!document.querySelector("#cover img")`)
			}

			submit := func(act, fields string) (done url.Values) {
				t.Helper()
				chromium.Ask[bool](desk, fmt.Sprintf(`(() => { const f = document.querySelector('form[action$="/%s"]'); %s; f.requestSubmit(); return true; })()`, act, fields))
				desk.Until(`location.search.includes("done=")`)
				desk.Loaded()
				done, err := url.ParseQuery(strings.TrimPrefix(chromium.Ask[string](desk, "location.search"), "?"))
				if err != nil {
					t.Fatal(err)
				}
				return done
			}
			if done := submit("alias", fmt.Sprintf(`f.elements.cover.value = %q`, old)); done.Get("done") != string(custody.Aliased) {
				t.Error(done)
			}
			beside.Until(fmt.Sprintf(`document.querySelector("#acts select[name=cover]")?.value === %q`, old)) // a frame that both get
			form := `document.querySelector('form[action$="/unalias"]').elements.id.value`
			if one, two := chromium.Ask[string](desk, form), chromium.Ask[string](beside, form); one == two || !chromium.Ask[bool](beside, `/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(`+form+`)`) {
				t.Errorf("ids %q and %q", one, two)
			}

			kiosk := desk.Another()
			kiosk.See(look, base+"/kiosk?station=st-a-102")
			kiosk.Until(`!document.getElementById("work").hidden`)
			shown := func(text label.Code) { // no burst: a digit lost on a busy machine makes another foreign code
				t.Helper()
				kiosk.Do(chromedp.SetUploadFiles(chromedp.CSS("#photo"), []string{labelled(t, text)}))
			}
			shown(old)
			answered(kiosk, "up", old)
			desk.See(look, page)
			desk.Until(`!document.querySelector("#cover img, #cover .button")`)
			beside.Until(`!document.querySelector("#cover img, #cover .button")`) // by itself
			desk.Shot(folder, lang+"-moved")

			if done := submit("reprint", `f.elements.reason.value = "torn"`); done.Get("done") != string(custody.Relabelled) {
				t.Error(done)
			}
			desk.Until(`document.querySelector("#cover.fresh img")?.naturalWidth > 0`)
			desk.Shot(folder, lang+"-relabelled")
			row, err := h.o.Ledger.File(t.Context(), code)
			if err != nil || row.Position.Cover == "" {
				t.Fatal(row, err)
			}
			if digits := chromium.Ask[string](desk, `document.querySelector("#cover .digits").textContent.replace(/\D/g, "")`); digits != string(row.Position.Cover) {
				t.Errorf("the page shows %s, the cover is %s", digits, row.Position.Cover)
			}
			for _, no := range []label.Code{old, code, nobodys} {
				shown(no)
				answered(kiosk, "down", no)
			}
			kiosk.Shot(folder, lang+"-kiosk-nobodys")
			if out := h.do(newCommand(custody.Scan, row.Position.Cover, in("a-103"))); out.Verdict != custody.Accepted || !out.Position.Moved {
				t.Errorf("the new cover: %s", out.Reason)
			}
			beside.Until(`!document.querySelector("#cover img")`)

			if done := submit("unalias", `f.elements.reason.value = "another file's"`); done.Get("done") != string(custody.Unaliased) {
				t.Error(done)
			}
			for _, b := range []*chromium.Tab{desk, beside, kiosk} {
				b.Quiet()
			}
			h.do(newCommand(custody.Close, code, ""))
			verified(t, h.o)
		})
	}
}

// labelled is a photograph of a label that says a text.
func labelled(t *testing.T, text label.Code) (path string) {
	t.Helper()
	matrix, err := qrcode.NewQRCodeWriter().Encode(string(text), gozxing.BarcodeFormat_QR_CODE, 300, 300, nil)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), string(text)+".png")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, matrix); err != nil {
		t.Fatal(err)
	}
	return path
}
