package main

import (
	"errors"
	"fmt"
	"net"
	"slices"

	"harkara/internal/office"
)

type serveCmd struct {
	Location `embed:""`
	Addr     string   `help:"Where pages and stations are served." default:"127.0.0.1:8470" env:"HARKARA_ADDR"`
	Address  []string `help:"Where stations find this office, told to them when they enrol: http://10.1.1.5:8470. Give every address that it has: it proves itself under no other." env:"HARKARA_ADDRESS"`
	Role     []string `help:"Parts to run here: web, worker, dispatch. Several machines may share them." enum:"web,worker,dispatch" default:"web,worker,dispatch" env:"HARKARA_ROLE"`
}

// Run serves until it is interrupted. The first start makes an administrator's token and
// says where it is.
func (c *serveCmd) Run(w *world) error {
	o, err := office.OpenLedger(w.ctx, c.founding(w.log))
	if err != nil {
		return err
	}
	roles := office.Roles{
		Web: slices.Contains(c.Role, "web"), Worker: slices.Contains(c.Role, "worker"), Dispatch: slices.Contains(c.Role, "dispatch"),
	}
	var listener net.Listener
	if roles.Web { // a token is worth nothing where nobody can sign in
		if listener, err = office.Listen(c.Addr); err == nil {
			err = c.appoint(w, o)
		}
		if err != nil {
			return errors.Join(err, o.Close())
		}
	}
	return o.Serve(w.ctx, office.Service{Roles: roles, Listener: listener, Addresses: c.Address, Ready: func(addr string) {
		if addr == "" {
			fmt.Fprintln(w.out, "ready")
			return
		}
		fmt.Fprintf(w.out, "ready on http://%s\n", addr)
	}})
}

// appoint gives an office that has none its administrator. An office elsewhere has no
// folder here, and perhaps many programs that start: there the administrator asks for it.
func (c *serveCmd) appoint(w *world, o *office.Office) error {
	appointed, err := o.Ledger.Enrolled(w.ctx, "")
	if err != nil || appointed {
		return err
	}
	if c.Data == "" || c.DatabaseURL != "" {
		fmt.Fprintln(w.out, "this office has no administrator yet: harkara admin token -o FILE makes a token for one")
		return nil
	}
	path, err := o.Appoint(w.ctx, c.Data)
	if err == nil {
		fmt.Fprintf(w.out, "administrator's token: in %s, for its owner alone; sign in with it at /login, and keep it elsewhere\n", path)
	}
	return err
}
