-- An account that its user wants deleted, and the language of its emails.
ALTER TABLE users ADD COLUMN delete_at BIGINT;
ALTER TABLE users ADD COLUMN language TEXT;
CREATE INDEX users_by_deletion ON users (delete_at) WHERE delete_at IS NOT NULL;
