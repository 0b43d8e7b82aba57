package source

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Keyboard is a gun that types, read below any keyboard layout and kept from
// everybody else: what it reads never lands in a document.
type Keyboard struct {
	Device
	Path    string // of its event device, may be a pattern: /dev/input/by-id/*Scanner*-event-kbd
	Profile Profile

	attach func(path string) (board, error) // nil: the kernel's device
}

// board is an event device of the kernel.
type board interface {
	io.ReadCloser
	grab() error // from everybody else
}

// Run hears the gun until ctx ends.
func (k *Keyboard) Run(ctx context.Context, hear Hear) error {
	board := newKeys(k.Profile) // outlives a session: the rest of a code may come in the next
	return k.keep(ctx, func(ctx context.Context, ready func()) error {
		device, err := k.open()
		if err != nil {
			return err
		}
		defer device.Close()
		ready()
		return stream(ctx, device, board, hear)
	})
}

func (k *Keyboard) open() (board, error) {
	found, err := filepath.Glob(k.Path)
	if err != nil || len(found) == 0 {
		return nil, fmt.Errorf("no keyboard at %s", k.Path)
	}
	attach := k.attach
	if attach == nil {
		attach = openBoard
	}
	device, err := attach(found[0])
	if err != nil {
		return nil, fmt.Errorf("open keyboard: %w", err)
	}
	if err := device.grab(); err != nil {
		return nil, errors.Join(fmt.Errorf("grab keyboard %s: %w", found[0], err), device.Close())
	}
	return device, nil
}

// evdev is a board as the kernel shows it.
type evdev struct{ *os.File }

func openBoard(path string) (board, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0) // so that Close ends a Read
	return evdev{f}, err
}

const (
	eviocgrab     = 0x40044590 // _IOW('E', 0x90, int): the keyboard is ours alone
	eviocsclockid = 0x400445a0 // _IOW('E', 0xa0, int): its events tell the time by this clock
)

func (e evdev) grab() error {
	raw, err := e.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		if failed = unix.IoctlSetInt(int(fd), eviocgrab, 1); failed == nil {
			failed = unix.IoctlSetPointerInt(int(fd), eviocsclockid, unix.CLOCK_MONOTONIC)
		}
	})
	return errors.Join(err, failed)
}

// An input_event of the kernel is a time of two words, type, code and value: 24
// bytes, on 32-bit machines 16.
const (
	wordSize  = strconv.IntSize / 8
	eventSize = 2*wordSize + 8

	evSyn, evKey = 0, 1
	synDropped   = 3 // the kernel's buffer ran over: keys are missing

	released, pressed = 0, 1 // 2 repeats
)

// keys makes reads of events. It takes times from them: what waited in the kernel while
// the program did not run came as fast as it was typed.
type keys struct {
	framer
	rest   []byte // of an event
	held   held
	number int // typed on the number pad while Alt is held: a character's
	digits int // of it
}

func newKeys(p Profile) *keys { return &keys{framer: framer{profile: p, bare: p.keyed}} }

func (k *keys) take(chunk []byte, now time.Duration) (reads []Read) {
	k.now = now
	k.rest = append(k.rest, chunk...)
	for ; len(k.rest) >= eventSize; k.rest = k.rest[eventSize:] {
		e := k.rest[2*wordSize:]
		reads = append(reads, k.event(binary.NativeEndian.Uint16(e), binary.NativeEndian.Uint16(e[2:]), int32(binary.NativeEndian.Uint32(e[4:])), when(k.rest))...)
	}
	return reads
}

// when is the time of an event.
func when(e []byte) time.Duration {
	if wordSize == 4 {
		return time.Duration(binary.NativeEndian.Uint32(e))*time.Second + time.Duration(binary.NativeEndian.Uint32(e[4:]))*time.Microsecond
	}
	return time.Duration(binary.NativeEndian.Uint64(e))*time.Second + time.Duration(binary.NativeEndian.Uint64(e[8:]))*time.Microsecond
}

func (k *keys) event(kind, code uint16, value int32, at time.Duration) []Read {
	bit := modifiers[code]
	switch {
	case kind == evSyn && code == synDropped:
		k.held, k.digits = 0, 0
		return k.drop(at)
	case kind != evKey:
	case bit != 0 && value == released:
		k.held &^= bit
		if !k.held.has(alt) {
			return k.numbered(at)
		}
	case bit != 0:
		k.held |= bit
	case value == pressed:
		return k.press(code, at)
	}
	return nil
}

func (k *keys) press(code uint16, at time.Duration) []Read {
	pair, known := layout[code]
	switch {
	case k.held.has(alt):
		if onPad(code) {
			k.number, k.digits = (10*k.number+int(pair[0]-'0'))%256, k.digits+1
		}
	case k.held.has(ctrl):
		if code == keyJ || code == keyM {
			return k.push('\n', at)
		}
	case k.held.has(meta):
	case edits(code):
		return k.stop(at)
	case !known:
	case k.held.has(shift):
		return k.push(pair[1], at)
	default:
		return k.push(pair[0], at)
	}
	return nil
}

// numbered is the character whose number was typed with Alt.
func (k *keys) numbered(at time.Duration) []Read {
	c, typed := byte(k.number), k.digits > 0
	k.number, k.digits = 0, 0
	switch {
	case !typed:
		return nil
	case c > '~', c < ' ' && !strings.ContainsRune("\x00\x02\x03\t\n\r", rune(c)):
		c = unknown
	}
	return k.push(c, at)
}
