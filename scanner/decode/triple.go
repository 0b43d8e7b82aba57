package decode

import (
	"cmp"
	"math"
	"slices"
)

// triple is three eyes that may be the corners of one QR code.
type triple struct {
	topLeft, topRight, bottomLeft Point
	module                        float64 // pixels
	score                         float64 // less is better
}

func distance(a, b Point) float64 { return math.Hypot(a.X-b.X, a.Y-b.Y) }

// Limits of triples: sides and angles that tilt up to some 45 degrees leaves.
const (
	moduleSpread = 1.9
	sideSpread   = 2.0
	cosineSpread = 0.6
	nearest      = 8   // modules between eyes; 14 in version 1, by rows up to 1.41 fewer
	farthest     = 190 // 170 in version 40
	tripleRows   = 6   // crossings beyond these tell no more
)

// join returns the triples that the best eyes can make, the likeliest first. The
// result is valid until the next call; eyes are sorted.
func (f *finder) join(eyes []eye, most int) []triple {
	f.triples = f.triples[:0]
	slices.SortFunc(eyes, func(a, b eye) int { return cmp.Compare(b.rows, a.rows) })
	eyes = eyes[:min(len(eyes), most)]
	for i := range eyes {
		for j := i + 1; j < len(eyes); j++ {
			for k := j + 1; k < len(eyes); k++ {
				if t, ok := newTriple(eyes[i], eyes[j], eyes[k]); ok {
					f.triples = append(f.triples, t)
				}
			}
		}
	}
	slices.SortFunc(f.triples, func(a, b triple) int { return cmp.Compare(a.score, b.score) })
	return f.triples
}

// newTriple orders three eyes as the corners of a square seen from the front: the one
// opposite the longest side is the top left, the others follow clockwise.
func newTriple(a, b, c eye) (triple, bool) {
	small, large := min(a.module, b.module, c.module), max(a.module, b.module, c.module)
	if large > small*moduleSpread {
		return triple{}, false
	}
	ab, ac, bc := distance(a.Point, b.Point), distance(a.Point, c.Point), distance(b.Point, c.Point)
	switch {
	case bc >= ab && bc >= ac:
	case ac >= ab:
		a, b, ac, bc = b, a, bc, ac
	default:
		a, c, ab, bc = c, a, bc, ab
	}
	module := (a.module + b.module + c.module) / 3
	if ab > sideSpread*ac || ac > sideSpread*ab || min(ab, ac) < nearest*module || max(ab, ac) > farthest*module {
		return triple{}, false
	}
	cosine := (ab*ab + ac*ac - bc*bc) / (2 * ab * ac)
	if math.Abs(cosine) > cosineSpread {
		return triple{}, false
	}
	t := triple{topLeft: a.Point, topRight: b.Point, bottomLeft: c.Point, module: module}
	if (b.X-a.X)*(c.Y-a.Y) < (b.Y-a.Y)*(c.X-a.X) {
		t.topRight, t.bottomLeft = c.Point, b.Point
	}
	t.score = 1.5*math.Abs(math.Log(ab/ac)) + 1.5*math.Abs(cosine) + math.Log(large/small) -
		0.12*float64(min(a.rows, b.rows, c.rows, tripleRows))
	return t, true
}

// size estimates the symbol's modules a side from the eyes' own size along the sides.
// It returns 0 where they cannot be measured.
func (t *triple) size(b *bitmap) float64 {
	across, down := b.sizeBetween(t.topLeft, t.topRight), b.sizeBetween(t.topLeft, t.bottomLeft)
	if across > 0 && down > 0 {
		return (across + down) / 2
	}
	return across + down
}

// sizeBetween estimates modules a side from two eyes and the line through them, which is a
// side or the diagonal: the eyes are longer along it by as much as it is. 0: they cannot
// be measured.
func (b *bitmap) sizeBetween(p, q Point) float64 {
	here, there := b.moduleTowards(p, q), b.moduleTowards(q, p)
	switch {
	case here > 0 && there > 0:
		return distance(p, q)/((here+there)/2) + eyeModules
	case here+there > 0:
		return distance(p, q)/(here+there) + eyeModules
	}
	return 0
}

// eyeModules is the width of a finder pattern; its centre is half that from the edge.
const eyeModules = 7

// moduleTowards measures the module at eye a along the line through b, in pixels, or 0.
func (b *bitmap) moduleTowards(a, other Point) float64 {
	ahead := b.edgeTowards(a, other)
	behind := b.edgeTowards(a, Point{2*a.X - other.X, 2*a.Y - other.Y})
	switch {
	case ahead > 0 && behind > 0:
		return (ahead + behind) / eyeModules
	default:
		return (ahead + behind) / (eyeModules / 2.0)
	}
}

// edgeTowards walks from an eye's centre over dark, light and dark to its outer edge
// and returns the length in pixels, or 0 where there is none.
func (b *bitmap) edgeTowards(a, other Point) float64 {
	const stride = 0.5
	length := distance(a, other)
	if length < 1 {
		return 0
	}
	dx, dy := (other.X-a.X)/length, (other.Y-a.Y)/length
	crossed := 0
	for s := 0.0; s < length; s += stride {
		x, y := int(math.Floor(a.X+dx*s)), int(math.Floor(a.Y+dy*s))
		if x < 0 || y < 0 || x >= b.w || y >= b.h {
			if crossed == 2 { // the eye touches the picture's edge
				return s
			}
			return 0
		}
		if b.dark(x, y) == (crossed == 1) {
			if crossed++; crossed == 3 {
				return s
			}
		}
	}
	return 0
}
