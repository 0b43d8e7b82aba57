-- +goose Up

-- A role in another's stead: for the officer who gave it, while he is in the post.
ALTER TABLE person_grants
    ADD COLUMN stead text NOT NULL DEFAULT '', -- that officer; empty: by himself
    ADD CHECK (stead = '' OR post <> ''),
    DROP CONSTRAINT person_grants_pkey,
    ADD PRIMARY KEY (person, role, post, department, stead);

