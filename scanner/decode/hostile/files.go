package hostile

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/adler32"
	"hash/crc32"
	"image"
	"image/png"
	"maps"
	"math/rand/v2"
)

// Size of the pictures in Files, in pixels: 2.1 megapixels.
const wide, tall = 1600, 1312

// interlacedRows are the rows of Adam7's seven passes: each begins with a byte.
const interlacedRows = tall/8 + tall/8 + tall/8 + tall/4 + tall/4 + tall/2 + tall/2

// JPEG are files of JPEG whose compression is made to take long, the same ones in every
// run.
func JPEG() map[string][]byte {
	return map[string][]byte{
		"JPEG, refined 540 times":                 progressive(540, 1, 63, 0x10),
		"JPEG, refined 3700 times":                progressive(3700, 1, 63, 0x10),
		"JPEG, 3700 passes":                       progressive(3700, 1, 63, 0),
		"JPEG, 3700 passes of a coefficient":      progressive(3700, 63, 63, 0),
		"JPEG, refined 540 times, without an end": endless(progressive(540, 1, 63, 0x10)),
		"JPEG, its brightness sent 100 times":     again(100),
		"JPEG, 10,000 tables":                     tables(10_000),
		"JPEG, passes and rubbish between":        bytes.ReplaceAll(progressive(540, 1, 63, 0x10), sos, append([]byte{0, 1, 2}, sos...)),
	}
}

// Files are pictures in files whose compression is made to take long, of every format.
func Files() map[string][]byte {
	files := map[string][]byte{
		"PNG, empty blocks":                        pngOf(8, 0, 0, deflated(200_000, nil)),
		"PNG of 16 bits, empty blocks":             pngOf(16, 6, 0, deflated(1_000_000, nil)),
		"PNG, a row and empty blocks":              pngOf(8, 6, 0, deflated(400_000, make([]byte, 65_000))),
		"PNG of 16 bits, noise":                    noise(),
		"PNG of 16 bits, interlaced zeros":         pngOf(16, 6, 1, zeros(8*wide*tall+interlacedRows)),
		"PNG of 300,000 empty chunks":              chunks(300_000),
		"GIF, nothing but clear codes":             clears(2_000_000),
		"WebP of 65,536 groups of codes":           groups(),
		"WebP of 268 megapixels that declares two": lying(),
		"TIFF, its strips one and the same":        strips(),
	}
	maps.Copy(files, JPEG())
	return files
}

// progressive is a JPEG of three colours with so many scans of 14 bytes, each of which
// says of all its 32,800 blocks that there is nothing to say.
func progressive(scans int, from, to, approximation byte) []byte {
	out := header(0xc2)
	out = append(append(out, scan(0, 0, 0)...), make([]byte, 32_800/8)...)
	for range scans {
		out = append(append(out, scan(from, to, approximation)...), 0x7f, 0xfe, 0xff, 0, 0xfc)
	}
	return append(out, 0xff, 0xd9)
}

// again is a JPEG that sends its first colour so many times.
func again(times int) []byte {
	out := header(0xc0)
	for range times {
		out = append(append(out, scan(0, 63, 0)...), make([]byte, 2*32_800/8)...)
	}
	return append(out, 0xff, 0xd9)
}

// tables is a JPEG that defines so many Huffman tables.
func tables(n int) []byte {
	out := header(0xc0)
	end := len(out)
	for range n {
		out = append(out, segment(0xc4, huffman(0, 0)...)...)
	}
	return append(append(out, out[2:end]...), 0xff, 0xd9)
}

func endless(raw []byte) []byte { return raw[:len(raw)-4] }

var sos = []byte{0xff, 0xda}

// header is a JPEG's beginning; the only code of each table is a zero: no difference,
// and the end of 2^14 blocks.
func header(sof byte) []byte {
	out := append([]byte{0xff, 0xd8}, segment(0xdb, append([]byte{0}, bytes.Repeat([]byte{1}, 64)...)...)...)
	frame := []byte{8, tall >> 8, tall & 255, wide >> 8, wide & 255, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0}
	out = append(out, segment(sof, frame...)...)
	out = append(out, segment(0xc4, huffman(0, 0)...)...)
	last := byte(0xe0)
	if sof == 0xc0 {
		last = 0
	}
	return append(out, segment(0xc4, huffman(0x10, last)...)...)
}

func huffman(class, value byte) []byte {
	table := make([]byte, 18)
	table[0], table[1], table[17] = class, 1, value
	return table
}

func scan(from, to, approximation byte) []byte {
	return segment(0xda, 1, 1, 0, from, to, approximation)
}

func segment(marker byte, body ...byte) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(body)+2)), body...)
}

// bits writes bits, the lowest first.
type bits struct {
	out  []byte
	last uint64
	n    int
}

func (b *bits) put(value uint64, n int) {
	b.last |= value << b.n
	for b.n += n; b.n >= 8; b.n -= 8 {
		b.out = append(b.out, byte(b.last))
		b.last >>= 8
	}
}

func (b *bits) bytes() []byte {
	b.put(0, 7)
	return b.out
}

// deflated is a zlib stream of so many blocks with tables of their own and nothing else
// (RFC 1951, 3.2.7), after what is stored.
func deflated(blocks int, stored []byte) []byte {
	var b bits
	b.out = []byte{0x78, 1}
	if stored != nil {
		b.put(0, 8) // a stored block
		b.out = binary.LittleEndian.AppendUint16(b.out, uint16(len(stored)))
		b.out = binary.LittleEndian.AppendUint16(b.out, ^uint16(len(stored)))
		b.out = append(b.out, stored...)
	}
	for range blocks {
		b.put(0b100, 3)       // not the last; with tables
		b.put(14<<10, 14)     // 257 and 1 codes, whose lengths have 18 codes
		b.put(1<<(3*2), 3*15) // a run of zeros has one bit
		b.put(1<<(3*2), 3*3)  // so has the length 1
		b.put(1|127<<1, 8)    // 138 zeros
		b.put(1|107<<1, 8)    // 118 zeros
		b.put(0, 2)           // the end's code and the distance's have one bit
		b.put(0, 1)           // the end
	}
	b.put(0b001, 3) // the last, stored
	out := append(b.bytes(), 0, 0, 0xff, 0xff)
	return binary.BigEndian.AppendUint32(out, adler32.Checksum(stored))
}

// zeros is a zlib stream of so many zeros.
func zeros(n int) []byte {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	_, _ = z.Write(make([]byte, n)) // memory takes it
	_ = z.Close()
	return out.Bytes()
}

func pngOf(depth, colours, interlaced byte, packed []byte) []byte {
	out := []byte("\x89PNG\r\n\x1a\n")
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, wide), tall)
	out = append(out, chunk("IHDR", append(head, depth, colours, 0, 0, interlaced))...)
	return append(append(out, chunk("IDAT", packed)...), chunk("IEND", nil)...)
}

func chunk(kind string, body []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	out = append(append(out, kind...), body...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}

func chunks(n int) []byte {
	whole := pngOf(8, 0, 0, nil)
	return append(bytes.Clone(whole[:33]), bytes.Repeat(chunk("IDAT", nil), n)...)
}

func noise() []byte {
	random := rand.New(rand.NewPCG(1, 2))
	img := image.NewNRGBA64(image.Rect(0, 0, wide, tall))
	for i := 0; i < len(img.Pix); i += 8 {
		binary.LittleEndian.PutUint64(img.Pix[i:], random.Uint64())
	}
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&out, img); err != nil {
		panic("hostile: " + err.Error()) // memory takes it
	}
	return out.Bytes()
}

// clears is a GIF with so many codes that clear the table.
func clears(n int) []byte {
	out := []byte("GIF89a")
	size := []byte{wide & 255, wide >> 8, tall & 255, tall >> 8}
	out = append(append(out, size...), 0x80, 0, 0, 0, 0, 0, 255, 255, 255)
	out = append(append(append(out, ',', 0, 0, 0, 0), size...), 0, 8)
	var b bits
	for range n {
		b.put(256, 9)
	}
	for codes := b.bytes(); len(codes) > 0; {
		n := min(255, len(codes))
		out = append(append(out, byte(n)), codes[:n]...)
		codes = codes[n:]
	}
	return append(out, 0, ';')
}

// groups is a WebP whose pixels may choose among as many groups of codes as can be told
// apart (RFC 9649, 3.7.2).
func groups() []byte {
	var b bits
	b.put(0x2f, 8)
	b.put(wide-1, 14)
	b.put(tall-1, 14)
	b.put(0, 4)     // no alpha, version 0
	b.put(0b100, 3) // no transform, no cache, groups
	b.put(0, 3)     // for squares of four pixels
	b.put(0, 1)     // the picture of groups has no cache
	single := uint64(0b0001)
	both := func() { b.put(0b111, 3); b.put(0, 8); b.put(255, 8) } // two symbols, of eight bits: 0 and 255
	both()
	both()
	for range 3 {
		b.put(single, 4)
	}
	for i := range (wide / 4) * (tall / 4) {
		last := uint64(0)
		if i == 0 {
			last = 0b11
		}
		b.put(last, 2)
	}
	for range 65_536 * 5 {
		b.put(single, 4)
	}
	return riff("VP8L", b.bytes())
}

// lying is a WebP that declares two megapixels and holds a picture as large as can be.
func lying() []byte {
	canvas := []byte{0, 0, 0, 0, byte((wide - 1) & 255), byte((wide - 1) >> 8), 0, byte((tall - 1) & 255), byte((tall - 1) >> 8), 0}
	frame := append([]byte{0x10, 0, 0, 0x9d, 1, 0x2a, 0xff, 0x3f, 0xff, 0x3f}, make([]byte, 1000)...)
	inner := riff("VP8 ", frame)[12:]
	whole := append(riff("VP8X", canvas), inner...)
	binary.LittleEndian.PutUint32(whole[4:], uint32(len(whole)-8))
	return whole
}

func riff(kind string, body []byte) []byte {
	if len(body)%2 == 1 {
		body = append(body, 0)
	}
	out := append([]byte("RIFF"), 0, 0, 0, 0)
	out = append(append(out, "WEBP"...), kind...)
	out = append(binary.LittleEndian.AppendUint32(out, uint32(len(body))), body...)
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out
}

// strips is a TIFF all of whose strips are the same packed bytes.
func strips() []byte {
	packed := deflated(20_000, make([]byte, wide))
	type entry struct {
		tag, kind    uint16
		count, value uint32
	}
	const entries = 8
	behind := uint32(8 + 2 + 12*entries + 4)
	data := behind + 8*tall
	list := []entry{
		{256, 4, 1, wide},
		{257, 4, 1, tall},
		{258, 3, 1, 8},
		{259, 3, 1, 8},
		{262, 3, 1, 1},
		{273, 4, tall, behind},
		{278, 4, 1, 1},
		{279, 4, tall, behind + 4*tall},
	}
	out := binary.LittleEndian.AppendUint32([]byte("II*\x00"), 8)
	out = binary.LittleEndian.AppendUint16(out, entries)
	for _, e := range list {
		out = binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint16(out, e.tag), e.kind)
		out = binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(out, e.count), e.value)
	}
	out = append(out, 0, 0, 0, 0)
	for range tall {
		out = binary.LittleEndian.AppendUint32(out, data)
	}
	for range tall {
		out = binary.LittleEndian.AppendUint32(out, uint32(len(packed)))
	}
	return append(out, packed...)
}
