package engine

import (
	"strings"
	"testing"
)

func TestConfigNamesEveryProblem(t *testing.T) {
	cases := []struct {
		name string
		cfg  Config
		want []string
	}{
		{"embedded", Config{Dir: "data"}, nil},
		{"elsewhere", Config{DatabaseURL: "postgres://ledger/harkara", Temporal: Remote{Address: "temporal:7233", TLS: true, APIKey: "k"}}, nil},
		{"no folder", Config{}, []string{"data folder"}},
		{"folder for the half that is embedded", Config{DatabaseURL: "postgres://ledger/harkara"}, []string{"data folder"}},
		{"several", Config{Dir: "data", OwnerURL: "postgres://o@ledger/harkara", Temporal: Remote{TLS: true, APIKey: "k"}}, []string{"owner's address", "TLS for an embedded", "API key for an embedded"}},
		{"key in the clear", Config{Dir: "data", Temporal: Remote{Address: "temporal:7233", APIKey: "k"}}, []string{"in the clear"}},
	}
	for _, c := range cases {
		err := c.cfg.Validate()
		if len(c.want) == 0 && err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		for _, want := range c.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q", c.name, err, want)
			}
		}
	}
}
