-- Second steps of a sign-in, and passkeys.
ALTER TABLE users ADD COLUMN two_step_at BIGINT;                     -- since when a second step is asked for; null: it is not
ALTER TABLE users ADD COLUMN two_step_required BIGINT;               -- 1, 0: as an administrator said; null: as the setting says
ALTER TABLE users ADD COLUMN second_step_failures BIGINT NOT NULL DEFAULT 0; -- wrong ones from strange devices, without a right one
ALTER TABLE users ADD COLUMN user_handle TEXT;                       -- 64 random bytes, made with the first passkey
ALTER TABLE challenges ADD COLUMN answer TEXT;                       -- a digest of what finished it
ALTER TABLE challenges ADD COLUMN next_id TEXT;                      -- the challenge that came after it

CREATE TABLE factors (
    id              TEXT   PRIMARY KEY,
    user_id         TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind            TEXT   NOT NULL,           -- totp, passkey
    name            TEXT   NOT NULL,
    secret          TEXT,                      -- totp: the seed, sealed for this id
    last_step       BIGINT NOT NULL DEFAULT 0, -- totp: that of the last code that was accepted
    credential_id   TEXT   UNIQUE,             -- passkey, with the rest: base64url
    public_key      TEXT,
    algorithm       BIGINT,
    sign_count      BIGINT,
    backup_eligible BIGINT,
    backed_up       BIGINT,
    transports      TEXT,
    aaguid          TEXT,
    created_at      BIGINT NOT NULL,
    last_used_at    BIGINT,
    removed_at      BIGINT                     -- kept as long as an undo may bring it back
);
CREATE INDEX factors_by_user ON factors (user_id);
CREATE INDEX factors_by_removal ON factors (removed_at) WHERE removed_at IS NOT NULL;

CREATE TABLE recovery_codes (
    user_id     TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    set_id      TEXT   NOT NULL,
    selector    TEXT   NOT NULL,               -- the first four characters
    hash        TEXT   NOT NULL,               -- Argon2id of the other twelve
    created_at  BIGINT NOT NULL,
    used_at     BIGINT,
    replaced_at BIGINT,                        -- kept as long as an undo may bring it back
    PRIMARY KEY (user_id, set_id, selector)
);
CREATE INDEX recovery_codes_by_replacement ON recovery_codes (replaced_at) WHERE replaced_at IS NOT NULL;

CREATE TABLE trusted_devices (
    user_id    TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    device     TEXT   NOT NULL,                -- a digest of what the device token names
    created_at BIGINT NOT NULL,
    until      BIGINT NOT NULL,
    PRIMARY KEY (user_id, device)
);
CREATE INDEX trusted_devices_by_end ON trusted_devices (until);

CREATE TABLE spent_passkey_challenges (
    challenge TEXT   PRIMARY KEY,
    until     BIGINT NOT NULL
);
CREATE INDEX spent_passkey_challenges_by_end ON spent_passkey_challenges (until);
