package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/creack/pty"

	"harkara/internal/label"
)

// contextOf ends with the test at the latest.
func contextOf(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx, cancel
}

// A lost device is opened again with growing pauses; its loss and its return are
// told once each.
func TestKeep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told, opened []string
		began := time.Now()
		d := Device{Name: "gun", Tell: func(name string, lost error) { told = append(told, fmt.Sprint(name, " ", lost)) }}
		ctx, cancel := context.WithCancel(t.Context())
		err := d.keep(ctx, func(ctx context.Context, ready func()) error {
			opened = append(opened, time.Since(began).String())
			switch n := len(opened); {
			case n == 1 || n == 12:
				ready()
				time.Sleep(time.Minute)
				return errors.New("unplugged")
			case n == 20:
				cancel()
			}
			return errors.New("not there")
		})
		if err != nil || strings.Join(told, "; ") != "gun <nil>; gun unplugged; gun <nil>; gun unplugged" {
			t.Errorf("%v, %q", err, told)
		}
		if took := time.Since(began); took < 2*time.Minute+4*longPause/2 || took > 2*time.Minute+18*longPause {
			t.Errorf("20 tries in %v: %v", took, opened)
		}
	})
}

// A serial gun is heard, lost, and heard again at the same name.
func TestSerial(t *testing.T) {
	name := filepath.Join(t.TempDir(), "ttyGUN")
	plug := func() *os.File {
		t.Helper()
		gun, line, err := pty.Open()
		if err != nil {
			t.Skip("no pseudo terminals here: ", err)
		}
		t.Cleanup(func() { _, _ = line.Close(), gun.Close() }) // not earlier by the garbage collector: that is a gun unplugged
		_ = os.Remove(name)
		if err := os.Symlink(line.Name(), name); err != nil {
			t.Fatal(err)
		}
		return gun
	}
	gun := plug()
	ctx, cancel := contextOf(t)
	heard, told, done := make(chan Read, 9), make(chan error, 9), make(chan error, 1)
	s := &Serial{Device: Device{Name: "gun", Tell: func(_ string, lost error) { told <- lost }}, Path: name, Profile: Profile{Prefix: "<"}}
	go func() { done <- s.Run(ctx, func(r Read) error { heard <- r; return nil }) }()
	hear := func(send string, want Read) {
		t.Helper()
		if lost := <-told; lost != nil {
			t.Fatal(lost)
		}
		if _, err := gun.WriteString(send); err != nil {
			t.Fatal(err)
		}
		select {
		case got := <-heard:
			if got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
		case <-ctx.Done():
			t.Fatal("not heard")
		}
	}
	hear("<]C0"+code+"\r\n", Read{Text: code, Method: byCode128})
	if err := gun.Close(); err != nil {
		t.Fatal(err)
	}
	if lost := <-told; lost == nil {
		t.Fatal("the loss is not told")
	}
	gun = plug()
	hear(code, Read{Text: code, Method: byWedge}) // ended by stillness
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestLines(t *testing.T) {
	var got []Read
	long := strings.Repeat("9", 70_000)
	l := &Lines{
		From: strings.NewReader(code + "\n\n ]Q1" + code + " \r\ntyped " + code + "\n" + urdu(code) + "\nrubbish\nAB" + code + "Z\nAB]C0" + code + "\n" +
			long + "\n" + label.Code(code).Format() + "\n" + code + strings.Repeat(" ", maxLine) + "\n" + code),
		Profile: Profile{Prefix: "AB", Suffix: "Z"},
	}
	if err := l.Run(t.Context(), func(r Read) error { got = append(got, r); return nil }); err != nil {
		t.Fatal(err)
	}
	want := []Read{
		{Text: code, Method: byWedge},
		{Text: code, Method: byQR},
		{Text: code, Method: byTyped},
		{Text: code, Method: byWedge},
		{Text: "rubbish", Method: byWedge},
		{Text: code, Method: byWedge},
		{Text: code, Method: byCode128},
		{Problem: badCode},
		{Text: code, Method: byWedge},
		{Problem: badCode},
		{Text: code, Method: byWedge},
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// A pipe that ends within a line may have been cut there.
func TestALineWithoutItsEnd(t *testing.T) {
	broken := errors.New("input/output error")
	for _, c := range []struct {
		text string
		why  error
		want Read
	}{
		{code, io.EOF, Read{Text: code, Method: byWedge}},
		{code[:5], io.EOF, Read{Text: code[:5], Method: byWedge, Problem: Part}},
		{"FIN-2019", io.EOF, Read{Text: "FIN-2019", Method: byWedge}},
		{"FIN-2019", broken, Read{Text: "FIN-2019", Method: byWedge, Problem: Part}},
		{code, broken, Read{Text: code, Method: byWedge}},
	} {
		l := &Lines{From: io.MultiReader(strings.NewReader("0012345\n"+c.text), iotest.ErrReader(c.why))}
		var got []Read
		if err := l.Run(t.Context(), func(r Read) error { got = append(got, r); return nil }); errors.Is(err, broken) != (c.why == broken) {
			t.Error(err)
		}
		if want := []Read{{Text: "0012345", Method: byWedge}, c.want}; !slices.Equal(got, want) {
			t.Errorf("%q, %v: %+v, want %+v", c.text, c.why, got, want)
		}
	}
}

// Lines are there until they end; what ends otherwise is lost.
func TestLinesEnd(t *testing.T) {
	broken := errors.New("input/output error")
	for _, why := range []error{io.EOF, broken} {
		var told []error
		l := &Lines{From: io.MultiReader(strings.NewReader(code+"\n"), iotest.ErrReader(why)), Device: Device{Tell: func(_ string, lost error) { told = append(told, lost) }}}
		err := l.Run(t.Context(), func(Read) error { return nil })
		if len(told) != 2 || told[0] != nil {
			t.Fatalf("%v: %v", why, told)
		}
		if why == broken && (!errors.Is(err, broken) || !errors.Is(told[1], broken)) || why == io.EOF && (err != nil || told[1] != ErrEnded) {
			t.Errorf("%v: %v, told %v", why, err, told)
		}
	}
}
