package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os/exec"
	"strconv"
	"strings"

	"harkara/scanner/uplink"
	"harkara/web/lang"
)

// Place is where a station keeps what it knows.
type Place struct {
	Data string `help:"Folder of this station: its identity and what it has read. Make it readable for the station alone." default:"/var/lib/harkara-station" type:"path" env:"HARKARA_STATION_DATA"`
}

// Local is where a station is reached on its own machine.
type Local struct {
	Addr string `help:"Where its page and API are served, on this machine only." default:"127.0.0.1:8471" env:"HARKARA_STATION_ADDR"`
}

// Settings are a running station's. Lists are given by repeating the flag, or with
// spaces between in the environment.
type Settings struct {
	Place     `embed:""`
	Local     `embed:""`
	Server    []string `help:"Addresses of the office's servers, the preferred first: http://10.1.1.5:8470. Default: those of the enrolment." sep:" " env:"HARKARA_STATION_SERVER"`
	TokenFile string   `help:"File that holds this station's token, instead of the one of its enrolment. Make it readable for the station alone." type:"path" env:"HARKARA_STATION_TOKEN_FILE"`
	Lang      string   `help:"Language of the answers, until somebody chooses another on the page: en or ur." default:"ur" env:"HARKARA_STATION_LANG"`

	Keyboard []string `help:"A gun that types, as the event device that it alone is: /dev/input/by-id/NAME-event-kbd. May be a pattern. The user must be in group input." sep:" " env:"HARKARA_STATION_KEYBOARD"`
	Serial   []string `help:"A gun on a serial line: PATH or PATH@BAUD (9600). The user must be in group dialout." sep:" " env:"HARKARA_STATION_SERIAL"`
	Camera   []string `help:"A camera's film (MJPEG over HTTP): its address. For a USB camera run ustreamer." sep:" " env:"HARKARA_STATION_CAMERA"`
	Snapshot []string `help:"A camera that gives one picture when asked: its address." sep:" " env:"HARKARA_STATION_SNAPSHOT"`
	Folder   []string `help:"A folder where a document scanner puts its pictures." sep:" " type:"path" env:"HARKARA_STATION_FOLDER"`
	Stdin    bool     `help:"Read codes from standard input, one a line, and print the answers." env:"HARKARA_STATION_STDIN"`
	Prefix   string   `help:"What guns are set to put before a code." env:"HARKARA_STATION_PREFIX"`
	Suffix   string   `help:"What guns are set to put behind a code, beside Enter or Tab." env:"HARKARA_STATION_SUFFIX"`

	Lamp   string `help:"Command for a lamp, run with what to show as its last argument: up, soft, down, kept; ok, away, refused; lost, found." env:"HARKARA_STATION_LAMP"`
	Beeper string `help:"Command for a beeper, run with the tone as its last argument: up, soft, down, kept, lost." env:"HARKARA_STATION_BEEPER"`
}

// Validate reports every problem at once.
func (s *Settings) Validate() error {
	var all []error
	bad := func(format string, args ...any) { all = append(all, fmt.Errorf(format, args...)) }
	if host, port, err := net.SplitHostPort(s.Addr); err != nil {
		bad("--addr %s: host and port are needed", s.Addr)
	} else if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 || !loopback(host) {
		bad("--addr %s: only this machine may reach it, like 127.0.0.1:8471", s.Addr)
	}
	if s.Lang != string(lang.English) && s.Lang != string(lang.Urdu) {
		bad("--lang %s: en or ur", s.Lang)
	}
	for _, a := range s.Server {
		if _, err := uplink.ParseAddress(a); err != nil {
			bad("--server: %w", err)
		}
	}
	for _, line := range s.Serial {
		if path, baud := serialLine(line); path == "" || baud <= 0 {
			bad("--serial %s: PATH or PATH@BAUD", line)
		}
	}
	for flag, addresses := range map[string][]string{"camera": s.Camera, "snapshot": s.Snapshot} {
		for _, a := range addresses {
			if u, err := url.Parse(a); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
				bad("--%s: an address begins with http:// or https://", flag)
			}
		}
	}
	for flag, command := range map[string]string{"lamp": s.Lamp, "beeper": s.Beeper} {
		if words := strings.Fields(command); len(words) > 0 {
			if _, err := exec.LookPath(words[0]); err != nil {
				bad("--%s: %w", flag, err)
			}
		}
	}
	return errors.Join(all...)
}

// serialLine reads PATH or PATH@BAUD; baud 0 is no number.
func serialLine(text string) (path string, baud int) {
	path, rate, given := strings.Cut(text, "@")
	if !given {
		return path, 9600
	}
	baud, err := strconv.Atoi(rate)
	if err != nil {
		return path, 0
	}
	return path, baud
}

func loopback(host string) bool {
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}

// redacted is what the log says is in force.
func (s *Settings) redacted() []any {
	hide := func(list []string) (out []string) {
		for _, a := range list {
			if u, err := url.Parse(a); err == nil {
				out = append(out, u.Redacted())
			}
		}
		return out
	}
	return []any{
		slog.String("data", s.Data), slog.Any("server", s.Server), slog.String("lang", s.Lang), slog.Any("keyboard", s.Keyboard), slog.Any("serial", s.Serial),
		slog.Any("camera", hide(s.Camera)), slog.Any("snapshot", hide(s.Snapshot)), slog.Any("folder", s.Folder), slog.Bool("stdin", s.Stdin),
		slog.String("lamp", s.Lamp), slog.String("beeper", s.Beeper),
	}
}
