-- What happened to an account, as its user may read it.
CREATE TABLE activity (
    id         TEXT   PRIMARY KEY,
    user_id    TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    session_id TEXT,
    event      TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    ip         TEXT,
    user_agent TEXT
);

CREATE INDEX activity_by_user ON activity (user_id, at);
CREATE INDEX activity_by_time ON activity (at);
