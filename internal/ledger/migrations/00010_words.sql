-- +goose Up

-- What an earlier program stored has what people typed inside its commands and entries.
-- +goose StatementBegin
DO $$
BEGIN
    IF EXISTS (SELECT FROM files) OR EXISTS (SELECT FROM inbox) THEN
        RAISE EXCEPTION 'this office''s files were kept by an earlier program, in a form that this one does not go on with: keep the folder, and begin the office in a new one';
    END IF;
END
$$;
-- +goose StatementEnd

-- Words stand beside their commands, each with the salt of its digest: what leaves the
-- ledger has the digests alone. body is custody.Command without them.
ALTER TABLE inbox
    ADD COLUMN texts jsonb, -- custody.Texts
    ADD COLUMN salts jsonb, -- of each field, 32 hexadecimal digits
    ADD CHECK ((texts IS NULL) = (salts IS NULL));

-- So do those of who set a command aside: its fields are who and reason.
ALTER TABLE audit ADD COLUMN salts jsonb, ADD CHECK ((act = 'void') = (salts IS NOT NULL));
CREATE INDEX audit_voids ON audit (command, id) WHERE act = 'void';

-- What commands and entries rely on of the office, as it was: kept for ever, by the
-- SHA-256 of its bytes.
CREATE TABLE contents (
    digest  text PRIMARY KEY CHECK (digest = encode(sha256(convert_to(body, 'UTF8')), 'hex')),
    body    text NOT NULL,
    kept_at timestamptz NOT NULL DEFAULT now()
);
CREATE TRIGGER contents_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON contents
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON contents TO harkara;

ALTER TABLE files
    ADD COLUMN class  text NOT NULL DEFAULT '' CHECK (class IN ('', 'confidential', 'secret')),
    ADD COLUMN form   smallint NOT NULL DEFAULT 0, -- custody.Form of the program that decided it last
    ADD COLUMN relies text[] NOT NULL DEFAULT '{}'; -- contents that its next decision needs
-- Of what is not open to everybody nobody finds the subject.
DROP INDEX files_subject;
CREATE INDEX files_subject ON files (md5(subject), department) WHERE class = '';

-- Which files have which number, by the form in which numbers are compared: see
-- custody.KeyOf. A command that gives a number claims it when it is stored; one that is
-- refused lets it go, and one that is decided lets go what was given before it. Rows are
-- a look-up: what a file's number is the registry says.
DROP TABLE numbers;
CREATE TABLE numbers (
    command uuid PRIMARY KEY REFERENCES inbox (id),
    key     text NOT NULL CHECK (key <> ''),
    file    text NOT NULL REFERENCES queues (code)
);
CREATE INDEX numbers_key ON numbers (key);
CREATE INDEX numbers_file ON numbers (file);
GRANT SELECT, INSERT, DELETE ON numbers TO harkara;

-- said_alike reports whether what is stored of a command is what was sent. Words that
-- were weeded are what they were: an entry has their digests.
-- +goose StatementBegin
CREATE FUNCTION said_alike(stored inbox, sent_body text, sent_texts jsonb)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT stored.body = sent_body AND (stored.texts IS NOT DISTINCT FROM sent_texts OR stored.texts IS NULL AND EXISTS (
        SELECT FROM entries e WHERE e.code = stored.code AND e.body::jsonb->>'command' = stored.id::text
            AND e.body::jsonb->'words' ?& ARRAY(SELECT jsonb_object_keys(sent_texts))))
$$;
-- +goose StatementEnd

-- store_commands as before, each command with its words, and with the number that it
-- gives to its file as numbers are compared; most give none.
DROP FUNCTION store_commands;
-- +goose StatementBegin
CREATE FUNCTION store_commands(ids uuid[], codes text[], bodies text[], texts jsonb[], salts jsonb[], fresh text[], keys text[], ages bigint[], exact boolean[], lanes smallint[])
RETURNS TABLE (place bigint, stored_seq bigint, repeated boolean, same boolean)
LANGUAGE plpgsql AS $$
DECLARE
    c record;
    claiming uuid[];
BEGIN
    FOR c IN
        SELECT g.n, g.id, g.body, g.texts, g.salts, g.cover, g.key, g.age, g.exact, g.lane, COALESCE((SELECT k.file FROM covers k WHERE k.code = g.code), g.code) AS file
        FROM unnest(ids, codes, bodies, texts, salts, fresh, keys, ages, exact, lanes) WITH ORDINALITY AS g (id, code, body, texts, salts, cover, key, age, exact, lane, n)
        ORDER BY 11, 1
    LOOP
        place := c.n;
        repeated := false;
        same := true;
        IF c.file !~ '^[0-9]{14}$' THEN -- unless it was stored while a file had the code
            SELECT b.seq, said_alike(b, c.body, c.texts) INTO stored_seq, same FROM inbox b WHERE b.id = c.id;
            repeated := FOUND;
            IF NOT FOUND THEN
                stored_seq := 0;
                same := true;
            END IF;
            RETURN NEXT;
            CONTINUE;
        END IF;
        INSERT INTO queues AS q (code, last, not_before, lane, since, wakes) VALUES (c.file, 1, now(), c.lane, now(), (c.lane = 1)::int)
        ON CONFLICT (code) DO UPDATE SET last = q.last + 1, wakes = q.wakes + (c.lane = 1)::int,
            not_before = CASE WHEN q.done = q.last THEN now() ELSE q.not_before END,
            since = CASE WHEN q.done = q.last THEN now() ELSE q.since END,
            lane = CASE WHEN q.done = q.last THEN c.lane ELSE least(q.lane, c.lane) END
        RETURNING q.last INTO stored_seq;
        INSERT INTO inbox (id, code, seq, body, texts, salts, received_at, age_us, age_exact, lane)
        VALUES (c.id, c.file, stored_seq, c.body, c.texts, c.salts, now(), c.age, c.exact, c.lane)
        ON CONFLICT (id) DO NOTHING;
        repeated := NOT FOUND;
        IF repeated THEN
            UPDATE queues q SET last = q.last - 1, wakes = q.wakes - (c.lane = 1)::int,
                lane = COALESCE((SELECT min(w.lane) FROM inbox w WHERE w.code = q.code AND w.seq > q.done), 0)
            WHERE q.code = c.file;
            SELECT b.seq, said_alike(b, c.body, c.texts) INTO stored_seq, same FROM inbox b WHERE b.id = c.id;
        ELSE
            IF c.cover <> '' THEN
                claiming := claiming || c.id;
            END IF;
            IF c.key <> '' THEN
                INSERT INTO numbers (command, key, file) VALUES (c.id, c.key, c.file);
            END IF;
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
GRANT EXECUTE ON FUNCTION said_alike, store_commands TO harkara;
