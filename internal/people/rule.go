package people

// Rule says who may call a route. The zero value is none: a route must have one.
type Rule struct {
	By    Proof
	Roles []Role // of a person; he needs one
}

// Proof is by what a caller shows who he is.
type Proof int

// The proofs.
const (
	Unproved  Proof = iota + 1 // by nothing
	ByToken                    // a station's token
	ByForm                     // the same in a form of its kiosk
	InPerson                   // a person's session, or his token
	BySession                  // the same, for what is his own
)

// Rules without roles.
var (
	Anyone      = Rule{By: Unproved}
	Station     = Rule{By: ByToken}
	StationForm = Rule{By: ByForm}
	SignedIn    = Rule{By: BySession}
)

// May is the rule of a route for persons with one of some roles.
func May(roles ...Role) Rule { return Rule{By: InPerson, Roles: roles} }

// Stands reports whether it is a rule.
func (r Rule) Stands() bool { return r.By != 0 && (r.By == InPerson) == (len(r.Roles) > 0) }

// Admits reports whether it lets a principal in.
func (r Rule) Admits(p Principal) bool {
	switch r.By {
	case Unproved:
		return true
	case ByToken, ByForm:
		return p.Station != ""
	case BySession:
		return p.ID != ""
	case InPerson:
		return p.Has(r.Roles...)
	}
	return false
}
