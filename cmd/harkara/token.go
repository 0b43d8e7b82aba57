package main

import (
	"errors"
	"fmt"
	"net/url"
	"slices"

	"github.com/alecthomas/kong"

	"harkara/internal/secret"
)

// Credential is a token of a running office.
type Credential struct {
	Token     string `help:"Token: a person's or program's, or a station's for scan. Others on this machine can see a command line: better --token-file." env:"HARKARA_TOKEN"`
	TokenFile string `help:"File that holds the token. Make it readable for yourself alone." type:"path" env:"HARKARA_TOKEN_FILE"`
}

// given reports whether there is a token.
func (c Credential) given() bool { return c.Token != "" || c.TokenFile != "" }

// token is the one to use: what the command line says goes before the environment.
func (c Credential) token(w *world) (string, error) {
	switch {
	case c.TokenFile == "":
		return c.Token, nil
	case c.Token != "" && w.typed("token") == w.typed("token-file"):
		return "", errors.New("a token and a file of one: which?")
	case c.Token != "" && w.typed("token"):
		return c.Token, nil
	}
	token, open, err := secret.Read(c.TokenFile)
	if err != nil {
		return "", err
	}
	if open {
		w.once("others can read the token in %s: chmod 600 %[1]s", c.TokenFile)
	}
	return token, nil
}

// typed reports whether a flag stands on the command line.
func (w *world) typed(flag string) bool { return slices.Contains(w.flags, flag) }

// once says a thing to whoever runs the command, however often it is found out.
func (w *world) once(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	w.warning.Lock()
	defer w.warning.Unlock()
	if !slices.Contains(w.warned, text) {
		w.warned = append(w.warned, text)
		fmt.Fprintln(w.err, "harkara:", text)
	}
}

// flagsOf are the flags that stand on the command line, not those of the environment.
func flagsOf(parsed *kong.Context) (names []string) {
	for _, p := range parsed.Path {
		if p.Flag != nil && !p.Resolved {
			names = append(names, p.Flag.Name)
		}
	}
	return names
}

// visible says which secrets everybody on this machine can read on the command line,
// and where they are not seen.
func (w *world) visible(parsed *kong.Context) {
	for _, p := range parsed.Path {
		if p.Flag == nil || p.Resolved {
			continue
		}
		switch name := p.Flag.Name; name {
		case "token":
			w.once("others on this machine can see --token; --token-file and HARKARA_TOKEN_FILE name a file that they cannot read")
		case "temporal-api-key":
			w.once("others on this machine can see --%s; HARKARA_TEMPORAL_API_KEY is not seen", name)
		case "database-url", "database-owner-url":
			if u, err := url.Parse(fmt.Sprint(parsed.FlagValue(p.Flag))); err == nil && (u.Query().Has("password") || passwordOf(u)) {
				w.once("others on this machine can see the password in --%s; in the environment it is not seen", name)
			}
		}
	}
}

func passwordOf(u *url.URL) bool {
	_, set := u.User.Password()
	return set
}

// Issue says where a new token goes.
type Issue struct {
	Output string `short:"o" help:"Write the token to this file, for its owner alone, instead of printing it." type:"path"`
}

// issue hands a new token to whoever asked for it.
func (i Issue) issue(w *world, token string) error {
	if i.Output != "" {
		return secret.Write(i.Output, token)
	}
	fmt.Fprintln(w.out, token)
	return nil
}
