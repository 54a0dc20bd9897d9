-- One text for SQLite and Postgres: ids are UUIDv7 as text, times are milliseconds since 1970,
-- keys and hashes are base64url, and what may not have happened yet is a nullable time.

CREATE TABLE users (
    id            TEXT   PRIMARY KEY,
    email         TEXT   NOT NULL,        -- as it was typed
    email_key     TEXT   NOT NULL UNIQUE, -- trimmed and case-folded: what is compared
    name          TEXT,
    password_hash TEXT   NOT NULL,        -- a PHC string
    created_at    BIGINT NOT NULL,
    disabled_at   BIGINT
);

CREATE TABLE sessions (
    id                   TEXT   PRIMARY KEY,
    user_id              TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- The chain of refresh tokens: the token is a function of id and generation.
    generation           BIGINT NOT NULL,
    confirmed_generation BIGINT NOT NULL, -- the newest generation whose access token was used here; -1: none
    rotated_at           BIGINT NOT NULL,
    -- Answers that were lost, and found again (docs/architecture.md, "Rotation", rule 3).
    recovered_generation BIGINT NOT NULL DEFAULT -1,
    recovery_run         BIGINT NOT NULL DEFAULT 0, -- generations running that needed it
    recovery_day_at      BIGINT NOT NULL DEFAULT 0, -- when the day began that the next column counts
    recoveries_in_day    BIGINT NOT NULL DEFAULT 0,
    -- Lifetimes.
    created_at           BIGINT NOT NULL,
    refreshed_at         BIGINT NOT NULL,
    expires_at           BIGINT NOT NULL,
    remember             BIGINT NOT NULL, -- 1: the cookie outlives the browser
    ended_at             BIGINT,
    ended_reason         TEXT,
    -- The device.
    ip                   TEXT,
    user_agent           TEXT
);

CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_end ON sessions (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE signing_keys (
    kid        TEXT   PRIMARY KEY, -- the RFC 7638 thumbprint
    algorithm  TEXT   NOT NULL,
    sealed     TEXT   NOT NULL,    -- the private key, AES-256-GCM under a key derived from the root secret
    created_at BIGINT NOT NULL
);
