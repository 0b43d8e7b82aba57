package tiff

import (
	"bytes"
	"compress/lzw"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"math/bits"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"
)

// stored is how a page of samples is stored.
type stored struct {
	order       binary.AppendByteOrder
	bits        int
	photometric uint32
	compression uint32
	tile        image.Point // zero: strips of so many rows
	rows        int
	apart       bool
	predicted   bool
	with        map[uint16][]uint32
	pixel       func(v byte) []uint16 // its samples of so many bits; nil: one, a shade
}

// samples are the rows of an area, of samples from k to k+n of each pixel.
func (s stored) samples(page *image.Gray, area image.Rectangle, k, n int) (rows [][]byte) {
	for y := area.Min.Y; y < area.Max.Y; y++ {
		var row []byte
		var free int
		last := make([]uint16, n)
		for x := area.Min.X; x < area.Max.X; x++ {
			for j, v := range s.of(page.GrayAt(x, y).Y)[k : k+n] {
				if s.predicted {
					v, last[j] = v-last[j], v
				}
				switch {
				case s.bits == 8:
					row = append(row, byte(v))
				case s.bits == 16:
					row = s.order.AppendUint16(row, v)
				case s.bits == 32:
					row = s.order.AppendUint32(row, uint32(v)<<16)
				default:
					for bit := s.bits - 1; bit >= 0; bit-- {
						if free == 0 {
							row, free = append(row, 0), 8
						}
						free--
						row[len(row)-1] |= byte(v>>bit&1) << free
					}
				}
			}
		}
		rows = append(rows, row)
	}
	return rows
}

func (s stored) of(v byte) []uint16 {
	if s.pixel != nil {
		return s.pixel(v)
	}
	if s.photometric == whiteIsZero {
		v = ^v
	}
	return []uint16{uint16(uint32(v) * 257 >> (16 - min(s.bits, 16)))}
}

// pack packs rows of a width.
func (s stored) pack(rows [][]byte, width int) []byte {
	var b bytes.Buffer
	raw := bytes.Join(rows, nil)
	switch s.compression {
	case packedDeflate, packedDeflateA:
		z := zlib.NewWriter(&b)
		_, _ = z.Write(raw) // memory takes it
		_ = z.Close()
	case packedLZW: // as before TIFF 6.0
		z := lzw.NewWriter(&b, lzw.LSB, 8)
		_, _ = z.Write(raw)
		_ = z.Close()
	case packedPackBits:
		for _, row := range rows {
			b.Write(packedRuns(row))
		}
	case packedHuffman, packedHuffmanW, packedGroup3, packedGroup4:
		form := faxForm{}
		switch s.compression {
		case packedHuffman:
			form.align = 8
		case packedHuffmanW:
			form.align = 16
		case packedGroup3:
			form = faxForm{marks: true, plane: len(s.with[tagFaxOptions]) > 0}
		case packedGroup4:
			form.plane = true
		}
		b.Write(faxed(form, rows, width))
	default:
		b.Write(raw)
	}
	out := b.Bytes()
	if len(s.with[tagFillOrder]) > 0 {
		for i, v := range out {
			out[i] = bits.Reverse8(v)
		}
	}
	return out
}

func packedRuns(raw []byte) (out []byte) {
	for len(raw) > 0 {
		n := 1
		for n < min(128, len(raw)) && raw[n] == raw[0] {
			n++
		}
		if n > 1 {
			out, raw = append(out, byte(257-n), raw[0]), raw[n:]
		} else {
			out, raw = append(out, 0, raw[0], 128), raw[1:]
		}
	}
	return out
}

// file is a page as a TIFF.
func (s stored) file(page *image.Gray) []byte {
	n := len(s.of(0))
	w, h := page.Rect.Dx(), page.Rect.Dy()
	depth := make([]uint32, n)
	for i := range depth {
		depth[i] = uint32(s.bits)
	}
	tags := map[uint16][]uint32{
		tagWidth: {uint32(w)}, tagHeight: {uint32(h)}, tagBits: depth, tagCompression: {s.compression}, tagPhotometric: {s.photometric}, tagSamples: {uint32(n)},
	}
	size, offsets, counts := image.Pt(w, s.rows), uint16(tagStripOffsets), uint16(tagStripCounts)
	if size.Y == 0 {
		size.Y = h
	}
	if tags[tagRowsPerStrip] = []uint32{uint32(size.Y)}; s.tile != (image.Point{}) {
		size, offsets, counts = s.tile, tagTileOffsets, tagTileCounts
		delete(tags, tagRowsPerStrip)
		tags[tagTileWidth], tags[tagTileHeight] = []uint32{uint32(size.X)}, []uint32{uint32(size.Y)}
	}
	if s.predicted {
		tags[tagPredictor] = []uint32{2}
	}
	together := n
	if s.apart {
		tags[tagPlanar] = []uint32{2}
		together = 1
	}
	for tag, v := range s.with {
		tags[tag] = v
	}
	var blocks [][]byte
	for k := 0; k < n; k += together {
		for y := 0; y < h; y += size.Y {
			for x := 0; x < w; x += size.X {
				area := image.Rectangle{image.Pt(x, y), image.Pt(x, y).Add(size)}
				if s.tile == (image.Point{}) {
					area.Max.Y = min(area.Max.Y, h)
				}
				blocks = append(blocks, s.pack(s.samples(page, area, k, together), size.X))
			}
		}
	}
	return written(s.order, offsets, counts, tags, blocks)
}

// times repeats a shade as so many samples, and what stands behind them.
func times(n int, behind ...uint16) func(v byte) []uint16 {
	return func(v byte) (out []uint16) {
		for range n {
			out = append(out, uint16(v))
		}
		return append(out, behind...)
	}
}

// kinds are ways to store a page.
func kinds() map[string]stored {
	little, big := binary.AppendByteOrder(binary.LittleEndian), binary.AppendByteOrder(binary.BigEndian)
	two := func(unit uint32) (out []uint32) { // a palette of green-white and black
		for range 3 {
			out = append(out, 0, 255*unit)
		}
		return out
	}
	ink := func(v byte) []uint16 { return []uint16{0, 0, 0, uint16(^v)} }
	kinds := map[string]stored{
		"fax, modified Huffman":             {order: little, bits: 1, compression: packedHuffman},
		"fax, modified Huffman by words":    {order: little, bits: 1, compression: packedHuffmanW},
		"fax, Group 3":                      {order: little, bits: 1, compression: packedGroup3, rows: 64},
		"fax, Group 3 of two dimensions":    {order: big, bits: 1, compression: packedGroup3, with: map[uint16][]uint32{tagFaxOptions: {1}}},
		"fax, Group 4":                      {order: little, bits: 1, compression: packedGroup4},
		"fax, Group 4 in tiles":             {order: little, bits: 1, compression: packedGroup4, tile: image.Pt(128, 64)},
		"fax, black is zero":                {order: little, bits: 1, photometric: blackIsZero, compression: packedGroup4},
		"fax, bits reversed":                {order: little, bits: 1, compression: packedGroup3, with: map[uint16][]uint32{tagFillOrder: {2}}},
		"bits reversed":                     {order: little, bits: 1, compression: unpacked, with: map[uint16][]uint32{tagFillOrder: {2}}},
		"LZW of old":                        {order: little, bits: 8, photometric: blackIsZero, compression: packedLZW},
		"PackBits":                          {order: little, bits: 1, photometric: blackIsZero, compression: packedPackBits, rows: 8},
		"Deflate by its older number":       {order: little, bits: 8, photometric: blackIsZero, compression: packedDeflateA},
		"a predictor":                       {order: little, bits: 8, photometric: blackIsZero, compression: packedDeflate, predicted: true},
		"a predictor of 16 bits":            {order: big, bits: 16, photometric: blackIsZero, compression: packedDeflate, predicted: true},
		"a predictor of colours":            {order: little, bits: 8, photometric: rgb, compression: packedDeflate, predicted: true, pixel: times(3)},
		"32 bits":                           {order: little, bits: 32, photometric: blackIsZero, compression: unpacked},
		"RGB in tiles":                      {order: little, bits: 8, photometric: rgb, compression: packedDeflate, pixel: times(3), tile: image.Pt(64, 128)},
		"RGB, planes apart":                 {order: little, bits: 8, photometric: rgb, compression: packedDeflate, pixel: times(3), apart: true, rows: 50},
		"RGB, planes apart, predicted":      {order: little, bits: 8, photometric: rgb, compression: packedDeflate, pixel: times(3), apart: true, predicted: true},
		"RGB of 16 bits":                    {order: little, bits: 16, photometric: rgb, compression: packedDeflate, pixel: func(v byte) []uint16 { return []uint16{uint16(v) << 8, uint16(v) << 8, uint16(v) << 8} }},
		"RGB of 4 bits":                     {order: little, bits: 4, photometric: rgb, compression: unpacked, pixel: func(v byte) []uint16 { return []uint16{uint16(v >> 4), uint16(v >> 4), uint16(v >> 4)} }},
		"CMYK":                              {order: little, bits: 8, photometric: cmyk, compression: packedPackBits, pixel: ink},
		"CMYK, planes apart":                {order: little, bits: 8, photometric: cmyk, compression: packedDeflate, pixel: ink, apart: true},
		"CMYK of all inks":                  {order: little, bits: 8, photometric: cmyk, compression: packedDeflate, pixel: func(v byte) []uint16 { return []uint16{uint16(^v), uint16(^v), uint16(^v), 0} }},
		"Lab":                               {order: little, bits: 8, photometric: cieLab, compression: packedDeflate, pixel: func(v byte) []uint16 { return []uint16{uint16(v), 0, 0} }},
		"YCbCr":                             {order: little, bits: 8, photometric: yCbCr, compression: packedDeflate, pixel: func(v byte) []uint16 { return []uint16{uint16(v), 128, 128} }, with: map[uint16][]uint32{tagSubsampling: {1, 1}}},
		"a palette":                         {order: little, bits: 1, photometric: palette, compression: unpacked, with: map[uint16][]uint32{tagColorMap: two(257)}},
		"a palette of 8 bits":               {order: little, bits: 1, photometric: palette, compression: unpacked, with: map[uint16][]uint32{tagColorMap: two(1)}},
		"alpha that is whole":               {order: little, bits: 8, photometric: blackIsZero, compression: packedDeflate, pixel: times(1, 255), with: map[uint16][]uint32{tagExtraSamples: {2}}},
		"alpha that nobody explains":        {order: little, bits: 8, photometric: rgb, compression: packedDeflate, pixel: times(3, 0)},
		"alpha that is the picture":         {order: little, bits: 8, photometric: blackIsZero, compression: packedDeflate, pixel: func(v byte) []uint16 { return []uint16{0, uint16(^v)} }, with: map[uint16][]uint32{tagExtraSamples: {2}}},
		"alpha that is multiplied in":       {order: little, bits: 8, photometric: rgb, compression: packedDeflate, pixel: func(v byte) []uint16 { return []uint16{0, 0, 0, uint16(^v)} }, with: map[uint16][]uint32{tagExtraSamples: {1}}},
		"alpha in a plane of its own":       {order: little, bits: 8, photometric: rgb, compression: packedDeflate, apart: true, pixel: func(v byte) []uint16 { return []uint16{0, 0, 0, uint16(^v)} }, with: map[uint16][]uint32{tagExtraSamples: {2}}},
		"counts left out, one strip":        {order: little, bits: 8, photometric: blackIsZero, compression: unpacked, with: map[uint16][]uint32{tagStripCounts: {0}}},
		"counts left out, strips":           {order: little, bits: 8, photometric: blackIsZero, compression: packedDeflate, rows: 31, with: map[uint16][]uint32{tagStripCounts: make([]uint32, 10)}},
		"a strip for each row":              {order: little, bits: 8, photometric: blackIsZero, compression: packedDeflate, rows: 1},
		"a single strip of unknown height":  {order: little, bits: 1, compression: packedGroup4, with: map[uint16][]uint32{tagRowsPerStrip: {1<<32 - 1}}},
		"LZW of old, 4 bits, white is zero": {order: big, bits: 4, compression: packedLZW},
	}
	for _, depth := range []int{1, 2, 4, 8, 12, 16} {
		for _, photometric := range []uint32{whiteIsZero, blackIsZero} {
			for at, order := range []binary.AppendByteOrder{little, big} {
				kinds[string(rune('a'+at))+" grey of "+string(rune('A'+depth))+" bits, "+string(rune('0'+photometric))] = stored{order: order, bits: depth, photometric: photometric, compression: packedDeflate, rows: 40}
			}
		}
	}
	return kinds
}

func TestEveryKindIsRead(t *testing.T) {
	page := cover(t)
	for name, s := range kinds() {
		raw := s.file(page)
		if got, err := read(raw); got != code || err != nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		if !Whole(raw) || Whole(raw[:len(raw)-20]) || Whole(raw[:20]) {
			t.Errorf("%s: a whole file and a torn one are not told apart", name)
		}
	}
}

// A mirrored page is mirrored back.
func TestOrientation(t *testing.T) {
	page := cover(t)
	w, h := page.Rect.Dx(), page.Rect.Dy()
	for o := range uint32(9) {
		turned := image.NewGray(page.Rect)
		if o > 4 {
			turned = image.NewGray(image.Rect(0, 0, h, w))
		}
		for y := range turned.Rect.Dy() { // the row y and column x of TIFF 6.0's table
			for x := range turned.Rect.Dx() {
				from := map[uint32]image.Point{
					0: {x, y}, 1: {x, y}, 2: {w - 1 - x, y}, 3: {w - 1 - x, h - 1 - y}, 4: {x, h - 1 - y},
					5: {y, x}, 6: {w - 1 - y, x}, 7: {w - 1 - y, h - 1 - x}, 8: {y, h - 1 - x},
				}[o]
				turned.SetGray(x, y, page.GrayAt(from.X, from.Y))
			}
		}
		raw := stored{order: binary.LittleEndian, bits: 8, photometric: blackIsZero, compression: packedDeflate, with: map[uint16][]uint32{tagOrientation: {o}}}.file(turned)
		g, err := Load(t.Context(), bytes.NewReader(raw))
		if err != nil || g.W != w || g.H != h || !bytes.Equal(g.Pix, page.Pix) {
			t.Errorf("%d: %v", o, err)
		}
	}
}

// Of a page that is damaged or cut short what is whole is read.
func TestWhatIsDamagedStaysWhite(t *testing.T) {
	page := cover(t)
	for name, s := range kinds() {
		if s.compression == unpacked || s.apart || s.rows == 1 {
			continue
		}
		blank := image.NewGray(image.Rect(0, 0, 400, 600))
		draw.Draw(blank, blank.Rect, image.White, image.Point{}, draw.Src)
		draw.Draw(blank, page.Rect, page, image.Point{}, draw.Src)
		s.with = map[uint16][]uint32{tagFaxOptions: s.with[tagFaxOptions], tagExtraSamples: s.with[tagExtraSamples], tagColorMap: s.with[tagColorMap], tagSubsampling: s.with[tagSubsampling], tagFillOrder: s.with[tagFillOrder]}
		for tag, v := range s.with {
			if v == nil {
				delete(s.with, tag)
			}
		}
		raw := s.file(blank)
		d := parse(raw)
		offsets, counts := d[tagStripOffsets], d[tagStripCounts]
		if s.tile != (image.Point{}) {
			offsets, counts = d[tagTileOffsets], d[tagTileCounts]
		}
		end := offsets.at(offsets.len()-1) + counts.at(counts.len()-1)
		for i := end - counts.at(counts.len()-1)/20 - 1; i < end; i++ {
			raw[i] = 0xff
		}
		if got, err := read(raw); got != code {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestCases(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "..", "shared", "cases", "tiff", "*.tif"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("no cases")
		}
		t.Skip("no cases beside the checkout")
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := read(raw); got != "16980329642303" || !Whole(raw) {
			t.Errorf("%s: %q, %v", file, got, err)
		}
	}
}

// Nobody waits for a page that nobody wants.
func TestEndsWithItsCaller(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, s := range kinds() {
		if _, err := Load(ctx, bytes.NewReader(s.file(cover(t)))); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Any shades come back as they were, but for what fewer bits and colours lose.
func TestShadesComeBack(t *testing.T) {
	all := kinds()
	rapid.Check(t, func(t *rapid.T) {
		s := all[rapid.SampledFrom([]string{"a predictor", "a predictor of 16 bits", "a predictor of colours", "RGB in tiles", "RGB, planes apart", "CMYK", "CMYK, planes apart", "CMYK of all inks", "Lab", "LZW of old", "RGB of 16 bits", "alpha that is the picture", "alpha that is multiplied in"}).Draw(t, "kind")]
		page := image.NewGray(image.Rect(0, 0, rapid.IntRange(1, 70).Draw(t, "width"), rapid.IntRange(1, 70).Draw(t, "height")))
		seed := rapid.Uint32().Draw(t, "seed")
		for i := range page.Pix {
			seed = seed*1664525 + 1013904223
			page.Pix[i] = byte(seed >> 24)
		}
		g, err := Load(context.Background(), bytes.NewReader(s.file(page)))
		if err != nil || g.W != page.Rect.Dx() || g.H != page.Rect.Dy() {
			t.Fatal(err)
		}
		for y := range g.H {
			for x := range g.W {
				if d := int(g.Pix[y*g.Stride+x]) - int(page.At(x, y).(color.Gray).Y); d < -2 || d > 2 {
					t.Fatalf("%d off at %d, %d", d, x, y)
				}
			}
		}
	})
}
