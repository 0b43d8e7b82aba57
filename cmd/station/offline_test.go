package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"harkara/internal/label"
)

// What is read is answered by the office; while it is away it is kept, and when it
// comes back it gets everything in order, with its cards, once.
func TestOffline(t *testing.T) {
	o := newOffice(t)
	at, down := o.serve(t, "")
	data := o.enrolled(t, "http://"+at)
	s := startStation(t, data)
	s.until("ok", func(v statusView) bool { return v.Server == "ok" })
	if line := s.read(file(1)); !strings.HasPrefix(line, "up ") || !strings.HasSuffix(line, file(1)+" Yes. Received. Keep it") {
		t.Error(line)
	}
	hold := string(label.New(label.Card, 505))
	for text, want := range map[string]string{
		"123":              "down 123 No. Not a code of ours: check the digits",
		hold:               "down " + hold + " No. This card is not in use yet: nothing was recorded",
		string(label.Done): "soft " + string(label.Done) + " End of batch",
	} {
		if line := s.read(text); line != want {
			t.Errorf("%q, want %q", line, want)
		}
	}
	down()
	if line := s.read(file(2)); !strings.HasPrefix(line, "kept ") {
		t.Error(line)
	}
	s.until("away", func(v statusView) bool { return v.Server == "away" && v.Waiting == 1 })
	s.read(string(desk)) // it takes the file before, and no other
	if line := s.read(string(desk)); !strings.HasPrefix(line, "open ") {
		t.Errorf("read first it opens a batch: %q", line)
	}
	if line := s.read(file(3)); !strings.HasPrefix(line, "kept ") {
		t.Error(line)
	}
	if code := s.stop(); code != exitOK {
		t.Fatal(code, s.log)
	}
	s = startStation(t, data) // the power was gone; the card still lies open
	if line := s.read(file(4)); !strings.HasPrefix(line, "kept ") {
		t.Error(line)
	}
	var view struct {
		Room, Server string
		Waiting      int
		Expected     []struct{ Number string }
	}
	if code, raw := s.call(http.MethodGet, "/api/v1/station", ""); code != 200 || json.Unmarshal(raw, &view) != nil || view.Room != "Room 7" || view.Server != "away" || view.Waiting != 4 || len(view.Expected) != 1 {
		t.Errorf("the office's last word: %d %s", code, raw)
	}
	o.set(func() {
		o.fault = func(n int, _ http.ResponseWriter) bool {
			if n%3 == 0 {
				panic(http.ErrAbortHandler) // done but reported failed
			}
			return true
		}
	})
	o.serve(t, at)
	s.until("all delivered", func(v statusView) bool { return v.Waiting == 0 && v.Server == "ok" })
	var got []string
	for i, c := range o.has() {
		got = append(got, fmt.Sprint(c.Code, c.desk()))
		if c.At.Seq != int64(i+1) || len(c.At.Boot) < 36 {
			t.Errorf("%+v at place %d", c.At, i)
		}
	}
	with := func(n uint64) string { return file(n) + string(desk) }
	if want := []string{file(1), file(2), with(2), with(3), with(4)}; !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// A label that no file has is a refusal that says so: no matter for the administrator.
// While the office is away nobody says where to put what may be a parcel.
func TestForeignLabels(t *testing.T) {
	o := newOffice(t)
	at, down := o.serve(t, "")
	s := startStation(t, o.enrolled(t, "http://"+at))
	s.until("ok", func(v statusView) bool { return v.Server == "ok" })
	if line := s.read("courier-77"); !strings.HasPrefix(line, "down ") || !strings.HasSuffix(line, " COURIER-77 No. No file has this code") {
		t.Errorf("%q", line)
	}
	photo := oldCover(t, "FIN-2019/0123")
	if code, raw := s.call(http.MethodPost, "/api/v1/images?wait=5s", photo); code != http.StatusOK || !strings.Contains(string(raw), `"foreign"`) {
		t.Errorf("a photograph: %d %s", code, raw)
	}
	down()
	line := s.read("courier-78")
	if !strings.HasPrefix(line, "kept ") || strings.Contains(line, "nothing is lost") || !strings.Contains(line, "will be told when the server is back") {
		t.Errorf("%q", line)
	}
	o.serve(t, at)
	s.until("all delivered", func(v statusView) bool { return v.Waiting == 0 })
	if v := s.status(); v.Drawer != 0 || strings.Contains(s.log.String(), "level=ERROR") || len(o.has()) != 3 {
		t.Errorf("%+v, %d stored\n%s", v, len(o.has()), s.log)
	}
}

// oldCover is a photograph of somebody else's label.
func oldCover(t *testing.T, text string) string {
	t.Helper()
	matrix, err := qrcode.NewQRCodeWriter().Encode(text, gozxing.BarcodeFormat_QR_CODE, 300, 300, nil)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, matrix); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
