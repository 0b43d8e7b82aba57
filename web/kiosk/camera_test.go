package kiosk

import (
	"fmt"
	"os"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"harkara/internal/chromium"
)

// Frames of every form that a camera may give, and wider than is sent: the luminance
// plane as it lies, cut to its centre, in memory that is used again; a canvas where
// there is none.
func TestGreyOfFrames(t *testing.T) {
	_, url := blank(t)
	b := chromium.Start(t)
	b.Do(chromedp.Navigate(url))
	for _, w := range chromium.Ask[[]string](b, `import("/test/grey.js").then((m) => m.frames())`) {
		t.Error(w)
	}
	got := chromium.Ask[string](b, `import("/test/grey.js").then((m) => m.changes())`)
	if want := "changed same same changed changed same changed"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	b.Quiet()
}

// frames are what the office's eye was shown, each by the grey of its first pixel.
type frames chan int

func (f frames) next(t *testing.T) int {
	t.Helper()
	select {
	case grey := <-f:
		return grey
	case <-time.After(chromium.Patience):
		t.Fatal("no frame came")
		return 0
	}
}

// held starts a kiosk whose camera the test holds in its hand. prepare runs in the
// page first; say answers frames.
func held(t *testing.T, prepare string, say func(grey int) any) (*counter, *chromium.Tab, frames) {
	t.Helper()
	c := serve(t, Page{Station: "st-a-102", Token: "token"})
	came := make(frames, 100)
	c.look = func(pixels []byte, _, _ int) any {
		came <- int(pixels[0])
		return say(int(pixels[0]))
	}
	fake, err := os.ReadFile("testdata/camera.js")
	if err != nil {
		t.Fatal(err)
	}
	b := chromium.Start(t)
	before(b, string(fake)+prepare)
	c.open(b)
	return c, b, came
}

func nothing(int) any { return map[string]string{"state": "nothing"} }

// wait waits for a script to be true that no change of the page announces.
func wait(b *chromium.Tab, what string) {
	b.T.Helper()
	chromium.Ask[bool](b, fmt.Sprintf(`new Promise((yes) => { const look = () => (%s) ? yes(true) : setTimeout(look, 5); look(); })`, what))
}

// deliver gives the page a frame, and waits until the page is done with it.
func deliver(b *chromium.Tab, grey int) {
	b.T.Helper()
	wait(b, `fake.deliver && fake.socket?.readyState === WebSocket.OPEN`)
	chromium.Ask[bool](b, fmt.Sprintf(`(fake.deliver(fake.frame(%d)), true)`, grey))
	wait(b, `fake.idle()`)
}

func click(b *chromium.Tab, id string) {
	b.T.Helper()
	b.Do(chromedp.Click(chromedp.CSS("#" + id)))
}

// in waits for the camera to be in a state, and for the page to show it.
func in(b *chromium.Tab, state, says string) {
	b.T.Helper()
	seen := fmt.Sprintf(`document.getElementById("camera").checkVisibility() === %t`, state == "on" || state == "away" || state == "muted")
	note := fmt.Sprintf(`document.getElementById("camera-note").checkVisibility() === %t && document.getElementById("camera-note").textContent.includes(%q)`, says != "", says)
	b.Until(fmt.Sprintf(`document.getElementById("camera").dataset.state === %q && %s && (%s)`, state, seen, map[bool]string{true: note, false: `!document.getElementById("camera-note").checkVisibility()`}[says != ""]))
}

// One frame is under way at a time, and others are let go; a still scene is sent again
// only when its heartbeat is due.
func TestOneFrameAtATime(t *testing.T) {
	answer := make(chan any)
	_, b, came := held(t, `; const began = performance.now(); window.clock = 0; performance.now = () => began + window.clock;`, func(int) any { return <-answer })
	click(b, "camera-start")
	in(b, "on", "")
	deliver(b, 100)
	deliver(b, 130) // while the first is under way
	deliver(b, 160)
	if grey := came.next(t); grey != 100 {
		t.Errorf("the first frame that came is %d", grey)
	}
	chromium.Ask[bool](b, `(fake.socket.addEventListener("message", () => { fake.answers = (fake.answers || 0) + 1; }), true)`)
	answer <- nothing(0)
	wait(b, `fake.answers === 1`)
	deliver(b, 100) // as before, and too soon
	chromium.Ask[bool](b, `(window.clock = 499, true)`)
	deliver(b, 101)
	chromium.Ask[bool](b, `(window.clock = 500, true)`)
	deliver(b, 102)
	if grey := came.next(t); grey != 102 {
		t.Errorf("the heartbeat is frame %d", grey)
	}
	answer <- nothing(0)
	wait(b, `fake.answers === 2`)
	deliver(b, 190) // changed: at once
	if grey := came.next(t); grey != 190 {
		t.Errorf("the change is frame %d", grey)
	}
	answer <- nothing(0)
	wait(b, `fake.answers === 3`)
	if n := len(came); n > 0 {
		t.Errorf("%d frames more", n)
	}
	b.Quiet()
}

// What a camera can be is said, and ends: allowed or not, there or not, playing or
// not, its cable pulled, nobody to read it.
func TestCameraStates(t *testing.T) {
	c, b, came := held(t, "", nothing)
	fails := func(name string) {
		t.Helper()
		chromium.Ask[bool](b, fmt.Sprintf(`(fake.fails = %q, true)`, name))
	}
	for _, tt := range []struct{ name, state, says string }{
		{"NotAllowedError", "blocked", "does not let"},
		{"NotFoundError", "none", "No camera"},
		{"OverconstrainedError", "none", "No camera"},
		{"NotReadableError", "lost", "NotReadableError"},
	} {
		fails(tt.name)
		click(b, "camera-start")
		in(b, tt.state, tt.says)
	}
	fails("")
	chromium.Ask[bool](b, `(fake.mute = true, true)`)
	click(b, "camera-start")
	in(b, "lost", "NotSupportedError")
	chromium.Ask[bool](b, `(fake.mute = false, true)`)

	click(b, "camera-start")
	in(b, "on", "")
	deliver(b, 100)
	came.next(t)
	if light := chromium.Ask[bool](b, `document.getElementById("torch").checkVisibility() || document.getElementById("which").checkVisibility()`); light {
		t.Error("a light, or a choice, that is not there")
	}
	chromium.Ask[bool](b, `(fake.track.dispatchEvent(new Event("ended")), true)`) // its cable is pulled
	in(b, "lost", "cable")
	asked := chromium.Ask[int](b, `fake.asked.length`)
	chromium.Ask[bool](b, `(navigator.mediaDevices.dispatchEvent(new Event("devicechange")), true)`) // and put back
	in(b, "on", "")
	if now := chromium.Ask[int](b, `fake.asked.length`); now != asked+1 {
		t.Errorf("asked for it %d times", now-asked)
	}

	c.set(func() { c.shut = true })
	chromium.Ask[bool](b, `(fake.socket.close(), true)`)
	in(b, "away", "does not answer")
	wait(b, `(window.refused = window.refused || fake.socket) !== fake.socket`) // it goes on trying
	in(b, "away", "does not answer")
	c.set(func() { c.shut = false })
	wait(b, `fake.socket.readyState === WebSocket.OPEN`)
	deliver(b, 150)
	came.next(t)
	in(b, "on", "")

	click(b, "camera-stop")
	in(b, "off", "")
	wait(b, `document.getElementById("camera").dataset.kept === "off"`)
	c.open(b)
	if on := chromium.Ask[int](b, `fake.asked.length`); on != 0 {
		t.Error("a camera that was stopped starts by itself")
	}
	b.Quiet()
}

// A light is switched on and off; another camera is chosen, and is the one after a
// reload.
func TestTorchAndChoice(t *testing.T) {
	c, b, _ := held(t, `; fake.torch = true; fake.cameras.push({ kind: "audioinput", deviceId: "ear", label: "Ear" }, { kind: "videoinput", deviceId: "door", label: "" });`, nothing)
	click(b, "camera-start")
	in(b, "on", "")
	options := `[...document.querySelectorAll("#which option")].map((o) => o.value + ":" + o.text + (o.selected ? "*" : "")).join()`
	b.Until(options + ` === "counter:Counter*,door:Camera 2"`) // nothing moves after that
	click(b, "torch")
	b.Until(`document.getElementById("torch").getAttribute("aria-pressed") === "true"`)
	click(b, "torch")
	b.Until(`document.getElementById("torch").getAttribute("aria-pressed") === "false"`)
	if got := chromium.Ask[[]bool](b, `fake.torches`); !slices.Equal(got, []bool{true, false}) {
		t.Errorf("torch: %v", got)
	}
	chromium.Ask[bool](b, `(() => { const w = document.getElementById("which"); window.before = w.options[0]; w.value = "door"; w.dispatchEvent(new Event("change")); return true; })()`)
	b.Until(options + ` === "counter:Counter,door:Camera 2*" && !before.isConnected`) // the choice is kept, then shown
	c.open(b)
	in(b, "on", "")
	if got := chromium.Ask[string](b, `fake.asked[0].video.deviceId.exact`); got != "door" {
		t.Errorf("after a reload it asks for %q", got)
	}
	b.Quiet()
}

// A browser that hands out no frames has them drawn from its video.
func TestCameraWithoutFrames(t *testing.T) {
	_, b, came := held(t, `; delete window.MediaStreamTrackProcessor; setInterval(() => fake.paint(window.level || 90), 40);`, nothing)
	click(b, "camera-start")
	in(b, "on", "")
	for _, level := range []int{90, 140, 200} {
		chromium.Ask[bool](b, fmt.Sprintf(`(window.level = %d, true)`, level))
		for grey := came.next(t); grey < level-3 || grey > level+3; grey = came.next(t) {
		}
	}
	b.Quiet()
}

// A person who has not allowed the camera, or a machine that has none, in Chromium's
// own words.
func TestCameraDenied(t *testing.T) {
	c := serve(t, Page{Station: "st-a-102", Token: "token"})
	b := chromium.Start(t, chromium.Flag{Name: "use-fake-device-for-media-stream", Value: true}, chromium.Flag{Name: "deny-permission-prompts", Value: true})
	c.open(b)
	click(b, "camera-start")
	in(b, "blocked", "does not let")
	b.Quiet()
}

// A file that lies under the camera while the connection breaks is not scanned again; one
// that was taken away before is.
func TestFileThatLiesThroughANewConnection(t *testing.T) {
	var looks atomic.Int32 // of one connection: whoever looks accepts a code at first, and holds it then
	c, b, came := held(t, "", func(grey int) any {
		if grey < 100 {
			return nothing(0)
		}
		return map[string]any{"state": map[bool]string{true: "accepted", false: "held"}[looks.Add(1) == 1], "code": code(1), "format": "QR_CODE"}
	})
	scans := func(n int) {
		t.Helper()
		b.Until(fmt.Sprintf(`document.querySelectorAll("#recent li.up").length === %d`, n))
		if ids := c.ids(); len(ids) != n {
			t.Errorf("%d scans, want %d", len(ids), n)
		}
	}
	again := func() {
		t.Helper()
		chromium.Ask[bool](b, `((window.old = fake.socket).close(), true)`)
		wait(b, `fake.socket !== window.old && fake.socket.readyState === WebSocket.OPEN`)
		looks.Store(0)
	}
	look := func(grey int, state string) {
		t.Helper()
		chromium.Ask[bool](b, `(document.getElementById("outline").setAttribute("class", ""), true)`)
		deliver(b, grey)
		came.next(t)
		b.Until(fmt.Sprintf(`document.getElementById("outline").getAttribute("class") === %q`, state))
	}
	click(b, "camera-start")
	in(b, "on", "")
	look(150, "accepted")
	scans(1)
	again()
	look(200, "held")
	look(150, "held")
	look(50, "nothing")
	again()
	look(200, "accepted")
	scans(2)
	b.Quiet()
}

// The outline lies where the code is, in a frame of which only the centre was sent;
// a code that stays in doubt has the clerk asked to move it, without a sound, until
// it is believed or gone.
func TestOutlineAndDoubt(t *testing.T) {
	corners := []map[string]int{{"x": 10, "y": 20}, {"x": 110, "y": 20}, {"x": 110, "y": 60}, {"x": 10, "y": 60}}
	code := "10000000001732"
	_, b, came := held(t, `; const began = performance.now(); window.clock = 0; performance.now = () => began + window.clock;
		window.tones = 0; const start = OscillatorNode.prototype.start; OscillatorNode.prototype.start = function (...a) { window.tones++; return start.apply(this, a); };`,
		func(grey int) any {
			if grey < 100 {
				return nothing(0)
			}
			return map[string]any{"state": "unsure", "code": code, "format": "CODE_128", "corners": corners}
		})
	click(b, "camera-start")
	in(b, "on", "")
	look := func(clock, grey int) {
		t.Helper()
		wait(b, `fake.deliver && fake.socket?.readyState === WebSocket.OPEN`)
		chromium.Ask[bool](b, fmt.Sprintf(`(() => {
			window.clock = %d;
			window.heard = false;
			fake.socket.addEventListener("message", () => { window.heard = true; }, { once: true });
			fake.deliver(fake.frame(%d, 1920, 1080));
			return true;
		})()`, clock, grey))
		came.next(t)
		wait(b, `window.heard`)
	}
	doubt := `document.getElementById("answer").classList.contains("doubt")`
	look(1000, 150)
	if got := chromium.Ask[string](b, `document.getElementById("outline").getAttribute("points") + " in " + document.getElementById("sight").getAttribute("viewBox")`); got != "330,80 430,80 430,120 330,120 in 0 0 1920 1080" {
		t.Errorf("outline %s", got)
	}
	if got := chromium.Ask[string](b, `["x", "y", "width", "height"].map((n) => document.getElementById("region").getAttribute(n)).join(" ")`); got != "320 60 1280 960" {
		t.Errorf("region %s", got)
	}
	look(1900, 200)
	if chromium.Ask[bool](b, doubt) {
		t.Error("asked to move it before a second was over")
	}
	look(2000, 150)
	b.Until(doubt + ` && document.getElementById("word").textContent === "Move it a little"`)
	look(2600, 50)
	b.Until(`document.getElementById("answer").classList.contains("ready")`)
	if n := chromium.Ask[int](b, `window.tones`); n != 0 {
		t.Errorf("%d tones", n)
	}
	b.Quiet()
}

// clock is what a page measures time by, moved by the test.
const clock = `; { const now = performance.now.bind(performance); window.ahead = 0; performance.now = () => now() + ahead; }`

// An office that does not answer a frame is asked over another connection, though the old
// one never says goodbye.
func TestFrameThatNobodyAnswers(t *testing.T) {
	answer := make(chan any)
	c, b, came := held(t, clock, func(int) any { return <-answer })
	t.Cleanup(func() { close(answer) })
	click(b, "camera-start")
	in(b, "on", "")
	deliver(b, 100)
	came.next(t)
	c.set(func() { c.look = func(pixels []byte, _, _ int) any { came <- int(pixels[0]); return nothing(0) } })
	chromium.Ask[bool](b, `(window.old = fake.socket, old.close = () => {}, window.ahead = 6000, true)`)
	deliver(b, 130)
	in(b, "away", "does not answer")
	wait(b, `fake.socket !== old && fake.socket.readyState === WebSocket.OPEN`)
	deliver(b, 160)
	if grey := came.next(t); grey != 160 {
		t.Errorf("came %d", grey)
	}
	in(b, "on", "")
	b.Quiet()
}

// A file that lies through a new connection, in doubt for longer than one settles, was
// scanned before it.
func TestFileThatLiesInDoubt(t *testing.T) {
	c, b, came := held(t, clock, func(grey int) any {
		return map[string]any{"state": map[bool]string{true: "unsure", false: "accepted"}[grey < 180], "code": code(1), "format": "CODE_128"}
	})
	click(b, "camera-start")
	in(b, "on", "")
	deliver(b, 200)
	came.next(t)
	b.Until(`document.querySelectorAll("#recent li.up").length === 1`)
	chromium.Ask[bool](b, `((window.old = fake.socket).close(), true)`)
	wait(b, `fake.socket !== old && fake.socket.readyState === WebSocket.OPEN`)
	chromium.Ask[bool](b, `(fake.socket.addEventListener("message", () => { fake.answers = (fake.answers || 0) + 1; }), true)`)
	for n := range 6 {
		deliver(b, 100+40*(n%2))
		came.next(t)
		wait(b, fmt.Sprintf(`fake.answers === %d`, n+1))
		chromium.Ask[bool](b, `(window.ahead += 900, true)`)
	}
	chromium.Ask[bool](b, `((window.old = fake.socket).close(), true)`) // and once more
	deliver(b, 220)
	came.next(t)
	b.Until(`document.getElementById("outline").getAttribute("class") === "held"`)
	if n := len(c.ids()); n != 1 {
		t.Errorf("%d scans of a file that never left", n)
	}
	b.Quiet()
}

// A camera whose cover is shut, and one whose frames the browser cannot give, do not pass
// for one that sees.
func TestCameraThatSeesNothing(t *testing.T) {
	c, b, came := held(t, `; { const draw = OffscreenCanvasRenderingContext2D.prototype.drawImage; OffscreenCanvasRenderingContext2D.prototype.drawImage = function (f, ...a) { if (f.broken) throw new Error("no pixels"); return draw.call(this, f, ...a); }; }`, nothing)
	click(b, "camera-start")
	in(b, "on", "")
	event := func(name string) {
		t.Helper()
		chromium.Ask[bool](b, fmt.Sprintf(`(fake.track.dispatchEvent(new Event(%q)), true)`, name))
	}
	event("mute")
	in(b, "muted", "open its cover")
	c.set(func() { c.shut = true })
	chromium.Ask[bool](b, `(fake.socket.close(), window.refused = fake.socket, true)`)
	wait(b, `fake.socket !== refused`)
	in(b, "muted", "open its cover")
	event("unmute")
	in(b, "away", "does not answer")
	c.set(func() { c.shut = false })
	deliver(b, 100)
	came.next(t)
	in(b, "on", "")
	wait(b, `fake.deliver && fake.socket?.readyState === WebSocket.OPEN`)
	broken := func(n int) {
		t.Helper()
		chromium.Ask[bool](b, fmt.Sprintf(`(() => { for (let i = 0; i < %d; i++) { const f = fake.frame(50 + i); f.broken = true; f.copyTo = () => Promise.reject(new Error("no pixels")); fake.deliver(f); } return true; })()`, n))
		wait(b, `fake.idle()`)
	}
	chromium.Ask[bool](b, `(fake.socket.addEventListener("message", () => { fake.answered = true; }), true)`)
	broken(29)
	deliver(b, 200)
	came.next(t)
	wait(b, `fake.answered`)
	broken(29)
	in(b, "on", "")
	broken(1)
	in(b, "lost", "no pixels")
	click(b, "camera-start")
	in(b, "on", "")
	broken(29)
	in(b, "on", "")
	b.Quiet()
}
