-- +goose Up

-- Changes of the office's days that move running clocks, and how far their files have been
-- given the command that reckons them anew.
CREATE TABLE replans (
    revision bigint PRIMARY KEY,        -- of changes
    touched  int NOT NULL,              -- clocks that it moves, when it was made
    after    text NOT NULL DEFAULT '',  -- the code up to which every file was looked at
    stored   int NOT NULL DEFAULT 0,    -- commands
    ended_at timestamptz                -- every file was
);
CREATE INDEX replans_open ON replans (revision) WHERE ended_at IS NULL;
GRANT SELECT, INSERT (revision, touched), UPDATE (after, stored, ended_at) ON replans TO harkara;
