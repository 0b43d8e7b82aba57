-- +goose Up

-- Refusals that came too late for whoever scanned to hear them: where, and when.
ALTER TABLE refusals ADD COLUMN station text, ADD COLUMN unheard_at timestamptz;
CREATE INDEX refusals_unheard ON refusals (station, unheard_at) WHERE unheard_at IS NOT NULL;
