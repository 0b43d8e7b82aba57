package pdf

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"harkara/scanner/decode"
)

const noCode = "no code"

// read is what the pages of a document show: codes, and why a page gives none.
func read(t testing.TB, raw []byte) (shown []string) {
	t.Helper()
	reader := decode.New()
	for g, err := range Pages(t.Context(), raw) {
		text := noCode
		if err != nil {
			text = err.Error()
		} else if found := reader.Decode(g, decode.Options{Budget: time.Minute}).Symbols; len(found) > 0 {
			text = found[0].Text
		}
		shown = append(shown, text)
	}
	return shown
}

// The PDFs that failed once, each of one page.
func TestCases(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "..", "shared", "cases", "pdf", "*.pdf"))
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
		if got := read(t, raw); !slices.Equal(got, []string{"16980329642303"}) {
			t.Errorf("%s: %q", file, got)
		}
	}
}

// The fax of a case, packed as a generic region of JBIG2 (ITU-T T.88, 7.4.6; MMR).
func TestJBIG2(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "cases", "pdf", "22-ccitt-g4-height-too-large.pdf"))
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	_, fax, _ := bytes.Cut(raw, []byte("/Length 2809 >>\nstream\n"))
	const w, h = 816, 579
	words := func(v ...uint32) (out []byte) {
		for _, v := range v {
			out = binary.BigEndian.AppendUint32(out, v)
		}
		return out
	}
	segment := func(number uint32, kind byte, data []byte) []byte {
		return slices.Concat(words(number), []byte{kind, 0, 1}, words(uint32(len(data))), data)
	}
	page := segment(0, 48, append(words(w, h, 0, 0), 0, 0, 0))
	region := segment(1, 38, slices.Concat(words(w, h, 0, 0), []byte{0, 1}, fax[:2809]))
	packed := img("/ColorSpace/DeviceGray/BitsPerComponent 1/Filter/JBIG2Decode", w, h, append(page, region...))
	if got := read(t, written(showing(packed))); !slices.Equal(got, []string{"16980329642303"}) {
		t.Errorf("%q", got)
	}
}

// leaves is a document of pages, each given by what its content draws of two pictures.
func leaves(t testing.TB, contents ...string) []byte {
	kids := ""
	objects := []string{
		"<</Type/Catalog/Pages 2 0 R>>", "",
		img(gray8+"/Filter/FlateDecode", wide, high, deflated(cover(t, code).Pix)),
		img(gray8+"/Filter/FlateDecode", wide, high, deflated(cover(t, other).Pix)),
	}
	for depth := range 12 { // each shows the next ten times
		show := strings.Repeat(fmt.Sprintf("/F%d Do ", depth+1), 10)
		objects = append(objects, stream(fmt.Sprintf("/Type/XObject/Subtype/Form/BBox[0 0 408 304]/Resources<</XObject<</I 3 0 R/F%d %d 0 R>>>>", depth+1, len(objects)+2), []byte("/I Do "+show)))
	}
	objects = append(objects, stream("/Type/XObject/Subtype/Form/BBox[0 0 9 9]", nil))
	for _, content := range contents {
		kids += fmt.Sprintf(" %d 0 R", len(objects)+1)
		objects = append(objects, fmt.Sprintf("<</Type/Page/Parent 2 0 R/MediaBox[0 0 408 304]/Contents %d 0 R/Resources<</XObject<</I 3 0 R/J 4 0 R/F0 5 0 R>>>>>>", len(objects)+2), stream("", []byte(content)))
	}
	objects[1] = fmt.Sprintf("<</Type/Pages/Kids[%s]/Count %d>>", kids, len(contents))
	return written(objects)
}

const (
	first, second = "408 0 0 304 0 0 cm /I Do", "408 0 0 304 0 0 cm /J Do"
	endless       = "408 0 0 304 0 0 cm /F0 Do"
)

func TestPagesComeInOrder(t *testing.T) {
	raw := leaves(t, first, "", second, first)
	want := []string{code, noCode, other, code}
	if got := read(t, raw); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	n := 0
	for range Pages(t.Context(), raw) {
		if n++; n == 2 {
			break
		}
	}
	if got := read(t, raw); n != 2 || !slices.Equal(got, want) {
		t.Errorf("after one that was left: %q", got)
	}
}

func TestADamagedPageLosesNoOther(t *testing.T) {
	raw := leaves(t, first, second, second)
	damaged := strings.Replace(string(raw), "/Kids[ 18 0 R 20 0 R 22 0 R]", "/Kids[ 18 0 R  1 0 R 22 0 R]", 1)
	if got := read(t, []byte(damaged)); len(got) != 3 || got[0] != code || got[1] == other || got[2] != other {
		t.Errorf("%q", got)
	}
}

// limited has pages take only so long.
func limited(t testing.TB, d time.Duration) {
	whole := pageTime
	pageTime = d
	t.Cleanup(func() { pageTime = whole })
}

// What draws without end takes all the memory that it may, and is given up; the pages
// behind it are read.
func TestWorkIsBounded(t *testing.T) {
	limited(t, time.Hour)
	if got := read(t, leaves(t, first, endless, second)); !slices.Equal(got, []string{code, ErrWork.Error(), other}) {
		t.Errorf("%q", got)
	}
	const side = 40_000 // pixels of 4 bytes: 6 GB
	bomb := written(showing(img("/ColorSpace/DeviceCMYK/BitsPerComponent 8/Filter[/FlateDecode/FlateDecode]", side, side, deflated(deflated(make([]byte, 64<<20))))))
	if got := read(t, bomb); len(got) != 1 || got[0] == code {
		t.Errorf("%q", got)
	}
}

func TestADocumentOfNothingButWorkIsLeft(t *testing.T) {
	limited(t, time.Second/10)
	got := read(t, leaves(t, slices.Repeat([]string{endless}, 9)...))
	if !slices.Equal(got, slices.Repeat([]string{ErrWork.Error()}, tired)) {
		t.Errorf("%q", got)
	}
}

// It ends when its caller goes, whatever is being drawn: else this test does not.
func TestEndsWithItsCaller(t *testing.T) {
	limited(t, time.Hour)
	read(t, leaves(t, "")) // compiled
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	raw := leaves(t, first, endless, second)
	n := 0
	for range Pages(ctx, raw) {
		n++
		time.AfterFunc(50*time.Millisecond, cancel) // within the second page
	}
	if n != 1 || ctx.Err() == nil {
		t.Errorf("%d pages", n)
	}
	for _, err := range Pages(ctx, raw) {
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
}

func TestWhatCannotBeRead(t *testing.T) {
	for name, c := range map[string]struct {
		raw  []byte
		want error
	}{
		"a letter":              {[]byte("Dear sir"), ErrDocument},
		"nothing":               {nil, ErrDocument},
		"a mark":                {mark, ErrDocument},
		"a list of no pages":    {written([]string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[]/Count 0>>"}), ErrDocument},
		"a list that is a ring": {written([]string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[2 0 R]/Count 1>>"}), ErrPage},
		"a password":            {protected(t, cover(t, code), "secret"), ErrLocked},
	} {
		if got := read(t, c.raw); !slices.Equal(got, []string{c.want.Error()}) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestTooManyPages(t *testing.T) {
	whole := pageArea
	pageArea = 100
	t.Cleanup(func() { pageArea = whole })
	pages, last := 0, error(nil)
	for g, err := range Pages(t.Context(), leaves(t, make([]string, decode.MostPages+5)...)) {
		if pages++; (g == nil) != (err != nil) {
			t.Fatal(pages, g, err)
		}
		last = err
	}
	if pages != decode.MostPages+1 || !errors.Is(last, ErrPages) {
		t.Errorf("%d, the last %v", pages, last)
	}
}

// What is compiled is given back, and made again when it is needed; documents that come
// together wait for one another.
func TestGivesBackAndBeginsAgain(t *testing.T) {
	raw := leaves(t, first)
	for range 2 {
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				if got := read(t, raw); !slices.Equal(got, []string{code}) {
					t.Errorf("%q", got)
				}
			})
		}
		all.Wait()
		shared.rest()
		if shared.pool != nil {
			t.Fatal("kept")
		}
	}
	for range Pages(t.Context(), raw) {
		if shared.rest(); shared.pool == nil {
			t.Fatal("given back while a document is read")
		}
	}
}

func TestSize(t *testing.T) {
	for _, c := range []struct {
		width, height float64
		w, h          int // 0: no page
	}{
		{595, 842, 1, 1},
		{14400, 3, pageSide, 1},
		{0, 842, 0, 0},
		{-1, -1, 0, 0},
	} {
		w, h, whole := size(c.width, c.height)
		if whole != (c.w > 0) || float64(w)*float64(h) > pageArea || max(w, h) > pageSide || whole && min(w, h) < 1 {
			t.Errorf("%v: %d %d %v", c, w, h, whole)
		}
	}
}

// Whatever bytes come, pages end, and what is drawn is whole.
func FuzzPages(f *testing.F) {
	for _, raw := range kinds(f) {
		if len(raw) < 20_000 {
			f.Add(raw)
		}
	}
	read(f, leaves(f, "")) // compiled: what takes ten seconds is said to hang
	limited(f, time.Second)
	opened, area := openTime, pageArea
	openTime, pageArea = time.Second, 10_000
	f.Cleanup(func() { openTime, pageArea = opened, area })
	f.Fuzz(func(t *testing.T, raw []byte) {
		n := 0
		for g, err := range Pages(t.Context(), raw) {
			if n++; n > 3 {
				return
			}
			if (g == nil) != (err != nil) {
				t.Fatal(g, err)
			}
			if g != nil && (g.W <= 0 || g.H <= 0 || len(g.Pix) < g.Stride*(g.H-1)+g.W) {
				t.Fatalf("%d x %d with %d pixels", g.W, g.H, len(g.Pix))
			}
		}
	})
}

// Whatever bytes come, what is mended grows by no more than it has objects.
func FuzzMend(f *testing.F) {
	for name, raw := range kinds(f) {
		if strings.HasPrefix(name, "cut") {
			f.Add(raw)
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if mended := mend(raw); len(mended) > 2000+200*len(raw) || mended != nil && !Is(mended) {
			t.Fatalf("%d bytes of %d", len(mended), len(raw))
		}
	})
}
