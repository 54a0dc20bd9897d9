-- How, and when last, the person of a session proved who they are.
ALTER TABLE sessions ADD COLUMN authenticated_at BIGINT;         -- the last sign-in or step-up; null: created_at
ALTER TABLE sessions ADD COLUMN stepped_up_at BIGINT;            -- the last that counts for sensitive calls; null: created_at; 0: none
ALTER TABLE sessions ADD COLUMN amr TEXT NOT NULL DEFAULT 'pwd'; -- how, in the words of RFC 8176, with spaces between them
