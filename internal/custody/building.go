package custody

import (
	"bytes"
	"encoding/json"
)

// Building is what people call the place where rooms are. One without a name in Urdu is
// written as its text alone, as it stands in every record from before it could have two.
type Building Name

// MarshalJSON implements json.Marshaler.
func (b Building) MarshalJSON() ([]byte, error) {
	var v any = Name(b)
	if b.Ur == "" {
		v = b.En
	}
	var raw bytes.Buffer
	enc := json.NewEncoder(&raw)
	enc.SetEscapeHTML(false) // who writes it all escapes, or does not
	err := enc.Encode(v)
	return bytes.TrimSpace(raw.Bytes()), err
}

// UnmarshalJSON implements json.Unmarshaler.
func (b *Building) UnmarshalJSON(raw []byte) error {
	*b = Building{}
	if bytes.HasPrefix(raw, []byte(`"`)) {
		return json.Unmarshal(raw, &b.En)
	}
	return json.Unmarshal(raw, (*Name)(b))
}
