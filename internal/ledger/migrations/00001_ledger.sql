-- +goose Up

-- One row per code that was ever named in a command: the order of its commands.
CREATE TABLE queues (
    code        text PRIMARY KEY CHECK (code ~ '^[0-9]{14}$'),
    last        bigint NOT NULL DEFAULT 0, -- seq given to the newest command
    done        bigint NOT NULL DEFAULT 0 CHECK (done <= last), -- seq decided and committed
    stuck       boolean NOT NULL DEFAULT false, -- the head is quarantined
    not_before  timestamptz NOT NULL DEFAULT '-infinity',
    lease_owner text,
    lease_until timestamptz NOT NULL DEFAULT '-infinity'
);
CREATE INDEX queues_ready ON queues (not_before) WHERE done < last AND NOT stuck;

-- Stored commands. A row here is the promise that a scan is not lost.
CREATE TABLE inbox (
    id          uuid PRIMARY KEY,
    code        text NOT NULL REFERENCES queues (code),
    seq         bigint NOT NULL,
    body        text NOT NULL,     -- custody.Command, as received
    resolved    text,              -- custody.Resolved, re-sent byte for byte
    received_at timestamptz NOT NULL,
    state       text NOT NULL DEFAULT 'stored' CHECK (state IN ('stored', 'applied', 'quarantined')),
    outcome     jsonb,
    attempts    integer NOT NULL DEFAULT 0,
    error       text,
    applied_at  timestamptz,
    UNIQUE (code, seq),
    CHECK ((state = 'applied') = (outcome IS NOT NULL))
);

-- What an authenticated station sent that is no command.
CREATE TABLE drawer (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    station     text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    reason      text NOT NULL,
    body        bytea NOT NULL
);

-- The registry of files with where each one is.
CREATE TABLE files (
    code       text PRIMARY KEY REFERENCES queues (code),
    number     text NOT NULL,
    subject    text NOT NULL,
    department text NOT NULL,
    opened_at  timestamptz NOT NULL,
    revision   bigint NOT NULL DEFAULT 0,
    hash       text NOT NULL DEFAULT '',
    position   jsonb,
    final      jsonb -- custody.State of a closed file
);

-- The chain of custody: append-only.
CREATE TABLE entries (
    code        text NOT NULL REFERENCES files (code),
    revision    bigint NOT NULL CHECK (revision > 0),
    hash        text NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$'),
    happened_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    body        text NOT NULL, -- custody.Entry in its canonical form
    PRIMARY KEY (code, revision)
);

-- What changed, numbered in commit order.
CREATE TABLE feed_counter (
    one  boolean PRIMARY KEY DEFAULT true CHECK (one),
    last bigint NOT NULL
);
INSERT INTO feed_counter (last) VALUES (0);
CREATE TABLE feed (
    seq    bigint PRIMARY KEY,
    code   text NOT NULL REFERENCES files (code),
    at     timestamptz NOT NULL,
    reason text NOT NULL
);

-- Messages to people, each to be delivered by a workflow of its own.
CREATE TABLE notices (
    key        text PRIMARY KEY,
    code       text NOT NULL REFERENCES files (code),
    body       jsonb NOT NULL, -- custody.Notice
    state      text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'started', 'delivered')),
    created_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX notices_pending ON notices (created_at) WHERE state = 'pending';
CREATE INDEX notices_code ON notices (code);

-- Codes that were printed: a scan of one that no file has is a new label, not an
-- unknown code.
CREATE TABLE labels (
    code      text PRIMARY KEY CHECK (code ~ '^[0-9]{14}$'),
    minted_at timestamptz NOT NULL DEFAULT now()
);

-- Reference data, effective-dated: departments, rooms, desks, posts, officers,
-- stations, routes, ladders, calendars, policy.
CREATE TABLE changes (
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at     timestamptz NOT NULL DEFAULT now(),
    who    text NOT NULL,
    reason text NOT NULL
);
CREATE TABLE reference (
    kind       text NOT NULL,
    id         text NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to   timestamptz NOT NULL DEFAULT 'infinity',
    body       jsonb NOT NULL,
    change     bigint NOT NULL REFERENCES changes (id),
    PRIMARY KEY (kind, id, valid_from),
    CHECK (valid_from < valid_to)
);

-- Secrets of stations and administrators: SHA-256 of a random token.
CREATE TABLE tokens (
    hash       bytea PRIMARY KEY,
    station    text NOT NULL, -- empty: an administrator
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz
);
CREATE TABLE heartbeats (
    station text PRIMARY KEY,
    seen_at timestamptz NOT NULL
);

-- What administrators did to stuck commands.
CREATE TABLE audit (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT now(),
    who     text NOT NULL,
    act     text NOT NULL,
    command uuid,
    reason  text NOT NULL
);

-- store_commands inserts commands in order, each with its file's next seq; one
-- that is there already keeps the seq it has. The caller passes codes in order,
-- so that two callers never wait for each other in a ring.
-- +goose StatementBegin
CREATE FUNCTION store_commands(ids uuid[], codes text[], bodies text[], received timestamptz)
RETURNS TABLE (stored_id uuid, stored_seq bigint, repeated boolean)
LANGUAGE plpgsql AS $$
DECLARE
    n bigint;
BEGIN
    FOR i IN 1 .. cardinality(ids) LOOP
        INSERT INTO queues (code) VALUES (codes[i]) ON CONFLICT DO NOTHING;
        SELECT last + 1 INTO n FROM queues WHERE code = codes[i] FOR UPDATE;
        INSERT INTO inbox (id, code, seq, body, received_at)
        VALUES (ids[i], codes[i], n, bodies[i], received)
        ON CONFLICT (id) DO NOTHING;
        repeated := NOT FOUND;
        IF repeated THEN
            SELECT seq INTO n FROM inbox WHERE id = ids[i];
        ELSE
            UPDATE queues SET last = n WHERE code = codes[i];
        END IF;
        stored_id := ids[i];
        stored_seq := n;
        RETURN NEXT;
    END LOOP;
END
$$;
-- +goose StatementEnd

GRANT SELECT, INSERT, UPDATE ON queues, inbox, files, notices, reference, tokens, heartbeats, feed_counter TO harkara;
GRANT SELECT, INSERT ON entries, feed, drawer, labels, changes, audit TO harkara;
GRANT EXECUTE ON FUNCTION store_commands TO harkara;
