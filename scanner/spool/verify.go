package spool

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
)

// The layout of a bbolt file, version 2, in the machine's byte order. It is read
// here before bbolt sees it, because bbolt trusts its pages: of a torn file it
// panics in a goroutine of its own, or reads where no memory is.
const (
	boltMagic    = 0xED0CDAED
	boltVersion  = 2
	pageHeader   = 16
	metaSize     = 64
	branchEntry  = 16
	leafEntry    = 16
	bucketHeader = 16

	flagBranch = 0x01
	flagLeaf   = 0x02
	flagBucket = 0x01 // of a leaf's entry
)

// native is the machine's byte order.
var native = binary.NativeEndian

var errTorn = errors.New("spool file is torn")

// tree checks one file's pages.
type tree struct {
	raw   []byte
	page  uint64 // bytes of a page
	limit uint64 // pages in use
	seen  map[uint64]bool

	buckets map[string]bool
	in      string // the bucket that is walked
	book    []byte // payload of the book's frame
	newest  uint64 // key of a command or of what was refused
}

// verify reports whether a file can be given to bbolt and holds a whole spool:
// every page that can be reached is sound, is reached once and has its keys in
// order, every value is a whole frame, and the newest command is the one that the
// book names. errTorn.
func verify(raw []byte) error {
	t := tree{raw: raw, seen: map[uint64]bool{0: true, 1: true}, buckets: map[string]bool{}}
	root, err := t.meta()
	if err != nil {
		return err
	}
	if err := t.walk(root, nil, nil, true); err != nil {
		return err
	}
	for _, name := range allBuckets {
		if !t.buckets[string(name)] {
			return fmt.Errorf("%w: no bucket %s", errTorn, name)
		}
	}
	var b book
	if err := json.Unmarshal(t.book, &b); err != nil {
		return fmt.Errorf("%w: no book: %w", errTorn, err)
	}
	if t.newest != b.Last && (t.newest > 0 || b.Sent < b.Last) {
		return fmt.Errorf("%w: command %d is the newest, the book says %d", errTorn, t.newest, b.Last)
	}
	return nil
}

// meta chooses the newer of the two meta pages, as bbolt does, but both must be whole:
// were one damaged, bbolt would go on with the other, which may be the older and not
// lead to the newest command. Of a commit that a crash ended within its meta page the
// command comes along then, as if it had ended just after.
func (t *tree) meta() (root uint64, err error) {
	var newer []byte
	for _, size := range []uint64{4096, 8192, 16384, 32768, 65536} {
		a, wholeA := metaAt(t.raw, 0, size)
		b, wholeB := metaAt(t.raw, size, size)
		if wholeA != wholeB {
			return 0, fmt.Errorf("%w: one of its meta pages is damaged", errTorn)
		}
		if wholeA {
			t.page, newer = size, a
			if native.Uint64(b[48:]) > native.Uint64(a[48:]) {
				newer = b
			}
			break
		}
	}
	if newer == nil {
		return 0, fmt.Errorf("%w: no whole meta page", errTorn)
	}
	t.limit = native.Uint64(newer[40:])
	switch {
	case t.limit > uint64(len(t.raw))/t.page:
		return 0, fmt.Errorf("%w: %d bytes, %d pages of %d", errTorn, len(t.raw), t.limit, t.page)
	case native.Uint64(newer[32:]) != ^uint64(0):
		// A list of free pages is in the file only before the first commit: with
		// NoFreelistSync bbolt finds them anew, so that none can be damaged.
		return 0, fmt.Errorf("%w: it was never finished", errTorn)
	}
	return native.Uint64(newer[16:]), nil
}

func metaAt(raw []byte, at, size uint64) ([]byte, bool) {
	if at+pageHeader+metaSize > uint64(len(raw)) {
		return nil, false
	}
	m := raw[at+pageHeader:][:metaSize]
	h := fnv.New64a()
	h.Write(m[:56])
	return m, native.Uint32(m) == boltMagic && native.Uint32(m[4:]) == boltVersion &&
		uint64(native.Uint32(m[8:])) == size && native.Uint64(m[56:]) == h.Sum64()
}

// walk checks the page and all below it. Keys are from low on, below high; nil is
// no bound. The top tree holds buckets, a bucket holds frames.
func (t *tree) walk(id uint64, low, high []byte, top bool) error {
	bad := func(what string) error { return fmt.Errorf("%w: page %d: %s", errTorn, id, what) }
	if id >= t.limit {
		return bad("lies outside the file")
	}
	raw := t.raw[id*t.page:]
	over := uint64(native.Uint32(raw[12:]))
	if native.Uint64(raw) != id || over >= t.limit-id {
		return bad("is not what it should be")
	}
	for i := id; i <= id+over; i++ {
		if t.seen[i] {
			return bad("is reached twice")
		}
		t.seen[i] = true
	}
	return t.entries(raw[:(over+1)*t.page], low, high, top, bad)
}

func (t *tree) entries(raw, low, high []byte, top bool, bad func(string) error) error {
	flags, count := native.Uint16(raw[8:]), int(native.Uint16(raw[10:]))
	if flags != flagBranch && flags != flagLeaf || flags == flagBranch && count == 0 || pageHeader+count*leafEntry > len(raw) {
		return bad("has no entries")
	}
	keys, values := make([][]byte, count), make([][]byte, count)
	for i := range count {
		at := pageHeader + i*leafEntry
		e := raw[at:]
		var pos, ksize, vsize uint64
		if flags == flagBranch {
			pos, ksize, vsize = uint64(native.Uint32(e)), uint64(native.Uint32(e[4:])), 0
		} else {
			pos, ksize, vsize = uint64(native.Uint32(e[4:])), uint64(native.Uint32(e[8:])), uint64(native.Uint32(e[12:]))
		}
		from := uint64(at) + pos
		if ksize == 0 || pos < leafEntry || from+ksize+vsize > uint64(len(raw)) {
			return bad("has an entry outside of it")
		}
		keys[i], values[i] = raw[from:from+ksize], raw[from+ksize:from+ksize+vsize]
		switch {
		case i == 0 && low != nil && bytes.Compare(keys[i], low) < 0, i > 0 && bytes.Compare(keys[i-1], keys[i]) >= 0,
			high != nil && bytes.Compare(keys[i], high) >= 0:
			return bad("has keys out of order")
		}
	}
	for i := range count {
		at := raw[pageHeader+i*leafEntry:]
		var err error
		switch {
		case flags == flagBranch:
			next := high
			if i+1 < count {
				next = keys[i+1]
			}
			err = t.walk(native.Uint64(at[8:]), keys[i], next, top)
		case native.Uint32(at)&flagBucket != 0:
			t.in = string(keys[i])
			t.buckets[t.in] = true
			err = t.bucket(values[i], top, bad)
		case native.Uint32(at) != 0 || top:
			err = bad("has an entry of no kind")
		default:
			err = t.value(keys[i], values[i], bad)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// holds says what kind of frames a bucket has.
var holds = map[string]kind{
	string(bucketBook): kindBook, string(bucketScans): kindScan, string(bucketIDs): kindScan, string(bucketDrawer): kindDrawer, string(bucketMarks): kindMark,
}

// value checks one value of a bucket: a whole frame of its kind, which knows its
// own key.
func (t *tree) value(k, v []byte, bad func(string) error) error {
	f, err := parseFrame(v)
	if err != nil || len(f.payload)+frameHeader != len(v) || f.kind != holds[t.in] {
		return bad("has a damaged frame")
	}
	switch t.in {
	case string(bucketBook):
		if !bytes.Equal(k, bookKey) {
			return bad("has another book")
		}
		t.book = f.payload
	case string(bucketIDs):
	default:
		if len(k) != 8 || binary.BigEndian.Uint64(k) != f.number {
			return bad("has a frame of another key")
		}
		if f.kind != kindMark {
			t.newest = max(t.newest, f.number)
		}
	}
	return nil
}

// bucket checks a bucket of the top tree: a tree of its own, or a page within the
// entry.
func (t *tree) bucket(value []byte, top bool, bad func(string) error) error {
	if !top || len(value) < bucketHeader {
		return bad("has a bucket where none belongs")
	}
	if root := native.Uint64(value); root != 0 {
		return t.walk(root, nil, nil, false)
	}
	inline := value[bucketHeader:]
	if len(inline) < pageHeader || native.Uint16(inline[8:]) != flagLeaf {
		return bad("has a damaged bucket")
	}
	return t.entries(inline, nil, nil, false, bad)
}
