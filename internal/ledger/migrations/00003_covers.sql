-- +goose Up

-- Codes beside the first one that were given to files: of a later cover, or of an old
-- one of before this office's codes. Commands that name one are about its file;
-- whether it still counts the file itself decides. A command that would give a code
-- claims it when it is stored; the entry that gives it makes the row stand, any other
-- answer lets the code go. Rows are a look-up: what happened is told by the entries.
CREATE TABLE covers (
    code     text PRIMARY KEY CHECK (code <> ''),
    file     text NOT NULL REFERENCES queues (code),
    command  uuid NOT NULL REFERENCES inbox (id),
    revision bigint CHECK (revision > 0) -- of the entry that gave it; none: claimed
);
CREATE INDEX covers_file ON covers (file);
CREATE INDEX covers_claimed ON covers (command) WHERE revision IS NULL;
GRANT SELECT, INSERT, DELETE ON covers TO harkara;
GRANT UPDATE (command, revision) ON covers TO harkara;

-- A command lies in the drawer once, however often it is sent.
ALTER TABLE drawer ADD COLUMN command uuid;
CREATE UNIQUE INDEX drawer_command ON drawer (command, sha256(body));

-- How long before it was received a command happened, by its station's clocks as it
-- was first sent: exactly, or at least so long.
ALTER TABLE inbox ADD COLUMN age_us bigint CHECK (age_us >= 0), -- microseconds; none: unknown
    ADD COLUMN age_exact boolean NOT NULL DEFAULT false;

-- store_commands inserts commands in order, each with its file's next seq; one that
-- is there already keeps the seq it has. same says whether what is there is what was
-- sent. Seq 0: nothing is stored, the code is of no file and none of ours. fresh is
-- the code that a command would give to its file; most give none. Queues are locked in
-- the order of their codes and covers after them in the order of theirs, so that two
-- callers never wait for each other in a ring. The database's clock is the office's,
-- however many machines store.
DROP FUNCTION store_commands;
-- +goose StatementBegin
CREATE FUNCTION store_commands(ids uuid[], codes text[], bodies text[], fresh text[], ages bigint[], exact boolean[])
RETURNS TABLE (place bigint, stored_seq bigint, repeated boolean, same boolean)
LANGUAGE plpgsql AS $$
DECLARE
    c record;
    claiming uuid[];
BEGIN
    FOR c IN
        SELECT g.n, g.id, g.body, g.cover, g.age, g.exact, COALESCE((SELECT k.file FROM covers k WHERE k.code = g.code), g.code) AS file
        FROM unnest(ids, codes, bodies, fresh, ages, exact) WITH ORDINALITY AS g (id, code, body, cover, age, exact, n)
        ORDER BY 7, 1
    LOOP
        place := c.n;
        repeated := false;
        same := true;
        IF c.file !~ '^[0-9]{14}$' THEN -- unless it was stored while a file had the code
            SELECT b.seq, b.body = c.body INTO stored_seq, same FROM inbox b WHERE b.id = c.id;
            repeated := FOUND;
            IF NOT FOUND THEN
                stored_seq := 0;
                same := true;
            END IF;
            RETURN NEXT;
            CONTINUE;
        END IF;
        INSERT INTO queues AS q (code, last, not_before) VALUES (c.file, 1, now())
        ON CONFLICT (code) DO UPDATE SET last = q.last + 1,
            not_before = CASE WHEN q.done = q.last THEN now() ELSE q.not_before END
        RETURNING q.last INTO stored_seq;
        INSERT INTO inbox (id, code, seq, body, received_at, age_us, age_exact)
        VALUES (c.id, c.file, stored_seq, c.body, now(), c.age, c.exact)
        ON CONFLICT (id) DO NOTHING;
        repeated := NOT FOUND;
        IF repeated THEN
            UPDATE queues q SET last = q.last - 1 WHERE q.code = c.file;
            SELECT b.seq, b.body = c.body INTO stored_seq, same FROM inbox b WHERE b.id = c.id;
        ELSIF c.cover <> '' THEN
            claiming := claiming || c.id;
        END IF;
        RETURN NEXT;
    END LOOP;
    IF claiming IS NOT NULL THEN
        INSERT INTO covers (code, file, command)
        SELECT g.cover, i.code, i.id FROM unnest(ids, fresh) AS g (id, cover) JOIN inbox i ON i.id = g.id
        WHERE i.id = ANY (claiming) AND NOT EXISTS (SELECT FROM queues q WHERE q.code = g.cover)
        ORDER BY g.cover, i.code, i.seq
        ON CONFLICT (code) DO NOTHING;
    END IF;
END
$$;
-- +goose StatementEnd
GRANT EXECUTE ON FUNCTION store_commands TO harkara;
