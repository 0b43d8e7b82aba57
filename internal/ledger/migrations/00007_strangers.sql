-- +goose Up

-- Trying a one-time code ends none: whoever could end it would keep every machine out.
ALTER TABLE invitations DROP COLUMN attempts;

-- Beyond its station's quota of a day a record keeps its beginning as body; length and
-- digest (SHA-256) are of all that came.
ALTER TABLE drawer ADD COLUMN length bigint, ADD COLUMN digest bytea;
UPDATE drawer SET length = octet_length(body), digest = sha256(body);
ALTER TABLE drawer ALTER COLUMN length SET NOT NULL, ALTER COLUMN digest SET NOT NULL,
    ADD CHECK (length >= octet_length(body)), ADD CHECK (octet_length(digest) = 32);
DROP INDEX drawer_command;
CREATE UNIQUE INDEX drawer_command ON drawer (command, digest);

-- What a station put into the drawer on a day (UTC).
CREATE TABLE drawer_days (
    station text NOT NULL,
    day     date NOT NULL,
    whole   bigint NOT NULL DEFAULT 0,
    short   bigint NOT NULL DEFAULT 0, -- kept by length, digest and beginning
    counted bigint NOT NULL DEFAULT 0, -- kept by this number alone
    kept    bigint NOT NULL DEFAULT 0, -- bytes of those that are whole
    bytes   bigint NOT NULL DEFAULT 0, -- of all that came
    last_at timestamptz NOT NULL,
    PRIMARY KEY (station, day)
) WITH (fillfactor = 50);
CREATE INDEX drawer_days_over ON drawer_days (day, last_at) WHERE short + counted > 0;

-- put_in_drawer keeps a record and reports whether it is whole. A command lies there
-- once, however often it is sent. The day's row is locked first, so that a station's
-- records are counted one after another.
-- +goose StatementBegin
CREATE FUNCTION put_in_drawer(of_station text, why text, record bytea, of_command uuid, most_whole bigint, most_bytes bigint, most_short bigint, head bigint)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    today date := (now() AT TIME ZONE 'UTC')::date;
    size bigint := octet_length(record);
    d drawer_days;
    is_whole boolean;
BEGIN
    INSERT INTO drawer_days AS q (station, day, last_at) VALUES (of_station, today, now())
    ON CONFLICT (station, day) DO UPDATE SET last_at = now() RETURNING * INTO d;
    IF of_command IS NOT NULL THEN
        SELECT r.length = octet_length(r.body) INTO is_whole FROM drawer r WHERE r.command = of_command AND r.digest = sha256(record);
        IF FOUND THEN
            RETURN is_whole;
        END IF;
    END IF;
    is_whole := d.whole < most_whole AND d.kept + size <= most_bytes;
    IF is_whole OR d.short < most_short THEN
        INSERT INTO drawer (station, reason, body, command, length, digest)
        VALUES (of_station, why, CASE WHEN is_whole THEN record ELSE substring(record FOR head::integer) END, of_command, size, sha256(record));
    END IF;
    UPDATE drawer_days q SET bytes = q.bytes + size,
        whole = q.whole + CASE WHEN is_whole THEN 1 ELSE 0 END, kept = q.kept + CASE WHEN is_whole THEN size ELSE 0 END,
        short = q.short + CASE WHEN NOT is_whole AND d.short < most_short THEN 1 ELSE 0 END,
        counted = q.counted + CASE WHEN NOT is_whole AND d.short >= most_short THEN 1 ELSE 0 END
    WHERE q.station = of_station AND q.day = today;
    RETURN is_whole OR d.short < most_short AND size <= head;
END
$$;
-- +goose StatementEnd
GRANT SELECT, INSERT, UPDATE ON drawer_days TO harkara;
GRANT EXECUTE ON FUNCTION put_in_drawer TO harkara;
