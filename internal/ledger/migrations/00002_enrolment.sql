-- +goose Up

-- The office's Ed25519 key. Whoever can sign with it is the office: stations send
-- nothing to a server that cannot. A backup holds it, so that a restored office is
-- the same to them.
CREATE TABLE office_key (
    one        boolean PRIMARY KEY DEFAULT true CHECK (one),
    seed       bytea NOT NULL CHECK (length(seed) = 32), -- RFC 8032, 5.1.5
    created_at timestamptz NOT NULL DEFAULT now()
);

-- Lives of this ledger: a restore begins a new one, and stations then send again
-- what they have kept.
CREATE TABLE epochs (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    epoch    uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
    began_at timestamptz NOT NULL DEFAULT now(),
    reason   text NOT NULL
);
INSERT INTO epochs (reason) VALUES ('the ledger was made');

-- One-time codes: 12 digits, of which the first four find the row and the rest are
-- known by a slow hash only. A row is written again when it is over.
CREATE TABLE invitations (
    selector   text PRIMARY KEY CHECK (selector ~ '^[0-9]{4}$'),
    salt       bytea NOT NULL CHECK (length(salt) = 16),
    hash       bytea NOT NULL CHECK (length(hash) = 32), -- argon2id
    station    text NOT NULL CHECK (station <> ''),
    expires_at timestamptz NOT NULL,
    attempts   integer NOT NULL DEFAULT 0 CHECK (attempts BETWEEN 0 AND 5),
    token      bytea REFERENCES tokens (hash), -- what it was exchanged for
    used_at    timestamptz,
    CHECK ((token IS NULL) = (used_at IS NULL))
);

GRANT SELECT, INSERT ON office_key, epochs, invitations TO harkara;
GRANT UPDATE (salt, hash, station, expires_at, attempts, token, used_at) ON invitations TO harkara;
