-- An email that is never sent waits its turn like one that is, and is done with once the mail server was reached: else
-- the end of a step would tell them apart while the mail server is away.
ALTER TABLE outbox ADD COLUMN decoy BIGINT NOT NULL DEFAULT 0;
UPDATE outbox SET decoy = 1, sent_at = created_at WHERE outcome = 'decoy';
DROP INDEX outbox_decoys;
