package source

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// watching tells the names of files in a folder that were closed after writing or
// moved in.
type watching struct {
	names chan string // closed when the watch ends
	err   error       // why, once names is closed
	file  *os.File
	stop  chan struct{}
}

// watch watches a folder; inotify(7).
func watch(folder string) (*watching, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("inotify: %w", err)
	}
	w := &watching{names: make(chan string), file: os.NewFile(uintptr(fd), "inotify"), stop: make(chan struct{})}
	if _, err := unix.InotifyAddWatch(fd, folder, unix.IN_CLOSE_WRITE|unix.IN_MOVED_TO|unix.IN_DELETE_SELF|unix.IN_MOVE_SELF|unix.IN_ONLYDIR); err != nil {
		w.file.Close()
		return nil, fmt.Errorf("inotify: %w", err)
	}
	go w.run()
	return w, nil
}

func (w *watching) run() {
	defer close(w.names)
	buffer := make([]byte, 64<<10)
	for {
		n, err := w.file.Read(buffer)
		if err != nil {
			w.err = err
			return
		}
		for events := buffer[:n]; len(events) >= unix.SizeofInotifyEvent; {
			mask, size := binary.NativeEndian.Uint32(events[4:]), int(binary.NativeEndian.Uint32(events[12:]))
			name := string(bytes.TrimRight(events[unix.SizeofInotifyEvent:][:size], "\x00"))
			events = events[unix.SizeofInotifyEvent+size:]
			if mask&(unix.IN_DELETE_SELF|unix.IN_MOVE_SELF|unix.IN_IGNORED|unix.IN_UNMOUNT) != 0 {
				w.err = os.ErrNotExist
				return
			}
			if name == "" || mask&unix.IN_ISDIR != 0 {
				continue
			}
			select {
			case w.names <- filepath.Base(name):
			case <-w.stop:
				return
			}
		}
	}
}

// close ends the watch and waits for it.
func (w *watching) close() {
	close(w.stop)
	w.file.Close()
	for range w.names {
	}
}
