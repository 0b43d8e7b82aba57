package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/alecthomas/kong"
)

// configFile holds settings for those who would rather not use the environment.
const configFile = "/etc/harkara/station.json"

// world is what a command may touch beside its flags.
type world struct {
	ctx      context.Context
	in       io.Reader
	out, err io.Writer
	log      *slog.Logger
}

// commands is the whole command line.
type commands struct {
	Run    runCmd    `cmd:"" help:"Hear guns and cameras, keep what they read, and bring it to the office."`
	Enrol  enrolCmd  `cmd:"" help:"Make this machine a station with the one-time code that the office printed."`
	Status statusCmd `cmd:"" help:"Say how the station is: the office, what waits, what is lost."`
	Drawer drawerCmd `cmd:"" help:"Show what the office can never take."`

	Verbose bool `help:"Log more." short:"v"`
}

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// newParser builds the command line.
func newParser(c *commands, out, errOut io.Writer) (*kong.Kong, error) {
	return kong.New(c,
		kong.Name("station"), kong.Description("A room's scanning station: a scan once heard is never lost."),
		kong.Writers(out, errOut), kong.Configuration(kong.JSON, configFile),
	)
}

func run(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) int {
	var c commands
	parser, err := newParser(&c, out, errOut)
	if err != nil {
		fmt.Fprintln(errOut, "station:", err)
		return exitUsage
	}
	asked := false
	parser.Exit = func(int) { asked = true } // --help was printed
	parsed, err := parser.Parse(args)
	if asked {
		return exitOK
	}
	if err != nil {
		fmt.Fprintf(errOut, "station: %v\nTry station --help.\n", err)
		return exitUsage
	}
	level := slog.LevelInfo
	if c.Verbose {
		level = slog.LevelDebug
	}
	w := &world{ctx: ctx, in: in, out: out, err: errOut, log: slog.New(slog.NewTextHandler(errOut, &slog.HandlerOptions{Level: level}))}
	if err := parsed.Run(w); err != nil && !(errors.Is(err, context.Canceled) && ctx.Err() != nil) {
		fmt.Fprintln(errOut, "station:", err)
		return exitFailed
	}
	return exitOK
}
