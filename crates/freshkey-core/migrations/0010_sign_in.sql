-- A refusal that comes again on the same day is counted in one row.
ALTER TABLE activity ADD COLUMN count BIGINT NOT NULL DEFAULT 1;

-- What a refused sign-in writes where there is no account: as much work for the database as
-- elsewhere, so that its speed tells nothing. A fixed number of rows, which nobody reads.
CREATE TABLE activity_of_nobody (
    id         TEXT   PRIMARY KEY,
    user_id    TEXT   NOT NULL,
    session_id TEXT,
    event      TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    ip         TEXT,
    user_agent TEXT,
    count      BIGINT NOT NULL DEFAULT 1
);

CREATE INDEX activity_of_nobody_by_user ON activity_of_nobody (user_id, at);
CREATE INDEX activity_of_nobody_by_time ON activity_of_nobody (at);

-- The last change of the password, in milliseconds; 0: never. Device cookies of before are void.
ALTER TABLE users ADD COLUMN password_changed_at BIGINT NOT NULL DEFAULT 0;
