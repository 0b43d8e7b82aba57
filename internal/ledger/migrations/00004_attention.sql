-- +goose Up

-- What was told to a room's posts, newest first.
CREATE INDEX notices_post ON notices ((body->>'post'), changed_at DESC) WHERE state = 'delivered';

-- Deliveries that a person should know of: few among many.
CREATE INDEX notices_untold ON notices (changed_at DESC) WHERE state IN ('failed', 'unconfirmed');
