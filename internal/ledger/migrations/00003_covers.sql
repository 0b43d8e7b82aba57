-- +goose Up

-- Codes beside the first one that were given to files: of a later cover, or of an old
-- one of before this office's codes. Commands that name one are about its file;
-- whether it still counts the file itself decides. The first command that names a
-- code has it for good.
CREATE TABLE covers (
    code    text PRIMARY KEY CHECK (code <> ''),
    file    text NOT NULL REFERENCES queues (code),
    command uuid NOT NULL REFERENCES inbox (id)
);
GRANT SELECT, INSERT ON covers TO harkara;

-- store_commands inserts commands in order, each with its file's next seq; one that
-- is there already keeps the seq it has. same says whether what is there is what was
-- sent. Seq 0: nothing is stored, the code is of no file and none of ours. fresh is
-- the code that a command gives to its file; most give none. Queues are locked in the
-- order of their codes, so that two callers never wait for each other in a ring. The
-- database's clock is the office's, however many machines store.
DROP FUNCTION store_commands;
-- +goose StatementBegin
CREATE FUNCTION store_commands(ids uuid[], codes text[], bodies text[], fresh text[])
RETURNS TABLE (place bigint, stored_seq bigint, repeated boolean, same boolean)
LANGUAGE plpgsql AS $$
DECLARE
    c record;
BEGIN
    FOR c IN
        SELECT g.n, g.id, g.body, g.cover, COALESCE((SELECT k.file FROM covers k WHERE k.code = g.code), g.code) AS file
        FROM unnest(ids, codes, bodies, fresh) WITH ORDINALITY AS g (id, code, body, cover, n)
        ORDER BY 5, 1
    LOOP
        place := c.n;
        repeated := false;
        same := true;
        IF c.file !~ '^[0-9]{14}$' THEN
            stored_seq := 0;
            RETURN NEXT;
            CONTINUE;
        END IF;
        INSERT INTO queues AS q (code, last, not_before) VALUES (c.file, 1, now())
        ON CONFLICT (code) DO UPDATE SET last = q.last + 1,
            not_before = CASE WHEN q.done = q.last THEN now() ELSE q.not_before END
        RETURNING q.last INTO stored_seq;
        INSERT INTO inbox (id, code, seq, body, received_at)
        VALUES (c.id, c.file, stored_seq, c.body, now())
        ON CONFLICT (id) DO NOTHING;
        repeated := NOT FOUND;
        IF repeated THEN
            UPDATE queues q SET last = q.last - 1 WHERE q.code = c.file;
            SELECT b.seq, b.body = c.body INTO stored_seq, same FROM inbox b WHERE b.id = c.id;
        ELSIF c.cover <> '' THEN
            INSERT INTO covers (code, file, command) VALUES (c.cover, c.file, c.id) ON CONFLICT (code) DO NOTHING;
        END IF;
        RETURN NEXT;
    END LOOP;
END
$$;
-- +goose StatementEnd
GRANT EXECUTE ON FUNCTION store_commands TO harkara;
