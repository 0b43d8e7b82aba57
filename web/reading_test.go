package web

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image/jpeg"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"harkara/internal/custody"
	pictures "harkara/scanner/decode/hostile"
	"harkara/web/wire"
)

// upload opens a connection that says it will send a picture, and sends so much of it.
func upload(t *testing.T, address, token string, length int, sent string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := fmt.Fprintf(conn, "POST /api/v1/images?read HTTP/1.1\r\nHost: office\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s", token, length, sent); err != nil {
		t.Fatal(err)
	}
	return conn
}

// Uploads that send nothing, more of them than there are slots, hold up nobody: not
// another station, and not for long their own.
func TestSilentUploadsHoldUpNobody(t *testing.T) {
	r := open(t, false)
	const hall, hallToken = custody.StationID("hall"), "hall-token"
	r.mu.Lock()
	r.tokens[hallToken] = hall
	r.mu.Unlock()
	r.server.reading.silence = time.Minute
	server := httptest.NewServer(r.handler)
	t.Cleanup(server.Close)
	address := server.Listener.Addr().String()
	code := r.file("SO(Dev) 1/2026", "Water supply")
	page := picture(t, cover(t, code))

	var silent []net.Conn
	for range picturesAtOnce + bodiesAtOnce {
		silent = append(silent, upload(t, address, hallToken, len(page), page[:len(page)/2]))
	}
	answer := func(conn net.Conn) *http.Response {
		t.Helper()
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp
	}
	if got := answer(upload(t, address, doorToken, len(page), page)); got.StatusCode != http.StatusOK {
		t.Errorf("another station: %s", got.Status)
	}
	for _, conn := range silent {
		conn.Close()
	}
	if got := answer(upload(t, address, hallToken, len(page), page)); got.StatusCode != http.StatusOK {
		t.Errorf("the same station, when they are gone: %s", got.Status)
	}
}

// An upload that falls silent is told so, and its slot is free.
func TestSilentUploadsEnd(t *testing.T) {
	r := open(t, false)
	r.server.reading.silence = 50 * time.Millisecond
	server := httptest.NewServer(r.handler)
	t.Cleanup(server.Close)
	for range bodiesAtOnce + 1 {
		conn := upload(t, server.Listener.Addr().String(), doorToken, 1000, "half")
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusRequestTimeout {
			t.Errorf("%s", resp.Status)
		}
	}
}

// A station has one slot at most, whatever it sends, and those that wait come in turn.
func TestSlotsAreFair(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newReading()
		var began []custody.StationID
		finish := map[custody.StationID]chan struct{}{}
		for _, id := range []custody.StationID{"greedy", "door", "hall"} {
			finish[id] = make(chan struct{})
		}
		enter := func(id custody.StationID) {
			go func() {
				release, err := take(t.Context(), r.share(id).turn, r.slots)
				if err != nil {
					return
				}
				began = append(began, id) // one after another: the test waits in between
				<-finish[id]
				release()
			}()
			synctest.Wait()
		}
		for range 5 {
			enter("greedy")
		}
		enter("door") // though greedy's wait
		enter("hall")
		for _, id := range []custody.StationID{"greedy", "door", "greedy", "hall", "greedy", "greedy", "greedy"} {
			finish[id] <- struct{}{}
			synctest.Wait()
		}
		if got, want := fmt.Sprint(began), "[greedy door hall greedy greedy greedy greedy]"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
	})
}

// Who has gone is waited for no more, and leaves no slot taken.
func TestWaitingEndsWithTheCaller(t *testing.T) {
	r := newReading()
	first, err := take(t.Context(), r.share("door").turn, r.slots)
	if err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	body := func() ([]byte, error) { return nil, nil }
	if _, err := r.code(gone, "door", body); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	first()
	if _, err := r.code(t.Context(), "door", body); errors.Is(err, context.Canceled) || len(r.slots)+len(r.share("door").turn)+len(r.share("door").bodies) != 0 {
		t.Errorf("%v, %d slots taken", err, len(r.slots))
	}
}

// A photograph without Huffman tables or an end is read as another.
func TestUploadsOfDamagedStreams(t *testing.T) {
	r := open(t, false)
	code := r.file("SO(Dev) 1/2026", "Water supply")
	var out bytes.Buffer
	if err := jpeg.Encode(&out, cover(t, code), nil); err != nil {
		t.Fatal(err)
	}
	bare := bytes.Clone(out.Bytes()[:2])
	for rest := out.Bytes()[2:]; ; {
		length := 2 + int(binary.BigEndian.Uint16(rest[2:]))
		switch rest[1] {
		case 0xda:
			bare = append(bare, rest...)
		case 0xc4: // its Huffman tables, none but the standard's
		default:
			bare = append(bare, rest[:length]...)
		}
		if rest[1] == 0xda {
			break
		}
		rest = rest[length:]
	}
	for name, body := range map[string][]byte{"without tables": bare, "without an end": out.Bytes()[:out.Len()-2], "cut short": bare[:len(bare)*95/100]} {
		w := r.call("POST", "/api/v1/images?read", string(body), bearer(doorToken)...)
		if a := decoded(t, w); w.Code != http.StatusOK || a.Code != code {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}

// What asks for too much work is refused.
func TestHostileUploadsAreRefused(t *testing.T) {
	r := open(t, false)
	files := pictures.Files()
	for name, want := range map[string]struct {
		status int
		code   string
	}{
		"WebP of 268 megapixels that declares two": {http.StatusRequestEntityTooLarge, "too_large"},
		"TIFF, its strips one and the same":        {http.StatusUnprocessableEntity, "unreadable_tiff"}, // no scanner writes it
	} {
		w := r.call("POST", "/api/v1/images", string(files[name]), bearer(doorToken)...)
		if a := decoded(t, w); w.Code != want.status || a.Error == nil || a.Error.Code != want.code {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	if w := r.call("POST", "/api/v1/images", strings.Repeat("x", wire.MaxImage+1), bearer(doorToken)...); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
