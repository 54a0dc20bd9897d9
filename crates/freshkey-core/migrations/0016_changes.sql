-- What emails have told of an account and a link in them can undo: "It was not me".
CREATE TABLE changes (
    id          TEXT   PRIMARY KEY,     -- its email's
    user_id     TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    number      BIGINT NOT NULL,        -- the n-th of the account
    kind        TEXT   NOT NULL,        -- its email's
    session_id  TEXT,                   -- in which it was done, or of which it tells
    email       TEXT   NOT NULL,        -- who was told
    undo        TEXT,                   -- JSON: what brings back what was before
    email_key   TEXT,                   -- the address that was taken off: it stays taken
    at          BIGINT NOT NULL,
    until       BIGINT NOT NULL,        -- the link works until then
    answer      TEXT,
    answered_at BIGINT,
    answered_by TEXT,                   -- a digest of the browser that did
    undone_at   BIGINT,
    over_reason TEXT                    -- why else the link is over
);
CREATE UNIQUE INDEX changes_by_user ON changes (user_id, number);
CREATE INDEX changes_by_email ON changes (email_key) WHERE email_key IS NOT NULL;
CREATE INDEX changes_by_browser ON changes (answered_by) WHERE answered_by IS NOT NULL;
CREATE INDEX changes_by_end ON changes (until);
ALTER TABLE users ADD COLUMN changes BIGINT NOT NULL DEFAULT 0; -- how many there were
ALTER TABLE activity ADD COLUMN method TEXT;                    -- how somebody signed in
