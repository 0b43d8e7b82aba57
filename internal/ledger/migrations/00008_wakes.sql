-- +goose Up

-- What an earlier program kept of files cannot be gone on with: their legs have no ids, and
-- their workflows ask for what is no more.
-- +goose StatementBegin
DO $$
BEGIN
    IF EXISTS (SELECT FROM files) THEN
        RAISE EXCEPTION 'this office''s files were kept by an earlier program, in a form that this one does not go on with: keep the folder, and begin the office in a new one';
    END IF;
END
$$;
-- +goose StatementEnd

-- How urgent a command is: 0 people wait for it, 1 a wake, 2 nobody waits. A queue is
-- in the lane of the most urgent command that waits in it.
ALTER TABLE inbox ADD COLUMN lane smallint NOT NULL DEFAULT 0 CHECK (lane BETWEEN 0 AND 2);
ALTER TABLE queues
    ADD COLUMN lane     smallint NOT NULL DEFAULT 0 CHECK (lane BETWEEN 0 AND 2),
    ADD COLUMN since    timestamptz NOT NULL DEFAULT now(), -- when its oldest waiting command was stored
    ADD COLUMN wakes    integer NOT NULL DEFAULT 0 CHECK (wakes >= 0), -- of those that wait
    ADD COLUMN stuck_at timestamptz, -- since when the head is quarantined
    ADD COLUMN told_at  timestamptz; -- when that was told to who must see to it
DROP INDEX queues_ready;
CREATE INDEX queues_ready ON queues (lane, not_before) WHERE done < last AND NOT stuck;

-- When a file's next rung is due: a sweep finds those that no wake has come for.
ALTER TABLE files ADD COLUMN wake timestamptz;
CREATE INDEX files_wake ON files (wake) WHERE wake IS NOT NULL;

-- A notice about a runner's delay is his: he has no post.
DROP INDEX notices_post;
CREATE INDEX notices_post ON notices ((body->>'post'), changed_at DESC) WHERE state = 'delivered' AND body->>'post' IS NOT NULL;
CREATE INDEX notices_officer ON notices ((body->>'officer'), changed_at DESC) WHERE state = 'delivered' AND body->>'officer' IS NOT NULL;

-- store_commands as before, each command with its lane.
DROP FUNCTION store_commands;
-- +goose StatementBegin
CREATE FUNCTION store_commands(ids uuid[], codes text[], bodies text[], fresh text[], ages bigint[], exact boolean[], lanes smallint[])
RETURNS TABLE (place bigint, stored_seq bigint, repeated boolean, same boolean)
LANGUAGE plpgsql AS $$
DECLARE
    c record;
    claiming uuid[];
BEGIN
    FOR c IN
        SELECT g.n, g.id, g.body, g.cover, g.age, g.exact, g.lane, COALESCE((SELECT k.file FROM covers k WHERE k.code = g.code), g.code) AS file
        FROM unnest(ids, codes, bodies, fresh, ages, exact, lanes) WITH ORDINALITY AS g (id, code, body, cover, age, exact, lane, n)
        ORDER BY 8, 1
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
        INSERT INTO queues AS q (code, last, not_before, lane, since, wakes) VALUES (c.file, 1, now(), c.lane, now(), (c.lane = 1)::int)
        ON CONFLICT (code) DO UPDATE SET last = q.last + 1, wakes = q.wakes + (c.lane = 1)::int,
            not_before = CASE WHEN q.done = q.last THEN now() ELSE q.not_before END,
            since = CASE WHEN q.done = q.last THEN now() ELSE q.since END,
            lane = CASE WHEN q.done = q.last THEN c.lane ELSE least(q.lane, c.lane) END
        RETURNING q.last INTO stored_seq;
        INSERT INTO inbox (id, code, seq, body, received_at, age_us, age_exact, lane)
        VALUES (c.id, c.file, stored_seq, c.body, now(), c.age, c.exact, c.lane)
        ON CONFLICT (id) DO NOTHING;
        repeated := NOT FOUND;
        IF repeated THEN
            UPDATE queues q SET last = q.last - 1, wakes = q.wakes - (c.lane = 1)::int,
                lane = COALESCE((SELECT min(w.lane) FROM inbox w WHERE w.code = q.code AND w.seq > q.done), 0)
            WHERE q.code = c.file;
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
