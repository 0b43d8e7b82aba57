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
	return k.keep(ctx, func(ctx context.Context, ready func()) error {
		device, err := k.open()
		if err != nil {
			return err
		}
		defer device.Close()
		ready()
		return stream(ctx, device, &keys{}, func(text string) { hear(k.Profile.keyed(text)) })
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

// eviocgrab is _IOW('E', 0x90, int): the keyboard is ours alone.
const eviocgrab = 0x40044590

func (e evdev) grab() error {
	raw, err := e.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) { failed = unix.IoctlSetInt(int(fd), eviocgrab, 1) })
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

// keys makes reads of events.
type keys struct {
	framer
	rest  []byte // of an event
	shift int    // keys held
}

func (k *keys) take(chunk []byte) (texts []string) {
	k.rest = append(k.rest, chunk...)
	for ; len(k.rest) >= eventSize; k.rest = k.rest[eventSize:] {
		e := k.rest[2*wordSize:]
		if text, ended := k.event(binary.NativeEndian.Uint16(e), binary.NativeEndian.Uint16(e[2:]), int32(binary.NativeEndian.Uint32(e[4:]))); ended {
			texts = append(texts, text)
		}
	}
	return texts
}

func (k *keys) event(kind, code uint16, value int32) (text string, ended bool) {
	switch {
	case kind == evSyn && code == synDropped:
		k.drop()
		k.shift = 0
	case kind != evKey:
	case code == leftShift || code == rightShift:
		switch value {
		case pressed:
			k.shift++
		case released:
			k.shift = max(0, k.shift-1)
		}
	case value == pressed:
		pair, known := layout[code]
		switch {
		case !known && code >= firstButton: // a mouse's, or a gun's own
		case !known:
			return k.push('?') // somebody else's label, not a part of one of ours
		case k.shift > 0:
			return k.push(pair[1])
		default:
			return k.push(pair[0])
		}
	}
	return "", false
}
