package kiosk

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"

	"harkara/internal/chromium"
)

const nothingAway = `!document.querySelector("main").innerText.includes("away")`

// Once the server has what was kept nothing says that it is away: the panel has the answer,
// with no second tone, and the line of the server does not wait for the next look.
func TestServerIsBack(t *testing.T) {
	c := serve(t, Page{Station: "st-a-102", Token: "token"})
	b := chromium.Start(t)
	before(b, noted+timers)
	c.open(b)
	c.answer = func(sent) (int, any) { return http.StatusServiceUnavailable, nil }
	for n := range 2 {
		burst(b, code(uint64(n+1))+"\r", 4)
		b.Until(fmt.Sprintf(`told.at(-1) === "kept %s" && document.getElementById("server").className === "off"`, code(uint64(n+1))))
	}
	c.set(func() { c.answer = accepted })
	chromium.Ask[bool](b, `dispatchEvent(new Event("online"))`)
	b.Until(fmt.Sprintf(`told.at(-1) === "up %s" && document.getElementById("server").className === "on" && `+nothingAway, code(2)))
	if n := tones(b, 660); n != 0 {
		t.Errorf("%d tones of what nobody waits for", n)
	}
	b.Quiet()
}

// The same at an agent, whose answers may come late, or not at all after a long time.
func TestAgentsServerIsBack(t *testing.T) {
	c := serve(t, Page{Station: "st-a-102", Agent: true})
	c.server = "ok"
	events := make(chan string)
	inner := c.Config.Handler
	c.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/v1/events" {
			inner.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		for {
			select {
			case s := <-events:
				fmt.Fprintf(w, "%s\n\n", s)
			case <-r.Context().Done():
				return
			}
			w.(http.Flusher).Flush()
		}
	})
	b := chromium.Start(t)
	before(b, noted+timers)
	c.open(b)
	reaches := func(server string, waiting int) {
		c.set(func() { c.server, c.behind = server, waiting })
		events <- fmt.Sprintf("event: queue\ndata: {\"server\":%q,\"waiting\":%d}", server, waiting)
	}
	says := func(event string, n uint64, tone, word string) {
		events <- fmt.Sprintf("%sdata: {\"command\":{\"id\":\"x%d\",\"code\":%q},\"result\":{\"stored\":true,\"say\":{\"tone\":%q,\"word\":%q,\"headline\":\"The server is away\"}}}", event, n, code(n), tone, word)
	}
	for n, late := range []bool{true, false} {
		scan := uint64(n + 1)
		reaches("away", 1)
		says("", scan, "kept", "Kept here")
		b.Until(fmt.Sprintf(`told.at(-1) === "kept %s" && document.getElementById("server").className === "off" && document.getElementById("queue").dataset.count === "1"`, code(scan)))
		shows := "soft" // it has it, and says no more
		if late {
			events <- fmt.Sprintf("event: late\ndata: {\"command\":{\"id\":\"x%d\",\"code\":%q},\"result\":{\"stored\":true,\"say\":{\"tone\":\"up\",\"word\":\"Received\"}}}", scan, code(scan))
			shows = "up"
		}
		reaches("ok", 0)
		b.Until(fmt.Sprintf(`told.at(-1) === "%s %s" && document.getElementById("server").className === "on" && document.getElementById("queue").hidden && `+nothingAway, shows, code(scan)))
	}
	b.Quiet()
}

// The page asks for answers in its own language, whatever this browser's other pages speak.
func TestLanguageLink(t *testing.T) {
	c := serve(t, Page{Station: "st-a-102", Token: "token"})
	b := chromium.Start(t)
	c.open(b)
	for n, tag := range []string{"ur", "en"} {
		b.Do(chromedp.Click(chromedp.CSS("a.language")))
		b.Until(fmt.Sprintf(`document.documentElement.lang === %q && document.body.dataset.ready === "yes"`, tag))
		burst(b, code(uint64(n+1))+"\r", 4)
		b.Until(`document.querySelector("#answer.up") !== null`)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !slices.Equal(c.langs, []string{"ur", "en"}) {
		t.Errorf("asked for %q", c.langs)
	}
	b.Quiet()
}
