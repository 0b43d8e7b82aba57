package jpeg

import "slices"

// mend changes the stream where image/jpeg failed, in the piece given last, so that it
// comes further; false: there is no way. What a scan lacks becomes zeros, which are
// valid after whatever was cut: the beginning of a code with zeros behind it is never
// greater than that code, and codes are numbered from zero without a gap.
func (s *stream) mend(at, offset int) bool {
	for at >= len(s.parts) || at > 0 && s.parts[at].scan == nil {
		at, offset = at-1, -1 // it failed for what came before
	}
	p := &s.parts[at]
	c := p.scan
	if c == nil {
		return false
	}
	if offset < 0 {
		offset = p.size()
	}
	first := at
	for s.parts[first].scan != nil {
		first--
	}
	if c.interval > 0 && !c.restarts && s.parts[first].opens == c {
		c.restarts = true
		return s.restart(first)
	}
	if p.zeros > 0 {
		return s.end(first)
	}
	if marker, begin := nextMarker(p.bytes[:min(offset+piece, len(p.bytes))], offset); marker != 0 && (marker < rst0 || marker > rst7) {
		offset = begin // it is what was met
	}
	p.bytes = p.bytes[:offset:offset]
	if at+1 >= len(s.parts) || s.parts[at+1].scan == nil {
		s.parts = slices.Insert(s.parts, at+1, part{zeros: c.filling(c.mcus), scan: c})
	}
	return true
}

// end ends the picture before the scan whose header is part at, where there was one
// before.
func (s *stream) end(at int) bool {
	if !slices.ContainsFunc(s.parts[:at], func(p part) bool { return p.scan != nil }) {
		return false
	}
	s.parts = append(s.parts[:at], s.parts[len(s.parts)-1])
	return true
}

// restart cuts the data of the scan whose header is part at into its intervals, each
// with zeros behind it, and with the restart markers that are missing. Data without any
// marker is one interval.
func (s *stream) restart(at int) bool {
	c, data := s.parts[at].opens, s.parts[at+1].bytes
	count := (c.mcus + c.interval - 1) / c.interval
	intervals := map[int][]byte{}
	number := 0
	for number < count {
		n := nextRestart(data)
		intervals[number] = data[:n]
		if n == len(data) {
			break
		}
		number += 1 + (int(data[n+1]-rst0)-number)&7
		data = data[n+2:]
	}
	var parts []part
	if len(intervals) == 1 && count > 1 {
		none := []byte{0xff, dri, 0, 4, 0, 0}
		parts = append(parts, part{bytes: none}, s.parts[at], part{bytes: intervals[0], scan: c}, part{zeros: c.filling(c.mcus), scan: c})
		again := []byte{0xff, dri, 0, 4, byte(c.interval >> 8), byte(c.interval)}
		s.parts = slices.Replace(s.parts, at, at+2, append(parts, part{bytes: again})...)
		c.interval = 0
		return true
	}
	parts = append(parts, s.parts[at])
	filling := c.filling(c.interval)
	for i := range count {
		if data := intervals[i]; len(data) > 0 {
			parts = append(parts, part{bytes: data, scan: c})
		}
		parts = append(parts, part{zeros: filling, scan: c})
		if i < count-1 {
			parts = append(parts, part{bytes: []byte{0xff, rst0 + byte(i&7)}, scan: c})
		}
	}
	s.parts = slices.Replace(s.parts, at, at+2, parts...)
	return true
}

// nextRestart is where the next restart marker of a scan's data is, or its end.
func nextRestart(data []byte) int {
	for at := 0; ; at += 2 {
		marker, begin := nextMarker(data, at)
		if marker == 0 {
			return len(data)
		}
		if marker >= rst0 && marker <= rst7 {
			return begin
		}
		at = begin
	}
}
