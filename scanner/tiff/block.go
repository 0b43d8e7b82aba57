package tiff

import (
	"bytes"
	"compress/lzw"
	"compress/zlib"
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"io"
	"math/bits"

	tifflzw "golang.org/x/image/tiff/lzw"
)

func (p *page) fax() bool {
	switch p.compression {
	case packedHuffman, packedHuffmanW, packedGroup3, packedGroup4:
		return true
	}
	return false
}

// open unpacks a block's bytes.
func (p *page) open(packed []byte) (io.Reader, error) {
	if p.reversed {
		packed = bytes.Clone(packed)
		for i, b := range packed {
			packed[i] = bits.Reverse8(b)
		}
	}
	if p.fax() && p.bits*p.samples != 1 {
		return nil, fmt.Errorf("fax of %d bits", p.bits*p.samples)
	}
	switch p.compression {
	case unpacked:
		return bytes.NewReader(packed), nil
	case packedHuffman:
		return newFax(faxForm{align: 8}, packed, p.size.X), nil
	case packedHuffmanW:
		return newFax(faxForm{align: 16}, packed, p.size.X), nil
	case packedGroup3:
		return newFax(faxForm{marks: true, plane: p.number(tagFaxOptions, 0)&1 != 0}, packed, p.size.X), nil
	case packedGroup4:
		return newFax(faxForm{plane: true}, packed, p.size.X), nil
	case packedLZW:
		if len(packed) > 1 && packed[0] == 0 && packed[1]&1 != 0 { // as written before TIFF 6.0
			return lzw.NewReader(bytes.NewReader(packed), lzw.LSB, 8), nil
		}
		return tifflzw.NewReader(bytes.NewReader(packed), tifflzw.MSB, 8), nil
	case packedDeflate, packedDeflateA:
		return zlib.NewReader(bytes.NewReader(packed))
	case packedPackBits:
		return &packBits{packed: packed}, nil
	}
	return nil, fmt.Errorf("compression %d", p.compression)
}

// wanted ends reading when nobody wants it any more.
type wanted struct {
	ctx context.Context
	r   io.Reader
}

func (w wanted) Read(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.r.Read(p[:min(len(p), 1<<16)])
}

// block unpacks block i onto the page. It is an error where not even a row is there.
func (p *page) block(ctx context.Context, sheet *image.Gray, packed []byte, i int) (err error) {
	rows := 0
	defer func() {
		if r := recover(); r != nil && rows == 0 { // a decoder met bytes it did not expect: lzw of x/image v0.40 a run of zeros
			err = fmt.Errorf("%v", r)
		}
	}()
	plane := i / (p.across * p.down)
	i %= p.across * p.down
	at := image.Pt(i%p.across*p.size.X, i/p.across*p.size.Y)
	area := image.Rectangle{at, at.Add(p.size)}.Intersect(sheet.Rect)
	if p.jpeg() {
		return p.jpegBlock(ctx, sheet, area, packed, plane)
	}
	shades := p.shades
	if p.apart {
		shades = shades[plane : plane+1]
	}
	unpacked, err := p.open(packed)
	if err != nil {
		return err
	}
	in := wanted{ctx, unpacked}
	row := make([]byte, (p.size.X*len(shades)*p.bits+7)/8)
	samples := make([]byte, area.Dx())
	for y := area.Min.Y; y < area.Max.Y; y++ {
		n, err := io.ReadFull(in, row)
		if n == 0 && err != nil {
			if rows == 0 {
				return err
			}
			return nil // what is left of it stays white
		}
		rows++
		clear(row[n:])
		if p.predicted {
			p.unpredict(row, len(shades))
		}
		line := sheet.Pix[sheet.PixOffset(area.Min.X, y):][:area.Dx()]
		if plane == 0 {
			for x := range line {
				line[x] = p.start
			}
		}
		for k := range shades {
			p.pick(samples, row, k, len(shades))
			shades[k].add(line, samples)
		}
	}
	return nil
}

// unpredict makes samples of what they differ by from those of the pixel before.
func (p *page) unpredict(row []byte, samples int) {
	if p.bits == 8 {
		for i := samples; i < len(row); i++ {
			row[i] += row[i-samples]
		}
		return
	}
	order := p.offsets.order
	for i := 2 * samples; i+1 < len(row); i += 2 {
		order.PutUint16(row[i:], order.Uint16(row[i:])+order.Uint16(row[i-2*samples:]))
	}
}

// pick takes sample k of the n of each pixel out of a row: its value, or its highest 8
// bits.
func (p *page) pick(out, row []byte, k, n int) {
	switch {
	case p.bits == 8:
		for x := range out {
			out[x] = row[x*n+k]
		}
	case p.bits%8 == 0: // in the file's order
		size := p.bits / 8
		high := 0
		if p.offsets.order == binary.ByteOrder(binary.LittleEndian) {
			high = size - 1
		}
		for x := range out {
			out[x] = row[(x*n+k)*size+high]
		}
	default:
		drop := max(p.bits-8, 0)
		for x := range out {
			at := (x*n + k) * p.bits
			v := uint32(0)
			for b := at / 8; b <= (at+p.bits-1)/8; b++ {
				v = v<<8 | uint32(row[b])
			}
			v >>= 7 - uint(at+p.bits-1)%8
			out[x] = byte(v & (1<<p.bits - 1) >> drop)
		}
	}
}

// packBits unpacks runs of bytes (TIFF 6.0, section 9).
type packBits struct {
	packed []byte
	left   int  // bytes of what was begun
	same   bool // they are all the next
}

func (b *packBits) Read(p []byte) (n int, err error) {
	for n < len(p) {
		for b.left == 0 {
			if len(b.packed) < 2 {
				return n, io.EOF
			}
			head := int(int8(b.packed[0]))
			b.packed = b.packed[1:]
			if head != -128 { // nothing
				b.same, b.left = head < 0, max(head, -head)+1
			}
		}
		if len(b.packed) == 0 {
			return n, io.EOF
		}
		take := min(b.left, len(p)-n)
		if b.same {
			for i := range take {
				p[n+i] = b.packed[0]
			}
		} else {
			take = copy(p[n:n+take], b.packed)
			b.packed = b.packed[take:]
		}
		if n, b.left = n+take, b.left-take; b.same && b.left == 0 {
			b.packed = b.packed[1:]
		}
	}
	return n, nil
}
