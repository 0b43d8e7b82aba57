-- +goose Up

-- Incarnations of the office's workflows, numbered as custody.Incarnation: each was made
-- from the ledger alone where those of the one before were lost. What another than the
-- newest says counts for nothing.
CREATE TABLE incarnations (
    number   bigint PRIMARY KEY CHECK (number >= 0),
    temporal text NOT NULL, -- id of the namespace that they live in; empty: none has been joined
    began_at timestamptz NOT NULL DEFAULT now(),
    after    text NOT NULL DEFAULT '', -- codes up to this one are made again
    made     bigint NOT NULL DEFAULT 0,
    ended_at timestamptz -- all were; until then nothing is decided
);
INSERT INTO incarnations (number, temporal, ended_at) VALUES (0, '', now());
GRANT SELECT, INSERT, UPDATE ON incarnations TO harkara;
