package web

import (
	"net/http"
	"time"

	"harkara/web/gate"
	"harkara/web/kiosk"
)

// route is a pattern, who may call it, and what answers.
type route struct {
	pattern string
	access  gate.Access
	handle  func(http.ResponseWriter, *http.Request) error
}

// routes is every route. What is not named here, and no file of the assets, does
// not exist.
func (s *Server) routes() []route {
	return []route{
		{"GET /{$}", gate.Reader, s.boardPage},
		{"GET /files.csv", gate.Reader, s.filesSheet},
		{"GET /rooms.csv", gate.Reader, s.roomsSheet},
		{"GET /rooms/{room}/files.csv", gate.Reader, s.roomSheet},
		{"GET /rooms", gate.Reader, s.roomsPage},
		{"GET /rooms/{room}", gate.Reader, s.roomPage},
		{"GET /officers/{officer}", gate.Reader, s.officerPage},
		{"GET /open", gate.Reader, s.openPage},
		{"POST /open", gate.Reader, s.openForm},
		{"GET /files/{code}", gate.Reader, s.filePage},
		{"GET /files/{code}/{cover}", gate.Reader, s.cover},
		{"POST /files/{code}/{act}", gate.Reader, s.actForm},
		{"GET /attention", gate.Reader, s.attentionPage},
		{"POST /attention/{id}/{act}", gate.Reader, s.freeForm},

		{"GET " + kiosk.Path, gate.Anyone, s.kioskPage},
		{"GET " + kiosk.WorkerPath, gate.Anyone, s.kioskWorker},
		{"POST /kiosk/register", gate.StationForm, s.registerPage},
		{"POST /kiosk/open", gate.StationForm, s.registerForm},
		{"GET /login", gate.Anyone, s.loginPage},
		{"POST /login", gate.Anyone, s.login},
		{"POST /logout", gate.Anyone, s.logout},
		{"GET /unlock", gate.Anyone, s.unlockPage},
		{"POST /unlock", gate.Anyone, s.unlock},
		{"POST /session/active", gate.SignedIn, s.stillHere},
		{"POST /session/lock", gate.SignedIn, s.lock},
		{"GET /settings", gate.SignedIn, s.settingsPage},
		{"POST /settings/{what}", gate.SignedIn, s.settings},
		{"GET /pin", gate.SignedIn, s.pinPage},
		{"POST /pin", gate.SignedIn, s.renewPIN},
		{"GET /persons", gate.Reader, s.personsPage},
		{"POST /persons", gate.Reader, s.addPerson},
		{"GET /persons/{person}", gate.Reader, s.personPage},
		{"POST /persons/{person}/{act}", gate.Reader, s.alterPerson},
		{"POST /language", gate.Anyone, s.chooseLanguage},
		{"GET /font/{name}", gate.Anyone, s.font},
		{"GET /healthz", gate.Anyone, s.health},

		{"POST /api/v1/scans", gate.Station, s.scans},
		{"POST /api/v1/images", gate.Station, s.images},
		{"GET /api/v1/station", gate.Station, s.stationView},
		{"GET /api/v1/frames", gate.Station, s.frames},

		{"GET /api/v1/office", gate.Anyone, s.prove},
		{"POST /api/v1/enrol", gate.Anyone, s.enrol},
		{"POST /api/v1/stations/{station}/invitation", gate.Reader, s.invite},

		{"GET /api/v1/board", gate.Reader, s.boardJSON},
		{"GET /api/v1/rooms", gate.Reader, s.roomsJSON},
		{"GET /api/v1/rooms/{room}", gate.Reader, s.roomJSON},
		{"GET /api/v1/reference", gate.Reader, s.referenceJSON},
		{"POST /api/v1/labels", gate.Reader, s.labelsJSON},
		{"POST /api/v1/files", gate.Reader, s.openJSON},
		{"GET /api/v1/files", gate.Reader, s.numberedJSON},
		{"GET /api/v1/files/{code}", gate.Reader, s.fileJSON},
		{"GET /api/v1/files/{code}/entries", gate.Reader, s.entriesJSON},
		{"POST /api/v1/files/{code}/{act}", gate.Reader, s.actJSON},
		{"GET /api/v1/attention", gate.Reader, s.attentionJSON},
		{"POST /api/v1/quarantine/{id}/{act}", gate.Reader, s.freeJSON},
		{"GET /api/v1/live", gate.Reader, s.socket},
	}
}

// limit is how long a route may take; 0: it is a socket.
func (r route) limit() time.Duration {
	switch r.pattern {
	case "GET /api/v1/live", "GET /api/v1/frames":
		return 0
	case "POST /api/v1/images":
		return uploadTime
	}
	return gate.RequestTime
}
