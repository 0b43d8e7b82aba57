package custody

import (
	"encoding/json"
	"maps"
	"slices"

	"harkara/internal/label"
)

// CommandKind names what a command asks. Each kind is a file of this package, which
// registers it: see Kind.
type CommandKind string

// Kind is everything that is particular to one kind of command. Whoever reads, looks up,
// admits, decides, shows or asks for commands finds it here: nowhere is there another list
// of kinds.
type Kind struct {
	Name CommandKind
	By   Givers   // who may give it
	Undo Takeback // what it leaves of what a station can take back
	Asks *Asks    // how a person gives it on a file's page; nil: not there

	Begins   bool // a file, of a code that has none
	Sights   bool // its giver has the paper before him: told late it moves nothing
	Restores bool // it goes back to what knew the route of then
	Reads    bool // its code is what a cover says, which may be a registered foreign one
	Reasoned bool // it needs a reason
	Ordered  bool // it needs by whose order
	Draws    bool // it needs a code that the office draws for it: see Command.Draw

	Brings []Condition // about, which pages name

	Comes []Reason          // what it may come to, beside what every command may
	Does  map[Reason]Effect // what an entry of that does; mostly nothing

	Example func(*Office) Payload // what one says in an office that has some of everything; nil: it need say nothing

	nothing Payload // the payload that says nothing
	read    func(data []byte, strict bool) (Payload, error)
	fits    func(Payload) bool
	decide  func(*act)
}

// Takeback says what an act leaves of what a station can take back.
type Takeback int

// What it leaves.
const (
	OrderOnly Takeback = iota // nothing, and itself only a person with an order puts right
	AtStation                 // itself, for the station that did it, within Rules.UndoWindow and while nobody else has acted
	Beside                    // what there was, for that station alone: it moves nothing
)

// Effect is what an entry does beside what it says that stands; zero: nothing.
type Effect int

// The effects.
const (
	Renames    Effect = iota + 1 // the file is called what the command's words say
	GivesCover                   // Entry.Cover leads to the file
	FreesCover                   // Entry.Cover does not any more
	SetsNext                     // the next stop is another
)

// Effect returns what the entry does; of a refusal that is nothing.
func (e Entry) Effect() Effect {
	if e.Refused {
		return 0
	}
	return effects[e.Reason]
}

// What is registered, before anything runs; nothing changes it later. Reasons that belong
// to no kind stand here.
var (
	registry = map[CommandKind]Kind{}
	effects  = map[Reason]Effect{Voided: 0, NoSuchFile: 0, Unassigned: 0, NoSuchPlace: 0, NotHere: 0, Stuck: 0, Freed: 0, Told: 0}
)

// register makes a kind known: P is its payload, decide says what it comes to.
func register[P Payload](k Kind, decide func(a *act, with P)) {
	if _, twice := registry[k.Name]; twice {
		panic("custody: two kinds are called " + string(k.Name))
	}
	var nothing P
	k.nothing = nothing
	k.read = func(data []byte, strict bool) (Payload, error) {
		var with P
		read := json.Unmarshal
		if strict {
			read = strictJSON
		}
		return with, read(data, &with)
	}
	k.fits = func(with Payload) bool { _, ok := with.(P); return ok || with == nil }
	k.decide = func(a *act) { decide(a, payload[P](a.c.Command)) }
	registry[k.Name] = k
	for _, reason := range k.Comes {
		effects[reason] = max(effects[reason], k.Does[reason])
	}
}

// Kinds returns every kind of command, by name.
func Kinds() []Kind {
	list := make([]Kind, 0, len(registry))
	for _, name := range slices.Sorted(maps.Keys(registry)) {
		list = append(list, registry[name])
	}
	return list
}

// KindOf returns the kind of a name.
func KindOf(name CommandKind) (Kind, bool) {
	k, known := registry[name]
	return k, known
}

// Reasons returns every reason that a command may come to, or the ledger give, in order.
func Reasons() []Reason {
	return slices.Sorted(maps.Keys(effects))
}

// Payload is what a command of one kind says beside what every command says: one struct
// a kind, under the command's key "with". It is a value; one that says nothing is not
// written.
type Payload interface {
	check(c Command) error // what is wrong with its form, beside what it names: see malformed, Fault
}

// What some payloads do beside.
type (
	// referring names things of the office, which are looked up in this order.
	referring interface{ refers() []reference }
	// covering names a cover of the file, in place of Command.Code; claims: one that it gets.
	covering interface {
		cover() (code label.Code, claims bool)
	}
	// numbering gives the file a number, anyway: also where another file has that.
	numbering interface {
		number() (number string, anyway bool)
	}
	// undoing takes back an act.
	undoing interface{ undoes() CommandID }
	// spoken has texts that people typed, and takes others in their place.
	spoken interface {
		texts() Texts
		speak(texts Texts) Payload
	}
	// tidied has other things that people write, and brings them into the form in which
	// they are kept.
	tidied interface{ tidy() Payload }
	// lenient takes over from another what makes no other act: a code that was drawn, a
	// yes that is not needed any more, or was needed then.
	lenient interface{ like(first Payload) Payload }
	// drawn takes a code that the office drew.
	drawn interface{ draw(code label.Code) Payload }
)

// Nothing is the payload of a kind that has none, and what many have no need of.
type Nothing struct{}

func (Nothing) check(Command) error { return nil }

// payload returns what a command says beside; where that is nothing, the zero value.
func payload[P Payload](c Command) P {
	with, _ := c.With.(P)
	return with
}

// saying returns what a command says beside as one that does a T; false: it does not.
func saying[T any](c Command) (T, bool) {
	with, does := registry[c.Kind].with(c).(T)
	return with, does
}

// with returns what a command of the kind says beside.
func (k Kind) with(c Command) Payload {
	if c.With == nil {
		return k.nothing
	}
	return c.With
}
