package main

import (
	"time"

	"harkara/internal/bench"
)

type benchCmd struct {
	Scans   benchScansCmd   `cmd:"" help:"Full scans against bare workflow updates, on one engine in one run."`
	Office  benchOfficeCmd  `cmd:"" help:"A station's scan in an office of many files, beside a register and in a storm of what fell due."`
	Decode  benchDecodeCmd  `cmd:"" help:"Reading pictures, beside gozxing by itself."`
	SignIn  benchSignInCmd  `cmd:"" name:"signin" help:"Letting people in, beside scans, beside guessing, and many at once."`
	Rebuild benchRebuildCmd `cmd:"" help:"Making the workflows of an office again from its ledger, beside bare starts of workflows."`
}

// Site is where the office of a benchmark runs.
type Site struct {
	Postgres string `help:"Folder of PostgreSQL's programs." type:"path" env:"HARKARA_POSTGRES"`
}

func (s Site) in(w *world, data string) bench.Site {
	return bench.Site{Postgres: s.Postgres, Data: data, Log: w.log, Out: w.out, Progress: terminal(w.err)}
}

type benchDecodeCmd struct {
	Dir string `arg:"" help:"Folder of pictures with manifest.csv: file, text, format, grade." type:"existingdir"`
}

// Run reads every picture each way.
func (c *benchDecodeCmd) Run(w *world) error {
	return bench.Decode{Dir: c.Dir, Out: w.out, Progress: terminal(w.err)}.Run()
}

type benchScansCmd struct {
	Site   `embed:""`
	Files  int  `help:"Files that are scanned." default:"100"`
	Scans  int  `help:"Scans of each kind." default:"2000"`
	Rounds int  `help:"Rounds; bare and full alternate." default:"4"`
	AtOnce int  `help:"Scans under way at once." default:"32"`
	Cold   bool `help:"Evict workflows from memory before every scan."`
}

// Run measures on an office of its own in a temporary folder.
func (c *benchScansCmd) Run(w *world) error {
	return bench.Scans{Site: c.in(w, ""), Files: c.Files, Scans: c.Scans, Rounds: c.Rounds, AtOnce: c.AtOnce, Cold: c.Cold}.Run(w.ctx)
}

type benchOfficeCmd struct {
	Site     `embed:""`
	Data     string        `help:"Folder of the office, which is kept: a later run goes on with its files. None: a temporary one." type:"path"`
	Files    int           `help:"Open files that are founded." default:"3000"`
	First    int           `help:"So many are founded first, and measured; 0: a quarter."`
	Visits   int           `help:"Scans that each of them has had." default:"0"`
	Openings int           `help:"Openings of a register that is brought in; 0: none." default:"3000"`
	Wakes    int           `help:"Rungs that fall due within 20 seconds; 0: none." default:"3000"`
	Scans    int           `help:"Scans alone, warm and evicted." default:"300"`
	Quiet    time.Duration `help:"How long the processor is measured with nothing to do." default:"30s"`
}

// Run measures on an office of its own.
func (c *benchOfficeCmd) Run(w *world) error {
	return bench.Office{
		Site: c.in(w, c.Data), Files: c.Files, First: c.First, Visits: c.Visits, Openings: c.Openings, Wakes: c.Wakes, Scans: c.Scans, Quiet: c.Quiet,
	}.Run(w.ctx)
}

type benchRebuildCmd struct {
	Site   `embed:""`
	Files  int `help:"Open files." default:"2000"`
	Bare   int `help:"Bare workflows that are started, one half before and one after." default:"2000"`
	AtOnce int `help:"Workflows that are made, or started, at once." default:"24"`
}

// Run measures on an office of its own in a temporary folder.
func (c *benchRebuildCmd) Run(w *world) error {
	return bench.Rebuild{Site: c.in(w, ""), Files: c.Files, Bare: c.Bare, AtOnce: c.AtOnce}.Run(w.ctx)
}

type benchSignInCmd struct {
	Site      `embed:""`
	Files     int           `help:"Files that are scanned in turn." default:"20"`
	For       time.Duration `help:"How long each part lasts." default:"30s"`
	Addresses int           `help:"Addresses that guess, at most 250." default:"50"`
	Guesses   int           `help:"Guesses a second." default:"100"`
	AtOnce    int           `help:"Honest sign-ins together." default:"8"`
}

// Run measures on an office of its own in a temporary folder.
func (c *benchSignInCmd) Run(w *world) error {
	return bench.SignIn{Site: c.in(w, ""), Files: c.Files, For: c.For, Addresses: c.Addresses, Guesses: c.Guesses, AtOnce: c.AtOnce}.Run(w.ctx)
}
