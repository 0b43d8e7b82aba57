package source

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"

	"harkara/internal/label"
	"harkara/scanner/decode"
)

var other = string(label.New(label.File, 4726))

// picture is a page with QR codes on it, side by side.
func picture(t testing.TB, texts ...string) *image.Gray {
	t.Helper()
	page := image.NewGray(image.Rect(0, 0, 640, 480))
	draw.Draw(page, page.Rect, image.White, image.Point{}, draw.Src)
	for i, text := range texts {
		symbol, err := qr.Encode(text, qr.H, qr.Numeric)
		if err != nil {
			t.Fatal(err)
		}
		if symbol, err = barcode.Scale(symbol, 210, 210); err != nil {
			t.Fatal(err)
		}
		draw.Draw(page, image.Rect(40+300*i, 120, 250+300*i, 330), symbol, image.Point{}, draw.Src)
	}
	return page
}

func photo(t testing.TB, img image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: 90}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func drawing(t testing.TB, img image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// What an eye accepts is heard; what it refuses is heard once while it is there, and so is
// what it cannot believe for a second.
func TestViewsAreHeard(t *testing.T) {
	two, nothing := decode.View{State: decode.TwoFiles}, decode.View{State: decode.Nothing}
	unsure, another := decode.View{State: decode.Unsure, Code: "MOROVIA"}, decode.View{State: decode.Unsure, Code: "1234AB"}
	foreign := decode.View{State: decode.Foreign, Foreign: &decode.Symbol{Text: "8901030"}}
	var h hearing
	for i, step := range []struct {
		view decode.View
		at   time.Duration
		want Read
	}{
		{nothing, 0, Read{}},
		{decode.View{State: decode.Accepted, Code: label.Code(code), Format: decode.QR}, 0, Read{Text: code, Method: byQR}},
		{decode.View{State: decode.Held, Code: label.Code(code)}, 0, Read{}},
		{decode.View{State: decode.Accepted, Code: label.Code(code), Format: decode.Code128}, 0, Read{Text: code, Method: byCode128}},
		{two, 0, Read{Problem: tooMany}},
		{two, 0, Read{}},
		{unsure, 0, Read{}},
		{two, 0, Read{}},
		{nothing, 0, Read{}},
		{two, 0, Read{Problem: tooMany}},
		{foreign, 0, Read{Text: "8901030", Method: byImage}},
		{foreign, 0, Read{}},

		{unsure, 1 * time.Second, Read{}},
		{unsure, 1999 * time.Millisecond, Read{}},
		{another, 2 * time.Second, Read{}},
		{unsure, 2100 * time.Millisecond, Read{}},
		{unsure, 3099 * time.Millisecond, Read{}},
		{unsure, 3100 * time.Millisecond, Read{Problem: unclear}},
		{unsure, 9 * time.Second, Read{}},
		{decode.View{State: decode.Accepted, Code: "MOROVIA", Format: decode.Code39}, 9 * time.Second, Read{Text: "MOROVIA", Method: byCode39}},
	} {
		if got, news := h.heard(step.view, step.at); news != (step.want != Read{}) || news && got != step.want {
			t.Errorf("step %d: %v %v, want %v", i, got, news, step.want)
		}
	}
}

// heardFrom runs a source until it has heard so much.
func heardFrom(t *testing.T, n int, run func(context.Context, Hear) error) (reads []Read) {
	t.Helper()
	ctx, cancel := contextOf(t)
	defer cancel()
	heard, done := make(chan Read, 99), make(chan error, 1)
	go func() { done <- run(ctx, func(r Read) error { heard <- r; return nil }) }()
	for len(reads) < n {
		select {
		case r := <-heard:
			reads = append(reads, r)
		case err := <-done:
			t.Fatal("it ended: ", err, reads)
		case <-ctx.Done():
			t.Fatal("heard only ", reads)
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	return reads
}

func TestFilm(t *testing.T) {
	var films atomic.Int32
	heardFirst := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "kiosk" || password != "secret" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		n := films.Add(1)
		m := multipart.NewWriter(w)
		w.Header().Set("Content-Type", "multipart/x-mixed-replace; boundary=--"+m.Boundary())
		show := func(raw []byte) {
			part, err := m.CreatePart(textproto.MIMEHeader{"Content-Type": {"image/jpeg"}, "Content-Length": {fmt.Sprint(len(raw))}})
			if err == nil {
				_, err = part.Write(raw)
			}
			if err != nil {
				return // the camera was let go
			}
			w.(http.Flusher).Flush()
		}
		show([]byte("no picture"))
		raw, rate := photo(t, picture(t, []string{code, other}[min(n-1, 1)])), time.NewTicker(20*time.Millisecond)
		defer rate.Stop()
		breaks := heardFirst
		if n > 1 {
			breaks = nil
		}
		for {
			select {
			case <-breaks:
				return
			case <-r.Context().Done():
				return
			case <-rate.C:
			}
			show(raw)
		}
	}))
	defer server.Close()
	var mu sync.Mutex
	var told []string
	f := &Film{URL: strings.Replace(server.URL, "//", "//kiosk:secret@", 1), Device: Device{Name: "camera", Tell: func(_ string, lost error) {
		mu.Lock()
		defer mu.Unlock()
		if told = append(told, "there"); lost != nil {
			told[len(told)-1] = lost.Error()
		}
	}}}
	first := sync.OnceFunc(func() { close(heardFirst) })
	got := heardFrom(t, 2, func(ctx context.Context, hear Hear) error {
		return f.Run(ctx, func(r Read) error { defer first(); return hear(r) })
	})
	if !slices.Equal(got, []Read{{Text: code, Method: byQR}, {Text: other, Method: byQR}}) {
		t.Error(got)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(told) < 3 || told[0] != "there" || told[2] != "there" || strings.Contains(fmt.Sprint(told), "secret") {
		t.Errorf("%q", told)
	}
}

func TestShots(t *testing.T) {
	var shots atomic.Int32
	raw := [][]byte{photo(t, picture(t))}
	for _, text := range []string{code, other} {
		for range 8 { // as a file that lies under a camera
			raw = append(raw, photo(t, picture(t, text)))
		}
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(raw[min(int(shots.Add(1))-1, len(raw)-1)]) // nobody listens any more
	}))
	defer server.Close()
	s := &Shots{URL: server.URL, Every: time.Millisecond}
	if got := heardFrom(t, 2, s.Run); !slices.Equal(got, []Read{{Text: code, Method: byQR}, {Text: other, Method: byQR}}) {
		t.Error(got)
	}
}

// What a camera's address holds is not told.
func TestPasswordsAreNotTold(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	for _, address := range []string{strings.Replace(server.URL, "//", "//kiosk:secret@", 1), "http://kiosk:secret@127.0.0.1:1/", "http://kiosk:secret@%zz/"} {
		if _, err := shot(t.Context(), address); err == nil || strings.Contains(err.Error(), "secret") {
			t.Error(err)
		}
	}
}
