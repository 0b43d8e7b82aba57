package main

import (
	"log/slog"

	"harkara/internal/engine"
	"harkara/internal/office"
)

// Location says where the office's data lives: in a folder of this machine, or in
// clusters elsewhere.
type Location struct {
	Data     string `help:"Data folder of this office. Everything embedded lives in it." default:"data" type:"path" env:"HARKARA_DATA"`
	Postgres string `help:"Folder of PostgreSQL's programs. Found by itself where they are installed as usual." type:"path" env:"HARKARA_POSTGRES"`

	DatabaseURL       string `help:"Ledger elsewhere: postgres://... as the program's role." env:"HARKARA_DATABASE_URL"`
	DatabaseOwnerURL  string `help:"The same database as the role that migrates it. Default: --database-url." env:"HARKARA_DATABASE_OWNER_URL"`
	TemporalAddress   string `help:"Temporal elsewhere: host:port." env:"HARKARA_TEMPORAL_ADDRESS"`
	TemporalNamespace string `help:"Its namespace." default:"harkara" env:"HARKARA_TEMPORAL_NAMESPACE"`
	TemporalTLS       bool   `help:"Speak TLS with it." env:"HARKARA_TEMPORAL_TLS"`
	TemporalAPIKey    string `help:"API key for it." env:"HARKARA_TEMPORAL_API_KEY"`
}

// config is for what uses an office: a mistaken folder is not made a new, empty one.
func (l Location) config(log *slog.Logger) engine.Config {
	cfg := l.founding(log)
	cfg.Existing = l.DatabaseURL == ""
	return cfg
}

// founding is for what may begin an office.
func (l Location) founding(log *slog.Logger) engine.Config {
	return engine.Config{
		Dir: l.Data, Binaries: l.Postgres, DatabaseURL: l.DatabaseURL, OwnerURL: l.DatabaseOwnerURL,
		Temporal: engine.Remote{Address: l.TemporalAddress, Namespace: l.TemporalNamespace, TLS: l.TemporalTLS, APIKey: l.TemporalAPIKey},
		Log:      log, NoSync: noSync,
	}
}

// noSync lets a power cut lose everything. Only the tests' own main sets it.
var noSync bool

// open opens the office's ledger, also beside a program that runs on the folder.
func (l Location) open(w *world) (*office.Office, error) {
	return office.Open(w.ctx, l.config(w.log), office.Roles{})
}
