// Package hostile makes pictures that are made to take long, for the tests and the
// bench of decoding.
package hostile

import (
	"image"
	"math/rand/v2"
)

// Pictures are of at most 2.1 megapixels, the same ones in every run.
func Pictures() map[string]*image.Gray {
	const w, h = 1600, 1312
	random := rand.New(rand.NewPCG(1, 2))
	made := func(pixel func(x, y int) byte) *image.Gray {
		g := image.NewGray(image.Rect(0, 0, w, h))
		for y := range h {
			for x := range w {
				g.Pix[y*g.Stride+x] = pixel(x, y)
			}
		}
		return g
	}
	dark := func(is bool) byte {
		if is {
			return 0
		}
		return 255
	}
	ring := func(x, y, module int) bool { // a finder pattern in a cell of 10 modules
		x, y = x/module%10-1, y/module%10-1
		if x < 0 || y < 0 || x > 6 || y > 6 {
			return false
		}
		return x == 0 || y == 0 || x == 6 || y == 6 || x >= 2 && x <= 4 && y >= 2 && y <= 4
	}
	return map[string]*image.Gray{
		"finder patterns of 40 pixels":  made(func(x, y int) byte { return dark(ring(x, y, 4)) }),
		"finder patterns of 20 pixels":  made(func(x, y int) byte { return dark(ring(x, y, 2)) }),
		"finder patterns of 10 pixels":  made(func(x, y int) byte { return dark(ring(x, y, 1)) }),
		"inverted finder patterns":      made(func(x, y int) byte { return dark(!ring(x, y, 4)) }),
		"finder patterns in noise":      made(func(x, y int) byte { return dark(ring(x, y, 4))/2 + byte(random.IntN(120)) }),
		"noise":                         made(func(int, int) byte { return byte(random.IntN(256)) }),
		"black and white noise":         made(func(int, int) byte { return dark(random.IntN(2) == 0) }),
		"checkerboard":                  made(func(x, y int) byte { return dark((x/3+y/3)%2 == 0) }),
		"stripes":                       made(func(x, _ int) byte { return dark(x/3%2 == 0) }),
		"stripes of Code 128's widths":  made(func(x, _ int) byte { return dark(x*7919>>3%11 < 5) }),
		"slanted stripes":               made(func(x, y int) byte { return dark((x+y)/4%2 == 0) }),
		"random bars":                   bars(random, made),
		"nested squares":                made(func(x, y int) byte { return dark(max(abs(x-w/2), abs(y-h/2))/5%2 == 0) }),
		"circles":                       made(func(x, y int) byte { return dark(((x-w/2)*(x-w/2)+(y-h/2)*(y-h/2))>>12%2 == 0) }),
		"a page without a code":         made(func(x, y int) byte { return 240 - byte(random.IntN(8)) }),
		"print-like specks":             made(func(x, y int) byte { return dark(y/12%3 == 1 && (x*31+y*17)>>2%5 < 2) }),
		"one pixel":                     image.NewGray(image.Rect(0, 0, 1, 1)),
		"one row":                       image.NewGray(image.Rect(0, 0, 2_000_000, 1)),
		"one column":                    image.NewGray(image.Rect(0, 0, 1, 2_000_000)),
		"nine rows of two million bars": twoMillion(random),
	}
}

func bars(random *rand.Rand, made func(func(x, y int) byte) *image.Gray) *image.Gray {
	row := make([]byte, 1600)
	value, left := byte(0), 0
	for x := range row {
		if left == 0 {
			value, left = 255-value, 1+random.IntN(4)
		}
		row[x] = value
		left--
	}
	return made(func(x, _ int) byte { return row[x] })
}

func twoMillion(random *rand.Rand) *image.Gray {
	g := image.NewGray(image.Rect(0, 0, 230_000, 9))
	for i := range g.Pix {
		g.Pix[i] = byte(random.IntN(2)) * 255
	}
	return g
}

func abs(n int) int { return max(n, -n) }
