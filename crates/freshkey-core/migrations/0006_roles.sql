-- What an account may do beside what everybody may: 'admin', or nothing more.
ALTER TABLE users ADD COLUMN role TEXT CHECK (role IN ('admin'));
