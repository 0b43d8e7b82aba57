package decode

// homography maps the unit square to a quadrilateral on a picture, as a pinhole camera
// sees a plane.
type homography struct{ a, b, c, d, e, f, g, h float64 }

// quad is a square seen by a camera, from its own top left clockwise.
type quad [4]Point

// homography of a quadrilateral (Heckbert 1989, Fundamentals of Texture Mapping and
// Image Warping, section 2.2.3). A degenerate one maps to somewhere finite or not at
// all; callers sample with bounds.
func (q *quad) homography() homography {
	p0, p1, p2, p3 := q[0], q[1], q[2], q[3]
	sx, sy := p0.X-p1.X+p2.X-p3.X, p0.Y-p1.Y+p2.Y-p3.Y
	dx1, dx2 := p1.X-p2.X, p3.X-p2.X
	dy1, dy2 := p1.Y-p2.Y, p3.Y-p2.Y
	det := dx1*dy2 - dx2*dy1
	if det == 0 {
		det = 1e-9
	}
	g, h := (sx*dy2-dx2*sy)/det, (dx1*sy-sx*dy1)/det
	return homography{
		p1.X - p0.X + g*p1.X, p3.X - p0.X + h*p3.X, p0.X,
		p1.Y - p0.Y + g*p1.Y, p3.Y - p0.Y + h*p3.Y, p0.Y,
		g, h,
	}
}

func (h *homography) at(u, v float64) Point {
	w := 1 / (h.g*u + h.h*v + 1)
	return Point{(h.a*u + h.b*v + h.c) * w, (h.d*u + h.e*v + h.f) * w}
}

// modules rescales h, whose unit square joins the centres of the eyes of a symbol of
// size modules a side and the fourth corner like them, to take modules from the
// symbol's top left corner.
func (h *homography) modules(size int) homography {
	const half = eyeModules / 2.0
	k := 1 / float64(size-eyeModules)
	g, hh := h.g*k, h.h*k
	w := 1 - (g+hh)*half // homogeneous scale at the new origin
	move := func(a, b, c float64) (float64, float64, float64) {
		return a * k / w, b * k / w, (c - (a+b)*k*half) / w
	}
	var m homography
	m.a, m.b, m.c = move(h.a, h.b, h.c)
	m.d, m.e, m.f = move(h.d, h.e, h.f)
	m.g, m.h = g/w, hh/w
	return m
}
