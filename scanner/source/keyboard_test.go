package source

import (
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

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
		"with an identifier":   {typed(t, "]C0"+code+enter, false), []string{code}},
		"ended by tab":         {typed(t, code+"\t"+code+"\t", false), []string{code, code}},
		"keys repeat":          {slices.Concat(press(evKey, 3, pressed), press(evKey, 3, 2), press(evKey, 3, 2), typed(t, enter, false)), []string{"2"}},
		"a mouse's button":     {slices.Concat(press(evKey, 0x110, pressed), typed(t, code+enter, false)), []string{code}},
		"a function key":       {slices.Concat(press(evKey, 60, pressed), typed(t, code+enter, false)), []string{code}},
		"the buffer ran over":  {slices.Concat(typed(t, "123", false), press(evSyn, synDropped, 0), typed(t, code+enter, false)), []string{"123 part", code}},
		"in an old code":       {slices.Concat(press(evSyn, synDropped, 0), typed(t, "2019/07"+enter+"2019/07"+enter, false)), []string{"2019/07 part", "2019/07"}},
		"Alt with characters":  {slices.Concat(press(evKey, leftAlt, pressed), typed(t, "0065", true), press(evKey, leftAlt, released), typed(t, "-2019"+enter, false)), []string{"A-2019"}},
		"shift held for all":   {slices.Concat(press(evKey, leftShift, pressed), typed(t, code+enter, false)), []string{code}},
		"an old cover's signs": {typed(t, "S.O(O&M) #5"+enter, false), []string{"S.O(O&M) #5"}},
		"a lone release":       {slices.Concat(press(evKey, leftShift, released), typed(t, "]c0"+enter, false)), []string{"]c0"}},
		"not ended":            {typed(t, code, false), nil},
		"caps and control too": {slices.Concat(press(evKey, 58, pressed), press(evKey, 29, pressed), press(evKey, 29, released), typed(t, code+enter, false)), []string{code}},
	} {
		whole, pieces := newKeys(Profile{}), newKeys(Profile{})
		if got := told(whole.take(c.events, 0)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		var got []Read
		for rest := c.events; len(rest) > 0; {
			n := 1 + rand.IntN(len(rest))
			got = append(got, pieces.take(rest[:n], 0)...)
			rest = rest[n:]
		}
		if got := told(got); !slices.Equal(got, c.want) {
			t.Errorf("%s in pieces: %q", name, got)
		}
	}
}

// told is what reads say.
func told(reads []Read) (list []string) {
	for _, r := range reads {
		list = append(list, strings.TrimSpace(r.Text+" "+r.Problem))
	}
	return list
}

// A gun that is unplugged within a code has sent a part; what it sends when it is back
// may be the rest.
func TestAPartAndANewSession(t *testing.T) {
	gun, unplugged := newKeys(Profile{}), errors.New("unplugged")
	var heard []Read
	for _, sent := range []string{"FIN-20", "19/07\n", code[:5], code[5:] + "\n", code[:5], code[:5] + "\n" + code[:5] + "\n"} {
		from, to := io.Pipe()
		done := make(chan error)
		go func() {
			done <- stream(t.Context(), from, gun, func(r Read) error { heard = append(heard, r); return nil })
		}()
		if _, err := to.Write(typed(t, sent, false)); err != nil {
			t.Fatal(err)
		}
		to.CloseWithError(unplugged)
		if err := <-done; !errors.Is(err, unplugged) {
			t.Error(err)
		}
	}
	part := code[:5] + " part"
	if got, want := told(heard), []string{"FIN-20 part", "19/07", part, code, part, part, code[:5]}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// A real pipe: a close from the other side of the program ends the reading.
func TestStreamEndsWithItsContext(t *testing.T) {
	from, to, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	ctx, cancel := contextOf(t)
	heard, done := make(chan Read, 9), make(chan error, 1)
	go func() { done <- stream(ctx, from, newKeys(Profile{}), func(r Read) error { heard <- r; return nil }) }()
	if _, err := to.Write(typed(t, code+"\n", false)); err != nil {
		t.Fatal(err)
	}
	if got := <-heard; got.Text != code {
		t.Error(got)
	}
	cancel()
	<-done
}

// A code of ours is read with shift held, Caps Lock on, or both; what an old cover
// says keeps its signs.
func TestKeyed(t *testing.T) {
	signs := strings.NewReplacer("0", ")", "1", "!", "2", "@", "3", "#", "4", "$", "5", "%", "6", "^", "7", "&", "8", "*", "9", "(").Replace(code)
	for sent, c := range map[string]struct {
		profile Profile
		want    Read
	}{
		code:                  {Profile{}, Read{Text: code, Method: byWedge}},
		signs:                 {Profile{}, Read{Text: code, Method: byWedge}},
		signs[:7] + code[7:]:  {Profile{}, Read{Text: code, Method: byWedge}},
		"]C0" + code:          {Profile{}, Read{Text: code, Method: byCode128}},
		"}C)" + signs:         {Profile{}, Read{Text: code, Method: byCode128}},
		"}C!" + signs:         {Profile{}, Read{Text: "}C!" + signs, Method: byWedge}}, // GS1
		"~" + signs + "!":     {Profile{"~", "!"}, Read{Text: code, Method: byWedge}},
		"S.O(O&M)-5(2)/2013":  {Profile{}, Read{Text: "S.O(O&M)-5(2)/2013", Method: byWedge}},
		"2(5)":                {Profile{}, Read{Text: "2(5)", Method: byWedge}},
		signs[:13] + "\u00a7": {Profile{}, Read{Text: signs[:13] + "\u00a7", Method: byWedge}},
	} {
		if got := c.profile.keyed(sent); got != c.want {
			t.Errorf("%q: %+v, want %+v", sent, got, c.want)
		}
	}
}

// fakeBoard is a pipe that can be grabbed, or not.
type fakeBoard struct {
	*os.File
	refuses error
	grabbed chan bool // told what became of it
}

func (b fakeBoard) grab() error {
	b.grabbed <- b.refuses == nil
	return b.refuses
}

// A gun is heard once it is grabbed; one that others hear too is not read at all, and
// is tried again.
func TestOnlyAGrabbedKeyboardIsHeard(t *testing.T) {
	path := filepath.Join(t.TempDir(), "event0")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := contextOf(t)
	told, heard, done := make(chan error, 9), make(chan Read, 9), make(chan error, 1)
	grabbed := make(chan bool, 9)
	var boards []*os.File
	k := &Keyboard{Device: Device{Name: "gun", Tell: func(_ string, lost error) { told <- lost }}, Path: path}
	k.attach = func(at string) (board, error) {
		from, to, err := os.Pipe()
		if err != nil || at != path {
			return nil, errors.Join(err, errors.New(at))
		}
		_, err = to.Write(typed(t, code+"\n", false)) // its keys wait to be read
		boards = append(boards, from, to)
		b := fakeBoard{File: from, grabbed: grabbed}
		if len(boards) == 2 {
			b.refuses = unix.EBUSY
		}
		return b, err
	}
	go func() { done <- k.Run(ctx, func(r Read) error { heard <- r; return nil }) }()
	if lost := <-told; !errors.Is(lost, unix.EBUSY) || !strings.Contains(lost.Error(), "grab keyboard "+path) || <-grabbed {
		t.Error(lost)
	}
	if len(heard) > 0 {
		t.Error("heard without a grab: ", <-heard)
	}
	if lost := <-told; lost != nil || !<-grabbed {
		t.Error(lost)
	}
	if got := <-heard; got != (Read{Text: code, Method: byWedge}) {
		t.Error(got)
	}
	cancel()
	if err := <-done; err != nil || len(heard) > 0 {
		t.Error(err)
	}
	for i, b := range boards {
		if err := b.Close(); i%2 == 0 && !errors.Is(err, os.ErrClosed) {
			t.Errorf("board %d stays open: %v", i/2, err)
		}
	}
}

// What is no event device cannot be grabbed, and what is not there says so.
func TestNoKeyboard(t *testing.T) {
	path := filepath.Join(t.TempDir(), "event0")
	if _, err := (&Keyboard{Path: path}).open(); err == nil || !strings.Contains(err.Error(), "no keyboard at "+path) {
		t.Error(err)
	}
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := (&Keyboard{Path: path}).open(); !errors.Is(err, unix.ENOTTY) || !strings.Contains(err.Error(), "grab keyboard "+path) {
		t.Error(err)
	}
}

// However events come in pieces: the same reads, none too long, of what a board types,
// and no panic. What they say of time counts, not when they come.
func FuzzKeys(f *testing.F) {
	f.Add(typed(f, code+"\n]C0"+code+"\t", false), uint8(5))
	f.Add(slices.Concat(press(evKey, leftShift, pressed), typed(f, "S.O(O&M)", true), press(evSyn, synDropped, 0)), uint8(23))
	f.Add(slices.Concat(press(evKey, leftAlt, pressed), typed(f, "0065", true), press(evKey, leftAlt, released), press(evKey, leftCtrl, pressed), press(evKey, keyM, pressed)), uint8(23))
	f.Add([]byte("short"), uint8(0))
	f.Fuzz(func(t *testing.T, events []byte, size uint8) {
		whole, pieces := newKeys(Profile{"<", ">"}), newKeys(Profile{"<", ">"})
		want := whole.take(events, 0)
		var got []Read
		for chunk := range slices.Chunk(events, int(size)+1) {
			got = append(got, pieces.take(chunk, 0)...)
		}
		last := whole.lost()
		if again := pieces.lost(); !slices.Equal(got, want) || !slices.Equal(again, last) {
			t.Fatalf("%q and %q in pieces, %q and %q at once", got, again, want, last)
		}
		for _, r := range append(got, last...) {
			if len(r.Text) > maxText || strings.ContainsFunc(r.Text, func(r rune) bool { return r < ' ' || r > '~' }) {
				t.Fatalf("%q is a read", r.Text)
			}
		}
	})
}
