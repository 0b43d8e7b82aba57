package paper

import (
	"harkara/internal/custody"
	"harkara/internal/label"
)

// words are what is printed on forms, in both languages.
var words = struct {
	number, subject, opened              custody.Name
	byHand, to, sent, received, initials custody.Name
	destinations                         custody.Name
	hold, reason, afterCard              custody.Name
}{
	number:       custody.Name{En: "File No.", Ur: "فائل نمبر"},
	subject:      custody.Name{En: "Subject", Ur: "موضوع"},
	opened:       custody.Name{En: "Opened", Ur: "آغاز"},
	byHand:       custody.Name{En: "By hand, when no station answers", Ur: "اسٹیشن بند ہو تو ہاتھ سے لکھیں"},
	to:           custody.Name{En: "Sent to", Ur: "بنام"},
	sent:         custody.Name{En: "Sent", Ur: "روانگی"},
	received:     custody.Name{En: "Received", Ur: "وصولی"},
	initials:     custody.Name{En: "Initials", Ur: "دستخط"},
	destinations: custody.Name{En: "Destinations", Ur: "ڈیسک"},
	hold:         custody.Name{En: "Hold", Ur: "انتظار"},
	reason:       custody.Name{En: "Reason", Ur: "وجہ"},
	afterCard:    custody.Name{En: "after a Back card", Ur: "واپسی کے بعد"},
}

// months are the Urdu names of the months.
var months = [12]string{
	"جنوری", "فروری", "مارچ", "اپریل", "مئی", "جون", "جولائی", "اگست", "ستمبر", "اکتوبر", "نومبر", "دسمبر",
}

// kinds say on a card what its code is.
var kinds = map[label.Kind]custody.Name{
	label.File:   {En: "File", Ur: "فائل"},
	label.Desk:   {En: "Send to", Ur: "یہاں بھیجیں"},
	label.Badge:  {En: "Badge", Ur: "بیج"},
	label.Card:   {En: "Command", Ur: "ہدایت"},
	label.Bag:    {En: "Bag", Ur: "تھیلا"},
	label.Notice: {En: "Notice", Ur: "نوٹس"},
	label.Hold:   words.hold,
}
