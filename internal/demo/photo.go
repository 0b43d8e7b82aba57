package demo

import (
	"image"
	"math"
	"math/rand/v2"
)

// photograph is what a cheap camera makes of a cover: turned, a little out of
// focus, unevenly lit, noisy.
func photograph(cover *image.Gray, random *rand.Rand) *image.Gray {
	const width, height = 800, 600
	out := image.NewGray(image.Rect(0, 0, width, height))
	angle := (random.Float64() - 0.5) * 0.16 // up to 4.5 degrees either way
	sin, cos := math.Sincos(angle)
	b := cover.Bounds()
	scale := 0.94 * min(float64(width)/float64(b.Dx()), float64(height)/float64(b.Dy()))
	cx, cy := float64(b.Dx())/2, float64(b.Dy())/2
	for range random.IntN(3) {
		cover = soften(cover)
	}
	light, slope := 0.75+0.2*random.Float64(), (random.Float64()-0.5)*0.3
	for y := range height {
		for x := range width {
			dx, dy := (float64(x)-width/2)/scale, (float64(y)-height/2)/scale
			v := sample(cover, cos*dx+sin*dy+cx, cos*dy-sin*dx+cy)
			v *= light + slope*float64(x-width/2)/width
			out.Pix[y*out.Stride+x] = uint8(max(0, min(255, v+random.NormFloat64()*5)))
		}
	}
	return out
}

// soften is a lens a little out of focus: each dot takes a quarter of the light of
// its neighbours on each side, along rows and then along columns.
func soften(g *image.Gray) *image.Gray {
	along := func(from *image.Gray, step, edge int) *image.Gray {
		to := image.NewGray(from.Rect)
		copy(to.Pix, from.Pix)
		for i := edge; i < len(from.Pix)-edge; i++ {
			to.Pix[i] = uint8((int(from.Pix[i-step]) + 2*int(from.Pix[i]) + int(from.Pix[i+step])) / 4)
		}
		return to
	}
	return along(along(g, 1, 1), g.Stride, g.Stride)
}

// sample is the mean of the four dots around a point: the table outside.
func sample(g *image.Gray, x, y float64) float64 {
	x0, y0 := int(math.Floor(x)), int(math.Floor(y))
	fx, fy := x-float64(x0), y-float64(y0)
	return dot(g, x0, y0)*(1-fx)*(1-fy) + dot(g, x0+1, y0)*fx*(1-fy) + dot(g, x0, y0+1)*(1-fx)*fy + dot(g, x0+1, y0+1)*fx*fy
}

func dot(g *image.Gray, x, y int) float64 {
	if !(image.Point{X: x, Y: y}).In(g.Rect) {
		return 120
	}
	return float64(g.Pix[y*g.Stride+x])
}
