package register

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"

	"harkara/internal/custody"
)

// maxUnzipped bounds what a workbook may unfold to, in bytes: a register of a hundred
// thousand files has some 50 MB.
const maxUnzipped = 256 << 20

// exactly is how many digits a spreadsheet's number keeps.
const exactly = 15

// readWorkbook reads the first sheet of an XLSX. Others that hold anything are noted.
func readWorkbook(raw []byte) (rows []row, odd []Note, err error) {
	f, err := excelize.OpenReader(bytes.NewReader(raw), excelize.Options{UnzipSizeLimit: maxUnzipped, UnzipXMLSizeLimit: maxUnzipped})
	if err != nil {
		return nil, nil, fmt.Errorf("read workbook: %w", err)
	}
	defer f.Close()
	sheets := f.GetSheetList()
	if len(sheets) == 0 {
		return nil, nil, errors.New("a workbook without a sheet")
	}
	stored, err := f.GetRows(sheets[0], excelize.Options{RawCellValue: true})
	if err != nil {
		return nil, nil, fmt.Errorf("read sheet %q: %w", sheets[0], err)
	}
	for i, texts := range stored {
		r := row{number: i + 1, cells: make([]cell, len(texts))}
		for j, text := range texts {
			if r.cells[j], err = workbookCell(f, sheets[0], j+1, i+1, text); err != nil {
				return nil, nil, fmt.Errorf("read sheet %q: %w", sheets[0], err)
			}
		}
		rows = append(rows, r)
	}
	for _, other := range sheets[1:] {
		if more, err := f.GetRows(other); err != nil || len(more) > 0 {
			odd = append(odd, Note{What: fmt.Sprintf("sheet %q is not read, only the first, %q", custody.Plain(other), custody.Plain(sheets[0]))})
		}
	}
	return squared(rows), odd, nil
}

// squared gives every row as many cells as the line of names has: a workbook does not
// store blank cells at the end.
func squared(rows []row) []row {
	width := 0
	for i := range rows {
		if width == 0 && !rows[i].blank() {
			width = len(rows[i].cells)
		}
		for len(rows[i].cells) < width {
			rows[i].cells = append(rows[i].cells, cell{})
		}
	}
	return rows
}

// workbookCell is a cell as it was typed, as far as that is kept.
func workbookCell(f *excelize.File, sheet string, column, number int, stored string) (cell, error) {
	at, err := excelize.CoordinatesToCellName(column, number)
	if err != nil || stored == "" {
		return cell{}, err
	}
	kind, err := f.GetCellType(sheet, at)
	if err != nil {
		return cell{}, err
	}
	if kind != excelize.CellTypeUnset && kind != excelize.CellTypeNumber && kind != excelize.CellTypeDate {
		return cell{text: stored}, nil
	}
	shown, err := f.GetCellValue(sheet, at)
	if err != nil {
		return cell{}, err
	}
	switch {
	case digits(stored) && digits(shown) && strings.TrimLeft(shown, "0") == strings.TrimLeft(stored, "0"):
		return cell{text: shown, number: len(shown) == len(stored)}, nil // its format puts the zeros in front
	case digits(stored) && len(stored) <= exactly && shortened.MatchString(strings.ToLower(shown)):
		return cell{text: stored, number: true}, nil // shortened as it is shown, not as it is stored
	case stored == shown && !shortened.MatchString(strings.ToLower(stored)):
		return cell{text: stored, number: true}, nil
	}
	return cell{text: shown, number: true, spoilt: fmt.Errorf("%q is stored as the number %s: make the column text and type it again", shown, stored)}, nil
}
