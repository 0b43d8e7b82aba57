-- +goose Up

-- The form in which a command is dispatched, until it is answered. Beside the inbox: there
-- each scan wrote its row, and an index of it, once more, and left a hole of a kilobyte.
CREATE TABLE resolved (
    command uuid PRIMARY KEY, -- of the inbox
    body    text NOT NULL     -- custody.Resolved, re-sent byte for byte
);
INSERT INTO resolved (command, body) SELECT id, resolved FROM inbox WHERE resolved IS NOT NULL AND state <> 'applied';
ALTER TABLE inbox DROP COLUMN resolved;
ALTER TABLE inbox SET (fillfactor = 80); -- so that an answer is written beside its command
GRANT SELECT, INSERT, UPDATE (body), DELETE ON resolved TO harkara;
