package decode

// lastResort looks for light bars on a dark ground, where nothing else was found.
// gozxing's own readers on the whole picture would find no more, and take 24 s on a
// picture full of finder patterns: its choice among them is cubic.
func (r *Reader) lastResort(g *Gray) {
	if r.tally.none(QR, Code128, Code39) {
		r.sweep(g.inverted(), sweepPlan{lines: 16})
	}
}
