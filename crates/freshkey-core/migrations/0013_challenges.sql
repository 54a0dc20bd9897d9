-- Flows of several calls: registration by email, a forgotten password, a code to sign in with.
ALTER TABLE users ADD COLUMN email_verified_at BIGINT;

CREATE TABLE challenges (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    browser TEXT,                       -- a digest of the browser that began it; none: bound to the user
    user_id TEXT REFERENCES users (id) ON DELETE CASCADE,
    email TEXT NOT NULL,                -- where its emails go
    email_key TEXT NOT NULL,
    decoy BIGINT NOT NULL DEFAULT 0,    -- no code of it is right
    data TEXT,                          -- sealed: what the last step needs
    emails BIGINT NOT NULL DEFAULT 1,
    asked_at BIGINT NOT NULL,           -- when its last email was asked for
    attempts BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    finished_at BIGINT,
    finished_by TEXT,                   -- a digest of the browser that did
    session_id TEXT,                    -- the session that began when it was finished
    over_reason TEXT
);
CREATE INDEX challenges_by_browser ON challenges (browser, created_at);
CREATE INDEX challenges_by_email ON challenges (email_key);
CREATE INDEX challenges_by_user ON challenges (user_id);
CREATE INDEX challenges_by_end ON challenges (expires_at);
CREATE INDEX outbox_by_challenge ON outbox (challenge_id);
