package decode

import (
	"math"
	"runtime"
	"slices"
	"time"

	"harkara/internal/label"
)

// Sight is what a frame of a camera means.
type Sight string

// What a frame can mean.
const (
	Nothing  Sight = "nothing"
	Unsure   Sight = "unsure"    // a code is read, but on too little evidence yet
	Accepted Sight = "accepted"  // a code that is to be scanned now
	Held     Sight = "held"      // the same code, still in view
	TwoFiles Sight = "two_files" // several codes at once: whose turn is it?
	Foreign  Sight = "foreign"   // somebody else's label, which no old cover could carry
)

// View is what a frame shows.
type View struct {
	State   Sight      `json:"state"`
	Code    label.Code `json:"code,omitempty"` // of ours, or where a frame shows none, of an old cover
	Format  Format     `json:"format,omitempty"`
	Corners []Point    `json:"corners,omitempty"` // in pixels of the frame
	Foreign *Symbol    `json:"foreign,omitempty"`
}

// Viewer turns the frames of one camera into scans: each code once, on enough
// evidence, until it has been out of view for a while. The same wrong text can be
// read frame after frame, so that equal reads alone prove nothing: a lone Code 128
// needs a margin over its rivals, and either several lines across its bars or a frame
// in which it lay elsewhere; a Code 39, which has no check character, both of these.
// One goroutine uses it.
type Viewer struct {
	// Patience is the budget of a frame, of processor time; NewViewer sets one.
	Patience time.Duration

	reader *Reader
	held   map[label.Code]time.Duration // accepted codes, and when each was last in view
	shown  []label.Code                 // in the last frame that was decoded
	doubt  doubt
	at     time.Duration // of the last frame
	before []byte        // the frame before, each cell's mean
	last   View
	still  int  // frames in which nothing has changed
	tried  bool // full effort, on what has not changed since
}

// doubt is a code that waits for more evidence.
type doubt struct {
	code label.Code
	at   [4]Point // its corners
	seen time.Duration
}

const (
	outOfView   = 2 * time.Second // then a code counts as shown again
	blind       = time.Second     // a longer time between frames counts as this: nobody looked
	marginLeast = 0.1             // of a symbol character over its nearest rival
	linesLeast  = 3               // across the bars
	displaced   = 2.0             // pixels: another sampling of the bars
	doubtFor    = time.Second     // evidence of two frames must be no further apart

	cell        = 8       // pixels of a side, to see whether anything changed
	cellDiff    = 12      // levels of grey that count as another cell
	changeShare = 500     // one cell in so many makes another frame
	frameBudget = patient // only a frame made to take long takes so long
	stillFor    = 3       // frames without a change before full effort is worth it
)

// NewViewer returns a viewer that has seen nothing.
func NewViewer() *Viewer {
	return &Viewer{reader: New(), held: map[label.Code]time.Duration{}, Patience: frameBudget}
}

// Look takes the next frame; at grows from frame to frame. A frame in which nothing
// has changed is not decoded again, except once with full effort.
func (v *Viewer) Look(g *Gray, at time.Duration) View {
	unseen := max(0, at-v.at-blind) // of a network or a camera that stood still
	v.at = at
	for code, seen := range v.held {
		if v.held[code] = seen + unseen; at-v.held[code] > outOfView {
			delete(v.held, code)
		}
	}
	effort := Quick
	if v.changed(g) {
		v.still, v.tried = 0, false
	} else {
		v.still++
		switch {
		case (v.last.State == Nothing || v.last.State == Unsure) && v.still >= stillFor && !v.tried:
			effort, v.tried = Full, true
		case v.last.State != Unsure:
			return v.again(at)
		}
	}
	v.last = v.judge(g, effort, at)
	return v.last
}

// again is the view of a frame like the one before.
func (v *Viewer) again(at time.Duration) View {
	if v.last.State == Accepted {
		v.last.State = Held
	}
	v.keep(at)
	return v.last
}

// keep holds on to those of the codes shown that are held.
func (v *Viewer) keep(at time.Duration) {
	for _, code := range v.shown {
		if _, held := v.held[code]; held {
			v.held[code] = at
		}
	}
}

func (v *Viewer) judge(g *Gray, effort Effort, at time.Duration) View {
	runtime.LockOSThread() // two looks share a budget
	defer runtime.UnlockOSThread()
	began := threadTime()
	v.shown = v.shown[:0]
	first := v.reader.Decode(g, Options{Effort: effort, Budget: v.Patience})
	if len(first.shown()) == 0 {
		return View{State: Nothing}
	}
	// A code is worth a second look, at all there is: it may move a file.
	all := v.reader.Decode(g, Options{Effort: effort, Budget: max(1, v.Patience-(threadTime()-began)/slower), All: true})
	both := Result{Symbols: append(first.Symbols, all.Symbols...), Foreign: append(first.Foreign, all.Foreign...)}
	symbols := both.shown()
	symbol := symbols[0]
	code, ok := symbol.Code()
	if !ok {
		return View{State: Foreign, Format: symbol.Format, Corners: symbol.Corners[:], Foreign: &symbol}
	}
	var other *Symbol
	formats := map[Format]bool{}
	for i, s := range symbols {
		c, ok := s.Code()
		if !ok || c != code {
			other = &symbols[i]
		}
		if ok {
			v.shown = append(v.shown, c)
		}
		formats[s.Format] = true
		symbol.Lines, symbol.Margin = max(symbol.Lines, s.Lines), max(symbol.Margin, s.Margin)
	}
	v.keep(at)
	if other != nil {
		return View{State: TwoFiles, Corners: other.Corners[:]}
	}
	view := View{State: Held, Code: code, Format: symbol.Format, Corners: symbol.Corners[:]}
	if i := slices.IndexFunc(symbols, func(s Symbol) bool { return s.Format == QR }); i >= 0 {
		view.Format, view.Corners = QR, symbols[i].Corners[:] // it alone is enough
	}
	if _, held := v.held[code]; held {
		return view
	}
	if !formats[QR] && !v.believed(symbol, at) {
		view.State = Unsure
		return view
	}
	v.doubt = doubt{}
	v.held[code] = at
	view.State = Accepted
	return view
}

// believed reports whether there is enough evidence for bars alone.
func (v *Viewer) believed(s Symbol, at time.Duration) bool {
	code, _ := s.Code()
	before := v.doubt
	v.doubt = doubt{code: code, at: s.Corners, seen: at}
	moved := before.code == code && at-before.seen <= doubtFor && movedAcross(before.at, s.Corners)
	lines := s.Lines >= linesLeast
	if s.Format == Code39 {
		return lines && moved
	}
	return s.Margin >= marginLeast && (lines || moved)
}

// movedAcross reports whether bars lie elsewhere in the direction they are read in, at
// either end: which of its lines are read moves a symbol's corners only along its bars.
func movedAcross(before, now [4]Point) bool {
	along := Point{now[1].X - now[0].X, now[1].Y - now[0].Y}
	length := math.Hypot(along.X, along.Y)
	by := func(i, j int) float64 {
		x := now[i].X + now[j].X - before[i].X - before[j].X
		y := now[i].Y + now[j].Y - before[i].Y - before[j].Y
		return (x*along.X + y*along.Y) / (2 * length)
	}
	start, end := by(0, 3), by(1, 2)
	return min(start, end) >= displaced || max(start, end) <= -displaced
}

// changed reports whether a frame differs from the one before, and remembers it.
func (v *Viewer) changed(g *Gray) bool {
	if !g.valid() || g.W < cell || g.H < cell {
		v.before = v.before[:0]
		return true
	}
	w, h := g.W/cell, g.H/cell
	fresh := len(v.before) != w*h
	if fresh {
		v.before = make([]byte, w*h)
	}
	others := 0
	for y := range h {
		for x := range w {
			sum := 0
			for dy := 0; dy < cell; dy += 2 { // every other pixel tells enough
				row := g.row(y*cell + dy)[x*cell:]
				sum += int(row[0]) + int(row[2]) + int(row[4]) + int(row[6])
			}
			mean := sum / (cell * cell / 4)
			if abs(mean-int(v.before[y*w+x])) > cellDiff {
				others++
			}
			v.before[y*w+x] = byte(mean)
		}
	}
	return fresh || others*changeShare > w*h
}
