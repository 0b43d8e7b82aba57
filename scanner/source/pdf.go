package source

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"io"
	"iter"
	"regexp"
	"strconv"

	"golang.org/x/image/ccitt"

	"harkara/scanner/decode"
)

// Entries of an image's dictionary (ISO 32000-1, 8.9.5). What stands elsewhere in the
// document, as "12 0 R", is not looked up.
var (
	pdfFilter  = regexp.MustCompile(`/Filter\s*(\[[^\]]*\]|/\w+)`)
	pdfName    = regexp.MustCompile(`/(\w+)`)
	pdfImage   = regexp.MustCompile(`/Subtype\s*/Image\b`)
	pdfIndexed = regexp.MustCompile(`/(Indexed|DeviceCMYK|Separation|DeviceN|Lab)\b`)
	pdfAligned = regexp.MustCompile(`/EncodedByteAlign\s+true`)
	pdfNumbers = map[string]*regexp.Regexp{}
)

func init() {
	for _, name := range []string{"Width", "Height", "BitsPerComponent", "Predictor", "K", "Length"} {
		pdfNumbers[name] = regexp.MustCompile(`/` + name + `\s*(-?\d+)(\s+\d+\s+R\b)?`)
	}
}

// scanned is an image of a PDF: its dictionary and its stream.
type scanned struct{ dict, data []byte }

// number returns a number of the dictionary, or what it is where it is left out.
func (s scanned) number(name string, absent int) int {
	m := pdfNumbers[name].FindSubmatch(s.dict)
	if m == nil || len(m[2]) > 0 {
		return absent
	}
	n, err := strconv.Atoi(string(m[1]))
	if err != nil {
		return absent
	}
	return n
}

// maxDict bounds an image's dictionary in bytes.
const maxDict = 4096

// scans yields the images of a PDF as pictures that Load reads, which is how document
// scanners write one: JPEG, Flate (grey, bilevel or RGB) and fax (CCITT group 4 and
// 3). Others are told as unreadable: JBIG2, JPEG 2000, palettes, CMYK that
// is no JPEG, what is encrypted, and pages that are no pictures.
func scans(raw []byte) iter.Seq2[[]byte, string] {
	return func(yield func([]byte, string) bool) {
		found := 0
		for at := 0; found < decode.MostPages; {
			i := bytes.Index(raw[at:], []byte("stream"))
			if i < 0 {
				break
			}
			begin := at + i
			at = begin + len("stream")
			if bytes.HasSuffix(raw[:begin], []byte("end")) {
				continue
			}
			s := scanned{dict: raw[max(0, begin-maxDict):begin]}
			if o := bytes.LastIndex(s.dict, []byte(" obj")); o >= 0 {
				s.dict = s.dict[o:]
			}
			body := bytes.TrimPrefix(bytes.TrimPrefix(raw[at:], []byte("\r")), []byte("\n"))
			if !pdfImage.Match(s.dict) && !bytes.HasPrefix(body, jpegMark) {
				continue
			}
			s.data = s.cut(body)
			at = len(raw) - len(body) + len(s.data)
			found++
			if !yield(s.picture()) {
				return
			}
		}
		if found == 0 {
			yield(nil, unreadable)
		}
	}
}

var jpegMark = []byte("\xff\xd8\xff")

// cut is the stream at the beginning of body: as long as it says, if it ends there.
func (s scanned) cut(body []byte) []byte {
	end := []byte("endstream")
	if n := s.number("Length", -1); n >= 0 && n <= len(body) && bytes.HasPrefix(bytes.TrimLeft(body[n:], "\r\n"), end) {
		return body[:n]
	}
	data, _, _ := bytes.Cut(body, end)
	return data
}

// picture is the image in a form that Load reads, or why there is none.
func (s scanned) picture() ([]byte, string) {
	var filters []string
	if m := pdfFilter.FindSubmatch(s.dict); m != nil {
		for _, name := range pdfName.FindAllSubmatch(m[1], -1) {
			filters = append(filters, string(name[1]))
		}
	}
	w, h := s.number("Width", 0), s.number("Height", 0)
	switch {
	case bytes.HasPrefix(s.data, jpegMark):
		return s.data, "" // whatever its dictionary says
	case w <= 0 || h <= 0:
		return nil, unreadable
	case w > maxPixels/h:
		return nil, tooLarge
	}
	data := s.data
	if len(filters) > 0 && filters[0] == "FlateDecode" {
		data, filters = inflate(data, h*(1+3*w)), filters[1:]
	}
	switch {
	case len(filters) == 0:
		return s.samples(data, w, h)
	case len(filters) == 1 && filters[0] == "DCTDecode" && bytes.HasPrefix(data, jpegMark):
		return data, ""
	case len(filters) == 1 && filters[0] == "CCITTFaxDecode" && s.number("K", 0) <= 0:
		return s.fax(data, w, h)
	}
	return nil, unreadable
}

// inflate unpacks what it can, at most so many bytes.
func inflate(data []byte, most int) []byte {
	z, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil
	}
	raw, _ := io.ReadAll(io.LimitReader(z, int64(min(most, maxPicture)))) // a torn stream's beginning may hold the code
	return raw
}

// fax unpacks a page that was packed as a facsimile.
func (s scanned) fax(data []byte, w, h int) ([]byte, string) {
	form := ccitt.Group3
	if s.number("K", 0) < 0 {
		form = ccitt.Group4
	}
	rows := make([]byte, h*((w+7)/8))
	fax := ccitt.NewReader(bytes.NewReader(data), ccitt.MSB, form, w, h, &ccitt.Options{Align: pdfAligned.Match(s.dict)})
	if _, err := io.ReadFull(fax, rows); err != nil {
		return nil, unreadable
	}
	return asPNG(w, h, 1, 1, unfiltered(rows, (w+7)/8)), ""
}

// samples makes a picture of rows of brightness or colours: a PNG's rows are the same,
// with a byte before each that says how it was predicted, as PDF's PNG predictors do.
func (s scanned) samples(data []byte, w, h int) ([]byte, string) {
	depth, predictor := s.number("BitsPerComponent", 1), s.number("Predictor", 1)
	extra := 0
	if predictor >= 10 {
		extra = 1
	}
	for _, colours := range []int{1, 3} {
		row := (w*colours*depth + 7) / 8
		if len(data) != h*(row+extra) || depth != 8 && (depth != 1 || colours != 1) || predictor == 2 || depth == 8 && pdfIndexed.Match(s.dict) {
			continue
		}
		if extra == 0 {
			data = unfiltered(data, row)
		}
		return asPNG(w, h, depth, colours, data), ""
	}
	return nil, unreadable
}

// unfiltered puts before each row that it was not predicted.
func unfiltered(data []byte, row int) []byte {
	rows := make([]byte, 0, len(data)+len(data)/row)
	for ; len(data) >= row; data = data[row:] {
		rows = append(append(rows, 0), data[:row]...)
	}
	return rows
}

// asPNG wraps filtered rows: depth bits for each of 1 or 3 colours of a pixel.
func asPNG(w, h, depth, colours int, rows []byte) []byte {
	var out, packed bytes.Buffer
	z, err := zlib.NewWriterLevel(&packed, zlib.NoCompression)
	if err != nil {
		panic("source: " + err.Error()) // the level is a constant
	}
	_, _ = z.Write(rows) // memory takes it
	_ = z.Close()
	chunk := func(kind string, body []byte) {
		_ = binary.Write(&out, binary.BigEndian, uint32(len(body)))
		sum := crc32.NewIEEE()
		both := io.MultiWriter(&out, sum)
		_, _ = both.Write([]byte(kind))
		_, _ = both.Write(body)
		_ = binary.Write(&out, binary.BigEndian, sum.Sum32())
	}
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(w)), uint32(h))
	out.WriteString("\x89PNG\r\n\x1a\n")
	chunk("IHDR", append(head, byte(depth), byte(colours-1), 0, 0, 0)) // colour types 0, grey, and 2, RGB
	chunk("IDAT", packed.Bytes())
	chunk("IEND", nil)
	return out.Bytes()
}
