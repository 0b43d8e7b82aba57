package label

// Gesture is what reading a card on the counter does at a station, and what is printed on
// it. A station in a browser is given the gestures and obeys them too.
type Gesture struct {
	Of   Kind   `json:"of,omitempty"`   // every card of a kind
	Code Code   `json:"code,omitempty"` // or this one, the same in every office
	Says string `json:"says"`           // what it is called: its words, printed and at a station, go by this
	Kind string `json:"kind,omitempty"` // of the commands that it makes; empty: it ends what another opened
	Key  string `json:"key,omitempty"`  // under which these say the card's code; of one card alone that it was read; empty: nothing
	Asks string `json:"asks,omitempty"` // key under which these say the code of one of the office's own cards, which must be read first
	Then string `json:"then,omitempty"` // what the open card is called once that was read
	Undo bool   `json:"undo,omitempty"` // it makes one at once, of the act before it, and Key says that one's id
	Idle bool   `json:"idle,omitempty"` // it is printed ahead, and does nothing yet

	Picture string `json:"-"` // on the card: SVG path data of M, L, C and z in a square of 100 units with y up; empty: none
}

// Gestures is every card that does something. Those of one code alone stand in the order
// in which they are printed, what is used daily first.
var Gestures = []Gesture{
	{Of: Desk, Says: "desk", Kind: "scan", Key: "desk"},
	{Of: Badge, Says: "runner", Kind: "scan", Key: "runner"},
	{Of: Hold, Says: "hold", Kind: "hold", Key: "card"},
	{
		Code: Onward, Says: "onward", Kind: "scan", Key: "onward",
		Picture: "M0 36L52 36L52 12L100 50L52 88L52 64L0 64z",
	},
	{
		Code: Undo, Says: "undo", Kind: "undo", Key: "act", Undo: true,
		Picture: "M0 66L38 100L38 80L58 80C82 80 100 64 100 42C100 20 82 4 58 4L20 4L20 30L58 30C66 30 72 35 72 42C72 49 66 54 58 54L38 54L38 32z",
	},
	{
		Code: Done, Says: "done",
		Picture: "M0 46L16 62L38 40L84 88L100 72L38 10z",
	},
	{
		Code: Back, Says: "back", Kind: "back", Asks: "why", Then: "returning",
		Picture: "M100 36L48 36L48 12L0 50L48 88L48 64L100 64z",
	},
	{
		Code: BackHere, Says: "back_here", Kind: "back_here", Asks: "why", Then: "returned_here", // an arrow into a tray
		Picture: "M42 100L58 100L58 56L80 56L50 24L20 56L42 56zM0 50L12 50L12 12L88 12L88 50L100 50L100 0L0 0z",
	},
	{
		Code: Shown, Says: "shown", Kind: "shown", // an eye
		Picture: "M0 50C25 96 75 96 100 50C75 4 25 4 0 50zM14 50C32 18 68 18 86 50C68 82 32 82 14 50zM36 50L40 60L50 64L60 60L64 50L60 40L50 36L40 40z",
	},
	{
		Code: LaidBy, Says: "laid_by", Kind: "lay_by", // papers in a drawer
		Picture: "M0 60L12 60L12 14L88 14L88 60L100 60L100 2L0 2zM24 86L76 86L76 76L24 76zM24 66L76 66L76 56L24 56zM24 46L76 46L76 36L24 36z",
	},
	{
		Code: Resume, Says: "resume", Kind: "resume", // a bar that ends, and on
		Picture: "M8 12L26 12L26 88L8 88zM40 12L96 50L40 88z",
	},
	{
		Code: Join, Says: "join", Idle: true,
		Picture: "M0 20L42 50L0 80zM100 80L58 50L100 20zM46 0L54 0L54 100L46 100z",
	},
	{
		Code: SweepStart, Says: "sweep_start", Idle: true,
		Picture: "M0 0L24 0L24 10L10 10L10 90L24 90L24 100L0 100zM34 16L34 84L92 50z",
	},
	{
		Code: SweepEnd, Says: "sweep_end", Idle: true,
		Picture: "M10 20L66 20L66 80L10 80zM100 0L76 0L76 10L90 10L90 90L76 90L76 100L100 100z",
	},
}

// Command cards carry fixed codes, so that a station without its server knows them and
// cards can be printed ahead. Their serials were drawn at random once.
var (
	Onward   = New(Card, 40718265933) // send to the route's next stop
	Undo     = New(Card, 86203917450) // take back the station's last act
	Resume   = New(Card, 52937164081) // what was put on hold need not wait any longer
	LaidBy   = New(Card, 61748203395) // nothing is to be done: no clock runs
	Done     = New(Card, 15592480367) // end the open context
	Back     = New(Card, 65952610298) // send to whoever sent it, for the reason on the next card
	BackHere = New(Card, 29481750663) // what was sent from here has come back, for the reason on the next card
	Shown    = New(Card, 86682330777) // a paper seen for signature or discussion, and no more

	Join       = New(Card, 76135627321) // reunite a part with its file
	SweepStart = New(Card, 48587985350) // from here on every file of the room is scanned
	SweepEnd   = New(Card, 15315825980)
)

// Commands lists the command cards, in the order they are printed.
func Commands() (list []Gesture) {
	for _, g := range Gestures {
		if g.Code != "" {
			list = append(list, g)
		}
	}
	return list
}
