package people

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"harkara/internal/custody"
)

// UrduDigits are what Person.Digits asks for where numbers are to be written ۱۲۳.
const UrduDigits = "urdu"

// Why a person cannot be what he was to be made.
var (
	ErrID        = errors.New("a person's id has letters, digits, dots and hyphens, at most 40")
	ErrRole      = errors.New("no such role")
	ErrClass     = errors.New("no such class")
	ErrLast      = errors.New("the last administrator stays")
	ErrNoOfficer = errors.New("no such officer in the office")
)

const longestID = 40

// In reports whether a person is let in at an instant.
func (p Person) In(now time.Time) bool {
	return p.ID != "" && (p.Ended.IsZero() || now.Before(p.Ended))
}

// Has reports whether a person was given a role, wherever it counts.
func (p Person) Has(r Role) bool {
	return slices.ContainsFunc(p.Grants, func(g Grant) bool { return g.Role == r })
}

// Administers reports whether a person is an administrator of the whole office.
func (p Person) Administers() bool {
	return slices.ContainsFunc(p.Grants, func(g Grant) bool {
		return g.Role == Administrator && g.Department == "" && g.Post == ""
	})
}

// Roles lists every role, in the order in which they are offered.
func Roles() []Role {
	return []Role{Administrator, Manager, Officer, Clerk, Auditor, Wall, Program}
}

// Check says whether a person can be kept as he is. Errors: ErrID, ErrRole.
func (p Person) Check() error {
	odd := func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '.' || r == '_')
	}
	if p.ID == "" || len(p.ID) > longestID || strings.ContainsFunc(string(p.ID), odd) {
		return fmt.Errorf("person %q: %w", p.ID, ErrID)
	}
	for _, g := range p.Grants {
		if !slices.Contains(Roles(), g.Role) {
			return fmt.Errorf("person %s: role %q: %w", p.ID, g.Role, ErrRole)
		}
	}
	return nil
}

// ParseGrant reads a role as it is written on a command line: ROLE, ROLE@DEPARTMENT,
// ROLE:POST or in another's stead ROLE:POST=OFFICER, each with +CLASS behind it for a
// clearance. Errors: ErrRole, ErrClass.
func ParseGrant(text string) (Grant, error) {
	rest, class, cleared := strings.Cut(text, "+")
	g := Grant{}
	if cleared {
		known := false
		if g.Clearance, known = custody.ClassName(class).Class(); !known {
			return Grant{}, fmt.Errorf("clearance %q: %w", class, ErrClass)
		}
	}
	role, department, within := strings.Cut(rest, "@")
	if !within {
		var post, stead string
		role, post, _ = strings.Cut(rest, ":")
		post, stead, _ = strings.Cut(post, "=")
		g.Post, g.For = custody.PostID(post), custody.OfficerID(stead)
		if post == "" {
			g.For = ""
		}
	}
	g.Role, g.Department = Role(role), custody.DepartmentID(department)
	if !slices.Contains(Roles(), g.Role) {
		return Grant{}, fmt.Errorf("role %q: %w", role, ErrRole)
	}
	return g, nil
}

// String writes a grant as ParseGrant reads it.
func (g Grant) String() string {
	text := string(g.Role)
	switch {
	case g.Department != "":
		text += "@" + string(g.Department)
	case g.Post != "":
		text += ":" + string(g.Post)
		if g.For != "" {
			text += "=" + string(g.For)
		}
	}
	if g.Clearance != custody.Ordinary {
		text += "+" + string(g.Clearance)
	}
	return text
}
