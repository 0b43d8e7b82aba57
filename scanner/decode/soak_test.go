package decode

import (
	"flag"
	"runtime"
	"testing"
	"time"

	"harkara/internal/label"
)

var soak = flag.Duration("soak", 2*time.Second, "how long TestSoak looks at frames; the promise is for 1h")

// A station looks at frames all day: nothing of them stays in memory.
func TestSoak(t *testing.T) {
	viewer := NewViewer()
	empty := frameOf(t)
	var scenes []*Gray
	for i := range uint64(40) {
		scenes = append(scenes, frameOf(t, patch{format: QR, text: string(label.New(label.File, 1000+i)), x: 60 + int(i), y: 60}), empty,
			frameOf(t, patch{format: Code128, text: "PAK-POST-" + string(label.New(label.File, i))[3:9], x: 60, y: 300}))
	}
	frames := 0
	look := func(until time.Time) {
		for ; frames < 2*len(scenes) || time.Now().Before(until); frames++ {
			viewer.Look(scenes[frames%len(scenes)], time.Duration(frames)*33*time.Millisecond)
		}
	}
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	look(time.Now()) // buffers grow to what frames need
	before, began := heap(), frames
	look(time.Now().Add(*soak))
	after := heap()
	runtime.KeepAlive(scenes)
	t.Logf("%d frames in %s: heap %d KB, then %d KB; %d codes held", frames-began, *soak, before>>10, after>>10, len(viewer.held))
	if grown := int64(after) - int64(before); grown > 256<<10 {
		t.Errorf("the heap grew by %d KB", grown>>10)
	}
}
