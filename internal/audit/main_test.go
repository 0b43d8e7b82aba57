package audit

import (
	"testing"

	"harkara/internal/engine/postgres/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }
