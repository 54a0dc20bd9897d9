-- A rotation changes no indexed column. With room left in each page the new version of the row stays in its
-- page, and no index has to be changed (heap-only tuples).
ALTER TABLE sessions SET (fillfactor = 70);
