-- +goose Up

-- Who acts by a name of his own. Whoever was a person stays one: entries have his id.
CREATE TABLE persons (
    id       text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9._-]{1,40}$'),
    name     jsonb NOT NULL,     -- custody.Name; an officer's is the office's
    officer  text UNIQUE CHECK (officer = id), -- of the reference data; none: no officer
    language text NOT NULL DEFAULT '',
    digits   text NOT NULL DEFAULT '',
    added_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz         -- from when he is let in no more
);

-- Roles that persons have beside what their posts give them.
CREATE TABLE person_grants (
    person     text NOT NULL REFERENCES persons (id),
    role       text NOT NULL CHECK (role <> ''),
    post       text NOT NULL DEFAULT '', -- empty: whatever post he is in
    department text NOT NULL DEFAULT '', -- empty: the whole office
    clearance  text NOT NULL DEFAULT '',
    PRIMARY KEY (person, role, post, department)
);

-- What persons are proved by, one of each kind.
CREATE TABLE person_secrets (
    person  text NOT NULL REFERENCES persons (id),
    kind    text NOT NULL CHECK (kind IN ('password', 'pin', 'once', 'renew', 'token')),
    hash    text NOT NULL CHECK (hash LIKE '$argon2id$%' OR hash ~ '^[0-9a-f]{64}$'), -- chosen ones stretched; SHA-256 of drawn ones
    made_at timestamptz NOT NULL DEFAULT now(),
    ends_at timestamptz, -- none: when it is replaced
    PRIMARY KEY (person, kind),
    CHECK ((kind IN ('password', 'pin')) = (hash LIKE '$%'))
);
CREATE UNIQUE INDEX person_tokens ON person_secrets (hash) WHERE kind = 'token';

-- Sign-ins. Ended ones tell for a while from which browsers and networks a person comes.
CREATE TABLE sessions (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    digest    text NOT NULL UNIQUE CHECK (digest ~ '^[0-9a-f]{64}$'), -- SHA-256 of what its browser has
    person    text NOT NULL REFERENCES persons (id),
    device    text NOT NULL CHECK (device ~ '^[0-9a-f]{64}$'),        -- the same of what the browser is known by
    network   text NOT NULL,
    agent     text NOT NULL,
    shared    boolean NOT NULL,
    began_at  timestamptz NOT NULL,
    seen_at   timestamptz NOT NULL,
    ends_at   timestamptz NOT NULL CHECK (ends_at > began_at),
    locked_at timestamptz,
    ended_at  timestamptz
) WITH (fillfactor = 70);
CREATE INDEX sessions_person ON sessions (person, began_at DESC);

-- What was done to persons: append-only.
CREATE TABLE person_events (
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at     timestamptz NOT NULL DEFAULT now(),
    who    text NOT NULL,
    act    text NOT NULL,
    person text NOT NULL REFERENCES persons (id),
    detail text NOT NULL
);
CREATE INDEX person_events_at ON person_events (at);
CREATE TRIGGER person_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON person_events
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Nobody is an administrator by a token without a name any more.
UPDATE tokens SET revoked_at = now() WHERE station = '' AND revoked_at IS NULL;

GRANT SELECT, INSERT ON persons, person_events, sessions TO harkara;
GRANT SELECT, INSERT, DELETE ON person_grants, person_secrets TO harkara;
GRANT UPDATE (hash, made_at, ends_at) ON person_secrets TO harkara;
GRANT UPDATE (name, officer, language, digits, ended_at) ON persons TO harkara;
GRANT UPDATE (seen_at, locked_at, ended_at) ON sessions TO harkara;
GRANT DELETE ON sessions TO harkara;
