package paper

import (
	"fmt"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
	"github.com/makiuchi-d/gozxing/qrcode/decoder"
	"github.com/makiuchi-d/gozxing/qrcode/encoder"

	"harkara/internal/label"
)

// Quiet zones in modules: ISO/IEC 18004 asks for 4 on every side of a QR code,
// ISO/IEC 15417 for 10 on both sides of a Code 128.
const (
	qrQuiet  = 4
	barQuiet = 10
)

// Sizes in modules without quiet zones: a QR of version 1, and a Code 128 of 7
// digit pairs with start, check and stop.
const (
	qrModules  = 21
	barModules = 11 + 7*11 + 11 + 13
)

// qrMatrix returns the modules of the code's QR, version 1 at level H, as rows
// of 21; true is dark. Version 1-H holds 17 digits, a code has 14.
func qrMatrix(code label.Code) ([qrModules][qrModules]bool, error) {
	var m [qrModules][qrModules]bool
	qr, err := encoder.Encoder_encode(string(code), decoder.ErrorCorrectionLevel_H,
		map[gozxing.EncodeHintType]any{gozxing.EncodeHintType_QR_VERSION: 1})
	if err != nil {
		return m, fmt.Errorf("encode QR of %s: %w", code, err)
	}
	for y := range m {
		for x := range m[y] {
			m[y][x] = qr.GetMatrix().Get(x, y) == 1
		}
	}
	return m, nil
}

// barRow returns the modules of the code's Code 128 in set C; true is a bar.
func barRow(code label.Code) ([barModules]bool, error) {
	var row [barModules]bool
	bits, err := oned.NewCode128Writer().Encode(string(code), gozxing.BarcodeFormat_CODE_128, 0, 1,
		map[gozxing.EncodeHintType]any{
			gozxing.EncodeHintType_FORCE_CODE_SET: "C",
			gozxing.EncodeHintType_MARGIN:         0,
		})
	if err != nil {
		return row, fmt.Errorf("encode Code 128 of %s: %w", code, err)
	}
	if bits.GetWidth() != barModules {
		return row, fmt.Errorf("encode Code 128 of %s: %d modules, want %d", code, bits.GetWidth(), barModules)
	}
	for x := range row {
		row[x] = bits.Get(x, 0)
	}
	return row, nil
}

// qr draws the code's QR with its quiet zone; x and y are the quiet zone's left
// top corner and module the width of a module, in dots.
func (d *Drawing) qr(code label.Code, x, y, module int) error {
	matrix, err := qrMatrix(code)
	if err != nil {
		return err
	}
	var s shape
	for row := range matrix {
		top := y + (qrQuiet+row)*module
		s = append(s, runs(matrix[row][:], x+qrQuiet*module, top, module, module)...)
	}
	d.shapes = append(d.shapes, s)
	return nil
}

// bars draws the code's Code 128 with its quiet zones, module dots a module and
// height dots high; x is the left end of the left quiet zone.
func (d *Drawing) bars(code label.Code, x, y, module, height int) error {
	row, err := barRow(code)
	if err != nil {
		return err
	}
	d.shapes = append(d.shapes, runs(row[:], x+barQuiet*module, y, module, height))
	return nil
}

// runs returns one rectangle for every run of dark modules.
func runs(modules []bool, x, y, module, height int) shape {
	var s shape
	for i := 0; i < len(modules); i++ {
		start := i
		for i < len(modules) && modules[i] {
			i++
		}
		if i > start {
			s = append(s, rect{x + start*module, y, (i - start) * module, height})
		}
	}
	return s
}
