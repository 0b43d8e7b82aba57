package engine

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	tlog "go.temporal.io/server/common/log"
	temporalschema "go.temporal.io/server/schema"
	"go.temporal.io/server/tools/common/schema"
	sqltool "go.temporal.io/server/tools/sql"

	"harkara/internal/engine/postgres"
	"harkara/internal/engine/postgres/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

var stores atomic.Int64

// visibility is a fresh visibility store at a version of Temporal's schema, as Temporal
// itself makes it.
type visibility struct {
	t       testing.TB
	cluster *postgres.Cluster
	name    string
	conn    *pgx.Conn // as the superuser
}

func newVisibility(t testing.TB, version string) *visibility {
	t.Helper()
	v := &visibility{t: t, cluster: pgtest.Cluster(t), name: fmt.Sprintf("visibility_%d", stores.Add(1))}
	err := v.cluster.Build(t.Context(), v.name, postgres.Temporal, func(aside string) error {
		return withTables(store(v.cluster, aside, 1), func(conn *sqltool.Connection) error {
			setup := &schema.SetupConfig{InitialVersion: "0.0"}
			if err := schema.NewSetupSchemaTask(conn, setup, tlog.NewNoopLogger()).Run(); err != nil {
				return err
			}
			return conn.Exec(`UPDATE schema_version SET db_name = $1`, v.name)
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	if v.conn, err = pgx.Connect(t.Context(), v.cluster.URL(v.name, postgres.Admin)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.conn.Close(context.Background()) })
	v.upgrade(version)
	return v
}

func (v *visibility) upgrade(version string) {
	v.t.Helper()
	err := withTables(store(v.cluster, v.name, 1), func(conn *sqltool.Connection) error {
		to := &schema.UpdateConfig{SchemaName: schemas[postgres.Visibility], TargetVersion: version}
		return schema.NewUpdateSchemaTask(conn, to, tlog.NewNoopLogger()).Run()
	})
	if err != nil {
		v.t.Fatalf("upgrade to %s: %v", version, err)
	}
}

func (v *visibility) url() string { return v.cluster.URL(v.name, postgres.Temporal) }

func (v *visibility) slim() {
	v.t.Helper()
	if err := slim(v.t.Context(), v.url()); err != nil {
		v.t.Fatal(err)
	}
}

func (v *visibility) do(statement string, args ...any) {
	v.t.Helper()
	if _, err := v.conn.Exec(v.t.Context(), statement, args...); err != nil {
		v.t.Fatalf("%s: %v", statement, err)
	}
}

// pairs are what a query of two columns of text gives.
func (v *visibility) pairs(query string) map[string]string {
	v.t.Helper()
	rows, err := v.conn.Query(v.t.Context(), query)
	if err != nil {
		v.t.Fatal(err)
	}
	all := map[string]string{}
	var key, value string
	if _, err := pgx.ForEachRow(rows, []any{&key, &value}, func() error { all[key] = value; return nil }); err != nil {
		v.t.Fatal(err)
	}
	return all
}

func (v *visibility) definitions() map[string]string {
	v.t.Helper()
	return v.pairs(`SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'executions_visibility'`)
}

// made tells one making of an index from another.
func (v *visibility) made() map[string]string {
	v.t.Helper()
	return v.pairs(`SELECT indexrelid::regclass::text, indexrelid::text || ' ' || indisvalid::text FROM pg_index WHERE indrelid = 'executions_visibility'::regclass`)
}

var searched = regexp.MustCompile(`\(namespace_id, (\w+)`)

// slimmed is what indexes of such definitions are to become: each that begins with the
// namespace and a column that may be empty.
func (v *visibility) slimmed(before map[string]string) map[string]string {
	v.t.Helper()
	nullable := v.pairs(`SELECT column_name::text, is_nullable::text FROM information_schema.columns WHERE table_name = 'executions_visibility'`)
	after := map[string]string{}
	for name, definition := range before {
		after[name] = definition
		m := searched.FindStringSubmatch(definition)
		if m != nil && nullable[m[1]] == "YES" && !strings.Contains(definition, "WHERE") {
			after[name] += " WHERE (" + m[1] + " IS NOT NULL)"
		}
	}
	return after
}

func differ(t testing.TB, what string, got, want map[string]string) {
	t.Helper()
	for name := range maps.Keys(want) {
		if got[name] != want[name] {
			t.Errorf("%s: index %s: %q, want %q", what, name, got[name], want[name])
		}
	}
	for name := range maps.Keys(got) {
		if _, wanted := want[name]; !wanted {
			t.Errorf("%s: an index %s too many", what, name)
		}
	}
}

// versions are those of Temporal's visibility schema, in their order.
func versions(t testing.TB) []string {
	t.Helper()
	folders, err := fs.ReadDir(temporalschema.Assets(), schemas[postgres.Visibility]+"/versioned")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, f := range folders {
		all = append(all, strings.TrimPrefix(f.Name(), "v"))
	}
	number := func(s string) (major, minor int) {
		if _, err := fmt.Sscanf(s, "%d.%d", &major, &minor); err != nil {
			t.Fatalf("version %q: %v", s, err)
		}
		return major, minor
	}
	slices.SortFunc(all, func(a, b string) int {
		aMajor, aMinor := number(a)
		bMajor, bMinor := number(b)
		return cmp.Or(cmp.Compare(aMajor, bMajor), cmp.Compare(aMinor, bMinor))
	})
	return all
}

// A store that lives through every version of the schema, slimmed after each, ends with
// the indexes of a new one, by the same names, and loses no run.
func TestEveryUpgradeIsSlimmed(t *testing.T) {
	all := versions(t)
	v := newVisibility(t, all[0])
	for i, version := range all {
		v.upgrade(version)
		v.do(`INSERT INTO executions_visibility (namespace_id, run_id, start_time, execution_time, workflow_id, workflow_type_name, status, encoding)
			VALUES ('n', $1, now(), now(), 'f', 'File', 1, '')`, version)
		before := v.definitions()
		v.slim()
		differ(t, "version "+version, v.definitions(), v.slimmed(before))
		once := v.made()
		v.slim()
		differ(t, "version "+version+" again", v.made(), once)
		var runs int
		if err := v.conn.QueryRow(t.Context(), `SELECT count(*) FROM executions_visibility WHERE namespace_id = 'n'`).Scan(&runs); err != nil || runs != i+1 {
			t.Errorf("version %s: %d runs, want %d: %v", version, runs, i+1, err)
		}
	}
	fresh := newVisibility(t, all[len(all)-1])
	want := fresh.slimmed(fresh.definitions())
	differ(t, "after all", v.definitions(), want)
	partial := 0
	for _, definition := range want {
		if strings.Contains(definition, "WHERE") {
			partial++
		}
	}
	if partial < 59 { // as many attributes had an index in version 1.14
		t.Errorf("%d of %d indexes are partial", partial, len(want))
	}
	once := v.made()
	if err := migrateOne(t.Context(), v.cluster, v.name, schemas[postgres.Visibility]); err != nil {
		t.Fatal(err)
	}
	differ(t, "migrated by the program", v.made(), once)
}

// The program slims what it makes and what it upgrades.
func TestMigrationSlims(t *testing.T) {
	old := newVisibility(t, "1.2")
	fresh := newVisibility(t, "")
	want := fresh.slimmed(fresh.definitions())
	fresh.name = fmt.Sprintf("visibility_%d", stores.Add(1)) // not made yet
	for what, v := range map[string]*visibility{"upgraded": old, "made": fresh} {
		if err := migrateOne(t.Context(), v.cluster, v.name, schemas[postgres.Visibility]); err != nil {
			t.Fatal(err)
		}
		conn, err := pgx.Connect(t.Context(), v.cluster.URL(v.name, postgres.Admin))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(context.Background())
		v.conn = conn
		differ(t, what, v.definitions(), want)
	}
}

// A search for a value, in the form in which Temporal asks it, still finds its index,
// though the value is not known when the statement is planned.
func TestSearchesUseSlimIndexes(t *testing.T) {
	v := newVisibility(t, "")
	v.slim()
	v.do(`INSERT INTO executions_visibility (namespace_id, run_id, start_time, execution_time, workflow_id, workflow_type_name, status, encoding, search_attributes)
		SELECT 'n', n::text, now(), now(), n::text, 'File', 1, '', CASE WHEN n % 500 = 0 THEN
			'{"Keyword01": "a", "Int01": 5, "Datetime01": "2026-01-01T00:00:00Z", "Bool01": true, "KeywordList01": ["a"], "BuildIds": ["a"], "TemporalScheduledById": "a"}'::jsonb END
		FROM generate_series(1, 5000) AS n`)
	v.do(`ANALYZE executions_visibility`)
	v.do(`SET plan_cache_mode = force_generic_plan`)
	cases := []struct{ condition, kind, value, index string }{
		{`Keyword01 = $1`, `varchar`, `'a'`, `by_keyword_01`},
		{`Int01 > $1`, `bigint`, `4`, `by_int_01`},
		{`Int01 IN ($1, 7)`, `bigint`, `5`, `by_int_01`},
		{`Datetime01 BETWEEN $1 AND $1`, `timestamp`, `'2026-01-01'`, `by_datetime_01`},
		{`KeywordList01 @> $1`, `jsonb`, `'["a"]'`, `by_keyword_list_01`},
		{`BuildIds @> $1`, `jsonb`, `'["a"]'`, `by_build_ids`},
		{`TemporalScheduledById = $1`, `varchar`, `'a'`, `by_temporal_scheduled_by_id`},
		{`TemporalScheduledById IS NOT NULL AND workflow_id <> $1`, `varchar`, `'a'`, `by_temporal_scheduled_by_id`},
	}
	for _, c := range cases {
		query := `SELECT run_id FROM executions_visibility WHERE namespace_id = 'n' AND ` + c.condition + ` AND TemporalNamespaceDivision IS NULL
			ORDER BY COALESCE(close_time, '9999-12-31 23:59:59') DESC, start_time DESC, run_id`
		v.do(`PREPARE search (` + c.kind + `) AS ` + query)
		rows, err := v.conn.Query(t.Context(), `EXPLAIN EXECUTE search(`+c.value+`)`)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(strings.Join(plan, "\n"), c.index+" ") {
			t.Errorf("%s does not use %s:\n%s", c.condition, c.index, strings.Join(plan, "\n"))
		}
		tag, err := v.conn.Exec(t.Context(), `EXECUTE search(`+c.value+`)`)
		if err != nil || tag.RowsAffected() != 10 {
			t.Errorf("%s finds %d runs, want 10: %v", c.condition, tag.RowsAffected(), err)
		}
		v.do(`DEALLOCATE search`)
	}
}

// lossy breaks before the answer that a transaction was committed.
type lossy struct{ net.Conn }

func (l lossy) Read(b []byte) (int, error) {
	n, err := l.Conn.Read(b)
	if bytes.Contains(b[:n], []byte("COMMIT\x00")) {
		return 0, io.ErrUnexpectedEOF
	}
	return n, err
}

// Whatever becomes of the step, the store has every index, all of before or all of
// after, and the next start completes it.
func TestSlimOutlivesFaults(t *testing.T) {
	// in the middle of the step, as the session itself
	midway := func(act string) func(*visibility) error {
		return func(v *visibility) error {
			v.do(`CREATE FUNCTION strike() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
				IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() WHERE object_identity = 'public.by_keyword_05') THEN ` + act + `; END IF;
			END $$`)
			v.do(`CREATE EVENT TRIGGER strike ON ddl_command_end EXECUTE FUNCTION strike()`)
			defer v.do(`DROP EVENT TRIGGER strike`)
			return slim(v.t.Context(), v.url())
		}
	}
	cases := []struct {
		name string
		act  func(*visibility) error
		done bool // although an error is reported
	}{
		{"refused at once", func(v *visibility) error {
			v.do(`ALTER TABLE executions_visibility OWNER TO ` + postgres.Admin)
			defer v.do(`ALTER TABLE executions_visibility OWNER TO ` + postgres.Temporal)
			return slim(v.t.Context(), v.url())
		}, false},
		{"refused in the middle", midway(`RAISE 'no more of this'`), false},
		{"killed in the middle", midway(`PERFORM pg_terminate_backend(pg_backend_pid())`), false},
		{"done but reported failed", func(v *visibility) error {
			cfg, err := pgx.ParseConfig(v.url())
			if err != nil {
				return err
			}
			cfg.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
				conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
				return lossy{conn}, err
			}
			conn, err := pgx.ConnectConfig(v.t.Context(), cfg)
			if err != nil {
				v.t.Fatal(err)
			}
			defer conn.Close(context.Background())
			return slimOn(v.t.Context(), conn)
		}, true},
		{"slow, and given up", func(v *visibility) error {
			ctx, cancel := context.WithCancel(v.t.Context())
			release := v.hold()
			defer release()
			ended := make(chan error)
			go func() { ended <- slim(ctx, v.url()) }()
			v.waiting()
			cancel()
			return <-ended
		}, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			v := newVisibility(t, "")
			before := v.definitions()
			after := v.slimmed(before)
			if err := c.act(v); err == nil {
				t.Error("reported as done")
			}
			want := before
			if c.done {
				want = after
			}
			differ(t, "after the fault", v.definitions(), want)
			v.slim()
			differ(t, "completed", v.definitions(), after)
		})
	}
}

// Where somebody reads in the store, the step waits for him, and changes nothing before.
func TestSlimWaitsForReaders(t *testing.T) {
	v := newVisibility(t, "")
	before, made := v.definitions(), v.made()
	release := v.hold()
	ended := make(chan error)
	go func() { ended <- slim(t.Context(), v.url()) }()
	v.waiting()
	differ(t, "while it waits", v.made(), made)
	release()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	differ(t, "after it", v.definitions(), v.slimmed(before))
}

// hold keeps a reader in the store until it is released.
func (v *visibility) hold() (release func()) {
	v.t.Helper()
	reader, err := pgx.Connect(v.t.Context(), v.url())
	if err == nil {
		_, err = reader.Exec(v.t.Context(), `BEGIN; LOCK TABLE executions_visibility IN ACCESS SHARE MODE`)
	}
	if err != nil {
		v.t.Fatal(err)
	}
	return func() { _ = reader.Close(context.Background()) }
}

// waiting returns when a session waits for the store.
func (v *visibility) waiting() {
	v.t.Helper()
	await(v.t, "a session that waits", func() bool {
		var waits bool
		err := v.conn.QueryRow(v.t.Context(), `SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = $1))`, v.name).Scan(&waits)
		return err == nil && waits
	})
}
