package register

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// errEncoding is of text that would be stored as something else than its writer saw.
var errEncoding = errors.New(`not UTF-8: save the register as "CSV UTF-8"`)

// unpaired stands for half a character of UTF-16: it is no UTF-8 either, so that its row
// and column are told.
const unpaired = "\xff"

// decode brings a file's bytes into UTF-8. UTF-16 is known by its mark, or by the zeros
// of the columns' names. Any other encoding is left as it is: its letters are found to be
// none, by row and column.
func decode(raw []byte) (string, error) {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(raw, []byte("\xff\xfe\x00\x00")):
		return "", errors.New(`UTF-32: save the register as "CSV UTF-8"`)
	case bytes.HasPrefix(raw, []byte("\xff\xfe")):
		order, raw = binary.LittleEndian, raw[2:]
	case bytes.HasPrefix(raw, []byte("\xfe\xff")):
		order, raw = binary.BigEndian, raw[2:]
	case len(raw) >= 4 && raw[0] != 0 && raw[1] == 0 && raw[2] != 0 && raw[3] == 0:
		order = binary.LittleEndian
	case len(raw) >= 4 && raw[0] == 0 && raw[1] != 0 && raw[2] == 0 && raw[3] != 0:
		order = binary.BigEndian
	default:
		return string(bytes.TrimPrefix(raw, []byte("\ufeff"))), nil
	}
	if len(raw)%2 != 0 {
		return "", errors.New("UTF-16 that is cut off: save the register again")
	}
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = order.Uint16(raw[2*i:])
	}
	var b strings.Builder
	for i := 0; i < len(units); i++ {
		r := rune(units[i])
		switch {
		case !utf16.IsSurrogate(r):
			b.WriteRune(r)
		case i+1 < len(units) && utf16.DecodeRune(r, rune(units[i+1])) != utf8.RuneError:
			b.WriteRune(utf16.DecodeRune(r, rune(units[i+1])))
			i++
		default:
			b.WriteString(unpaired)
		}
	}
	return b.String(), nil
}

// separators are what spreadsheets of different countries put between cells. No name of
// a column has one in it.
const separators = ",;\t|"

// sepLine is how a file tells Excel its separator; Excel does not show it.
var sepLine = regexp.MustCompile(`^(?i)"?sep=([^"\r\n])"?[` + separators + `]*\r?(?:\n|$)`)

// readText reads a CSV.
func readText(raw []byte) ([]row, error) {
	text, err := decode(raw)
	if err != nil {
		return nil, err
	}
	text = strings.TrimRight(text, "\x1a\x00") // how files ended once
	if !strings.Contains(text, "\n") {
		text = strings.ReplaceAll(text, "\r", "\n") // of an old Macintosh
	}
	comma := ','
	if told := sepLine.FindStringSubmatch(text); told != nil {
		comma, _ = utf8.DecodeRuneInString(told[1])
		text = text[len(told[0]):]
	} else if i := strings.IndexAny(firstLine(text), separators); i >= 0 {
		comma = rune(firstLine(text)[i])
	}
	return readCSV(text, comma)
}

// firstLine is the first that says anything.
func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimLeft(text, "\r\n \u00a0"), "\n")
	return line
}

// readCSV splits text into rows. A quote within a cell that has none around it stands for
// itself; one that nothing ends is told, before it swallows what follows.
func readCSV(text string, comma rune) (rows []row, err error) {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = comma, -1, true
	for number := 1; ; number++ {
		begin := r.InputOffset()
		for rest := text[begin:]; ; number++ { // the reader passes over blank lines without a word
			blank := len(rest) - len(strings.TrimPrefix(strings.TrimPrefix(rest, "\r"), "\n"))
			if blank == 0 || rest[blank-1] != '\n' {
				break
			}
			rest = rest[blank:]
		}
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		if err := ambiguous(text[begin:r.InputOffset()], comma, fields); err != nil {
			return nil, fmt.Errorf("row %d: %w", number, err)
		}
		cells := make([]cell, len(fields))
		for i, text := range fields {
			cells[i].text = text
		}
		rows = append(rows, row{number, cells})
	}
}

// ambiguous reports whether quotes leave open where the cells of a record begin and end.
func ambiguous(record string, comma rune, fields []string) error {
	r := csv.NewReader(strings.NewReader(record))
	r.Comma, r.FieldsPerRecord = comma, -1
	_, err := r.Read()
	switch {
	case errors.Is(err, csv.ErrQuote):
		return errors.New("a quote within quotes, or one that nothing ends: write it twice")
	case errors.Is(err, csv.ErrBareQuote):
		for _, f := range fields {
			if strings.Contains(f, "\n") {
				return errors.New("quotes and line breaks that do not fit: put the whole cell in quotes")
			}
		}
	}
	return nil
}
