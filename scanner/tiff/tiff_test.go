package tiff

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"image/draw"
	"image/jpeg"
	"strings"
	"testing"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"
	xtiff "golang.org/x/image/tiff"

	"harkara/internal/label"
	"harkara/scanner/decode"
)

var code = label.New(label.File, 4722)

// cover is a page with a QR code on it.
func cover(t testing.TB) *image.Gray {
	t.Helper()
	page := image.NewGray(image.Rect(0, 0, 400, 310))
	draw.Draw(page, page.Rect, image.White, image.Point{}, draw.Src)
	symbol, err := qr.Encode(string(code), qr.H, qr.Numeric)
	if err == nil {
		symbol, err = barcode.Scale(symbol, 210, 210)
	}
	if err != nil {
		t.Fatal(err)
	}
	draw.Draw(page, image.Rect(40, 50, 250, 260), symbol, image.Point{}, draw.Src)
	return page
}

// inked is the page as YCbCr; with red ink its planes are red, green and blue.
func inked(page *image.Gray, red bool) *image.YCbCr {
	out := image.NewYCbCr(page.Rect, image.YCbCrSubsampleRatio444)
	copy(out.Y, page.Pix)
	for i := range out.Cb {
		out.Cb[i], out.Cr[i] = 128, 128
	}
	if red {
		copy(out.Cb, page.Pix)
		copy(out.Cr, page.Pix)
		for i := range out.Y {
			out.Y[i] = 255
		}
	}
	return out
}

func inverted(page *image.Gray) *image.Gray {
	out := image.NewGray(page.Rect)
	for i, v := range page.Pix {
		out.Pix[i] = ^v
	}
	return out
}

// sheet is a page that is packed as JPEG: its tags, and how it is cut.
type sheet struct {
	order       binary.AppendByteOrder
	page        image.Image
	photometric uint32
	block       image.Point // of a strip as wide as the page, or of a tile
	apart       bool        // the tables stand in the directory, not in each block
	with        map[uint16]uint32
}

// segments cuts a JPEG into its tables and the rest, each a stream of its own.
func segments(raw []byte) (tables, rest []byte) {
	tables, rest = []byte("\xff\xd8"), []byte("\xff\xd8")
	at := 2
	for raw[at+1] != 0xda { // the scan's header
		n := 2 + int(binary.BigEndian.Uint16(raw[at+2:]))
		if mark := raw[at+1]; mark == 0xdb || mark == 0xc4 {
			tables = append(tables, raw[at:at+n]...)
		} else {
			rest = append(rest, raw[at:at+n]...)
		}
		at += n
	}
	return append(tables, 0xff, 0xd9), append(rest, raw[at:]...)
}

// file is the sheet as a TIFF.
func (s sheet) file(t testing.TB) []byte {
	t.Helper()
	size := s.page.Bounds().Size()
	tiled := s.block.X != size.X
	var tables []byte
	var blocks [][]byte
	for y := 0; y < size.Y; y += s.block.Y {
		for x := 0; x < size.X; x += s.block.X {
			r := image.Rect(x, y, x+s.block.X, y+s.block.Y)
			part := s.page.(interface {
				SubImage(image.Rectangle) image.Image
			}).SubImage(r)
			if tiled {
				whole := image.NewGray(r)
				draw.Draw(whole, r, part, r.Min, draw.Src)
				part = whole
			}
			var out bytes.Buffer
			if err := jpeg.Encode(&out, part, &jpeg.Options{Quality: 90}); err != nil {
				t.Fatal(err)
			}
			raw := out.Bytes()
			if s.apart {
				tables, raw = segments(raw)
			}
			blocks = append(blocks, raw)
		}
	}
	samples := uint32(3)
	if _, grey := s.page.(*image.Gray); grey {
		samples = 1
	}
	tags := map[uint16][]uint32{
		tagWidth: {uint32(size.X)}, tagHeight: {uint32(size.Y)}, tagBits: []uint32{8, 8, 8}[:samples], tagCompression: {packedJPEG}, tagPhotometric: {s.photometric}, tagSamples: {samples},
	}
	offsets, counts := uint16(tagStripOffsets), uint16(tagStripCounts)
	if tags[tagRowsPerStrip] = []uint32{uint32(s.block.Y)}; tiled {
		offsets, counts = tagTileOffsets, tagTileCounts
		delete(tags, tagRowsPerStrip)
		tags[tagTileWidth], tags[tagTileHeight] = []uint32{uint32(s.block.X)}, []uint32{uint32(s.block.Y)}
	}
	data := []byte("II*\x00")
	if s.order == binary.AppendByteOrder(binary.BigEndian) {
		data = []byte("MM\x00*")
	}
	data = append(data, 0, 0, 0, 0) // the directory's place
	for _, b := range blocks {
		tags[offsets] = append(tags[offsets], uint32(len(data)))
		tags[counts] = append(tags[counts], uint32(len(b)))
		data = append(data, b...)
	}
	for tag, v := range s.with {
		tags[tag] = []uint32{v}
	}
	var entries []byte
	n := uint16(0)
	for tag := range uint16(400) {
		values, kind, count := []byte(nil), uint16(4), uint32(len(tags[tag]))
		for _, v := range tags[tag] {
			values = s.order.AppendUint32(values, v)
		}
		if tag == tagJPEGTables && s.apart {
			values, kind, count = tables, 7, uint32(len(tables))
		}
		if count == 0 {
			continue
		}
		n++
		entries = s.order.AppendUint32(s.order.AppendUint16(s.order.AppendUint16(entries, tag), kind), count)
		if len(values) > 4 {
			entries = s.order.AppendUint32(entries, uint32(len(data)))
			data = append(data, values...)
		} else {
			entries = append(entries, values...)
		}
	}
	s.order.(binary.ByteOrder).PutUint32(data[4:], uint32(len(data)))
	return append(append(s.order.AppendUint16(data, n), entries...), 0, 0, 0, 0)
}

func read(raw []byte) (label.Code, error) {
	g, err := Load(context.Background(), bytes.NewReader(raw))
	if err != nil {
		return "", err
	}
	return decode.All(context.Background(), g).Code()
}

func TestPagesPackedAsJPEG(t *testing.T) {
	page := cover(t)
	little, big := binary.AppendByteOrder(binary.LittleEndian), binary.AppendByteOrder(binary.BigEndian)
	for name, s := range map[string]sheet{
		"grey, one strip":     {little, page, blackIsZero, image.Pt(400, 310), true, nil},
		"grey, strips":        {big, page, blackIsZero, image.Pt(400, 16), true, nil}, // the last is shorter
		"grey, no tables":     {little, page, blackIsZero, image.Pt(400, 64), false, nil},
		"grey, tiles":         {little, page, blackIsZero, image.Pt(128, 64), true, nil},
		"white is zero":       {little, inverted(page), whiteIsZero, image.Pt(400, 310), true, nil},
		"YCbCr, one strip":    {little, inked(page, false), yCbCr, image.Pt(400, 310), true, nil},
		"YCbCr, strips":       {big, inked(page, false), yCbCr, image.Pt(400, 16), true, nil},
		"RGB, of red ink":     {little, inked(page, true), rgb, image.Pt(400, 310), true, nil},
		"rows are not told":   {little, page, blackIsZero, image.Pt(400, 310), true, map[uint16]uint32{tagRowsPerStrip: 1<<32 - 1}},
		"planes are together": {little, page, blackIsZero, image.Pt(400, 310), true, map[uint16]uint32{tagPlanar: 1}},
	} {
		if got, err := read(s.file(t)); got != code || err != nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestTIFFThatCannotBeRead(t *testing.T) {
	s := sheet{binary.LittleEndian, cover(t), blackIsZero, image.Pt(400, 16), true, nil}
	with := func(tag uint16, v uint32) []byte {
		s := s
		s.with = map[uint16]uint32{tag: v}
		return s.file(t)
	}
	whole := s.file(t)
	for name, c := range map[string]struct {
		raw  []byte
		want error
	}{
		"CMYK":              {with(tagPhotometric, 5), ErrKind},
		"JPEG of old":       {with(tagCompression, 6), ErrKind},
		"JBIG":              {with(tagCompression, 34661), ErrKind},
		"12 bits":           {with(tagBits, 12), ErrKind},
		"planes apart":      {with(tagPlanar, 2), ErrKind},
		"no strips":         {with(tagStripOffsets, 8), ErrKind},
		"no height":         {with(tagHeight, 0), ErrKind},
		"strips too low":    {with(tagRowsPerStrip, 8), ErrKind},
		"too many strips":   {with(tagRowsPerStrip, 1), ErrKind},
		"too wide":          {with(tagWidth, 1<<32-1), decode.ErrTooLarge},
		"too large":         {with(tagHeight, 125_001), decode.ErrTooLarge},
		"cut in the middle": {whole[:len(whole)/2], ErrKind},
		"a header":          {[]byte("MM\x00*"), ErrKind},
		"no picture":        {[]byte("Dear sir"), decode.ErrNotImage},
		"nothing":           {nil, decode.ErrNotImage},
	} {
		if got, err := read(c.raw); !errors.Is(err, c.want) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	one := sheet{binary.LittleEndian, cover(t), blackIsZero, image.Pt(400, 160), true, nil}.file(t)
	d := parse(one)
	copy(d[tagStripOffsets].raw[4:], d[tagStripOffsets].raw[:4])
	copy(d[tagStripCounts].raw, []byte{0xff, 0xff, 0xff, 0, 0xff, 0xff, 0xff, 0})
	if _, err := read(one); !errors.Is(err, ErrKind) || !strings.Contains(err.Error(), "overlap") {
		t.Errorf("two strips of the same bytes: %v", err)
	}
}

// Whatever bytes come, there is a picture or an error, and none larger than it says.
func FuzzLoad(f *testing.F) {
	small := cover(f).SubImage(image.Rect(40, 50, 90, 100)).(*image.Gray)
	page := image.NewGray(image.Rect(0, 0, 50, 50))
	draw.Draw(page, page.Rect, small, small.Rect.Min, draw.Src)
	for _, s := range []sheet{
		{binary.LittleEndian, page, blackIsZero, image.Pt(50, 16), true, nil},
		{binary.BigEndian, page, whiteIsZero, image.Pt(16, 16), true, nil},
		{binary.LittleEndian, inked(page, true), rgb, image.Pt(50, 50), false, nil},
		{binary.BigEndian, inked(page, false), yCbCr, image.Pt(50, 16), true, nil},
	} {
		f.Add(s.file(f))
	}
	var plain bytes.Buffer
	if err := xtiff.Encode(&plain, page, nil); err != nil {
		f.Fatal(err)
	}
	f.Add(plain.Bytes())
	f.Fuzz(func(t *testing.T, raw []byte) {
		if d := parse(raw); d.number(tagWidth, 0) > 1<<11 || d.number(tagHeight, 0) > 1<<11 || d.number(tagTileWidth, 0) > 1<<11 || d.number(tagTileHeight, 0) > 1<<11 {
			return // large ones are right, but slow to fuzz
		}
		g, err := Load(context.Background(), bytes.NewReader(raw))
		if (g == nil) != (err != nil) {
			t.Fatal(g, err)
		}
		if g != nil && (g.W <= 0 || g.H <= 0 || len(g.Pix) < g.Stride*(g.H-1)+g.W) {
			t.Fatalf("%d x %d with %d pixels", g.W, g.H, len(g.Pix))
		}
	})
}
