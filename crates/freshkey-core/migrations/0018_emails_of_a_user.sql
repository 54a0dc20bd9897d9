-- Whether a user was told something lately is found at once, however many emails there were: else the time of an answer
-- would tell who gets many.
DROP INDEX outbox_by_user;
CREATE INDEX outbox_by_user ON outbox (user_id, kind, created_at);

-- Nobody looks here. Writing an email that is never sent costs what it costs to write one that waits (outbox_waiting).
CREATE INDEX outbox_decoys ON outbox (next_try_at) WHERE outcome = 'decoy';
