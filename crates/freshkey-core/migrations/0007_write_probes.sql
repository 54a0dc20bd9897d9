-- Readiness is found out by writing: a probe is added, and the one before is deleted.
CREATE TABLE write_probes (
    id         TEXT   PRIMARY KEY,
    filler     TEXT   NOT NULL,
    written_at BIGINT NOT NULL
);
