-- +goose Up

-- Each scan changes its file's row: where no index has a column that changed, and the page
-- has room, PostgreSQL touches no index. The rows of queues move in an index anyway, so
-- that they say when a file's next rung is due.
DROP INDEX files_open;
CREATE INDEX files_open ON files (code) WHERE final IS NULL;
ALTER TABLE queues ADD COLUMN wake timestamptz; -- a sweep finds those that no wake has come for
UPDATE queues q SET wake = f.wake FROM files f WHERE f.code = q.code;
CREATE INDEX queues_wake ON queues (wake) WHERE wake IS NOT NULL;
ALTER TABLE files DROP COLUMN wake;
