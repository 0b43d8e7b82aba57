package bench

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"image"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
	"github.com/makiuchi-d/gozxing/qrcode"
	"golang.org/x/sys/unix"

	"harkara/scanner/decode"
	"harkara/scanner/decode/hostile"
)

// Decode reads the pictures of a manifest with our pipeline and with gozxing as well
// as it can be called by itself, side by side.
type Decode struct {
	Dir      string // with manifest.csv: file, text, format, grade; no text: no label is on it
	Out      io.Writer
	Progress io.Writer
}

// reading is what one way of reading made of one picture.
type reading struct {
	texts []string
	bars  bool          // a text was read from bars
	took  time.Duration // processor time of the thread: a busy machine makes no difference
}

// way is a way of reading.
type way struct {
	name string
	read func(g *decode.Gray) reading
}

func ours(reader *decode.Reader, opt decode.Options) func(*decode.Gray) reading {
	opt.Raw = true
	return func(g *decode.Gray) (r reading) {
		for _, s := range reader.Decode(g, opt).Symbols {
			r.texts = append(r.texts, s.Text)
			r.bars = r.bars || s.Format != decode.QR
		}
		return r
	}
}

// theirs tries gozxing's readers with both binarizers, plain and inverted.
func theirs(g *decode.Gray) (r reading) {
	img := &image.Gray{Pix: g.Pix, Stride: g.Stride, Rect: image.Rect(0, 0, g.W, g.H)}
	source := gozxing.NewLuminanceSourceFromImage(img)
	hints := map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true}
	for _, source := range []gozxing.LuminanceSource{source, gozxing.NewInvertedLuminanceSource(source)} {
		for _, binarizer := range []gozxing.Binarizer{gozxing.NewHybridBinarizer(source), gozxing.NewGlobalHistgramBinarizer(source)} {
			bitmap, err := gozxing.NewBinaryBitmap(binarizer)
			if err != nil {
				continue
			}
			for _, one := range []gozxing.Reader{qrcode.NewQRCodeReader(), oned.NewCode128Reader(), oned.NewCode39Reader()} {
				if text := guarded(one, bitmap, hints); text != "" {
					_, qr := one.(*qrcode.QRCodeReader)
					return reading{texts: []string{text}, bars: !qr}
				}
			}
		}
	}
	return r
}

// guarded keeps a panic of gozxing to one picture.
func guarded(r gozxing.Reader, b *gozxing.BinaryBitmap, hints map[gozxing.DecodeHintType]any) (text string) {
	defer func() {
		if recover() != nil {
			text = ""
		}
	}()
	result, err := r.Decode(b, hints)
	if err != nil {
		return ""
	}
	return result.GetText()
}

// score is the sum over pictures of one grade.
type score struct {
	pictures, positives, read, misread, false, linears, bars int
	took                                                     []time.Duration
}

func (s *score) add(expected, format string, r reading) {
	s.pictures++
	s.took = append(s.took, r.took)
	wrong := slices.ContainsFunc(r.texts, func(t string) bool { return t != expected && decode.IsLabel(t) })
	if expected == "" {
		if wrong {
			s.false++
		}
		return
	}
	s.positives++
	if wrong {
		s.misread++
	}
	if slices.Contains(r.texts, expected) {
		s.read++
	}
	if strings.Contains(format, "CODE_") && !strings.HasPrefix(format, "QR_CODE") || strings.Contains(format, "CODE_128") {
		s.linears++
		if r.bars && slices.Contains(r.texts, expected) {
			s.bars++
		}
	}
}

const everyGrade = "all"

// Run reads everything each way and prints a table by grade.
func (d Decode) Run() error {
	pictures, err := d.manifest()
	if err != nil {
		return err
	}
	runtime.LockOSThread() // its processor time is measured
	defer runtime.UnlockOSThread()
	reader := decode.New()
	ways := []way{
		{"harkara quick", ours(reader, decode.Options{Effort: decode.Quick})},
		{"harkara full", ours(reader, decode.Options{Effort: decode.Full})},
		{"harkara full, all", ours(reader, decode.Options{Effort: decode.Full, All: true})},
		{"gozxing", theirs},
	}
	bar := newBar(d.Progress, len(pictures)*len(ways), "pictures")
	scores := map[string]map[string]*score{} // way -> grade
	var grades []string
	for _, w := range ways {
		scores[w.name] = map[string]*score{everyGrade: {}}
	}
	for _, p := range pictures {
		if !slices.Contains(grades, p.grade) {
			grades = append(grades, p.grade)
		}
		grey, err := p.load(d.Dir)
		if err != nil {
			return err
		}
		for _, w := range ways {
			began := threadTime()
			r := w.read(grey)
			r.took = threadTime() - began
			for _, grade := range []string{p.grade, everyGrade} {
				if scores[w.name][grade] == nil {
					scores[w.name][grade] = &score{}
				}
				scores[w.name][grade].add(p.text, p.format, r)
			}
			_ = bar.Add(1)
		}
	}
	slices.Sort(grades)
	d.print(ways, append(grades, everyGrade), scores)
	d.worst(reader)
	d.files()
	return nil
}

// files prints what files whose compression is made to take long take to unpack and to
// read at most, and how long after the caller has gone they end.
func (d Decode) files() {
	files := hostile.Files()
	fmt.Fprintf(d.Out, "\n%d files made to take long, of %d megapixels and less:\n", len(files), 2)
	names := slices.Sorted(maps.Keys(files))
	var longest, latest time.Duration
	for _, name := range names {
		raw := files[name]
		began := threadTime()
		grey, err := decode.Load(context.Background(), bytes.NewReader(raw))
		unpacked := threadTime() - began
		if err == nil {
			decode.All(context.Background(), grey)
		}
		took := threadTime() - began
		ended := end(raw, took/3)
		longest, latest = max(longest, took), max(latest, ended)
		fmt.Fprintf(d.Out, "%-45s %9d bytes: unpacked %6.1f ms, all %6.1f ms, ended %6.1f ms after the caller\n", name, len(raw), ms(unpacked), ms(took), ms(ended))
	}
	fmt.Fprintf(d.Out, "at most %.1f ms of processor time, ended after %.1f ms\n", ms(longest), ms(latest))
}

// end tells how long after its caller has gone, which is so long after the beginning,
// the reading of a file ends.
func end(raw []byte, after time.Duration) time.Duration {
	ctx, cancel := context.WithCancel(context.Background())
	var gone time.Time
	timer := time.AfterFunc(after, func() {
		gone = time.Now()
		cancel()
	})
	grey, err := decode.Load(ctx, bytes.NewReader(raw))
	if err == nil {
		decode.All(ctx, grey)
	}
	ended := time.Now()
	if timer.Stop() {
		cancel()
		return 0 // it was done before
	}
	<-ctx.Done()
	return max(0, ended.Sub(gone))
}

// worst prints what pictures made to take long take at most.
func (d Decode) worst(reader *decode.Reader) {
	pictures := hostile.Pictures()
	fmt.Fprintf(d.Out, "\n%d pictures made to take long:\n", len(pictures))
	for _, opt := range []decode.Options{{Effort: decode.Quick}, {Effort: decode.Full}} {
		longest, which := time.Duration(0), ""
		for name, picture := range pictures {
			g := decode.FromImage(picture)
			began := threadTime()
			reader.Decode(g, opt)
			if took := threadTime() - began; took > longest {
				longest, which = took, name
			}
		}
		fmt.Fprintf(d.Out, "harkara %-5s at most %6.1f ms (%s)\n", opt.Effort, ms(longest), which)
	}
}

func (d Decode) print(ways []way, grades []string, scores map[string]map[string]*score) {
	fmt.Fprintf(d.Out, "%-18s %-10s %9s %9s %9s %9s %11s %11s\n", "", "grade", "read", "bars", "misread", "false", "median", "p95")
	for _, w := range ways {
		for _, grade := range grades {
			s := scores[w.name][grade]
			if s == nil {
				continue
			}
			slices.Sort(s.took)
			fmt.Fprintf(d.Out, "%-18s %-10s %4d/%-4d %4d/%-4d %4d/%-4d %4d/%-4d %8.1f ms %8.1f ms\n", w.name, grade,
				s.read, s.positives, s.bars, s.linears, s.misread, s.positives, s.false, s.pictures-s.positives, ms(quantile(s.took, .5)), ms(quantile(s.took, .95)))
		}
	}
	fmt.Fprintln(d.Out, "\nmisread: pictures on which another valid label was read than is there; false: on which one was read and none is there. Times are processor time.")
}

type pictureOf struct{ file, text, format, grade string }

func (d Decode) manifest() ([]pictureOf, error) {
	f, err := os.Open(filepath.Join(d.Dir, "manifest.csv"))
	if err != nil {
		return nil, fmt.Errorf("open manifest: %w", err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read manifest: %w", err)
	}
	var list []pictureOf
	for i, row := range rows {
		if i == 0 {
			continue // names of columns
		}
		if len(row) < 4 {
			return nil, fmt.Errorf("read manifest: line %d has %d columns, not file, text, format, grade", i+1, len(row))
		}
		list = append(list, pictureOf{row[0], row[1], row[2], row[3]})
	}
	return list, nil
}

func (p pictureOf) load(dir string) (*decode.Gray, error) {
	f, err := os.Open(filepath.Join(dir, p.file))
	if err != nil {
		return nil, fmt.Errorf("open picture: %w", err)
	}
	defer f.Close()
	grey, err := decode.Load(context.Background(), f)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", p.file, err)
	}
	return grey, nil
}

// threadTime is the processor time that this thread has used.
func threadTime() time.Duration {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t) != nil {
		return 0
	}
	return time.Duration(t.Nano())
}
