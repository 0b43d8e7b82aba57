package pdf

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"

	"harkara/scanner/decode"
)

// What is looked for in objects (ISO 32000-1, 7.3.10, 7.7.3.3, 8.9.5).
var (
	objectName = regexp.MustCompile(`(\d{1,9})[ \r\n\t]+(\d{1,5})[ \r\n\t]+$`)
	isPage     = regexp.MustCompile(`/Type\s*/Page\b`)
	isImage    = regexp.MustCompile(`/Subtype\s*/Image\b`)
	reference  = regexp.MustCompile(`(\d{1,9})\s+\d{1,5}\s+R\b`)
	imageSides = regexp.MustCompile(`/(Width|Height)\s+(\d{1,6})\b(?:\s+\d+\s+R\b)?`)
)

const (
	maxDict = 4096 // bytes of an object that are looked at
	maxName = 24   // bytes before the word obj
)

// object is one that a document still has.
type object struct {
	number, generation int
	dict               []byte
}

// objects finds the objects of a document without its table of them.
func objects(raw []byte) (found []object) {
	word := []byte("obj")
	for at, next := bytes.Index(raw, word), 0; at >= 0; at = next {
		dict := raw[at+len(word):]
		if next = bytes.Index(dict, word); next >= 0 {
			dict, next = dict[:next], next+at+len(word)
		}
		if m := objectName.FindSubmatch(raw[max(0, at-maxName):at]); m != nil {
			o := object{dict: dict[:min(len(dict), maxDict)]}
			o.dict, _, _ = bytes.Cut(o.dict, []byte("stream"))
			o.number, _ = strconv.Atoi(string(m[1])) // they are short digits
			o.generation, _ = strconv.Atoi(string(m[2]))
			found = append(found, o)
		}
	}
	return found
}

// mend makes a document that can be opened of one whose list of pages is lost, as when a
// scanner was switched off before it wrote it, or whose mark is: its pages are those
// it still has, and each image that nothing names. It is nil where there is neither.
func mend(raw []byte) []byte {
	var kids, images []object
	named := map[int]bool{}
	last := 0
	for _, o := range objects(raw) {
		last = max(last, o.number)
		for _, m := range reference.FindAllSubmatch(o.dict, -1) {
			number, _ := strconv.Atoi(string(m[1]))
			named[number] = true
		}
		switch {
		case isPage.Match(o.dict):
			kids = append(kids, o)
		case isImage.Match(o.dict):
			images = append(images, o)
		}
	}
	var b bytes.Buffer
	if !bytes.Contains(raw[:min(headWithin, len(raw))], mark) {
		fmt.Fprintf(&b, "%s1.4\n", mark)
	}
	b.Write(raw)
	b.WriteString("\nendstream\nendobj\n") // of what was cut short
	list, root := last+1, last+2
	last = root
	var names bytes.Buffer
	name := func(number, generation int) { fmt.Fprintf(&names, " %d %d R", number, generation) }
	for _, o := range kids {
		name(o.number, o.generation)
	}
	n := len(kids)
	for _, o := range images {
		if named[o.number] || n > decode.MostPages {
			continue
		}
		n++
		sides := map[string]string{"Width": "595", "Height": "842"}
		for _, m := range imageSides.FindAllSubmatch(o.dict, -1) {
			if !bytes.HasSuffix(m[0], []byte("R")) {
				sides[string(m[1])] = string(m[2])
			}
		}
		w, h := sides["Width"], sides["Height"]
		fmt.Fprintf(&b, "%d 0 obj\n<</Type/Page/Parent %d 0 R/MediaBox[0 0 %s %s]/Contents %d 0 R/Resources<</XObject<</I %d %d R>>>>>>\nendobj\n", last+1, list, w, h, last+2, o.number, o.generation)
		show := fmt.Sprintf("%s 0 0 %s 0 0 cm /I Do", w, h)
		fmt.Fprintf(&b, "%d 0 obj\n<</Length %d>>\nstream\n%s\nendstream\nendobj\n", last+2, len(show), show)
		name(last+1, 0)
		last += 2
	}
	if n == 0 {
		return nil
	}
	fmt.Fprintf(&b, "%d 0 obj\n<</Type/Pages/Count %d/Kids[%s]>>\nendobj\n%d 0 obj\n<</Type/Catalog/Pages %d 0 R>>\nendobj\ntrailer\n<</Root %d 0 R/Size %d>>\n%%%%EOF\n", list, n, names.Bytes(), root, list, root, last+1)
	return b.Bytes()
}
