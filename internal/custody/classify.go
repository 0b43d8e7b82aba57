package custody

import "slices"

// Classify says who may read what a file is about.
const Classify CommandKind = "classify"

// Classified is what it comes to.
const Classified Reason = "classified"

func init() {
	register(Kind{
		Name: Classify, Undo: Beside, Reasoned: true, Ordered: true,
		By:      by(Superior, Administrator),
		Asks:    &Asks{Place: 7, Of: []Ask{{"class", &Input{Choose: otherClasses}, false}, {string(WhoField), TextInput, false}, because(false)}},
		Comes:   []Reason{Classified},
		Example: func(_ *Office) Payload { return Classification{Class: Secret.Name()} },
	}, (*act).classify)
}

// otherClasses are what a file may be made, but for what it is.
func otherClasses(_ *Office, r Row) (list []Choice) {
	for _, c := range Classes {
		if c != r.File.Class {
			list = append(list, Choice{string(c.Name()), Phrase{Key: c.Key()}})
		}
	}
	return list
}

// Key is the key of its words.
func (c Class) Key() string { return "class." + string(c.Name()) }

// Class says who may read what a file is about.
type Class string

// The classes.
const (
	Ordinary     Class = ""
	Confidential Class = "confidential"
	Secret       Class = "secret"
)

// Classes lists them.
var Classes = [...]Class{Ordinary, Confidential, Secret}

// ClassName is a class as a person names it: none is without a name.
type ClassName string

const ordinary ClassName = "ordinary"

// Name returns what a class is called.
func (c Class) Name() ClassName {
	if c == Ordinary {
		return ordinary
	}
	return ClassName(c)
}

// Class returns the class of a name.
func (n ClassName) Class() (Class, bool) {
	i := slices.IndexFunc(Classes[:], func(c Class) bool { return c.Name() == n })
	if i < 0 {
		return Ordinary, false
	}
	return Classes[i], true
}

// Classification is the class that a file gets.
type Classification struct {
	Nothing
	Class ClassName `json:"class"`
}

func (c Classification) check(Command) error {
	if _, known := c.Class.Class(); !known {
		return NoSuchChoice
	}
	return nil
}

func (a *act) classify(with Classification) {
	class, _ := with.Class.Class()
	if a.s.Class == class {
		a.tick(Classified)
		return
	}
	a.s.Class = class
	a.record(Classified, nil)
}
