-- Which rules made email_key. The server computes the keys of older rules again when it starts.
ALTER TABLE users ADD COLUMN email_key_version BIGINT NOT NULL DEFAULT 0;

CREATE INDEX users_by_email_key_version ON users (email_key_version, id);
