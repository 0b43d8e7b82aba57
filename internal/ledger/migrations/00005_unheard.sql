-- +goose Up

-- Where a refused command was scanned, and whether its station was told of the refusal.
ALTER TABLE refusals ADD COLUMN station text, ADD COLUMN at timestamptz, ADD COLUMN heard boolean NOT NULL DEFAULT false;
CREATE INDEX refusals_unheard ON refusals (station, at) WHERE NOT heard;
GRANT UPDATE (heard) ON refusals TO harkara;
