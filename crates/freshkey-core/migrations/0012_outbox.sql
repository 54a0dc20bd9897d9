-- Emails that wait to be sent, and those that were. A row says which email it is, never what stands in it: codes
-- and links are made while it is sent. No foreign key: the email about a removal outlives its user.
CREATE TABLE outbox (
    id            TEXT   PRIMARY KEY,        -- a UUIDv7, also in the Message-ID
    kind          TEXT   NOT NULL,
    language      TEXT   NOT NULL,
    email         TEXT   NOT NULL,
    user_id       TEXT,
    challenge_id  TEXT,
    number        BIGINT NOT NULL,           -- the n-th email of its challenge
    facts         TEXT   NOT NULL,           -- JSON: time, device, IP; no secret, and nothing that was typed
    created_at    BIGINT NOT NULL,
    useful_until  BIGINT NOT NULL,
    tries         BIGINT NOT NULL DEFAULT 0,
    next_try_at   BIGINT NOT NULL,
    last_error    TEXT,
    claimed_by    TEXT,
    claimed_until BIGINT,
    deliveries    BIGINT NOT NULL DEFAULT 0, -- begun, and without an answer yet
    sent_at       BIGINT,
    outcome       TEXT                       -- sent, refused, given_up; decoy: written, never sent
);

CREATE INDEX outbox_waiting ON outbox (next_try_at) WHERE outcome IS NULL;
CREATE INDEX outbox_by_time ON outbox (created_at);
CREATE INDEX outbox_by_user ON outbox (user_id);
