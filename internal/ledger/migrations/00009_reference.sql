-- +goose Up

-- What an earlier program kept of the office does not say what was known when.
-- +goose StatementBegin
DO $$
BEGIN
    IF EXISTS (SELECT FROM reference) THEN
        RAISE EXCEPTION 'this office''s rooms and people were kept by an earlier program, in a form that this one does not go on with: keep the folder, and begin the office in a new one';
    END IF;
END
$$;
-- +goose StatementEnd

-- Reference data: departments, rooms, desks, posts, officers, stations, routes, ladders,
-- calendars, policy. A row says what a thing is from an instant on, until a row of a
-- higher revision says otherwise. A change into the past is such a row with an earlier
-- valid_from.
DROP TABLE reference;
CREATE TABLE reference (
    kind        text NOT NULL,
    id          text NOT NULL,
    revision    bigint NOT NULL REFERENCES changes (id),
    valid_from  timestamptz NOT NULL CHECK (isfinite(valid_from)),
    recorded_at timestamptz NOT NULL DEFAULT now(),
    body        jsonb CHECK (jsonb_typeof(body) = 'object'), -- none: it ended
    PRIMARY KEY (kind, id, revision)
);
CREATE INDEX reference_revision ON reference (revision);
ALTER TABLE changes ALTER COLUMN at SET DEFAULT now();

CREATE TRIGGER reference_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON reference
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER changes_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON changes
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- When a change was recorded the database's clock says, not the program.
REVOKE INSERT ON changes FROM harkara;
GRANT INSERT (who, reason) ON changes TO harkara;
GRANT SELECT, INSERT (kind, id, revision, valid_from, body) ON reference TO harkara;
