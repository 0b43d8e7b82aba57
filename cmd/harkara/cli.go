package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/alecthomas/kong"
	"github.com/lmittmann/tint"
)

// world is what a command may touch beside its flags.
type world struct {
	ctx      context.Context
	in       io.Reader
	out, err io.Writer
	log      *slog.Logger

	zone *time.Location // of the office; nil: not known yet

	flags   []string // that stand on the command line
	warning sync.Mutex
	warned  []string // of what is said once
}

// commands is the whole command line.
type commands struct {
	Serve    serveCmd    `cmd:"" help:"Run the office: ledger, workflows, stations, pages."`
	Demo     demoCmd     `cmd:"" help:"See a sample secretariat alive in a browser."`
	Bench    benchCmd    `cmd:"" help:"Measure speeds, as ratios in one run."`
	Cover    coverCmd    `cmd:"" help:"Draw a cover: PDF, PNG or SVG."`
	Covers   coversCmd   `cmd:"" help:"Open the files of a register and print their covers."`
	Reprint  reprintCmd  `cmd:"" help:"Print covers of files again, with a reason: once a file has moved, with a new code."`
	Alias    aliasCmd    `cmd:"" help:"Register the code of an old cover, of before this office's codes."`
	Unalias  unaliasCmd  `cmd:"" help:"Take back that an old code was registered."`
	Amend    amendCmd    `cmd:"" help:"Put a file's number or subject right, with a reason."`
	Classify classifyCmd `cmd:"" help:"Make a file confidential or secret, or ordinary again: its subject is then shown to administrators alone."`
	Labels   labelsCmd   `cmd:"" help:"Print labels for files that are not opened yet, or tags of bags."`
	Cards    cardsCmd    `cmd:"" help:"Print desk cards, badges, command, hold and reason cards, sheets of destinations."`
	Decode   decodeCmd   `cmd:"" help:"Read the codes on pictures and PDF pages."`
	Open     openCmd     `cmd:"" help:"Open a file in a running office."`
	Scan     scanCmd     `cmd:"" help:"Scan a file as a station."`
	Status   statusCmd   `cmd:"" help:"Say where a file is."`
	Charge   chargeCmd   `cmd:"" help:"List what a post holds, for handing over charge of it."`
	Office   officeCmd   `cmd:"" help:"Print or set the reference data: rooms, desks, posts, routes."`
	Station  stationCmd  `cmd:"" help:"Let a machine become a station."`
	Verify   verifyCmd   `cmd:"" help:"Judge every file by its chain, commands, words, notices, registry and workflow."`
	Rollover rolloverCmd `cmd:"" help:"Hand every open file's workflow over to a new run."`
	Rebuild  rebuildCmd  `cmd:"" help:"Make every open file's workflow again from the ledger, where Temporal is lost."`
	Backup   backupCmd   `cmd:"" help:"Make a verified copy of the office on another disk, also while it runs."`
	Restore  restoreCmd  `cmd:"" help:"Make the office of a backup in an empty data folder."`

	Quarantine quarantineCmd `cmd:"" help:"Show, try again or set aside commands that could not be decided."`
	Drawer     drawerCmd     `cmd:"" help:"Show what stations sent that no file can take."`
	History    historyCmd    `cmd:"" help:"Show who changed the office, and who freed which command."`
	Person     personCmd     `cmd:"" help:"Say who may sign in, on the server's console."`

	Verbose bool `help:"Log more." short:"v"`
}

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1 // the command ran and found something wrong, or could not do its work
	exitUsage  = 2
)

// errFound means that a command did its work and what it found is wrong; it has
// said so already.
var errFound = errors.New("something is wrong")

// run runs a command line. Whatever it prints is plain text: see printable.
func run(ctx context.Context, args []string, in io.Reader, stdout, stderr io.Writer) int {
	out, errOut := &printable{to: stdout}, &printable{to: stderr}
	defer out.end()
	defer errOut.end()
	var c commands
	parser, err := newParser(&c, out, errOut)
	if err != nil {
		fmt.Fprintln(errOut, "harkara:", err)
		return exitUsage
	}
	asked := false
	parser.Exit = func(int) { asked = true } // --help was printed
	parsed, err := parser.Parse(args)
	if asked {
		return exitOK
	}
	if err != nil {
		fmt.Fprintf(errOut, "harkara: %v\nTry harkara --help.\n", err)
		return exitUsage
	}
	w := &world{ctx: ctx, in: in, out: out, err: errOut, log: newLog(stderr, c.level(parsed.Command())), flags: flagsOf(parsed)}
	w.visible(parsed)
	switch err := parsed.Run(w); {
	case err == nil, errors.Is(err, context.Canceled) && ctx.Err() != nil && lasts(parsed.Command()):
		return exitOK
	case errors.Is(err, errFound):
		return exitFailed
	default:
		fmt.Fprintln(errOut, "harkara:", err)
		return exitFailed
	}
}

// lasts reports whether a command runs until it is interrupted. Any other that is has
// not done its work.
func lasts(command string) bool { return command == "serve" || command == "demo" }

// level is from where on a command logs: what runs for long says what it does, any other
// answers, and logs only what somebody must know beside.
func (c *commands) level(command string) slog.Level {
	switch {
	case c.Verbose:
		return slog.LevelDebug
	case lasts(command), command == "rebuild", strings.HasPrefix(command, "bench"):
		return slog.LevelInfo
	}
	return slog.LevelWarn
}

// newParser builds the command line. It never exits by itself.
func newParser(c *commands, out, errOut io.Writer) (*kong.Kong, error) {
	return kong.New(c,
		kong.Name("harkara"), kong.Description("Every paper file of an office is a durable workflow: it can be late, but never forgotten."),
		kong.Vars{"stocks": stockNames(), "cards": cardNames(), "server": defaultServer}, kong.Writers(out, errOut), kong.Exit(func(int) {}), kong.UsageOnError(), kong.ShortUsageOnError(),
		kong.KindMapper(reflect.Int, kong.MapperFunc(number)), kong.TypeMapper(reflect.TypeFor[time.Duration](), kong.MapperFunc(duration)),
	)
}

func newLog(w io.Writer, level slog.Level) *slog.Logger {
	if f, ok := w.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			return slog.New(coloured(w, level))
		}
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
}

// coloured is a log for a terminal. Its handler lets escapes in values through, for who
// colours them: nobody does here, see printable.
func coloured(w io.Writer, level slog.Level) slog.Handler {
	return tint.NewTextHandler(w, &tint.Options{Level: level, TimeFormat: "15:04:05", ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		switch v := a.Value.Any().(type) {
		case string:
			a.Value = slog.StringValue(visible(v))
		case error:
			a.Value = slog.StringValue(visible(v.Error()))
		}
		return a
	}})
}
