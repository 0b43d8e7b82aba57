-- +goose Up

-- Which files have which number, by the form in which numbers are compared: see
-- custody.KeyOf. A command that opens a file claims its number when it is stored; one
-- that is refused lets it go. Rows are a look-up: what a file's number is the registry
-- says. Files that were opened before are entered when the program starts.
CREATE TABLE numbers (
    key     text NOT NULL CHECK (key <> ''),
    file    text NOT NULL REFERENCES queues (code),
    command uuid NOT NULL REFERENCES inbox (id),
    PRIMARY KEY (key, file)
);
CREATE INDEX numbers_command ON numbers (command);
CREATE INDEX numbers_file ON numbers (file);
GRANT SELECT, INSERT, DELETE ON numbers TO harkara;

-- Files of one subject: a row of a register whose number was corrected is found by it.
CREATE INDEX files_subject ON files (md5(subject), department);
