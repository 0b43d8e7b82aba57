-- +goose Up

-- Who changed the office, and who set a command aside or had it tried again: a
-- custody.Actor as JSON; empty: an earlier program did not say.
ALTER TABLE changes ADD COLUMN actor text NOT NULL DEFAULT '';
GRANT INSERT (actor) ON changes TO harkara;
ALTER TABLE audit ADD COLUMN actor text NOT NULL DEFAULT '', ALTER COLUMN who SET DEFAULT '';
