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
	As       Input
	Optional bool
}

// Input is how a field is filled in.
type Input string

// The inputs.
const (
	TextInput    Input = "text"
	DeskInput    Input = "desk"    // one of the office's
	ClassInput   Input = "class"   // another than the file's
	CodeInput    Input = "code"    // what an old cover says
	OldInput     Input = "old"     // one of the old codes that lead to the file
	NumberInput  Input = "number"  // as the file has it, to be changed
	SubjectInput Input = "subject" // as the file has it, to be changed
	HoldInput    Input = "hold"    // one of what files of the office wait for
	DateInput    Input = "date"    // a day to come
)

// because asks for a reason.
func because(optional bool) Ask { return Ask{string(ReasonField), TextInput, optional} }

func isOpen(r Row) bool { return r.Position.Phase != Ended }
