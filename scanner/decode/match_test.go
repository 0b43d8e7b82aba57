package decode

import "testing"

// Each character is the nearest to its own blurred image, at any phase, by a margin.
func TestTemplatesTellCharactersApart(t *testing.T) {
	m := newMatcher()
	for b, blur := range blurs {
		for code := range values {
			var image [charSamples]float32
			render(image[:], pattern128(code), blur, 1)
			v := make([]float64, charSamples+2*perModule)
			for i := range v { // light around, as before a bar and in one after
				v[i] = 200 - 150*float64(image[min(max(i-perModule, 0), charSamples-1)])
			}
			for _, off := range []float64{-0.3, 0, 0.3} {
				best, second, got, _ := m.nearest(v, perModule+off*perModule, perModule, &m.templates[b])
				if got != code || best < 0.9 || best-second < 0.02 {
					t.Errorf("blur %.2f, character %d moved by %.1f: read %d, %.3f before %.3f", blur, code, off, got, best, second)
				}
			}
		}
	}
}

// What templates say of other characters than the edges gave is no lead.
func TestLeadIsOfTheSameCharacters(t *testing.T) {
	codes := []int{105, 12, 34, 56, 0}
	sum := codes[0]
	for i, c := range codes[1:4] {
		sum += (i + 1) * c
	}
	codes[4] = sum % values
	if !checks(codes) {
		t.Fatal("no check character")
	}
	row := row128(codes)
	v := make([]float64, row.GetSize()*2)
	for i := range v {
		v[i] = 220
		if row.Get(i / 2) {
			v[i] = 40
		}
	}
	at := make([]float64, len(codes)+1)
	for i := range at {
		at[i] = float64(4*(10+charModules*i)) - 0.5 // two dots a module, two samples a dot, twenty dots of quiet
	}
	m := newMatcher()
	if got := m.lead(v, at, codes); got < marginLeast {
		t.Errorf("lead %.3f of a clean row", got)
	}
	other := append([]int(nil), codes...)
	other[2] = 35
	if got := m.lead(v, at, other); got != 0 {
		t.Errorf("lead %.3f of a character that is not there", got)
	}
}
