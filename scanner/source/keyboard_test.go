package source

import (
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"
)

// press is the bytes of one event.
func press(kind, code uint16, value int32) []byte {
	e := make([]byte, 2*wordSize, eventSize)
	e = binary.NativeEndian.AppendUint16(e, kind)
	e = binary.NativeEndian.AppendUint16(e, code)
	return binary.NativeEndian.AppendUint32(e, uint32(value))
}

// typed is what a gun's board sends for a text.
func typed(t testing.TB, text string, pad bool) (events []byte) {
	t.Helper()
	hit := func(code uint16) {
		events = append(events, press(4, 4, 0x7001e)...) // MSC_SCAN, as boards send
		events = append(events, press(evKey, code, pressed)...)
		events = append(events, press(evSyn, 0, 0)...)
		events = append(events, press(evKey, code, released)...)
		events = append(events, press(evSyn, 0, 0)...)
	}
	for _, c := range []byte(text) {
		found := false
		for key := range uint16(120) {
			pair, ok := layout[key]
			onPad := key >= 71 && key <= 82
			if !ok || found || pair[0] != c && pair[1] != c || c >= '0' && c <= '9' && onPad != pad {
				continue
			}
			found = true
			if pair[0] != c {
				events = append(events, press(evKey, leftShift, pressed)...)
			}
			hit(key)
			if pair[0] != c {
				events = append(events, press(evKey, leftShift, released)...)
			}
		}
		if !found {
			t.Fatalf("no key for %q", c)
		}
	}
	return events
}

func TestKeys(t *testing.T) {
	enter := string(rune('\n'))
	for name, c := range map[string]struct {
		events []byte
		want   []string
	}{
		"a code":               {typed(t, code+enter, false), []string{code}},
		"on the number pad":    {typed(t, code+enter, true), []string{code}},
		"with an identifier":   {typed(t, "]C0"+code+enter, false), []string{"]C0" + code}},
		"ended by tab":         {typed(t, code+"\t"+code+"\t", false), []string{code, code}},
		"keys repeat":          {slices.Concat(press(evKey, 3, pressed), press(evKey, 3, 2), press(evKey, 3, 2), typed(t, enter, false)), []string{"2"}},
		"a mouse's button":     {slices.Concat(press(evKey, 0x110, pressed), typed(t, code+enter, false)), []string{code}},
		"a key of no code":     {slices.Concat(press(evKey, 60, pressed), typed(t, code+enter, false)), []string{"?" + code}},
		"the buffer ran over":  {slices.Concat(typed(t, "123", false), press(evSyn, synDropped, 0), typed(t, code+enter, false)), []string{code}},
		"shift held for all":   {slices.Concat(press(evKey, leftShift, pressed), typed(t, code+enter, false)), []string{code}},
		"a lone release":       {slices.Concat(press(evKey, leftShift, released), typed(t, "]c0"+enter, false)), []string{"]c0"}},
		"not ended":            {typed(t, code, false), nil},
		"caps and control too": {slices.Concat(press(evKey, 58, pressed), press(evKey, 29, pressed), typed(t, code+enter, false)), []string{code}},
	} {
		var whole, pieces keys
		if got := whole.take(c.events); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		var got []string
		for rest := c.events; len(rest) > 0; {
			n := 1 + rand.IntN(len(rest))
			got = append(got, pieces.take(rest[:n])...)
			rest = rest[n:]
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s in pieces: %q", name, got)
		}
	}
}

// What is not ended by a key is ended by stillness, and never cut by it before.
func TestStillnessEndsARead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from, to := io.Pipe()
		heard, done := make(chan string, 9), make(chan error)
		go func() {
			done <- stream(t.Context(), from, &keys{}, func(text string) { heard <- text })
		}()
		for _, c := range code {
			if _, err := to.Write(typed(t, string(c), false)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(idle - time.Millisecond)
		}
		synctest.Wait()
		if len(heard) > 0 {
			t.Error("cut: ", <-heard)
		}
		if got := <-heard; got != code {
			t.Error(got)
		}
		gone := errors.New("unplugged")
		if _, err := to.Write(typed(t, "123", false)); err != nil {
			t.Fatal(err)
		}
		to.CloseWithError(gone)
		if err := <-done; !errors.Is(err, gone) || <-heard != "123" {
			t.Error(err)
		}
	})
}

// A real pipe: a close from the other side of the program ends the reading.
func TestStreamEndsWithItsContext(t *testing.T) {
	from, to, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	ctx, cancel := contextOf(t)
	heard, done := make(chan string, 9), make(chan error, 1)
	go func() { done <- stream(ctx, from, &keys{}, func(text string) { heard <- text }) }()
	if _, err := to.Write(typed(t, code+"\n", false)); err != nil {
		t.Fatal(err)
	}
	if got := <-heard; got != code {
		t.Error(got)
	}
	cancel()
	<-done
}

// A file that is no keyboard cannot be grabbed, and says so; nothing is read from
// a gun that others hear too.
func TestOnlyAGrabbedKeyboardIsHeard(t *testing.T) {
	path := t.TempDir() + "/event0"
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := contextOf(t)
	told := make(chan error, 1)
	k := &Keyboard{Device: Device{Name: "gun", Tell: func(_ string, lost error) { told <- lost }}, Path: t.TempDir() + "/../*/event*"}
	done := make(chan error, 1)
	go func() { done <- k.Run(ctx, func(r Read) { t.Error("heard ", r) }) }()
	if lost := <-told; lost == nil || !strings.Contains(lost.Error(), "grab") && !strings.Contains(lost.Error(), "no keyboard") {
		t.Error(lost)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
