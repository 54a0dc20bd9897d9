-- Roles are data: a new one must not need another schema, and SQLite can't change a CHECK. A column with
-- its own CHECK can be dropped on both, so nothing is rebuilt.
ALTER TABLE users ADD COLUMN role_name TEXT;
UPDATE users SET role_name = role WHERE role IS NOT NULL;
ALTER TABLE users DROP COLUMN role;
ALTER TABLE users RENAME COLUMN role_name TO role;
