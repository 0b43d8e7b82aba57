package decode

import "io"

// metered gives bytes to a library that unpacks them, as long as it may: it is asked
// every few kilobytes, and what a library makes of so many is bounded for each format.
type metered struct {
	raw []byte
	at  int
	may func() error
}

// Read gives the bytes that follow.
func (m *metered) Read(p []byte) (int, error) {
	n, err := m.ReadAt(p, int64(m.at))
	m.at += n
	if n > 0 {
		err = nil
	}
	return n, err
}

// ReadAt gives the bytes from a place on.
func (m *metered) ReadAt(p []byte, at int64) (int, error) {
	if err := m.may(); err != nil {
		return 0, err
	}
	if at < 0 || at >= int64(len(m.raw)) {
		return 0, io.EOF
	}
	n := copy(p, m.raw[at:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}
