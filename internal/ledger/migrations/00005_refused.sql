-- +goose Up

-- Where a refused command was scanned, and when it was decided.
ALTER TABLE refusals ADD COLUMN station text, ADD COLUMN at timestamptz;
CREATE INDEX refusals_station ON refusals (station, at) WHERE station IS NOT NULL;
