package spool

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
)

// Every value of the spool is a frame: it can be checked by itself, and found in
// the bytes of a file whose pages no longer hang together.
//
//	magic 4 | kind 1 | number 8 | length 4 | CRC-32C of what precedes and follows 4 | payload
const (
	frameMagic  = "HkF\x01"
	frameHeader = 4 + 1 + 8 + 4 + 4
	maxPayload  = 1 << 20
)

// kind says what a frame holds; number is the order of frames of its kind.
type kind byte

const (
	kindScan   kind = 's' // a command, number: its key
	kindDrawer kind = 'd' // Refused, number: the command's key
	kindBook   kind = 'b' // book, number: how many were written before
	kindMark   kind = 'm' // 8 bytes: the key delivered by the hour, number: that hour
)

type frame struct {
	kind    kind
	number  uint64
	payload []byte
}

var errFrame = errors.New("frame is damaged")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func (f frame) bytes() []byte {
	out := make([]byte, frameHeader, frameHeader+len(f.payload))
	copy(out, frameMagic)
	out[4] = byte(f.kind)
	binary.BigEndian.PutUint64(out[5:], f.number)
	binary.BigEndian.PutUint32(out[13:], uint32(len(f.payload)))
	out = append(out, f.payload...)
	binary.BigEndian.PutUint32(out[17:], sum(out))
	return out
}

// sum leaves out the field that holds it.
func sum(raw []byte) uint32 {
	return crc32.Update(crc32.Checksum(raw[:17], castagnoli), castagnoli, raw[frameHeader:])
}

// parseFrame reads the frame that raw begins with; its payload is a part of raw.
// errFrame.
func parseFrame(raw []byte) (frame, error) {
	if len(raw) < frameHeader || string(raw[:4]) != frameMagic {
		return frame{}, errFrame
	}
	size := binary.BigEndian.Uint32(raw[13:])
	if size > maxPayload || int(size) > len(raw)-frameHeader {
		return frame{}, errFrame
	}
	raw = raw[:frameHeader+int(size)]
	if binary.BigEndian.Uint32(raw[17:]) != sum(raw) {
		return frame{}, errFrame
	}
	return frame{kind: kind(raw[4]), number: binary.BigEndian.Uint64(raw[5:]), payload: raw[frameHeader:]}, nil
}

// frames returns every whole frame in raw, wherever it lies.
func frames(raw []byte) []frame {
	var out []frame
	for at := 0; ; {
		i := bytes.Index(raw[at:], []byte(frameMagic))
		if i < 0 {
			return out
		}
		at += i
		f, err := parseFrame(raw[at:])
		if err != nil {
			at++
			continue
		}
		out = append(out, f)
		at += frameHeader + len(f.payload)
	}
}
