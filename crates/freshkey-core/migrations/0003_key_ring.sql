-- The key ring: keys are numbered in the order in which they come to sign. A number is given once,
-- so that of several instances that add the next key at once, one does.
ALTER TABLE signing_keys ADD COLUMN number BIGINT NOT NULL DEFAULT 1;
ALTER TABLE signing_keys ADD COLUMN signs_from BIGINT NOT NULL DEFAULT 0;   -- published before
ALTER TABLE signing_keys ADD COLUMN longest_life BIGINT NOT NULL DEFAULT 0; -- of the tokens that it signed
ALTER TABLE signing_keys ADD COLUMN stopped_at BIGINT;                      -- verifies on, for so long

CREATE UNIQUE INDEX signing_keys_by_number ON signing_keys (number);
