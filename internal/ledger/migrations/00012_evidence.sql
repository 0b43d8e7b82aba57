-- +goose Up

-- What an earlier program kept does not say by what its entries, and the changes of the
-- office, could be told from edited ones.
-- +goose StatementBegin
DO $$
BEGIN
    IF EXISTS (SELECT FROM inbox) OR EXISTS (SELECT FROM changes) THEN
        RAISE EXCEPTION 'this office was kept by an earlier program, in a form that this one does not go on with: keep the folder, and begin the office in a new one';
    END IF;
END
$$;
-- +goose StatementEnd

-- The hash of the file's newest entry once the command was answered: chains that are
-- sealed anew differ from it. Empty: the code had no file.
ALTER TABLE inbox ADD COLUMN head text NOT NULL DEFAULT '';
GRANT UPDATE (head) ON inbox TO harkara;

-- An answer stands. Only words may be weeded from its command.
CREATE TRIGGER inbox_answers_stand BEFORE UPDATE ON inbox
FOR EACH ROW WHEN (OLD.state = 'applied' AND ROW (OLD.seq, OLD.body, OLD.received_at, OLD.state, OLD.outcome, OLD.applied_at, OLD.head)
    IS DISTINCT FROM ROW (NEW.seq, NEW.body, NEW.received_at, NEW.state, NEW.outcome, NEW.applied_at, NEW.head)) EXECUTE FUNCTION refuse_change();

-- Of what a file has on the feed each entry is once.
CREATE INDEX feed_code ON feed (code, seq);

-- The time of recording never goes back, also where the clock was set back.
CREATE FUNCTION recording() RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT greatest(now(), (SELECT max(at) FROM changes))
$$;
ALTER TABLE changes ALTER COLUMN at SET DEFAULT recording();
ALTER TABLE reference ALTER COLUMN recorded_at SET DEFAULT recording();

-- Seals of the changes of the office: each is over its change and the seal before it.
CREATE TABLE seals (
    revision bigint PRIMARY KEY REFERENCES changes (id),
    hash     text NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$')
);
CREATE TRIGGER seals_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON seals
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON seals TO harkara;
GRANT EXECUTE ON FUNCTION recording TO harkara;

-- Examinations of the office, one a night: how far each has come, and what it found.
CREATE TABLE examinations (
    night      date PRIMARY KEY, -- on whose evening it began, by the office's calendars
    began_at   timestamptz NOT NULL DEFAULT now(),
    moved_at   timestamptz NOT NULL DEFAULT now(), -- it came further
    ended_at   timestamptz,
    holder     text,        -- who goes on with it
    held_until timestamptz NOT NULL DEFAULT '-infinity',
    after      text NOT NULL DEFAULT '', -- codes up to this one are judged
    files      bigint NOT NULL DEFAULT 0,
    entries    bigint NOT NULL DEFAULT 0,
    of         bigint NOT NULL DEFAULT 0, -- files that there were when it began
    spent      interval NOT NULL DEFAULT '0', -- without its rests
    found      bigint NOT NULL DEFAULT 0 CHECK (found >= 0)
);
CREATE TABLE findings (
    night    date NOT NULL REFERENCES examinations (night),
    n        bigint NOT NULL CHECK (n > 0), -- in the order in which they were found
    file     text NOT NULL, -- empty: it is about the office
    kind     text NOT NULL,
    place    text NOT NULL,
    stored   text NOT NULL,
    computed text NOT NULL,
    PRIMARY KEY (night, n)
);
GRANT SELECT, INSERT, UPDATE ON examinations TO harkara;
GRANT SELECT, INSERT ON findings TO harkara;
