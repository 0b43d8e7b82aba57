package custody

// Asks is the form on a file's page by which a person gives a command.
type Asks struct {
	Place int            // among the forms of the page
	When  func(Row) bool // it is there; nil: always
	Open  bool           // unfolded: what one mostly comes for
	Of    []Ask
}

// Ask is one field of such a form. The words for it, and for the form, are found by the
// names of field and kind.
type Ask struct {
	Name     string // ReasonField, WhoField, or a key of the payload
	As       *Input
	Optional bool
}

// Input is how a field is filled in: typed, or one chosen of some.
type Input struct {
	Shape  Shape
	Max    int                         // bytes; 0: MaxReason
	Was    func(Row) string            // what the file has, to be changed; nil: it begins empty
	Choose func(*Office, Row) []Choice // where there is nothing to choose the form is not there; nil: it is typed
}

// Shape is the piece of a page in which a field is filled in.
type Shape string

// The shapes.
const (
	Line   Shape = "line"
	Area   Shape = "area" // of several lines
	Digits Shape = "code" // what a cover says
	Day    Shape = "day"  // to come
	Desks  Shape = "desk" // one of the office's
)

// Choice is one of what a field may be.
type Choice struct {
	ID   string
	Says Phrase
}

// Inputs of several kinds.
var (
	TextInput = &Input{Shape: Line}
	DeskInput = &Input{Shape: Desks}
	DateInput = &Input{Shape: Day}
)

// because asks for a reason.
func because(optional bool) Ask { return Ask{string(ReasonField), TextInput, optional} }

func isOpen(r Row) bool { return r.Position.Phase != Ended }
