package decode

import (
	"math"
	"sync"

	"github.com/makiuchi-d/gozxing"
)

// elements128 are the widths in modules of bars and spaces of the Code 128 characters
// 0 to 105 (ISO/IEC 15417, table 1): a bar first, 11 modules each.
const elements128 = "" +
	"212222222122222221121223121322131222122213122312132212221213" +
	"221312231212112232122132122231113222123122123221223211221132" +
	"221231213212223112312131311222321122321221312212322112322211" +
	"212123212321232121111323131123131321112313132113132311211313" +
	"231113231311112133112331132131113123113321133121313121211331" +
	"231131213113213311213131311123311321331121312113312311332111" +
	"314111221411431111111224111422121124121421141122141221112214" +
	"112412122114122411142112142211241211221114413111241112134111" +
	"111242121142121241114212124112124211411212421112421211212141" +
	"214121412121111143111341131141114113114311411113411311113141" +
	"114131311141411131211412211214211232"

// stop128 is the stop character, 13 modules.
const stop128 = "2331112"

const (
	characters  = 106 // of the table
	values      = 103 // of data and check characters; the others start a symbol
	firstStart  = 103
	charModules = 11
	stopModules = 13
)

func pattern128(code int) string { return elements128[6*code : 6*code+6] }

// perModule is how many samples of a module are compared.
const perModule = 4

const (
	charSamples = charModules * perModule
	stopSamples = stopModules * perModule
)

// blurs are the widths of blur that templates are drawn with, as standard deviations
// in modules: a sharp picture and one at the limit.
var blurs = [...]float64{0.45, 0.8}

// templates are the characters as a blurred camera sees them: darkness, mean zero,
// length one, so that the product with a line normalised alike is their correlation.
type templates struct {
	char [characters][charSamples]float32
	stop [stopSamples]float32
}

// drawn returns the templates of each blur, drawn once for all Readers.
var drawn = sync.OnceValue(func() *[len(blurs)]templates {
	var all [len(blurs)]templates
	for i, blur := range blurs {
		t := &all[i]
		for code := range characters {
			render(t.char[code][:], pattern128(code), blur, 1)
			normalise(t.char[code][:])
		}
		render(t.stop[:], stop128, blur, 0)
		normalise(t.stop[:])
	}
	return &all
})

// render samples a character between a light module (the space before it, or the quiet
// zone) and after (1: the next character's bar), both going over into mean grey beyond
// what is known of them.
func render(out []float32, elements string, blur, after float64) {
	const known = 4 // modules drawn on either side
	var modules []float64
	for range known {
		modules = append(modules, 0)
	}
	dark := 1.0
	for _, e := range elements {
		for range int(e - '0') {
			modules = append(modules, dark)
		}
		dark = 1 - dark
	}
	modules = append(modules, after)
	for range known - 1 {
		modules = append(modules, 0.5)
	}
	sigma := blur * perModule
	reach := int(math.Ceil(3 * sigma))
	for i := range out {
		sum, weights := 0.0, 0.0
		for k := -reach; k <= reach; k++ {
			w := math.Exp(-float64(k*k) / (2 * sigma * sigma))
			at := min(max(known*perModule+i+k, 0), len(modules)*perModule-1)
			sum += w * modules[at/perModule]
			weights += w
		}
		out[i] = float32(sum / weights)
	}
}

// normalise makes v's mean zero and its length one; it reports false where v is flat.
func normalise(v []float32) bool {
	var mean, squares float32
	for _, x := range v {
		mean += x
	}
	mean /= float32(len(v))
	for i := range v {
		v[i] -= mean
		squares += v[i] * v[i]
	}
	if squares < 1e-3 {
		return false
	}
	k := float32(1 / math.Sqrt(float64(squares)))
	for i := range v {
		v[i] *= k
	}
	return true
}

// product is the scalar product of vectors of a length that is a multiple of four.
func product(a, b []float32) float32 {
	var s0, s1, s2, s3 float32
	b = b[:len(a)]
	for i := 0; i+3 < len(a); i += 4 {
		s0 += a[i] * b[i]
		s1 += a[i+1] * b[i+1]
		s2 += a[i+2] * b[i+2]
		s3 += a[i+3] * b[i+3]
	}
	return s0 + s1 + s2 + s3
}

// checks reports whether the last of the codes is the check character of the others,
// the start character first (ISO/IEC 15417, annex A).
func checks(codes []int) bool {
	sum := codes[0]
	for i, code := range codes[1 : len(codes)-1] {
		sum += (i + 1) * code
	}
	return sum%values == codes[len(codes)-1]
}

// row128 draws characters and the stop as a clean row with quiet zones, two dots a
// module.
func row128(codes []int) *gozxing.BitArray {
	const dots, quiet = 2, 20
	row := gozxing.NewBitArray(dots*(charModules*len(codes)+stopModules) + 2*quiet)
	at := quiet
	put := func(elements string) {
		for i, e := range elements {
			width := dots * int(e-'0')
			if i%2 == 0 {
				_ = row.SetRange(at, at+width) // within the row by construction
			}
			at += width
		}
	}
	for _, code := range codes {
		put(pattern128(code))
	}
	put(stop128)
	return row
}
