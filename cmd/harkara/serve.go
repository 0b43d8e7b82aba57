package main

import (
	"errors"
	"fmt"
	"net"
	"slices"

	"harkara/internal/office"
	"harkara/internal/people"
)

type serveCmd struct {
	Location `embed:""`
	Addr     string   `help:"Where pages and stations are served." default:"127.0.0.1:8470" env:"HARKARA_ADDR"`
	Address  []string `help:"Where stations find this office, told to them when they enrol: http://10.1.1.5:8470. Give every address that it has: it proves itself under no other." env:"HARKARA_ADDRESS"`
	HTTPS    bool     `help:"Browsers reach the pages by https, through a proxy that speaks TLS: cookies then go over nothing else." env:"HARKARA_HTTPS"`
	Role     []string `help:"Parts to run here: web, worker, dispatch. Several machines may share them." enum:"web,worker,dispatch" default:"web,worker,dispatch" env:"HARKARA_ROLE"`
}

// Run serves until it is interrupted. The first start makes an administrator and says where
// his one-time secret is.
func (c *serveCmd) Run(w *world) error {
	o, err := office.OpenLedger(w.ctx, c.founding(w.log))
	if err != nil {
		return err
	}
	roles := office.Roles{
		Web: slices.Contains(c.Role, "web"), Worker: slices.Contains(c.Role, "worker"), Dispatch: slices.Contains(c.Role, "dispatch"),
	}
	var listener net.Listener
	if roles.Web { // a secret is worth nothing where nobody can sign in
		if listener, err = office.Listen(c.Addr); err == nil {
			err = c.appoint(w, o)
		}
		if err != nil {
			return errors.Join(err, o.Close())
		}
	}
	return o.Serve(w.ctx, office.Service{Roles: roles, Listener: listener, Addresses: c.Address, Secure: c.HTTPS, Ready: func(addr string) {
		if addr == "" {
			fmt.Fprintln(w.out, "ready")
			return
		}
		fmt.Fprintf(w.out, "ready on http://%s\n", addr)
	}})
}

// appoint gives an office that has none its administrator. An office elsewhere has no
// folder here, and perhaps many programs that start: there he is made on a console.
func (c *serveCmd) appoint(w *world, o *office.Office) error {
	folder := c.Data
	if c.DatabaseURL != "" {
		folder = ""
	}
	appointed, err := o.Appointed(w.ctx)
	if err != nil || appointed {
		return err
	}
	if folder == "" {
		fmt.Fprintf(w.out, "this office has no administrator yet: harkara person add %s --role administrator -o FILE makes one\n", people.FirstAdministrator)
		return nil
	}
	path, err := o.Appoint(w.ctx, folder)
	if err == nil {
		fmt.Fprintf(w.out, "administrator's one-time secret: in %s, for its owner alone; sign in at /login as %s, within three days\n", path, people.FirstAdministrator)
	}
	return err
}
