-- Notes: the sample of a resource of the user's own. (Databases of Freshkey 0.1 have the table already.)
CREATE TABLE IF NOT EXISTS notes (
    id         TEXT   NOT NULL, -- a UUID that the client may choose: of one's own notes there is one of it
    user_id    TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    text       TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT,          -- brought back by an undo, or gone for good a day later
    PRIMARY KEY (user_id, id)
);

CREATE INDEX IF NOT EXISTS notes_by_deletion ON notes (deleted_at) WHERE deleted_at IS NOT NULL;
