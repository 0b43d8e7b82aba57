package label

// Command cards carry fixed codes, the same in every office, so that a station
// without its server knows them and cards can be printed ahead. Their serials
// were drawn at random once.
var (
	Onward = New(Card, 40718265933) // send to the route's next stop
	Undo   = New(Card, 86203917450) // take back the station's last act
	Resume = New(Card, 52937164081) // what was put on hold need not wait any longer
	LaidBy = New(Card, 61748203395) // nothing is to be done: no clock runs
	Done   = New(Card, 15592480367) // end the open context
	Back   = New(Card, 65952610298) // send to whoever sent it, for the reason on the next card
	Shown  = New(Card, 86682330777) // a paper seen for signature or discussion, and no more

	Join       = New(Card, 76135627321) // reunite a part with its file
	SweepStart = New(Card, 48587985350) // from here on every file of the room is scanned
	SweepEnd   = New(Card, 15315825980)
)

// Cards lists the command cards that exist, in the order they are printed.
var Cards = [...]Code{Onward, Undo, Done, Back, Shown, LaidBy, Resume, Join, SweepStart, SweepEnd}
