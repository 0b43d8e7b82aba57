-- +goose Up

-- Verified copies of the whole cluster, so that the office says how old the newest is. A
-- copy has those that were made before it.
CREATE TABLE backups (
    id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    taken timestamptz NOT NULL, -- what was stored by then is in it
    place text NOT NULL, -- machine and folder, as a person finds it
    bytes bigint NOT NULL CHECK (bytes > 0)
);
CREATE INDEX backups_taken ON backups (taken);
GRANT SELECT, INSERT ON backups TO harkara;
