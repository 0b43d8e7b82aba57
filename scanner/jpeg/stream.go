package jpeg

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// Markers (ITU-T T.81, table B.1).
const (
	sof0, sof1, sof2 = 0xc0, 0xc1, 0xc2
	dht              = 0xc4
	rst0, rst7       = 0xd0, 0xd7
	soi, eoi         = 0xd8, 0xd9
	sos, dqt         = 0xda, 0xdb
	dnl, dri         = 0xdc, 0xdd
	app0, app14, com = 0xe0, 0xee, 0xfe
)

// part is a piece of a stream: a marker and its segment, or a stretch of a scan's data,
// or so many zeros that take a stretch's place.
type part struct {
	bytes []byte
	zeros int
	scan  *scan // whose data it is; nil of a segment
	opens *scan // the scan whose header it is
}

// stream is a JPEG taken apart. Rubbish and what follows its end is left out.
type stream struct {
	parts []part
	frame frame
	adobe bool // Adobe's segment says how its colours are meant

	tables   tables
	interval int // MCUs between restart markers; 0: there are none
}

// mostParts bounds the memory that a stream of nothing but segments takes.
const mostParts = 1 << 14

// dissect takes a stream apart. Its parts share raw's memory.
func (s *stream) dissect(raw []byte) error {
	if !Is(raw) {
		return ErrFormat
	}
	s.tables.define(standardTables[4:])
	s.parts = []part{{bytes: raw[:2]}, {bytes: standardTables}}
	scans := 0
	for at := 2; len(s.parts) < mostParts; {
		marker, begin := nextMarker(raw, at)
		if marker == 0 || marker == eoi && scans > 0 || marker == soi && scans > 0 {
			break // the end, of this picture or of the data
		}
		at = begin + 2
		if marker == eoi || marker == soi || marker >= rst0 && marker <= rst7 {
			continue
		}
		if len(raw) < at+2 {
			break
		}
		end := at + int(binary.BigEndian.Uint16(raw[at:]))
		if end < at+2 || end > len(raw) {
			continue // no segment is so long: rubbish that looks like a marker
		}
		segment, body := raw[begin:end], raw[at+2:end]
		at = end
		p := part{bytes: segment}
		switch marker {
		case sof0, sof1, sof2:
			if s.frame.components != nil {
				continue
			}
			if err := s.frame.parse(body, marker == sof2); err != nil {
				return err
			}
			if s.frame.height == 0 {
				p.bytes = s.frame.lateHeight(segment, raw[end:])
			}
		case dht:
			if !s.tables.define(body) {
				continue
			}
		case dri:
			if len(body) != 2 {
				continue
			}
			s.interval = int(binary.BigEndian.Uint16(body))
		case app14:
			s.adobe = s.adobe || len(body) >= 12 && bytes.HasPrefix(body, []byte("Adobe"))
		case sos:
			if s.frame.components == nil {
				return fmt.Errorf("%w: a scan before its header", ErrFormat)
			}
			c, ok := s.frame.scanned(body)
			if !ok {
				continue
			}
			c.tables, c.interval = s.tables, s.interval
			scans++
			p.opens = &c
			n := scanEnd(raw[at:])
			s.parts = append(s.parts, p, part{bytes: raw[at : at+n], scan: &c})
			at += n
			continue
		case dqt, app0:
		case 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf:
			return fmt.Errorf("%w of a kind that is read: lossless, hierarchical or arithmetic", ErrFormat)
		default:
			continue // what no picture hangs on, or rubbish
		}
		s.parts = append(s.parts, p)
	}
	if scans == 0 {
		return fmt.Errorf("%w: it has no data", ErrFormat)
	}
	if len(s.frame.components) == 4 && !s.adobe {
		s.parts[1].bytes = append(bytes.Clone(adobeInk), standardTables...)
	}
	s.parts = append(s.parts, part{bytes: []byte{0xff, eoi}})
	return nil
}

// nextMarker finds a marker from at on; 0: there is none.
func nextMarker(raw []byte, at int) (marker byte, begin int) {
	for at < len(raw) {
		n := bytes.IndexByte(raw[at:], 0xff)
		if at += n; n < 0 || at+1 == len(raw) {
			break
		}
		if next := raw[at+1]; next != 0 && next != 0xff {
			return next, at
		}
		at++
	}
	return 0, len(raw)
}

// scanEnd is where a scan's data ends: at a marker that is none of its restarts.
// Markers that no coder uses are damage, not an end.
func scanEnd(data []byte) int {
	for at := 0; ; at += 2 {
		marker, begin := nextMarker(data, at)
		switch {
		case marker == 0:
			return len(bytes.TrimRight(data, "\xff"))
		case marker >= 0xc0 && (marker < rst0 || marker > rst7):
			return begin
		}
		at = begin
	}
}
