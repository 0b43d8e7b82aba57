-- +goose Up

-- One row per code that was ever named in a command: the order of its commands.
CREATE TABLE queues (
    code        text PRIMARY KEY CHECK (code ~ '^[0-9]{14}$'),
    last        bigint NOT NULL DEFAULT 0, -- seq given to the newest command
    done        bigint NOT NULL DEFAULT 0 CHECK (done <= last), -- seq decided and committed
    stuck       boolean NOT NULL DEFAULT false, -- the head is quarantined
    not_before  timestamptz NOT NULL, -- when the head may be tried; older first
    lease_owner text,
    lease_until timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 70);
CREATE INDEX queues_ready ON queues (not_before) WHERE done < last AND NOT stuck;
CREATE INDEX queues_stuck ON queues (code) WHERE stuck;

-- Stored commands. A row here is the promise that a scan is not lost.
CREATE TABLE inbox (
    id          uuid PRIMARY KEY,
    code        text NOT NULL REFERENCES queues (code),
    seq         bigint NOT NULL CHECK (seq > 0),
    body        text NOT NULL,     -- custody.Command, as received
    resolved    text,              -- custody.Resolved, re-sent byte for byte
    received_at timestamptz NOT NULL,
    state       text NOT NULL DEFAULT 'stored' CHECK (state IN ('stored', 'applied', 'quarantined')),
    outcome     jsonb,             -- custody.Outcome without entries, notices and snapshot
    attempts    integer NOT NULL DEFAULT 0,
    error       text,
    applied_at  timestamptz,
    UNIQUE (code, seq),
    CHECK ((state = 'applied') = (outcome IS NOT NULL)),
    CHECK ((state = 'applied') = (applied_at IS NOT NULL))
);

-- What an authenticated station sent that no file can take.
CREATE TABLE drawer (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    station     text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    reason      text NOT NULL,
    body        bytea NOT NULL
);

-- Commands that were refused, in the order of their answers.
CREATE TABLE refusals (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    command uuid NOT NULL UNIQUE REFERENCES inbox (id)
);

-- The registry of files with where each one is.
CREATE TABLE files (
    code       text PRIMARY KEY REFERENCES queues (code),
    number     text NOT NULL,
    subject    text NOT NULL,
    department text NOT NULL,
    opened_at  timestamptz NOT NULL,
    revision   bigint NOT NULL DEFAULT 0, -- of its newest entry, with that one's hash
    hash       text NOT NULL DEFAULT '',
    seq        bigint NOT NULL DEFAULT 0, -- of the newest command that its position knows of
    position   jsonb, -- custody.Position at that entry
    final      jsonb  -- custody.State of a closed file
) WITH (fillfactor = 70);
CREATE INDEX files_open ON files (code) WHERE revision > 0 AND final IS NULL;

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

-- Grants keep the program from changing entries; this keeps everybody, also where
-- program and owner are one role.
-- +goose StatementBegin
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$$;
-- +goose StatementEnd
CREATE TRIGGER entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entries
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What changed, numbered in commit order.
CREATE TABLE feed_counter (
    one  boolean PRIMARY KEY DEFAULT true CHECK (one),
    last bigint NOT NULL
) WITH (fillfactor = 10);
INSERT INTO feed_counter (last) VALUES (0);
CREATE TABLE feed (
    seq    bigint PRIMARY KEY,
    code   text NOT NULL REFERENCES files (code),
    at     timestamptz NOT NULL,
    reason text NOT NULL
);

-- Messages to people, each delivered by a workflow of its own.
CREATE TABLE notices (
    key        text PRIMARY KEY,
    code       text NOT NULL REFERENCES files (code),
    body       jsonb NOT NULL, -- custody.Notice
    state      text NOT NULL DEFAULT 'pending'
        CHECK (state IN ('pending', 'delivering', 'delivered', 'failed', 'unconfirmed')),
    detail     text NOT NULL DEFAULT '', -- what the channel said
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
    at     timestamptz NOT NULL,
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
CREATE UNIQUE INDEX reference_current ON reference (kind, id) WHERE valid_to = 'infinity';

-- Secrets of stations and administrators: SHA-256 of a random token.
CREATE TABLE tokens (
    hash       bytea PRIMARY KEY CHECK (length(hash) = 32),
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
    act     text NOT NULL CHECK (act IN ('retry', 'void')),
    command uuid NOT NULL REFERENCES inbox (id),
    reason  text NOT NULL
);

-- store_commands inserts commands in order, each with its file's next seq; one
-- that is there already keeps the seq it has. same says whether what is there is
-- what was sent. The caller passes codes in order, so that two callers never wait
-- for each other in a ring. The database's clock is the office's, however many
-- machines store.
-- +goose StatementBegin
CREATE FUNCTION store_commands(ids uuid[], codes text[], bodies text[])
RETURNS TABLE (stored_seq bigint, repeated boolean, same boolean)
LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 1 .. cardinality(ids) LOOP
        INSERT INTO queues AS q (code, last, not_before) VALUES (codes[i], 1, now())
        ON CONFLICT (code) DO UPDATE SET last = q.last + 1,
            not_before = CASE WHEN q.done = q.last THEN now() ELSE q.not_before END
        RETURNING q.last INTO stored_seq;
        INSERT INTO inbox (id, code, seq, body, received_at)
        VALUES (ids[i], codes[i], stored_seq, bodies[i], now())
        ON CONFLICT (id) DO NOTHING;
        repeated := NOT FOUND;
        same := true;
        IF repeated THEN
            UPDATE queues q SET last = q.last - 1 WHERE q.code = codes[i];
            SELECT b.seq, b.body = bodies[i] INTO stored_seq, same FROM inbox b WHERE b.id = ids[i];
        END IF;
        RETURN NEXT;
    END LOOP;
END
$$;
-- +goose StatementEnd

GRANT SELECT, INSERT, UPDATE ON queues, files, notices, heartbeats, feed_counter TO harkara;
GRANT SELECT, INSERT ON inbox, entries, feed, refusals, drawer, labels, changes, reference, tokens, audit TO harkara;
GRANT UPDATE (resolved, state, outcome, attempts, error, applied_at) ON inbox TO harkara;
GRANT UPDATE (valid_to) ON reference TO harkara;
GRANT UPDATE (revoked_at) ON tokens TO harkara;
GRANT EXECUTE ON FUNCTION store_commands TO harkara;
