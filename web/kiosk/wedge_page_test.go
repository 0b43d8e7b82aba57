package kiosk

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"harkara/internal/chromium"
	"harkara/internal/label"
)

// codes are the codes of what was sent, each as often as it came.
func (c *counter) codes() (list []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, post := range c.posts {
		for _, s := range post {
			list = append(list, s.Code+" "+s.Method)
		}
	}
	return list
}

// A label of GS1 with a code of ours in it is named as somebody else's and sent
// nowhere, with and without a stranger's prefix; ours behind its own identifier is
// scanned as what it says it is.
func TestStrangersAreNamed(t *testing.T) {
	c := serve(t, Page{Station: "st-a-102", Token: "token"})
	b := chromium.Start(t)
	c.open(b)
	code := string(label.New(label.File, 40_718_265))
	for _, text := range []string{"]C1" + code, "]d2" + code, "]Q3" + code, "]I0" + code, "]C101" + code + "21AB"} {
		burst(b, text+"\r", 4)
		b.Until(fmt.Sprintf(`document.querySelector("#answer.down #digits")?.textContent === %q && document.getElementById("headline").textContent.includes("not one of our")`, text))
	}
	for _, text := range []string{"]C0" + code, "]Q1" + code, code} {
		burst(b, text+"\r", 4)
		b.Until(`document.getElementById("answer").classList.contains("up") && document.getElementById("queue").dataset.count === "0"`)
		chromium.Ask[bool](b, `(document.getElementById("answer").classList.remove("up"), true)`)
	}
	if got, want := strings.Join(c.codes(), ","), code+" code128,"+code+" qr,"+code+" wedge"; got != want {
		t.Errorf("sent %s, want %s", got, want)
	}
	b.Quiet()
}

// A part of a code moves nothing, and the clerk is told what to do; so is one whose old
// cover's digits come too slowly. A slow scanner's codes count, also from a device that
// does not tell the places of its keys.
func TestPartsAndSlowScanners(t *testing.T) {
	c := serve(t, Page{Station: "st-a-102", Token: "token"})
	b := chromium.Start(t)
	c.open(b)
	down := func(text, says string) {
		t.Helper()
		b.Until(fmt.Sprintf(`document.querySelector("#answer.down #digits")?.textContent === %q && document.getElementById("headline").textContent.includes(%q)`, text, says))
	}
	burst(b, "0012345\r", 120)
	down("0012345", "Too slow")
	burst(b, code(1)[:5], 10)
	down(code(1)[:5], "end of the code is missing")
	if got := c.codes(); len(got) > 0 {
		t.Errorf("sent %v", got)
	}
	for n, gap := range []int{90, 120, 150} {
		burst(b, code(uint64(n))+"\r", gap)
		b.Until(fmt.Sprintf(`document.querySelectorAll("#recent li.up").length === %d`, n+1))
	}
	chromium.Ask[bool](b, fmt.Sprintf(`(() => {
		for (const key of [...%q, "Enter"]) document.body.dispatchEvent(new KeyboardEvent("keydown", { key, code: "Unidentified", bubbles: true, cancelable: true }));
		return true;
	})()`, code(3)))
	b.Until(`document.querySelectorAll("#recent li.up").length === 4`)
	if got, want := strings.Join(c.codes(), ","), strings.Join([]string{code(0), code(1), code(2), code(3)}, " wedge,")+" wedge"; got != want {
		t.Errorf("sent %s, want %s", got, want)
	}
	b.Quiet()
}

// A scanner that types letters around a code, and slowly, is not read; three bursts
// teach it, a stranger's label among them teaches nothing, and it is read ever after.
func TestLearningWizard(t *testing.T) {
	c := serve(t, Page{Station: "st-a-102", Token: "token"})
	b := chromium.Start(t)
	c.open(b)
	lesson := func(says string) {
		t.Helper()
		b.Until(fmt.Sprintf(`document.getElementById("lesson").textContent.includes(%q)`, says))
	}
	burst(b, "AB"+code(1)+"Z\r", 50)
	click(b, "settings")
	click(b, "learn")
	lesson("3 more")
	for n, says := range map[string]string{"AB]C1" + code(2) + "Z\r": "no label of ours", "helloworld\r": "no label of ours"} {
		burst(b, n, 50)
		lesson(says)
	}
	for i, says := range []string{"2 more", "1 more", "before the code: AB"} {
		burst(b, "AB"+code(uint64(3+i))+"Z\r", 50)
		lesson(strings.Replace(says, "before", "Before", 1))
	}
	if n := len(c.codes()); n > 0 {
		t.Errorf("%d scans while learning", n)
	}
	for range 2 {
		c.open(b)
		c.set(func() { c.posts = nil })
		burst(b, "AB"+code(9)+"Z\r", 50)
		b.Until(`document.getElementById("answer").classList.contains("up")`)
		if got := c.codes(); len(got) != 1 || got[0] != code(9)+" wedge" {
			t.Errorf("after a reload: %v", got)
		}
	}
	b.Quiet()
}

// A key that is held down, or lies under a file, is no scanner, however long it lasts;
// the same digit typed again and again is. What a scanner adds to a code with Ctrl goes to
// nobody, and what a hand does with it is the browser's.
func TestKeysThatAreNoCharacters(t *testing.T) {
	k, url := blank(t)
	b := chromium.Start(t)
	b.Do(chromedp.Navigate(url))
	got := chromium.Ask[string](b, fmt.Sprintf(`import(%[1]q).then((m) => {
		const read = [], w = new m.Wedge(m.usual, (burst) => read.push(burst.text + (burst.problem ? " " + burst.problem : "")));
		let time = 0, most = 0;
		const key = (code, more) => w.key({ code, key: "", shift: false, alt: false, ctrl: false, up: false, time: time += 10, ...more }, null);
		const ends = () => { w.end(); time += 1000; return read.splice(0).join(); };
		const out = {};
		for (let i = 0; i < 5000; i++) { key("KeyA", { repeat: i > 0 }); most = Math.max(most, w.strokes.length); }
		out.held = ends();
		out.bounded = most < 1000;
		for (let i = 0; i < 8; i++) key("Digit1", {});
		out.ones = ends();
		for (const c of %[2]q) key("Digit" + c, {});
		out.feed = key("KeyM", { ctrl: true, time: time += 60 });
		out.feedLate = key("KeyJ", { ctrl: true, time: time += 60 });
		out.code = ends();
		for (let i = 0; i < 600; i++) key("Digit" + i %% 10, {});
		out.long = ends().split(" ")[0].length;
		key("KeyA", {});
		out.hand = key("KeyJ", { ctrl: true });
		out.copy = key("KeyC", { ctrl: true });
		out.nothing = ends();
		w.lost(time += 5000); // another window had the keys until now: an old cover's, or the end of something
		for (const end of [0, 5000]) {
			time += end;
			for (const c of "0012345") key("Digit" + c, {});
			key("Enter", {});
		}
		out.tails = read.splice(0).join();
		for (const c of %[2]q) key("Digit" + c, {});
		time += 300;
		w.end();
		out.late = key("Enter", {}); // the scanner's own: it presses no button
		out.button = key("Enter", { time: time += 2000 });
		return JSON.stringify(out);
	})`, k.assets.Path("wedge.js"), code(7)))
	if want := fmt.Sprintf(`{"held":"","bounded":true,"ones":"11111111 part","feed":true,"feedLate":true,"code":%q,"long":600,"hand":false,"copy":false,"nothing":"","tails":"0012345 part,0012345","late":true,"button":false}`, code(7)); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	b.Quiet()
}
