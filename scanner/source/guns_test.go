package source

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// gunCase is a row of testdata/guns.json: keys and when they come, and what is read.
// web/kiosk/static/wedge.js obeys it too.
type gunCase struct {
	Name, Prefix, Suffix string

	Only, Why string // who obeys it alone, and the reason
	Field     *string
	Left      string // in the field
	Keys      []gunKeys
	Reads     []struct {
		At                    int64 // ms since the beginning; 0: at any time
		Text, Method, Problem string
	}
}

// gunKeys are keys that come one after another.
type gunKeys struct {
	Wait, Every int64  // ms before the first character, and before each other; 0: 10
	Type        string // characters of a US board, or
	Key, With   string // a key by its name on a page, with a modifier
	By          string // how: the number pad, Alt with it, a page's key without a place
}

// named are the kernel's codes of keys that the table names.
var named = map[string]uint16{
	"Enter": 28, "NumpadEnter": 96, "Tab": 15, "Backspace": 14, "ArrowDown": 108, "IntlBackslash": 86,
	"F5": 63, "F8": 66, "F12": 88, "CapsLock": 58, "NumLock": 69, "ScrollLock": 70,
	"KeyB": 48, "KeyJ": 36, "KeyM": 50, "Digit7": 8, "Control": 29, "Alt": 56, "Meta": 125, "Shift": 42,
}

// gunCases are those that an agent obeys.
func gunCases(t *testing.T) (list []gunCase) {
	t.Helper()
	raw, err := os.ReadFile("testdata/guns.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		if (c.Only == "") != (c.Why == "") {
			t.Errorf("%s: a row of one reader needs a reason, and only that", c.Name)
		}
	}
	return slices.DeleteFunc(list, func(c gunCase) bool { return c.Only == "kiosk" })
}

// send plays a row: each write is what a device gives for one key.
func (c gunCase) send(write func(chunk []byte), character func(c rune, by string) []byte, key func(name, with string) []byte) {
	for _, k := range c.Keys {
		every := time.Duration(max(k.Every, 0)) * time.Millisecond
		if every == 0 {
			every = 10 * time.Millisecond
		}
		wait := time.Duration(k.Wait) * time.Millisecond
		if wait == 0 {
			wait = every
		}
		for _, typed := range k.Type {
			time.Sleep(wait)
			write(character(typed, k.By))
			wait = every
		}
		if k.Key != "" {
			time.Sleep(wait)
			write(key(k.Key, k.With))
		}
	}
}

// check compares what was heard with the row.
func (c gunCase) check(t *testing.T, heard []string) {
	t.Helper()
	var want []string
	for i, r := range c.Reads {
		if r.Method == "" {
			r.Method = byWedge
		}
		at := fmt.Sprint(r.At)
		if r.At == 0 && i < len(heard) {
			_, at, _ = strings.Cut(heard[i], " at ")
		}
		want = append(want, strings.TrimSpace(fmt.Sprint(r.Text, " ", r.Method, " ", r.Problem))+" at "+at)
	}
	if !slices.Equal(heard, want) {
		t.Errorf("\n got %q\nwant %q", heard, want)
	}
}

// play gives a row to a reader of a device, in time of its own.
func (c gunCase) play(t *testing.T, reader cutter, character func(c rune, by string) []byte, key func(name, with string) []byte) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		from, to := io.Pipe()
		began, done := time.Now(), make(chan error)
		var heard []string
		go func() {
			done <- stream(t.Context(), from, reader, func(r Read) error {
				heard = append(heard, strings.TrimSpace(fmt.Sprint(r.Text, " ", r.Method, " ", r.Problem))+fmt.Sprint(" at ", time.Since(began).Milliseconds()))
				return nil
			})
		}()
		c.send(func(chunk []byte) {
			if len(chunk) > 0 {
				if _, err := to.Write(chunk); err != nil {
					t.Error(err)
				}
			}
			synctest.Wait()
		}, character, key)
		time.Sleep(5 * time.Second)
		to.Close()
		<-done
		c.check(t, heard)
	})
}

// The table by a gun that types.
func TestGunsThatType(t *testing.T) {
	at := func(code uint16, value int32) []byte {
		e := press(evKey, code, value)
		now := time.Now().UnixMicro()
		if wordSize == 4 {
			binary.NativeEndian.PutUint32(e, uint32(now/1e6))
			binary.NativeEndian.PutUint32(e[4:], uint32(now%1e6))
		} else {
			binary.NativeEndian.PutUint64(e, uint64(now/1e6))
			binary.NativeEndian.PutUint64(e[8:], uint64(now%1e6))
		}
		return e
	}
	hit := func(code uint16) []byte { return slices.Concat(at(code, pressed), at(code, released)) }
	held := func(modifier string, events ...[]byte) []byte {
		return slices.Concat(at(named[modifier], pressed), slices.Concat(events...), at(named[modifier], released))
	}
	character := func(c rune, by string) []byte {
		if by == "alt" {
			var pad [][]byte
			for _, d := range fmt.Sprintf("%03d", c) {
				pad = append(pad, hit([10]uint16{82, 79, 80, 81, 75, 76, 77, 71, 72, 73}[d-'0']))
			}
			return held("Alt", pad...)
		}
		for code := range uint16(120) {
			switch pair, known := layout[code]; {
			case !known || by == "pad" != onPad(code):
			case rune(pair[0]) == c:
				return hit(code)
			case rune(pair[1]) == c:
				return held("Shift", hit(code))
			}
		}
		t.Errorf("no key for %q", c)
		return nil
	}
	key := func(name, with string) []byte {
		if named[name] == 0 || with != "" && named[with] == 0 {
			t.Errorf("no key %s %s", name, with)
		}
		if with != "" {
			return held(with, hit(named[name]))
		}
		return hit(named[name])
	}
	for _, c := range gunCases(t) {
		t.Run(c.Name, func(t *testing.T) { c.play(t, newKeys(Profile{c.Prefix, c.Suffix}), character, key) })
	}
}

// The table by a gun on a serial line, which has no keys but the end of a line.
func TestGunsOnALine(t *testing.T) {
	ends := map[string]string{"Enter": "\r", "NumpadEnter": "\r\n", "Tab": "\t"}
	for _, c := range gunCases(t) {
		if slices.ContainsFunc(c.Keys, func(k gunKeys) bool { return k.Key != "" && ends[k.Key] == "" || k.By == "alt" }) {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			c.play(t, newOctets(Profile{c.Prefix, c.Suffix}), func(c rune, _ string) []byte { return []byte(string(c)) }, func(name, _ string) []byte { return []byte(ends[name]) })
		})
	}
}
