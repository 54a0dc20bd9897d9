-- What the instances that run on this database run with, each told by itself: so that those which differ are found.
-- `seen_at` is the database's clock, `clock_ahead` what the instance's own is ahead of it; both in milliseconds.
CREATE TABLE instances (
    name            TEXT   PRIMARY KEY,
    version         TEXT   NOT NULL,
    settings        TEXT   NOT NULL,
    untrusted_proxy TEXT,
    silent_proxy    TEXT,
    seen_at         BIGINT NOT NULL,
    clock_ahead     BIGINT NOT NULL
);
