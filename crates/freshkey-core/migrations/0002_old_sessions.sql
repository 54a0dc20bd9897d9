-- Sessions that have run out are deleted in small batches, which must not read the whole table.
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
