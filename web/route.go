package web

import (
	"net/http"
	"time"

	"harkara/internal/people"
	"harkara/web/gate"
	"harkara/web/kiosk"
)

// Rules of routes for persons. What one sees on a page, and may do to a file there, his
// sight says: see people.Eyes.
var (
	watchers  = people.May(people.Administrator, people.Manager, people.Officer, people.Clerk, people.Auditor, people.Wall)
	readers   = people.May(people.Administrator, people.Manager, people.Officer, people.Clerk, people.Auditor)
	callers   = people.May(people.Administrator, people.Manager, people.Officer, people.Clerk, people.Auditor, people.Program)
	openers   = people.May(people.Administrator, people.Manager, people.Officer, people.Clerk)
	actors    = people.May(people.Administrator, people.Manager, people.Officer, people.Clerk)
	printers  = people.May(people.Administrator, people.Clerk)
	examiners = people.May(people.Administrator, people.Auditor)
	keepers   = people.May(people.Administrator)
)

// route is a pattern, who may call it, and what answers.
type route struct {
	pattern string
	rule    people.Rule
	handle  func(http.ResponseWriter, *http.Request) error
}

// routes is every route. What is not named here, and no file of the assets, does
// not exist.
func (s *Server) routes() []route {
	return []route{
		{"GET /{$}", watchers, s.boardPage},
		{"GET /files.csv", readers, s.filesSheet},
		{"GET /rooms.csv", readers, s.roomsSheet},
		{"GET /rooms/{room}/files.csv", readers, s.roomSheet},
		{"GET /rooms", watchers, s.roomsPage},
		{"GET /rooms/{room}", readers, s.roomPage},
		{"GET /officers/{officer}", readers, s.officerPage},
		{"GET /open", openers, s.openPage},
		{"POST /open", openers, s.openForm},
		{"GET /files/{code}", readers, s.filePage},
		{"GET /files/{code}/{cover}", readers, s.cover},
		{"POST /files/{code}/{act}", actors, s.actForm},
		{"GET /attention", examiners, s.attentionPage},
		{"POST /attention/{id}/{act}", keepers, s.freeForm},

		{"GET " + kiosk.Path, people.Anyone, s.kioskPage},
		{"GET " + kiosk.WorkerPath, people.Anyone, s.kioskWorker},
		{"POST /kiosk/register", people.StationForm, s.registerPage},
		{"POST /kiosk/open", people.StationForm, s.registerForm},
		{"GET /login", people.Anyone, s.loginPage},
		{"POST /login", people.Anyone, s.login},
		{"POST /logout", people.Anyone, s.logout},
		{"GET /unlock", people.Anyone, s.unlockPage},
		{"POST /unlock", people.Anyone, s.unlock},
		{"POST /session/active", people.SignedIn, s.stillHere},
		{"POST /session/lock", people.SignedIn, s.lock},
		{"GET /settings", people.SignedIn, s.settingsPage},
		{"POST /settings/{what}", people.SignedIn, s.settings},
		{"GET /pin", people.SignedIn, s.pinPage},
		{"POST /pin", people.SignedIn, s.renewPIN},
		{"GET /persons", keepers, s.personsPage},
		{"POST /persons", keepers, s.addPerson},
		{"GET /persons/{person}", keepers, s.personPage},
		{"POST /persons/{person}/{act}", keepers, s.alterPerson},
		{"POST /language", people.Anyone, s.chooseLanguage},
		{"GET /font/{name}", people.Anyone, s.font},
		{"GET /healthz", people.Anyone, s.health},

		{"POST /api/v1/scans", people.Station, s.scans},
		{"POST /api/v1/images", people.Station, s.images},
		{"GET /api/v1/station", people.Station, s.stationView},
		{"GET /api/v1/station/files", people.Station, s.numberedAtDoor},
		{"GET /api/v1/frames", people.Station, s.frames},

		{"GET /api/v1/office", people.Anyone, s.prove},
		{"POST /api/v1/enrol", people.Anyone, s.enrol},
		{"POST /api/v1/stations/{station}/invitation", keepers, s.invite},

		{"GET /api/v1/board", callers, s.boardJSON},
		{"GET /api/v1/rooms", callers, s.roomsJSON},
		{"GET /api/v1/rooms/{room}", callers, s.roomJSON},
		{"GET /api/v1/reference", examiners, s.referenceJSON},
		{"POST /api/v1/labels", printers, s.labelsJSON},
		{"POST /api/v1/files", openers, s.openJSON},
		{"GET /api/v1/files", callers, s.numberedJSON},
		{"GET /api/v1/files/{code}", callers, s.fileJSON},
		{"GET /api/v1/files/{code}/entries", callers, s.entriesJSON},
		{"POST /api/v1/files/{code}/{act}", actors, s.actJSON},
		{"GET /api/v1/attention", examiners, s.attentionJSON},
		{"POST /api/v1/quarantine/{id}/{act}", keepers, s.freeJSON},
		{"GET /api/v1/live", watchers, s.socket},
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
