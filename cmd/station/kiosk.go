package main

import (
	"net/http"
	"time"

	"harkara/scanner/decode"
	"harkara/web/kiosk"
)

// policy lets the page load nothing from elsewhere and stand in nobody's frame.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; connect-src 'self'; " +
	"worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// page serves the kiosk's page, which is the office's own.
func (a *agent) page(mux *http.ServeMux, k *kiosk.Kiosk) {
	mux.HandleFunc("GET "+kiosk.Path, func(w http.ResponseWriter, r *http.Request) {
		a.hearken(r)
		_, east := time.Now().In(a.zone()).Zone()
		html, err := k.Render(kiosk.Page{Lang: a.language(), Office: a.id.Station, East: east, Agent: true, Station: a.id.Station})
		if err != nil {
			a.log.Error("page cannot be made", "err", err)
			fail(w, r, http.StatusInternalServerError, "internal")
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("Permissions-Policy", "camera=(self), geolocation=(), microphone=()")
		_, _ = w.Write(html) // who has gone needs no page
	})
	mux.HandleFunc("GET "+kiosk.WorkerPath, k.ServeWorker)
	mux.Handle("GET "+kiosk.AssetPath, k.Assets())
	mux.Handle("GET /{$}", http.RedirectHandler(kiosk.Path, http.StatusSeeOther))
	mux.HandleFunc("GET /api/v1/frames", func(w http.ResponseWriter, r *http.Request) {
		if err := kiosk.ServeFrames(w, r, &viewer{decode.NewViewer()}); err != nil {
			a.log.Warn("camera of the page is lost", "err", err)
		}
	})
}

// viewer makes a viewer of pictures one of frames.
type viewer struct{ *decode.Viewer }

func (v *viewer) Look(pixels []byte, width, height int, at time.Duration) any {
	return v.Viewer.Look(&decode.Gray{Pix: pixels, Stride: width, W: width, H: height}, at)
}
